"""Spectrum of weighted points: spline binning, then division by the spline's transform.

On a line the points are shared linearly between the nodes of a grid that is some times finer, in
the plane by biquadratic B-splines on the grid itself; what remains is aliasing of order
``(w step / 2 pi finer)^2`` and ``(w step / 2 pi)^3``.
"""

from __future__ import annotations

from functools import lru_cache, reduce

import numpy as np
from jaxtyping import Complex, Float
from scipy import fft
from scipy.special import zeta

from empirics.grid import Grid
from empirics.shares import shared_in_plane, shared_on_line

__all__ = ["FINEST", "aliasing", "empirical_spectrum"]

Array = np.ndarray
FINEST = 16
"""Nodes in a cell of the line, unless fewer are asked for."""


def empirical_spectrum(
    points: Float[Array, "size ..."],
    weights: Float[Array, "size"] | None,
    grid: Grid,
    finer: int = FINEST,
) -> Complex[Array, "..."]:
    """``sum_i weights[i] exp(-i w (X_i - x_0))`` on the grid's frequencies.

    Args:
        points: shape ``(size,)`` in one dimension, ``(size, dimension)`` otherwise.
        weights: summing to one; ``None`` for equal weights.
        grid: the grid of one or two dimensions; points outside wrap around.
        finer: nodes in a cell of the line; the plane has one.
    """
    flat = points.reshape(len(points), -1)
    if grid.dimension == 1:
        spectrum = _on_line(flat[:, 0], weights, grid, finer)
    else:
        spectrum = grid.transform(shared_in_plane(flat, weights, grid)) / grid.box**3
    return spectrum / len(points) if weights is None else spectrum


def aliasing(grid: Grid, finer: int = FINEST) -> Float[Array, "..."]:
    """Size of the error of :func:`empirical_spectrum` relative to its noise, at each frequency.

    For independent points the noise at the frequencies that alias, ``w + 2 pi m / step``, comes in
    with the ratio of the spline's transform there and at ``w``: ``(w step / 2 pi m)^p`` for a
    spline of order ``p``.
    """
    order, nodes = (2, finer) if grid.dimension == 1 else (3, 1)
    ratios = (
        (w * axis.step / (2 * np.pi * nodes)) ** (2 * order)
        for w, axis in zip(grid.frequencies, grid.axes, strict=True)
    )
    return np.sqrt(2 * zeta(2 * order) * reduce(np.add, ratios))


def _on_line(
    points: Array, weights: Array | None, grid: Grid, finer: int
) -> Complex[Array, "frequencies"]:
    spline = _spline(grid, finer)
    nodes = shared_on_line(points, weights, grid.axes[0], finer)
    return fft.rfft(nodes)[: len(spline)] / spline


@lru_cache(maxsize=8)
def _spline(grid: Grid, finer: int) -> Float[Array, "frequencies"]:
    """Transform of the linear spline on the finer grid."""
    (axis,), (w,) = grid.axes, grid.frequencies
    return np.sinc(w * axis.step / finer / (2 * np.pi)) ** 2
