r"""The Wasserstein-1 distance of a law to the real one; in the plane, the sliced one.

.. math:: W_1(q, p) = \int |F_q - F_p|, \qquad
          SW_1(q, p) = \frac1\pi \int_0^\pi W_1(q_\theta, p_\theta)\, d\theta \le W_1(q, p),

``q_theta`` the law of the coordinate along the direction ``theta``.

Source: Bonneel, Rabin, Peyre and Pfister, J. Math. Imaging Vis. 51 (2015), for the sliced distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float
from scipy import sparse

from empirics.grid import Grid
from empirics.quantities import CellLaw, Columns, Quantity, RealLaw, columns

__all__ = ["KINDS", "Wasserstein"]

Array = np.ndarray
_DIRECTIONS = 16


@dataclass(frozen=True)
class Wasserstein(Quantity):
    """``W_1`` to the real law on the line, and its mean over directions in the plane.

    The error is what the curvature of distribution functions inside cells can make (below), in the
    plane also the difference that half as many directions make, and what the masses' own errors can
    move; it is infinite where the real law has a tail too heavy for any grid.
    """

    of_letters: ClassVar[bool] = False

    def measure(self, law: CellLaw, real: RealLaw) -> Columns:
        """The distance, and a bound on its error."""
        grid = law.grid
        assert grid is not None
        measured = _on_line if grid.dimension == 1 else _sliced
        value, error = measured(law.masses - real.masses, grid)
        distance = _from_the_middle(grid)
        moved = law.off(distance) + real.error * float(np.ptp(distance))
        return columns(self, value, error + 2 * moved + real.far)


def _on_line(away: Float[Array, "batch cells"], grid: Grid) -> tuple[Array, Array]:
    """Integral of the absolute difference of distribution functions, linear inside cells.

    Where a density changes by ``c`` along a cell of width ``h`` its distribution function is within
    ``h c / 8`` of a line; neighbouring cells tell ``c``.
    """
    return _along(away, grid.axes[0].step)


def _along(away: Float[Array, "batch cells"], step: float) -> tuple[Array, Array]:
    right = np.cumsum(away, axis=1)
    left = np.pad(right[:, :-1], ((0, 0), (1, 0)))
    total = np.abs(left) + np.abs(right)
    with np.errstate(invalid="ignore", divide="ignore"):
        crossing = np.nan_to_num((left**2 + right**2) / total)
    value = step * np.where(left * right < 0, crossing, total).sum(axis=1) / 2
    changes = np.abs(np.diff(away, axis=1, prepend=0.0, append=0.0))
    curved = np.maximum(changes[:, 1:], changes[:, :-1])
    return value, step * curved.sum(axis=1) / 8


def _sliced(away: Float[Array, "batch rows columns"], grid: Grid) -> tuple[Array, Array]:
    """Mean over the directions, and its error.

    Sharing cells among bins smooths both laws alike over a bin, which errs as much again.
    """
    flat = away.reshape(len(away), -1).T
    found = [_along((p @ flat).T, width) for p, width in _projections(grid)]
    each, error = (np.stack(part) for part in zip(*found, strict=True))
    value = each.mean(axis=0)
    return value, 2 * error.mean(axis=0) + np.abs(value - each[::2].mean(axis=0))


@lru_cache(maxsize=8)
def _projections(grid: Grid) -> tuple[tuple[Any, float], ...]:
    """For every direction the matrix that takes cells to bins of a line, and the bins' width.

    A cell's mass is shared by the two bins around its centre so that its place is kept.
    """
    x, y = (axis.ravel() for axis in np.moveaxis(grid.points(), -1, 0))
    angles = np.arange(_DIRECTIONS) * np.pi / _DIRECTIONS
    width = min(axis.step for axis in grid.axes)
    found = []
    for place in (np.cos(a) * x + np.sin(a) * y for a in angles):
        bins = (place - place.min()) / width
        first = np.floor(bins).astype(int)
        rest, cells = bins - first, np.arange(len(x))
        entries = (np.r_[1 - rest, rest], (np.r_[first, first + 1], np.r_[cells, cells]))
        found.append((sparse.csr_array(entries), width))
    return tuple(found)


def _from_the_middle(grid: Grid) -> Float[Array, "*cells"]:
    """Distance of every cell from the middle of the grid."""
    middle = [(axis.low + axis.high) / 2 for axis in grid.axes]
    points = grid.points().reshape(*grid.shape, grid.dimension)
    return np.asarray(np.linalg.norm(points - middle, axis=-1))


KINDS = (Wasserstein,)
