"""Cells of the line in which a smooth law less a target may change sign, and what that adds.

NumPy looks at all rows of a batch at once, in several passes; where numba is installed and there is
much to look at, the lines at the end of this file do the same operations, compiled, in two.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

from empirics.compiled import compiled
from empirics.target_law import TargetLaw

__all__ = [
    "MARGIN",
    "ROUNDING",
    "UNSEEN",
    "excess_on_line",
    "hidden_on_line",
    "most_of_smaller",
    "swept_on_line",
]

Array = np.ndarray
ROUNDING = 1e-14
"""Masses below this are rounding of the Fourier transform."""
UNSEEN = 2.0
"""Factor on what a target's model misses, which is measured on parts of a cell."""
MARGIN = 8.0
"""Ratio of the largest to the mean of what the model misses in a regular cell, rounded up."""
_SAFETY = 4.0
"""Factor on the estimated next term, which is itself known only to leading order."""
_IRREGULAR = 1e-3
"""Share of a cell's mass that a target's model may miss before the cell is always looked at."""


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
        hidden = weight * _doubt(rough, target.masses)
    compiled(_find)(*own, hidden, size, looked_at)
    compiled(_add_up)(*own, left, right, rough, looked_at, excess, error, count)
    return size, excess, error, count


def hidden_on_line(
    difference: Float[Array, "batch cells"],
    size: Float[Array, "batch cells"],
    target: TargetLaw,
    weight: float,
) -> np.ndarray:
    """Cells in which a change of sign may hide in what the target's model misses."""
    assert target.rough is not None
    least = _half_range(difference)
    np.subtract(size, least, out=least)
    return least < weight * _doubt(target.rough, target.masses)


def _doubt(rough: Float[Array, "cells"], masses: Float[Array, "cells"]) -> Float[Array, "cells"]:
    """Least difference below which what a target's model misses may hide a change of sign."""
    return np.where(rough > _IRREGULAR * masses, np.inf, MARGIN * rough)


def _half_range(difference: Float[Array, "batch cells"]) -> Float[Array, "batch cells"]:
    """Distance of the difference from its cell's mean at the cell's ends.

    Larger than the mean, it tells of a corner between two cells at which the sign changes though
    neither cell's mean does.
    """
    batch, cells = difference.shape
    steps = np.empty((batch, cells + 1))
    np.subtract(difference[:, 1:], difference[:, :-1], out=steps[:, 1:-1])
    steps[:, 0], steps[:, -1] = difference[:, 0], difference[:, -1]
    np.abs(steps, out=steps)
    half = np.maximum(steps[:, 1:], steps[:, :-1])
    half *= 0.5
    return half


def excess_on_line(
    smooth: Array, difference: Array, suspects: Array, target: TargetLaw, weight: float
) -> tuple[Int[Array, "k"], Float[Array, "k"], Float[Array, "k"]]:
    """Excess of ``int |f|`` over ``|int f|`` in the cells where ``f`` may change sign."""
    places = np.flatnonzero(suspects)
    rows = places // smooth.shape[1]
    cells = places - rows * smooth.shape[1]
    near = _near(smooth, places, cells)
    left = (7 * (near[2] + near[3]) - (near[1] + near[4])) / 12
    right = (7 * (near[3] + near[4]) - (near[2] + near[5])) / 12
    error = _SAFETY * _largest_third_difference(near) / 192
    mass, most = difference.ravel()[places], most_of_smaller(near[3], target.masses[cells], weight)
    if weight:
        assert target.left is not None
        assert target.right is not None
        assert target.rough is not None
        left = left - weight * target.left[cells]
        right = right - weight * target.right[cells]
        error = error + UNSEEN * weight * target.rough[cells]
    excess = _absolute_quadratic(left, right, mass) - np.abs(mass)
    # int |f| - |int f| is twice the smaller of the positive and the negative part.
    return rows, np.clip(excess, 0.0, 2 * most), np.minimum(error, 2 * most)


def _near(smooth: Array, places: Array, cells: Array) -> Float[Array, "7 k"]:
    """Masses from the third cell before to the third after each; they wrap around at the ends."""
    count, flat = smooth.shape[1], smooth.ravel()
    shift = np.arange(-3, 4)[:, None]
    if len(cells) and (cells.min() < 3 or cells.max() >= count - 3):
        return flat[places - cells + (cells + shift) % count]
    return flat[places + shift]


def _largest_third_difference(near: Float[Array, "cells k"]) -> Float[Array, "k"]:
    """Largest among neighbouring cells, so that a kink close by is seen."""
    differences = near[3:] - 3 * near[2:-1] + 3 * near[1:-2] - near[:-3]
    return np.abs(differences).max(axis=0)


def _absolute_quadratic(left: Array, right: Array, mass: Array) -> Array:
    """``int_0^1 |q|`` of the quadratic with ``q(0) = left``, ``q(1) = right``, ``int q = mass``."""
    slope, bend = 6 * mass - 4 * left - 2 * right, 3 * (left + right - 2 * mass)
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(slope**2 - 4 * left * bend)
        shared = -0.5 * (slope + np.copysign(root, slope))
        roots = np.stack([shared / bend, left / shared])
    one, other = np.where((roots > 0) & np.isfinite(roots), np.minimum(roots, 1.0), 0.0)
    roots = np.stack([np.minimum(one, other), np.maximum(one, other)])
    a, b = roots * (left + roots * (slope / 2 + roots * bend / 3))
    return np.abs(a) + np.abs(b - a) + np.abs(mass - b)


def most_of_smaller(smooth: Array, target: Array, weight: float) -> Array:
    """Most mass that the smaller of a difference's two parts can have in a cell.

    Only a law against the target itself is the difference of two positive parts.
    """
    if weight < 1:
        return np.full(smooth.shape, np.inf)
    return np.minimum(np.abs(smooth), np.abs(target))


def _find(
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


def _add_up(
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
    """By row, what :func:`excess_on_line` gives for the cells that are looked at."""
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
            doubt = _SAFETY * third / 192 + UNSEEN * weight * rough[i]
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
