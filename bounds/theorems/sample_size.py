r"""Points per generation that keep the bound of a generation at a target.

.. math:: n \ge \Bigl(\frac{C}{\varepsilon} \sum_{k \le j} G_{jk} r_k^{-\gamma}\Bigr)^{1/\gamma},
          \qquad n_k = r_k n,

for any data cycle, and for each cycle with a closed form what solving its bound for ``n`` gives:
``j^{1/gamma}`` for full synthetic data (quartic at 1/4), bounded in ``j`` for a real share.

The number is sufficient; rounded up it is what one needs to ask for. It is necessary only where the
bound is attained.

Derived: the proofs below, from the entry that is solved.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from bounds.bound import Bound, Constants, Side, Statistic, Tightness
from bounds.checks import identity, nonnegative
from bounds.cycle_words import cycle_of
from bounds.cycles import DataCycle
from bounds.notation import C, G, gamma, j, k, n, r, varepsilon
from bounds.proof import Proof, Step
from bounds.propagation import influence
from bounds.theorems import (
    accumulating,
    balanced,
    fresh_real,
    full_synthetic,
    growing,
    phase_transition,
    phase_transition_real_start,
)
from bounds.theorems._paper_form import FRESH, RATE, proved_here
from bounds.theorems._powers import root_of_power
from bounds.theorems._quantities import REQUIRED_POINTS

__all__ = ["BOUNDS", "cycle_quantities"]

_COMMON: dict[str, Any] = {
    "side": Side.UPPER,
    "statistic": Statistic.EVERY_LOOP,
    "constants": Constants.FREE,
    "quantity": REQUIRED_POINTS,
    "tight": Tightness.TIGHT,
}


def cycle_quantities(
    *,
    cycle: DataCycle | str,
    generation: Any,
    share: float | None = None,
    lam: float | None = None,
) -> dict[str, Any]:
    r"""Return the row :math:`G_{j,\cdot}` and the sizes of a cycle relative to generation 1.

    Args:
        cycle: a data cycle of any size, or the name of one with its ``share`` or ``lam``.
        generation: the model j, an integer or an array of integers.
        share: share of real points, where ``cycle`` is a name.
        lam: synthetic points per real point, likewise.
    """
    any_size = None if isinstance(cycle, DataCycle) else n
    known = cycle_of(cycle, n=any_size, share=share, lam=lam)
    last = int(np.max(generation))
    return {
        "influence": influence(known, last)[np.asarray(generation) - 1],
        "relative_size": [float(known.size(i) / known.size(1)) for i in range(1, last + 1)],
    }


_level = sp.Symbol("A", positive=True)
_PER_POINT = _level * n**-gamma


def _steps(expression: sp.Expr, uses: tuple[str, ...]) -> tuple[Step, ...]:
    """The proof for a bound of the form ``A n^-gamma``, ``A`` without ``n``."""
    level = expression.subs(n, 1)
    needed = root_of_power(_PER_POINT, n, varepsilon)
    return (
        Step(
            "The bound is a number A without n, times n^-gamma.",
            expression,
            uses,
            identity(
                expression - level * n**-gamma,
                expression - level * n ** (-2 * gamma),
                expression - level / n,
            ),
        ),
        Step(
            "It equals the target at one n.",
            sp.Eq(n, needed, evaluate=False),
            check=identity(
                _PER_POINT.subs(n, needed) - varepsilon,
                _PER_POINT.subs(n, needed**gamma) - varepsilon,
                _PER_POINT.subs(n, 1 / needed) - varepsilon,
            ),
        ),
        Step(
            "It falls in n, so every larger n keeps it at or below the target too, and where the"
            " bound is attained no smaller one does.",
            sp.Eq(sp.Derivative(_PER_POINT, n), _PER_POINT.diff(n), evaluate=False),
            check=nonnegative(-_PER_POINT.diff(n), _PER_POINT.diff(n)),
        ),
    )


def _solved(bound: Bound) -> Bound:
    papers = [key for key in bound.source.keys if key != "project"]
    return Bound(
        name=f"sample-size-{bound.name}",
        title=f"Sample size: {bound.title[0].lower()}{bound.title[1:]}",
        statement=f"From this n on, the bound '{bound.name}' is at most the target.",
        expression=root_of_power(bound.expression, n, varepsilon),
        hypotheses=bound.hypotheses,
        source=proved_here(f"{bound.name} solved for n", "", *papers),
        proof=Proof(lambda: _steps(bound.expression, (bound.name, *_named(bound)))),
        **_COMMON,
    )


def _named(bound: Bound) -> tuple[str, ...]:
    return tuple(hypothesis.name for hypothesis in bound.hypotheses)


_ANY_CYCLE = C * n**-gamma * sp.Sum(G[j, k] * r[k] ** -gamma, (k, 1, j))

_ANY = Bound(
    name="sample-size",
    title="Sample size, any cycle",
    statement=(
        "This many points in generation 1, and in proportion later, keep the error-propagation"
        " bound of a generation at the target."
    ),
    expression=root_of_power(_ANY_CYCLE, n, varepsilon),
    hypotheses=(FRESH, RATE),
    source=proved_here("error-propagation solved for n"),
    proof=Proof(lambda: _steps(_ANY_CYCLE, ("error-propagation", FRESH.name, RATE.name))),
    quantities=cycle_quantities,
    **_COMMON,
)

_CLOSED_FORMS = (
    full_synthetic,
    growing,
    fresh_real,
    balanced,
    accumulating,
    phase_transition,
    phase_transition_real_start,
)

BOUNDS = (_ANY, *(_solved(module.BOUND) for module in _CLOSED_FORMS))
