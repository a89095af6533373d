"""Accumulating data: generation j has j n points, and the error stays bounded for ever."""

from __future__ import annotations

import sympy as sp

from bounds.bound import Bound, Constants, Side, Statistic, Tightness
from bounds.cycles import Accumulating
from bounds.evaluate import compiled
from bounds.notation import NOTATION, gamma, j, k
from bounds.theorems._paper_form import FRESH, RATE, from_the_notes, of_cycle, one_step_rate
from bounds.values import FloatArray, plain

__all__ = ["BOUND", "limit_constant"]

BOUND = Bound(
    name="accumulating",
    title="Accumulating data",
    statement=(
        "With equal weights and j n points in generation j, the error is bounded over all"
        " generations."
    ),
    expression=one_step_rate * (j**-gamma + sp.Sum(k**-gamma / (k + 1), (k, 1, j - 1))),
    hypotheses=(of_cycle(Accumulating), FRESH, RATE),
    source=from_the_notes("Theorem 1 (B1), closed form (d)"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
)
r"""The points of every generation are drawn anew; kept batches violate the rate's independence.

.. math:: \mathrm{TV}(p_j, p_0) \le C n^{-\gamma}
   \Bigl[ j^{-\gamma} + \sum_{k<j} \frac{k^{-\gamma}}{k+1} \Bigr].

Derived: Theorem 1 of the project's theory notes (B1), closed form (d).
"""


def limit_constant(exponent: float | str | FloatArray) -> float | FloatArray:
    r"""Return the limit :math:`a_\gamma = \sum_{k \ge 1} k^{-\gamma}/(k+1)` of the bracket.

    Derived: :mod:`bounds.theorems.accumulation_constant`, which is above it by less than 1e-19.

    Args:
        exponent: gamma in (0, 1).
    """
    from bounds.theorems.accumulation_constant import limit

    g = NOTATION["gamma"].expect(exponent, BOUND.title)
    value: float | FloatArray = plain(compiled(limit)(gamma=g))
    return value
