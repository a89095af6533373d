"""Spectrum of weighted points: spline binning, then division by the spline's transform.

On a line the points are shared linearly between the nodes of a grid that is sixteen times finer, in
the plane by biquadratic B-splines on the grid itself; what remains is aliasing of order
``(w step / 32 pi)^2`` and ``(w step / 2 pi)^3``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from itertools import product

import numpy as np
from jaxtyping import Complex, Float
from scipy import fft
from scipy.special import zeta

from empirics.grid import Axis, Grid

__all__ = ["aliasing", "empirical_spectrum"]

Array = np.ndarray
_FINER = 16
_BLOCK = 2**15
"""Points handled at once, so that what is made of them stays in a cache."""


def empirical_spectrum(
    points: Float[Array, "size ..."], weights: Float[Array, "size"] | None, grid: Grid
) -> Complex[Array, "..."]:
    """``sum_i weights[i] exp(-i w (X_i - x_0))`` on the grid's frequencies.

    Args:
        points: shape ``(size,)`` in one dimension, ``(size, dimension)`` otherwise.
        weights: summing to one; ``None`` for equal weights.
        grid: the grid of one or two dimensions; points outside wrap around.
    """
    flat = points.reshape(len(points), -1)
    share = _on_line if grid.dimension == 1 else _in_plane
    spectrum = share(flat, weights, grid)
    return spectrum / len(points) if weights is None else spectrum


def aliasing(grid: Grid) -> Float[Array, "..."]:
    """Size of the error of :func:`empirical_spectrum` relative to its noise, at each frequency.

    For independent points the noise at the frequencies that alias, ``w + 2 pi m / step``, comes in
    with the ratio of the spline's transform there and at ``w``: ``(w step / 2 pi m)^p`` for a
    spline of order ``p``.
    """
    order, finer = (2, _FINER) if grid.dimension == 1 else (3, 1)
    ratios = (
        (w * axis.step / (2 * np.pi * finer)) ** (2 * order)
        for w, axis in zip(grid.frequencies, grid.axes, strict=True)
    )
    return np.sqrt(2 * zeta(2 * order) * reduce(np.add, ratios))


def _on_line(points: Array, weights: Array | None, grid: Grid) -> Complex[Array, "..."]:
    (axis,), (w,) = grid.axes, grid.frequencies
    step = axis.step / _FINER
    count = axis.cells * _FINER
    here, beyond = np.zeros(count), np.zeros(count)
    for part, weight in _blocks(points, weights):
        index, offset = _place(part[:, 0], axis, _FINER)
        here += np.bincount(index, weight, count)
        beyond += np.bincount(index, offset if weight is None else weight * offset, count)
    nodes = here - beyond + np.roll(beyond, 1)
    return fft.rfft(nodes)[: len(w)] / np.sinc(w * step / (2 * np.pi)) ** 2


def _in_plane(points: Array, weights: Array | None, grid: Grid) -> Complex[Array, "..."]:
    rows, columns = grid.shape
    # One more cell on each side, folded back afterwards, so that no index wraps around.
    padded = np.zeros((rows + 2, columns + 2))
    (i, u), (k, v) = (_nearest(points[:, a], grid.axes[a]) for a in (0, 1))
    first, along, across = i * (columns + 2) + k, _quadratic(u), _quadratic(v)
    if weights is not None:
        along = [weights * value for value in along]
    for a, b in product(range(3), repeat=2):
        index = first + (a * (columns + 2) + b)
        padded += np.bincount(index, along[a] * across[b], padded.size).reshape(padded.shape)
    for axis in (0, 1):
        edge = np.moveaxis(padded, axis, 0)
        edge[-2] += edge[0]
        edge[1] += edge[-1]
    return grid.transform(padded[1:-1, 1:-1]) / grid.box**3


def _blocks(points: Array, weights: Array | None) -> Iterator[tuple[Array, Array | None]]:
    for start in range(0, len(points), _BLOCK):
        part = slice(start, start + _BLOCK)
        yield points[part], None if weights is None else weights[part]


def _place(x: Array, axis: Axis, finer: int = 1) -> tuple[Array, Array]:
    """Number of the node left of each point, from the first cell's centre, and the offset."""
    place = x - (axis.low + axis.step / 2)
    place *= finer / axis.step
    index = np.floor(place).astype(np.intp)
    place -= index
    count = axis.cells * finer
    if len(index) and (index.min() < 0 or index.max() >= count):
        index %= count
    return index, place


def _nearest(x: Array, axis: Axis) -> tuple[Array, Array]:
    """Number of the cell of each point, and the offset from its centre in [-1/2, 1/2)."""
    index, place = _place(x + axis.step / 2, axis)
    return index, place - 0.5


def _quadratic(offset: Array) -> list[Array]:
    """Weights of the cells ``-1, 0, 1`` from the cell of a point."""
    return [0.5 * (0.5 - offset) ** 2, 0.75 - offset**2, 0.5 * (0.5 + offset) ** 2]
