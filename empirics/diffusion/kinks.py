"""Quadrature that is exact for products of ReLU units under Gaussian noise."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.grid import Axis

__all__ = ["kink_quadrature"]

Array = np.ndarray
_CLOSEST = 1e-3
"""Kinks nearer to each other are not told apart: local moments would cancel."""


def kink_quadrature(
    kinks: Float[Array, "kinks"], axis: Axis, t: float, process: OrnsteinUhlenbeck
) -> tuple[Float[Array, "points"], Float[Array, "points nodes"]]:
    r"""Points and weights of ``E[f(X_t) | X_0 = y]`` for every cell centre ``y``.

    Between neighbouring kinks the products are quadratic, so three points carry the moments of
    order 0 to 2 of the normal law there, which are closed forms. Weights may be negative.

    Args:
        kinks: where units bend, in any order; those off the axis do not matter.
        axis: its cell centres are the starting points.
        t: positive time.
        process: the forward process.
    """
    at = np.array(t)
    mean, sigma = float(process.decay(at)) * axis.centres, float(np.sqrt(process.variance(at)))
    cuts = _separated(np.sort(kinks[(kinks > axis.low) & (kinks < axis.high)]), axis)
    inner = 0.5 * (cuts[1:] + cuts[:-1])
    centres = np.concatenate([[cuts[0] - 1], inner, [cuts[-1] + 1]])
    halves = np.concatenate([[1.0], 0.5 * np.diff(cuts), [1.0]])
    m0, m1, m2 = _local_moments(cuts, centres, halves, mean, sigma)
    points = np.concatenate([centres - halves / 2, centres, centres + halves / 2])
    return points, np.concatenate([2 * m2 - m1, m0 - 4 * m2, 2 * m2 + m1])


def _separated(sorted_kinks: Float[Array, "kinks"], axis: Axis) -> Float[Array, "cuts"]:
    if not len(sorted_kinks):
        return np.array([0.5 * (axis.low + axis.high)])
    apart = np.concatenate([[True], np.diff(sorted_kinks) > _CLOSEST])
    return np.asarray(sorted_kinks[apart])


def _local_moments(
    cuts: Array, centres: Array, halves: Array, mean: Array, sigma: float
) -> tuple[Array, Array, Array]:
    """Moments of ``((x - centre) / half)^r`` over the segments between cuts, ``r = 0, 1, 2``."""
    z = (cuts[:, None] - mean) / sigma
    below, peak = ndtr(z), np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    whole = np.ones_like(mean), mean, mean**2 + sigma**2
    partial = (
        below,
        mean * below - sigma * peak,
        (mean**2 + sigma**2) * below - sigma * peak * (cuts[:, None] + mean),
    )
    raw = [
        np.diff(np.concatenate([np.zeros((1, len(mean))), part, total[None]]), axis=0)
        for part, total in zip(partial, whole, strict=True)
    ]
    c, h = centres[:, None], halves[:, None]
    return (
        raw[0],
        (raw[1] - c * raw[0]) / h,
        (raw[2] - 2 * c * raw[1] + c**2 * raw[0]) / h**2,
    )
