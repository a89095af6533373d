r"""An upper bound on the integral of a decaying kernel against sizes known at a few times.

.. math:: \int_0^\tau \kappa(\tau - s)\,u(s)\,ds, \qquad
          \kappa(r) = \sup_{0 \le l \le L} \sqrt{(l + x)(l + \Lambda)}\,e^{-2 r l}.

``kappa`` is a supremum of convex functions of ``r``, so its chords lie above it; ``u`` is at most
its chord plus a remainder. Products of chords are integrated exactly.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

__all__ = ["decay_integral", "decay_kernel"]

Array = np.ndarray
_LEAST = 1e-100
_RATIO = 1.05
_FIRST = 1e-3
"""First step of the kernel's grid, in units of ``1 / L``."""


def decay_kernel(
    r: Float[Array, "times"], x: float, wide: float, most: float
) -> Float[Array, "times"]:
    """``kappa(r)``: the one maximum of the logarithm, which is concave in ``l``, or an end.

    Args:
        r: times, >= 0.
        x: > 0.
        wide: ``Lambda`` > 0.
        most: ``L`` > 0.
    """
    b, safe = x + wide, np.maximum(r, _LEAST)
    # 4 r (l + x)(l + wide) = 2 l + x + wide at the maximum.
    half = 1 / (2 * safe) - b
    top = 0.5 * (half + np.sqrt(half**2 - 4 * (x * wide - b / (4 * safe))))
    top = np.clip(np.where(r > 0, top, most), 0.0, most)
    return np.asarray(np.sqrt((top + x) * (top + wide)) * np.exp(-2 * r * top))


def decay_integral(
    times: Float[Array, "nodes"],
    sizes: Float[Array, "nodes"],
    remainders: Float[Array, "intervals"],
    x: float,
    wide: float,
    most: float,
) -> float:
    """Upper bound on the integral of the kernel against the sizes.

    Args:
        times: from 0 to ``tau``.
        sizes: ``u`` at these times.
        remainders: how far ``u`` may be above its chord, per interval.
        x: > 0.
        wide: ``Lambda`` > 0.
        most: ``L`` > 0.
    """
    last = float(times[-1])
    steps = np.geomspace(
        _FIRST / most, last, int(np.log(last * most / _FIRST) / np.log(_RATIO)) + 2
    )
    grid = np.unique(np.concatenate([times, np.clip(last - steps, 0.0, last)]))
    kappa = decay_kernel(last - grid, x, wide, most)
    u = np.interp(grid, times, sizes)
    h, left, right = np.diff(grid), slice(None, -1), slice(1, None)
    chords = 2 * kappa[left] * u[left] + 2 * kappa[right] * u[right]
    chords += kappa[left] * u[right] + kappa[right] * u[left]
    middle = 0.5 * (grid[left] + grid[right])
    above = remainders[np.searchsorted(times, middle) - 1]
    return float((h * (chords / 6 + above * (kappa[left] + kappa[right]) / 2)).sum())
