"""Spectrum of weighted points, by cubic B-spline binning and division by the spline's transform."""

from __future__ import annotations

from itertools import product

import numpy as np
from jaxtyping import Complex, Float

from empirics.grid import Grid

__all__ = ["empirical_spectrum"]

Array = np.ndarray
# Row k: coefficients of 1, u, u^2, u^3 in the weight given to cell k - 1 by a point at u in [0, 1).
_CUBIC = np.array([[1, -3, 3, -1], [4, 0, -6, 3], [1, 3, 3, -3], [0, 0, 0, 1]]) / 6


def empirical_spectrum(
    points: Float[Array, "size ..."], weights: Float[Array, "size"] | None, grid: Grid
) -> Complex[Array, "..."]:
    """``sum_i weights[i] exp(-i w (X_i - x_0))`` on the grid's frequencies.

    Moments of the offsets inside each cell are added up first and turned into spline weights
    after, so that each point is touched once per moment. What remains is aliasing of order
    ``(w step / 2 pi)^4``.

    Args:
        points: shape ``(size,)`` in one dimension, ``(size, dimension)`` otherwise.
        weights: summing to one; ``None`` for equal weights.
        grid: the grid; points outside wrap around.
    """
    moments = _moments(points.reshape(len(points), -1), weights, grid)
    for _ in range(grid.dimension):
        moments = np.tensordot(moments, _CUBIC, axes=(0, 1))
    cells, stencil = np.zeros(grid.shape), moments.reshape(*grid.shape, -1)
    for i, shift in enumerate(product(range(4), repeat=grid.dimension)):
        cells += np.roll(stencil[..., i], [s - 1 for s in shift], range(grid.dimension))
    if weights is None:
        cells /= len(points)
    return grid.transform(cells) / grid.box**4


def _moments(points: Array, weights: Array | None, grid: Grid) -> Float[Array, "..."]:
    """Per cell the sums of ``weight * prod_a u_a^{k_a}``: power axes first, then the grid."""
    index, offsets = np.zeros(len(points), dtype=np.intp), []
    for x, axis in zip(points.T, grid.axes, strict=True):
        place = (x - axis.low) / axis.step - 0.5
        left = np.floor(place)
        offsets.append(place - left)
        index = index * axis.cells + left.astype(np.intp) % axis.cells
    out = np.empty((4,) * grid.dimension + grid.shape)
    total = int(np.prod(grid.shape))
    for powers in product(range(4), repeat=grid.dimension):
        value = weights
        for u, power in zip(offsets, powers, strict=True):
            for _ in range(power):
                value = u if value is None else value * u
        out[powers] = np.bincount(index, value, total).reshape(grid.shape)
    return out
