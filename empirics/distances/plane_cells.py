"""Cells of the plane in which a difference of smooth laws may change sign, and what that adds.

Where numba is installed and there is much to look at, the lines at the end of this file do the same
operations as NumPy, compiled.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from empirics.compiled import compiled
from empirics.distances.line_cells import ROUNDING
from empirics.target_law import TargetLaw

__all__ = ["absolute_plane", "plane_through", "swept_in_plane"]

Array = np.ndarray
_NINE_ROOTS = 9 * np.sqrt(3)
_TINY = 1e-300


def swept_in_plane(
    smooth: Float[Array, "batch rows columns"], target: TargetLaw, weight: float
) -> tuple[
    Float[Array, "batch rows columns"],
    Float[Array, "batch"],
    Float[Array, "batch"],
    Int[Array, "batch"],
]:
    """Sizes of ``smooth - weight * target``; by law the excess, its error, and cells looked at.

    Compiled, for a contiguous ``smooth`` and a target that is smooth on the scale of the grid.
    """
    batch = len(smooth)
    size, looked_at = np.empty(smooth.shape), np.empty(smooth.shape[1:], dtype=np.bool_)
    excess, error, count = np.zeros(batch), np.zeros(batch), np.zeros(batch, dtype=np.intp)
    for law in range(batch):
        difference = smooth[law] - weight * target.masses if weight else smooth[law]
        compiled(_find)(difference, ROUNDING, size[law], looked_at)
        part = slice(law, law + 1)
        compiled(_add_up)(difference, looked_at, excess[part], error[part], count[part])
    return size, excess, error, count


def plane_through(
    values: Array, places: tuple
) -> tuple[list[Float[Array, "k"]], Float[Array, "k"]]:
    """Slopes of the plane through the neighbours of some cells, and the size of the next terms."""
    rows, i, k = places
    height, width = values.shape[1:]
    flat = values.reshape(-1)
    here, above, below = (
        (rows * height + line) * width for line in (i, (i + 1) % height, (i - 1) % height)
    )
    right, left = (k + 1) % width, (k - 1) % width
    up, mass, down = flat[above + k], flat[here + k], flat[below + k]
    after, before = flat[here + right], flat[here + left]
    corners = [flat[line + column] for line in (above, below) for column in (right, left)]
    twist = np.abs(corners[0] - corners[1] - corners[2] + corners[3]) / 4
    bend = np.abs(up + down - 2 * mass) + np.abs(after + before - 2 * mass)
    return [(up - down) / 2, (after - before) / 2], bend / _NINE_ROOTS + twist / 16


def absolute_plane(mass: Array, a: Array, b: Array) -> Array:
    """``E |mass + a U + b V|`` for independent ``U, V`` uniform on [-1/2, 1/2]."""
    tiny = 1e-12 * (np.abs(mass) + np.abs(a) + np.abs(b)) + _TINY
    a, b = np.abs(a), np.abs(b)
    large, small = np.maximum(np.maximum(a, b), tiny), np.minimum(a, b)
    flat = small < 1e-4 * large
    small = np.where(flat, large, small)
    both, one = (large + small) / 2, (large - small) / 2
    corners = _cubed(mass + both) - _cubed(mass + one) - _cubed(mass - one) + _cubed(mass - both)
    line = (
        np.abs(mass + large / 2) * (mass + large / 2)
        - np.abs(mass - large / 2) * (mass - large / 2)
    ) / (2 * large)
    # Without a change of sign the cubes would only cancel.
    one_sign = np.abs(mass) >= (a + b) / 2
    return np.where(one_sign, np.abs(mass), np.where(flat, line, corners / (6 * large * small)))


def _cubed(x: Array) -> Array:
    return np.abs(x) * x * x


def _find(difference: Array, rounding: float, size: Array, looked_at: Array) -> None:
    """Sizes of the differences, and the cells in which they may change sign."""
    height, width = difference.shape
    for i in range(height):
        for k in range(width):
            here = difference[i, k]
            own = abs(here)
            size[i, k] = own
            up = difference[i + 1, k] if i < height - 1 else 0.0
            down = difference[i - 1, k] if i > 0 else 0.0
            after = difference[i, k + 1] if k < width - 1 else 0.0
            before = difference[i, k - 1] if k > 0 else 0.0
            found, positive = False, here > 0
            if 0 < i < height - 1:
                found |= (up > 0) != positive or (down > 0) != positive
                found |= 4 * own < abs(down + up - 2 * here)
            if 0 < k < width - 1:
                found |= (after > 0) != positive or (before > 0) != positive
                found |= 4 * own < abs(before + after - 2 * here)
            most = max(own, abs(up), abs(down), abs(after), abs(before))
            looked_at[i, k] = found and most > rounding


def _add_up(difference: Array, looked_at: Array, excess: Array, error: Array, count: Array) -> None:
    """The results of :func:`plane_through` and :func:`absolute_plane` for the cells looked at."""
    height, width = difference.shape
    for i in range(height):
        above, below = (i + 1) % height, (i - 1) % height
        for k in range(width):
            if not looked_at[i, k]:
                continue
            right, left = (k + 1) % width, (k - 1) % width
            mass, up, down = difference[i, k], difference[above, k], difference[below, k]
            after, before = difference[i, right], difference[i, left]
            one = difference[above, right] - difference[above, left]
            twist = abs(one - difference[below, right] + difference[below, left]) / 4
            bend = abs(up + down - 2 * mass) + abs(after + before - 2 * mass)
            a, b = abs((up - down) / 2), abs((after - before) / 2)
            tiny = 1e-12 * (abs(mass) + a + b) + _TINY
            large, small = max(a, b, tiny), min(a, b)
            if abs(mass) >= (a + b) / 2:
                absolute = abs(mass)
            elif small < 1e-4 * large:
                upper, lower = mass + large / 2, mass - large / 2
                absolute = (abs(upper) * upper - abs(lower) * lower) / (2 * large)
            else:
                far, near = (large + small) / 2, (large - small) / 2
                first, second, third, fourth = mass + far, mass + near, mass - near, mass - far
                absolute = (
                    abs(first) * first * first
                    - abs(second) * second * second
                    - abs(third) * third * third
                    + abs(fourth) * fourth * fourth
                ) / (6 * large * small)
            excess[0] += absolute - abs(mass)
            error[0] += bend / _NINE_ROOTS + twist / 16
            count[0] += 1
