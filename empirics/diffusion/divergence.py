r"""KL between laws given by cell masses, one of them computed, and how far off it may be.

.. math:: \sum p \log\frac{p}{q + \delta} \le KL(p \| q) \le \sum p \log\frac{p}{q - \delta}

where masses ``q`` may be wrong by ``delta``. What cells of finite width leave out is of second
order in it, so that cells twice as wide lose more by three times as much (data processing gives the
sign). Where ``q`` is no larger than its own error nothing but a bound on KL limits it.

What is proved and what is estimated: the two sums hold for cell masses if every mass is within
``delta``; that KL is at most ``most`` is Girsanov's theorem. ``delta`` is an estimate, the
difference of two resolutions of the solver, and so is what finite cells leave out. No bound and no
verdict uses KL or its error: bounds on TV are made of the score risks, which have errors of their
own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from empirics.grid import paired

__all__ = ["Divergence", "cell_divergence"]

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Divergence:
    """A value, and how far from it the divergence may be; infinite where nothing limits it."""

    value: Float[Array, "batch"]
    error: Float[Array, "batch"]


def cell_divergence(
    p: Float[Array, "batch *cells"],
    q: Float[Array, "batch *cells"],
    doubt: Float[Array, "batch *cells"],
    most: Float[Array, "batch"],
    *,
    least: float,
    rounding: float,
) -> Divergence:
    """``sum p log(p / q)`` over the cells with more than ``least`` of ``p``.

    Args:
        p: cell masses of the law that is learned.
        q: those of the generated law; below ``rounding`` they are rounding of a solver.
        doubt: by how much each of ``q`` may be wrong.
        most: a bound on the divergence; NaN where there is none.
        least: mass of the cells that are left out.
        rounding: as above.
    """
    held = p > least
    value, doubt = _sum(p, q, held, rounding), np.maximum(doubt, rounding)
    left_out = _total(np.where(held, 0.0, np.abs(p))) * abs(np.log(rounding))
    wide = value - _sum(paired(p), paired(q), paired(p) > least, rounding)
    low = _sum(p, q + doubt, held, rounding) - left_out
    lost = np.any((held & (q <= doubt)).reshape(len(p), -1), axis=1)
    high = np.where(lost, np.inf, _sum(p, q - doubt, held, 0.0) + np.abs(wide) + left_out)
    limit = np.fmin(high, most)
    value = np.minimum(value, limit)
    return Divergence(value, np.maximum(np.maximum(limit - value, value - low), 0.0))


def _sum(p: Array, q: Array, held: Array, floor: float) -> Float[Array, "batch"]:
    safe = np.where(held, np.maximum(q, floor), 1.0)
    with np.errstate(divide="ignore"):
        ratio = np.log(np.where(held, p, 1.0)) - np.log(safe)
    return _total(np.where(held, p * ratio, 0.0))


def _total(values: Float[Array, "batch *cells"]) -> Float[Array, "batch"]:
    return np.asarray(values.sum(axis=tuple(range(1, values.ndim))))
