"""Cells in which a smooth law less a target may change sign, and what they add, by compiled lines.

They do the operations of :mod:`empirics.distances.cells`, in two passes over a batch. They are used
where numba is installed and there is much to look at.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from empirics.compiled import compiled
from empirics.target_law import TargetLaw

__all__ = [
    "NINE_ROOTS",
    "ROUNDING",
    "SAFETY",
    "TINY",
    "UNSEEN",
    "swept_in_plane",
    "swept_on_line",
]

Array = np.ndarray
ROUNDING = 1e-14
"""Masses below this are rounding of the Fourier transform."""
UNSEEN = 2.0
"""Factor on what a target's model misses, which is measured on parts of a cell."""
SAFETY = 4.0
"""Factor on the estimated next term, which is itself known only to leading order."""
NINE_ROOTS = 9 * np.sqrt(3)
TINY = 1e-300


def swept_on_line(
    smooth: Float[Array, "batch cells"], target: TargetLaw, weight: float
) -> tuple[
    Float[Array, "batch cells"], Float[Array, "batch"], Float[Array, "batch"], Int[Array, "batch"]
]:
    """Sizes of ``smooth - weight * target``; by row the excess, its error, and cells looked at.

    Compiled, for a contiguous ``smooth``.
    """
    batch, cells = smooth.shape
    size, looked_at = np.empty(smooth.shape), np.empty(smooth.shape, dtype=np.bool_)
    excess, error, count = np.zeros(batch), np.zeros(batch), np.zeros(batch, dtype=np.intp)
    own = (smooth, weight, target.masses)
    left = right = rough = np.zeros(cells)
    hidden = np.full(cells, -np.inf)
    if weight:
        assert target.left is not None
        assert target.right is not None
        assert target.rough is not None
        left, right, rough = target.left, target.right, target.rough
        hidden = weight * target.hidden
    compiled(_find_on_line)(*own, hidden, size, looked_at)
    compiled(_add_up_on_line)(*own, left, right, rough, looked_at, excess, error, count)
    return size, excess, error, count


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
        compiled(_find_in_plane)(difference, size[law], looked_at)
        part = slice(law, law + 1)
        compiled(_add_up_in_plane)(difference, looked_at, excess[part], error[part], count[part])
    return size, excess, error, count


def _find_on_line(
    smooth: Array, weight: float, masses: Array, hidden: Array, size: Array, looked_at: Array
) -> None:
    """Sizes of the differences, and the cells in which they may change sign."""
    batch, cells = smooth.shape
    difference = np.empty(cells)
    for row in range(batch):
        for i in range(cells):
            difference[i] = smooth[row, i] - weight * masses[i]
            size[row, i] = abs(difference[i])
        for i in range(cells):
            here, own = difference[i], size[row, i]
            before = difference[i - 1] if i > 0 else 0.0
            after = difference[i + 1] if i < cells - 1 else 0.0
            half = 0.5 * max(abs(here - before), abs(after - here))
            found = own - half < hidden[i]
            if 0 < i < cells - 1:
                seen = max(own, abs(before), abs(after)) > ROUNDING
                turned = (before > 0) != (here > 0) or (after > 0) != (here > 0)
                found |= seen and (turned or 4 * own < abs(before + after - 2 * here))
            looked_at[row, i] = found


def _add_up_on_line(
    smooth: Array,
    weight: float,
    masses: Array,
    ends: Array,
    other_ends: Array,
    rough: Array,
    looked_at: Array,
    excess: Array,
    error: Array,
    count: Array,
) -> None:
    """By row, what the quadratics of the cells looked at add, and what these miss."""
    batch, cells = smooth.shape
    near = np.empty(7)
    for row in range(batch):
        for i in range(cells):
            if not looked_at[row, i]:
                continue
            for k in range(7):
                near[k] = smooth[row, (i + k - 3) % cells]
            left = (7 * (near[2] + near[3]) - (near[1] + near[4])) / 12 - weight * ends[i]
            right = (7 * (near[3] + near[4]) - (near[2] + near[5])) / 12 - weight * other_ends[i]
            third = 0.0
            for k in range(4):
                third = max(third, abs(near[k + 3] - 3 * near[k + 2] + 3 * near[k + 1] - near[k]))
            doubt = SAFETY * third / 192 + UNSEEN * weight * rough[i]
            mass = smooth[row, i] - weight * masses[i]
            slope, bend = 6 * mass - 4 * left - 2 * right, 3 * (left + right - 2 * mass)
            root = np.sqrt(slope * slope - 4 * left * bend)
            shared = -0.5 * (slope + np.copysign(root, slope))
            one, other = shared / bend, left / shared
            one = min(one, 1.0) if one > 0 and np.isfinite(one) else 0.0
            other = min(other, 1.0) if other > 0 and np.isfinite(other) else 0.0
            first, second = min(one, other), max(one, other)
            a = first * (left + first * (slope / 2 + first * bend / 3))
            b = second * (left + second * (slope / 2 + second * bend / 3))
            more = abs(a) + abs(b - a) + abs(mass - b) - abs(mass)
            most = 2 * min(abs(near[3]), abs(masses[i])) if weight >= 1 else np.inf
            excess[row] += min(max(more, 0.0), most)
            error[row] += min(doubt, most)
            count[row] += 1


def _find_in_plane(difference: Array, size: Array, looked_at: Array) -> None:
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
            looked_at[i, k] = found and most > ROUNDING


def _add_up_in_plane(
    difference: Array, looked_at: Array, excess: Array, error: Array, count: Array
) -> None:
    """What the planes through the cells looked at add, and what these miss."""
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
            tiny = 1e-12 * (abs(mass) + a + b) + TINY
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
            error[0] += bend / NINE_ROOTS + twist / 16
            count[0] += 1
