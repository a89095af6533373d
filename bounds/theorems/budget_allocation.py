r"""The best split of a budget of training points over the generations.

.. math:: \min_{\sum n_k = B} \sum_{k \le j} G_{jk} C n_k^{-\gamma}
          = C B^{-\gamma} \Bigl(\sum_{k \le j} G_{jk}^{1/(1+\gamma)}\Bigr)^{1+\gamma},
          \qquad n_k \propto G_{jk}^{1/(1+\gamma)} .

Sizes are real numbers here; rounding them costs a little. The weights must not depend on the sizes,
so the fixed real set with synthetic points beside it is excluded.

Derived: theory notes, B1 (f), by Hölder's inequality.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.cycles import DataCycle, RealPlusSynthetic
from bounds.evaluate import compiled
from bounds.notation import NOTATION, B, C, G, gamma, j, k
from bounds.theorems._paper_form import FRESH, RATE, from_the_notes
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


BOUND = Bound(
    name="budget-allocation",
    title="Best split of a budget",
    statement=(
        "Of all ways to spend a budget of training points, giving model k a number proportional to"
        " a power of its influence makes the error-propagation bound least; this is its value."
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
    source=from_the_notes("Theorem 1 (B1), closed form (f)"),
    side=Side.EXACT,
    statistic=Statistic.EVERY_LOOP,
    constants=Constants.FREE,
    quantity=RECURSION,
    tight=Tightness.TIGHT,
    quantities=_row,
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
