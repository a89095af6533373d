"""Full synthetic data in growing amounts: the error stays bounded if sizes grow fast enough."""

from __future__ import annotations

from math import ceil, log

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.cycles import Custom, DataCycle
from bounds.notation import gamma, j, k, q
from bounds.theorems._paper_form import FRESH, RATE, from_the_notes, one_step_rate

__all__ = ["BOUND"]

_ROUNDING = 1e-12


def _learns_from_the_last_model(cycle: DataCycle) -> bool:
    """Whether all weight is on the last model."""
    if not isinstance(cycle, Custom):
        return False
    return all(cycle.weights(i)[-1] == 1 for i in range(1, cycle.generations + 1))


def _grows_like_a_power(cycle: DataCycle) -> bool:
    """Whether some ``q >= 0`` gives every size, as ``n k^q`` or the next integer above it."""
    if not isinstance(cycle, Custom):
        return False
    first, *later = (cycle.size(i) for i in range(1, cycle.generations + 1))
    steepest = min((log(size / first) / log(k) for k, size in enumerate(later, 2)), default=0.0)
    wanted = (first * k**steepest for k in range(2, cycle.generations + 1))
    return steepest >= 0 and all(
        size in (round(value), ceil(value)) and size >= value * (1 - _ROUNDING)
        for size, value in zip(later, wanted, strict=True)
    )


BOUND = Bound(
    name="full-synthetic-growing",
    title="Full synthetic data, growing",
    statement=(
        "Trained on the last model alone with n k^q points in generation k, the error stays bounded"
        " if q > 1/gamma."
    ),
    expression=one_step_rate * sp.Sum(k ** (-gamma * q), (k, 1, j)),
    hypotheses=(
        Hypothesis(
            "data cycle",
            "the data cycle puts all weight on the last model",
            _learns_from_the_last_model,
        ),
        Hypothesis(
            "growing sizes",
            "generation k has n k^q points, or the next integer above, with q >= 0 for all k",
            _grows_like_a_power,
        ),
        FRESH,
        RATE,
    ),
    source=from_the_notes("Theorem 1 (B1), closed form (a)", "its growing sizes"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
)
r"""With ``q = 0`` it is the full synthetic bound.

.. math:: \mathrm{TV}(p_j, p_0) \le C n^{-\gamma} \sum_{k \le j} k^{-\gamma q}
          \le C n^{-\gamma} \zeta(\gamma q) \quad\text{if } \gamma q > 1 .

Derived: Theorem 1 of the project's theory notes (B1), closed form (a).
"""
