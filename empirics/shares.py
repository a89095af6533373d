"""Points shared between the nodes of a grid: weighted histograms with spline weights.

Each sum is one pass over the points in blocks that a cache holds, so that no temporary has their
size. Where numba is installed (``pip install '.[fast]'``) many points are summed by the same lines
of this file, compiled; the sums agree to rounding. So are a single block's on the line, if compiled
lines are loaded already: they are added up in the same order, to the same last bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from jaxtyping import Float

from empirics.compiled import compiled, is_installed, is_loaded
from empirics.grid import Axis, Grid

__all__ = ["shared_in_plane", "shared_on_line"]

Array = np.ndarray
_BLOCK = 2**15
"""Points handled at once, so that what is made of them stays in a cache."""
_COMPILED_FROM = 2**16
"""Points from which compiled sums are worth the time that it takes to load them."""
_FOR_WEIGHTS = np.ones(0)


def shared_on_line(
    points: Float[Array, "size"], weights: Float[Array, "size"] | None, axis: Axis, finer: int
) -> Float[Array, "nodes"]:
    """Weights of the points shared linearly between the nodes of a finer grid.

    Args:
        points: finite; those outside the grid wrap around.
        weights: ``None`` for one each.
        axis: its first node is its first cell's centre.
        finer: nodes in a cell.
    """
    count, scale = axis.cells * finer, finer / axis.step
    first = axis.low + axis.step / 2
    here, beyond = np.zeros(count), np.zeros(count)
    if _compiled_pays(points) or (len(points) <= _BLOCK and is_loaded()):
        compiled(_line_sums)(points, _or_empty(weights), first, scale, here, beyond)
    else:
        for part, weight in _blocks(points, weights):
            index, offset = _place(part, first, scale, count)
            here += np.bincount(index, weight, count)
            beyond += np.bincount(index, offset if weight is None else weight * offset, count)
    nodes = here - beyond
    nodes[1:] += beyond[:-1]
    nodes[0] += beyond[-1]
    return nodes


def shared_in_plane(
    points: Float[Array, "size 2"], weights: Float[Array, "size"] | None, grid: Grid
) -> Float[Array, "rows columns"]:
    """Weights of the points shared between the nine cells around each by quadratic B-splines.

    Args:
        points: finite; those outside the grid wrap around.
        weights: ``None`` for one each.
        grid: the grid of two dimensions; its nodes are the cells' centres.
    """
    rows, columns = grid.shape
    # One more cell on each side, folded back afterwards, so that no index wraps around.
    padded = np.zeros((rows + 2, columns + 2))
    first, second = grid.axes
    if _compiled_pays(points):
        places = (first.low, 1 / first.step, second.low, 1 / second.step)
        compiled(_plane_sums)(points, _or_empty(weights), *places, padded)
    else:
        for part, weight in _blocks(points, weights):
            _add_block(part, weight, grid, padded.reshape(-1))
    for axis in (0, 1):
        edge = np.moveaxis(padded, axis, 0)
        edge[-2] += edge[0]
        edge[1] += edge[-1]
    return padded[1:-1, 1:-1]


def _add_block(part: Array, weight: Array | None, grid: Grid, padded: Array) -> None:
    columns = grid.shape[1] + 2
    (i, u), (k, v) = (_nearest(part[:, a], axis) for a, axis in enumerate(grid.axes))
    i *= columns
    i += k
    along, across = _quadratic(u), _quadratic(v)
    if weight is not None:
        along = [weight * value for value in along]
    size = padded.size - 2 * columns - 2
    for a, b in product(range(3), repeat=2):
        start = a * columns + b
        padded[start : start + size] += np.bincount(i, along[a] * across[b], size)


def _nearest(x: Array, axis: Axis) -> tuple[Array, Array]:
    """Number of the cell of each point, and the offset from its centre in [-1/2, 1/2)."""
    half = axis.step / 2
    index, place = _place(x + half, axis.low + half, 1 / axis.step, axis.cells)
    return index, place - 0.5


def _quadratic(offset: Array) -> list[Array]:
    """Weights of the cells ``-1, 0, 1`` from the cell of a point."""
    return [0.5 * (0.5 - offset) ** 2, 0.75 - offset**2, 0.5 * (0.5 + offset) ** 2]


def _blocks(points: Array, weights: Array | None) -> Iterator[tuple[Array, Array | None]]:
    for start in range(0, len(points), _BLOCK):
        part = slice(start, start + _BLOCK)
        yield points[part], None if weights is None else weights[part]


def _place(x: Array, first: float, scale: float, count: int) -> tuple[Array, Array]:
    """Number of the node left of each point, the first at ``first``, and the offset from it."""
    place = x - first
    place *= scale
    index = np.floor(place).astype(np.intp)
    place -= index
    if len(index) and (index.min() < 0 or index.max() >= count):
        index %= count
    return index, place


def _line_sums(
    x: Array, weights: Array, first: float, scale: float, here: Array, beyond: Array
) -> None:
    """Add each point's weight, and that times its offset, to the node left of it."""
    equal, count = weights.size == 0, here.size
    for i in range(x.size):
        place = (x[i] - first) * scale
        left = np.floor(place)
        node = int(left)
        if node < 0 or node >= count:
            node %= count
        weight = 1.0 if equal else weights[i]
        here[node] += weight
        beyond[node] += weight * (place - left)


def _plane_sums(
    x: Array, weights: Array, low: float, rise: float, start: float, run: float, padded: Array
) -> None:
    """Add each point's weight to the nine cells around it, in a grid with one more cell around."""
    equal, rows, columns = weights.size == 0, padded.shape[0] - 2, padded.shape[1] - 2
    for i in range(x.shape[0]):
        p, q = (x[i, 0] - low) * rise, (x[i, 1] - start) * run
        down, left = np.floor(p), np.floor(q)
        u, v = p - down, q - left
        row, column = int(down), int(left)
        if row < 0 or row >= rows:
            row %= rows
        if column < 0 or column >= columns:
            column %= columns
        weight = 1.0 if equal else weights[i]
        one, two, three = (
            0.5 * (1 - v) * (1 - v),
            0.75 - (v - 0.5) * (v - 0.5),
            0.5 * v * v,
        )
        for a in range(3):
            if a == 0:
                along = 0.5 * weight * (1 - u) * (1 - u)
            elif a == 1:
                along = weight * (0.75 - (u - 0.5) * (u - 0.5))
            else:
                along = 0.5 * weight * u * u
            padded[row + a, column] += along * one
            padded[row + a, column + 1] += along * two
            padded[row + a, column + 2] += along * three


def _or_empty(weights: Array | None) -> Array:
    return _FOR_WEIGHTS if weights is None else weights


def _compiled_pays(points: Array) -> bool:
    return len(points) >= _COMPILED_FROM and is_installed()
