"""Accumulating data: generation j has j n points, and the error stays bounded for ever."""

from __future__ import annotations

import numpy as np
import sympy as sp

from bounds.bound import Bound, Constants, Side, Statistic
from bounds.cycles import Accumulating
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
)
r"""The points of every generation are drawn anew; kept batches violate the rate's independence.

.. math:: \mathrm{TV}(p_j, p_0) \le C n^{-\gamma}
   \Bigl[ j^{-\gamma} + \sum_{k<j} \frac{k^{-\gamma}}{k+1} \Bigr].

Derived: Theorem 1 of the project's theory notes (B1), closed form (d).
"""

_HEAD = 32
_TAIL_ORDERS = 12


def limit_constant(exponent: float | str | FloatArray) -> float | FloatArray:
    r"""Return the limit of the bracket as ``j`` grows.

    .. math:: a_\gamma = \sum_{k \ge 1} \frac{k^{-\gamma}}{k+1}
       = \sum_{k<K} \frac{k^{-\gamma}}{k+1} + \sum_{m \ge 0} (-1)^m \zeta(1+\gamma+m, K) .

    The tail is summed by Hurwitz zeta functions, because partial sums converge like
    :math:`K^{-\gamma}` only; the truncation of the alternating series is below 1e-17.

    Derived: Theorem 1 of the project's theory notes (B1), closed form (d).

    Args:
        exponent: gamma in (0, 1).
    """
    from scipy.special import zeta

    g = NOTATION["gamma"].expect(exponent, BOUND.title)[..., np.newaxis]
    ks, m = np.arange(1.0, _HEAD), np.arange(_TAIL_ORDERS)
    head = (ks**-g / (ks + 1)).sum(axis=-1)
    tail = ((-1.0) ** m * zeta(1 + g + m, _HEAD)).sum(axis=-1)
    value: float | FloatArray = plain(head + tail)
    return value
