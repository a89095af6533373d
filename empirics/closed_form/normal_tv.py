"""TV between normal laws on the line."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

__all__ = ["normal_tv"]

Array = np.ndarray


def normal_tv(mean: Float[Array, "..."], variance: Float[Array, "..."]) -> Float[Array, "..."]:
    """TV between ``N(mean, variance)`` and ``N(0, 1)``, exact.

    Args:
        mean: any number.
        variance: > 0; a law of no variance has TV 1.
    """
    m, v = np.broadcast_arrays(np.asarray(mean, dtype=float), np.asarray(variance, dtype=float))
    v = np.maximum(v, 1e-300)
    # (x - m)^2 / v + log v = x^2: a quadratic in x, of which one root is far for v near one.
    a, half, c = 1 / v - 1, -m / v, m**2 / v + np.log(v)
    root = np.sqrt(np.maximum(half**2 - a * c, 0.0))
    shared = -half - np.copysign(root, half)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.sort(np.nan_to_num(np.stack([shared / a, c / shared]), nan=np.inf), axis=0)
    ends = np.clip(ends, -1e150, 1e150)
    gaps = ndtr((ends - m) / np.sqrt(v)) - ndtr(ends)
    return np.minimum(0.5 * (np.abs(gaps[0]) + np.abs(gaps[1] - gaps[0]) + np.abs(gaps[1])), 1.0)
