r"""The best split of a budget of training points over the generations.

.. math:: \min_{\sum n_k = B} \sum_{k \le j} G_{jk} C n_k^{-\gamma}
          = C B^{-\gamma} \Bigl(\sum_{k \le j} G_{jk}^{1/(1+\gamma)}\Bigr)^{1+\gamma},
          \qquad n_k \propto G_{jk}^{1/(1+\gamma)} .

Sizes are real numbers here; rounding them costs a little. The weights must not depend on the sizes,
so the fixed real set with synthetic points beside it is excluded.

Derived: the proof below, by Hölder's inequality.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import exact, identity
from bounds.cycles import DataCycle, RealPlusSynthetic
from bounds.evaluate import compiled
from bounds.notation import NOTATION, B, C, G, gamma, j, k
from bounds.proof import Proof, Step
from bounds.theorems._paper_form import FRESH, RATE, proved_here
from bounds.theorems._quantities import RECURSION
from bounds.theorems.sample_size import cycle_quantities
from bounds.values import FloatArray

__all__ = ["BOUND", "allocation"]

_power = 1 / (1 + gamma)


def _row(
    *,
    cycle: DataCycle | str,
    generation: Any,
    share: float | None = None,
    lam: float | None = None,
) -> dict[str, Any]:
    found = cycle_quantities(cycle=cycle, generation=generation, share=share, lam=lam)
    return {"influence": found["influence"]}


_roots = sp.symbols("s_1:4", positive=True)
"""The influences of three models to the power 1/(1+gamma)."""


def _spent(power: sp.Expr) -> sp.Expr:
    """The recursion of three models whose sizes are in proportion to a power of the influence."""
    parts = [s**power for s in _roots]
    sizes = [B * part / sum(parts) for part in parts]
    terms = [s ** (1 + gamma) * C * size**-gamma for s, size in zip(_roots, sizes, strict=True)]
    return sum(terms)


def _is_hoelder(power: Fraction) -> bool:
    """Hoelder at gamma = 1/2 with ``G = g^3`` and ``n = m^2``, squared and in whole numbers."""
    for g_1, g_2, m_1, m_2 in product(range(1, 5), repeat=4):
        recursion = (Fraction(g_1**3, m_1) + Fraction(g_2**3, m_2)) ** 2
        least = Fraction((g_1**2 + g_2**2) ** 3, m_1**2 + m_2**2)
        if recursion < power * least:
            return False
    return True


def _steps() -> tuple[Step, ...]:
    least = C * B**-gamma * sum(_roots) ** (1 + gamma)
    return (
        Step(
            "With sizes n_k that leave the weights, hence G, as they are, error propagation bounds"
            " generation j by this sum.",
            r"\sum_{k \le j} G_{jk} C n_k^{-\gamma}",
            ("error-propagation", "weights", FRESH.name, RATE.name),
        ),
        Step(
            "Split each power of the influence and use Hoelder with exponents 1 + gamma and"
            " (1 + gamma)/gamma; raised to the power 1 + gamma it bounds the sum from below, and at"
            " gamma = 1/2 it holds in whole numbers.",
            r"\sum_k G_{jk}^{\frac1{1+\gamma}} = \sum_k \bigl(G_{jk} n_k^{-\gamma}"
            r"\bigr)^{\frac1{1+\gamma}} n_k^{\frac{\gamma}{1+\gamma}} \le \Bigl(\sum_k G_{jk}"
            r" n_k^{-\gamma}\Bigr)^{\frac1{1+\gamma}} B^{\frac{\gamma}{1+\gamma}}",
            ("Hoelder",),
            exact(
                _is_hoelder,
                Fraction(1),
                Fraction(11, 10),
                cases="two models, 256 choices of influences and sizes",
            ),
        ),
        Step(
            "Sizes in proportion to that power of the influence spend the budget and attain the"
            " lower bound. A model without influence gets no point: model j does not descend from"
            " it, so it need not be trained and adds nothing.",
            BOUND.expression,
            check=identity(
                _spent(sp.Integer(1)) - least, _spent(sp.Integer(2)) - least, _spent(gamma) - least
            ),
        ),
    )


BOUND = Bound(
    name="budget-allocation",
    title="Best split of a budget",
    statement=(
        "Of all ways to split a budget of training points into sizes, whole numbers or not, giving"
        " model k a number proportional to a power of its influence makes the error-propagation"
        " bound least; this is its value."
    ),
    expression=C * B**-gamma * sp.Sum(G[j, k] ** _power, (k, 1, j)) ** (1 + gamma),
    hypotheses=(
        Hypothesis(
            "weights",
            "the mixing weights do not depend on the sizes",
            lambda cycle: not isinstance(cycle, RealPlusSynthetic),
        ),
        FRESH,
        RATE,
    ),
    source=proved_here("from error-propagation, by Hoelder"),
    side=Side.EXACT,
    statistic=Statistic.EVERY_LOOP,
    constants=Constants.FREE,
    quantity=RECURSION,
    tight=Tightness.TIGHT,
    quantities=_row,
    proof=Proof(_steps),
)


def allocation(influence: Any, gamma: Any) -> FloatArray:
    r"""Return the shares of the budget, :math:`G_{jk}^{1/(1+\gamma)}` over their sum.

    Args:
        influence: the row :math:`G_{j,\cdot}`, shape (j,).
        gamma: exponent in (0, 1).

    Returns:
        Shape (j,), summing to one.

    Raises:
        ParameterError: an argument is out of range.
    """
    row = NOTATION["influence"].expect(influence, BOUND.title)
    exponent = NOTATION["gamma"].expect(gamma, BOUND.title)
    parts = row ** compiled(_power)(gamma=exponent)
    return np.asarray(parts / parts.sum())
