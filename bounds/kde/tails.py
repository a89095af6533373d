r"""What a grid that ends leaves out of the root of a variance: a law of the tail from quantiles.

With the quantiles ``q(tau)`` that a target's window tells,

.. math:: \int_{q(\tau)}^\infty \sqrt{p} \le \sum_{k \ge 0}
          \sqrt{\tau_k \, (q(\tau_{k+1}) - q(\tau_k))}, \qquad \tau_k = 16^{-k} \tau,

finite where the tail is lighter than ``|x|^{-2}``.

Derived: Cauchy-Schwarz on every shell between two quantiles; the shells beyond the last one are
summed as a geometric series.
"""

from __future__ import annotations

from math import prod, sqrt
from typing import Any

import numpy as np

__all__ = ["root_beyond"]

_SHELLS = 8
_RATIO = 16.0


def root_beyond(target: Any, tail: float) -> float:
    """Integral, possibly infinite, of the root of a density outside its window of this tail."""
    windows = np.array([target.window(tail * _RATIO**-k) for k in range(_SHELLS + 1)])
    masses = tail * _RATIO ** -np.arange(float(_SHELLS))
    across = [float(high - low) for low, high in windows[-1]]
    total = 0.0
    for axis, width in enumerate(across):
        shells = np.abs(np.diff(windows[:, axis], axis=0))
        others = prod(across) / width if width > 0 else 1.0
        total += sqrt(others) * sum(_summed(np.sqrt(masses * side)) for side in shells.T)
    return total


def _summed(shells: np.ndarray) -> float:
    """Their sum with that of a geometric series that goes on like the last two."""
    last, before = float(shells[-1]), float(shells[-2])
    if not last > 0:
        return float(shells.sum())
    ratio = last / before if before > 0 else np.inf
    return float(shells.sum()) + (last * ratio / (1 - ratio) if ratio < 1 else np.inf)
