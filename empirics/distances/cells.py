"""Total variation from exact cell masses.

Half the sum of the absolute mass differences is a lower bound for the total variation, exact but
for the cells in which the difference of the densities changes sign. Only those cells are looked
at: there the difference is modelled by a polynomial with the cell's exact mass, and the size of
the next term of its expansion is the reported error.

NumPy looks at all rows of a batch at once, in several passes; where numba is installed and there is
much to look at, :mod:`empirics.distances.swept_cells` does the same, compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from empirics.compiled import Work
from empirics.distances.swept_cells import (
    NINE_ROOTS,
    ROUNDING,
    SAFETY,
    TINY,
    UNSEEN,
    swept_in_plane,
    swept_on_line,
)
from empirics.grid import Grid
from empirics.target_law import MARGIN, TargetLaw

__all__ = ["TotalVariation", "total_variation"]

Array = np.ndarray
_Sweep = Callable[[Array, TargetLaw, float], tuple[Array, ...]]
_ROWS = 32
"""Rows of the plane looked at together, so that what is made of them stays in a cache."""
_WORK = Work(2**25)
"""Cells looked at."""


@dataclass(frozen=True)
class TotalVariation:
    """Values in [0, 1] with a bound on their numerical error, one per batch entry."""

    value: Float[Array, "batch"]
    error: Float[Array, "batch"]
    suspects: Int[Array, "batch"]
    """Number of cells in which the difference may change sign."""


def total_variation(
    smooth: Float[Array, "batch *cells"],
    target: TargetLaw,
    weight: float,
    grid: Grid,
) -> TotalVariation:
    """Half the 1-norm of ``smooth - weight * target``.

    Args:
        smooth: cell masses of a combination of smooth laws (kernel estimates), batch axis first.
        target: the target on the same grid; it may have jumps at cell edges.
        weight: the target's weight in the difference, in [0, 1].
        grid: the grid of one or two dimensions.
    """
    sweep: _Sweep = swept_on_line if grid.dimension == 1 else swept_in_plane
    # Sums are rounded by the order in memory; compiled lines keep to one.
    fits = smooth.flags.c_contiguous and (grid.dimension == 1 or target.slopes is None)
    if not (fits and _WORK.pays(smooth.size)):
        sweep = _looked_at
    size, excess, error, suspects = sweep(smooth, target, weight)
    return TotalVariation(np.minimum(0.5 * (grid.total(size) + excess), 1.0), 0.5 * error, suspects)


def _looked_at(smooth: Array, target: TargetLaw, weight: float) -> tuple[Array, ...]:
    """Sizes of the differences; the excess, its error and the number of cells looked at, by row."""
    difference = smooth - weight * target.masses if weight else smooth
    size = np.abs(difference)
    suspects = _suspects(difference, size)
    if weight and target.slopes is not None:
        suspects |= _may_change_sign(smooth, size, target, weight)
    elif weight and target.rough is not None:
        suspects |= _hidden_on_line(difference, size, target, weight)
    model = _excess_on_line if smooth.ndim == 2 else _excess_in_plane
    rows, excess, error = model(smooth, difference, suspects, target, weight)
    batch = len(smooth)
    sums = (np.bincount(rows, values, batch) for values in (excess, error))
    return size, *sums, np.bincount(rows, minlength=batch)


def _suspects(difference: Array, size: Array) -> np.ndarray:
    """Cells in which the difference may change sign.

    A neighbour has the other sign, or the mass is small against the local curvature. Cells where
    nothing but rounding is left are passed over.
    """
    if difference.ndim == 2:
        return _suspects_of(difference, size)
    out = np.empty(difference.shape, dtype=bool)
    for start in range(0, difference.shape[1], _ROWS):
        halo = min(start, 1)
        rows = slice(start - halo, start + _ROWS + 1)
        found = _suspects_of(difference[:, rows], size[:, rows])
        out[:, start : start + _ROWS] = found[:, halo : halo + _ROWS]
    return out


def _suspects_of(difference: Array, size: Array) -> np.ndarray:
    out = np.zeros(difference.shape, dtype=bool)
    signs, twice, fourfold = difference > 0, 2 * difference, 4 * size
    for axis in range(1, difference.ndim):
        line, positive = difference.swapaxes(axis, -1), signs.swapaxes(axis, -1)
        change = positive[..., 1:] != positive[..., :-1]
        bend = line[..., :-2] + line[..., 2:]
        bend -= twice.swapaxes(axis, -1)[..., 1:-1]
        touching = fourfold.swapaxes(axis, -1)[..., 1:-1] < np.abs(bend, out=bend)
        touching |= change[..., 1:]
        touching |= change[..., :-1]
        out.swapaxes(axis, -1)[..., 1:-1] |= touching
    out &= _near_mass(size)
    return out


def _near_mass(size: Array) -> np.ndarray:
    """Cells that hold more than rounding, or have a neighbour that does."""
    here = size > ROUNDING
    out = here.copy()
    for axis in range(1, size.ndim):
        inside, beside = out.swapaxes(axis, -1), here.swapaxes(axis, -1)
        inside[..., 1:] |= beside[..., :-1]
        inside[..., :-1] |= beside[..., 1:]
    return out


def _hidden_on_line(
    difference: Float[Array, "batch cells"],
    size: Float[Array, "batch cells"],
    target: TargetLaw,
    weight: float,
) -> np.ndarray:
    """Cells in which a change of sign may hide in what the target's model misses."""
    least = _half_range(difference)
    np.subtract(size, least, out=least)
    return least < weight * target.hidden


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


def _excess_on_line(
    smooth: Array, difference: Array, suspects: Array, target: TargetLaw, weight: float
) -> tuple[Int[Array, "k"], Float[Array, "k"], Float[Array, "k"]]:
    """Excess of ``int |f|`` over ``|int f|`` in the cells where ``f`` may change sign."""
    places = np.flatnonzero(suspects)
    rows = places // smooth.shape[1]
    cells = places - rows * smooth.shape[1]
    near = _near(smooth, places, cells)
    left = (7 * (near[2] + near[3]) - (near[1] + near[4])) / 12
    right = (7 * (near[3] + near[4]) - (near[2] + near[5])) / 12
    error = SAFETY * _largest_third_difference(near) / 192
    mass, most = difference.ravel()[places], _most_of_smaller(near[3], target.masses[cells], weight)
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


def _most_of_smaller(smooth: Array, target: Array, weight: float) -> Array:
    """Most mass that the smaller of a difference's two parts can have in a cell.

    Only a law against the target itself is the difference of two positive parts.
    """
    if weight < 1:
        return np.full(smooth.shape, np.inf)
    return np.minimum(np.abs(smooth), np.abs(target))


def _excess_in_plane(
    smooth: Array, difference: Array, suspects: Array, target: TargetLaw, weight: float
) -> tuple[Int[Array, "k"], Float[Array, "k"], Float[Array, "k"]]:
    """The excess with a plane in each cell; a target with jumps has its own, and misses more."""
    places = np.unravel_index(np.flatnonzero(suspects), suspects.shape)
    mass, cells = difference[places], places[1:]
    if not weight or target.slopes is None:
        slopes, error = _plane_through(difference, places)
        return places[0], _absolute_plane(mass, *slopes) - np.abs(mass), error
    assert target.rough is not None
    slopes, error = _plane_through(smooth, places)
    slopes = [a - weight * b[cells] for a, b in zip(slopes, target.slopes, strict=True)]
    error = error + UNSEEN * weight * target.rough[cells]
    most = _most_of_smaller(smooth[places], target.masses[cells], weight)
    excess = _absolute_plane(mass, *slopes) - np.abs(mass)
    return places[0], np.clip(excess, 0.0, 2 * most), np.minimum(error, 2 * most)


def _may_change_sign(smooth: Array, size: Array, target: TargetLaw, weight: float) -> np.ndarray:
    """Cells whose difference is smaller than what it varies by inside."""
    assert target.slopes is not None
    assert target.rough is not None
    reach = MARGIN * weight * target.rough
    for axis, own in enumerate(target.slopes, start=1):
        tilt = (np.roll(smooth, -1, axis) - np.roll(smooth, 1, axis)) / 2 - weight * own
        bend = np.roll(smooth, -1, axis) + np.roll(smooth, 1, axis) - 2 * smooth
        reach = reach + np.abs(tilt) / 2 + np.abs(bend)
    return (size < reach) & (size > ROUNDING)


def _plane_through(
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
    return [(up - down) / 2, (after - before) / 2], bend / NINE_ROOTS + twist / 16


def _absolute_plane(mass: Array, a: Array, b: Array) -> Array:
    """``E |mass + a U + b V|`` for independent ``U, V`` uniform on [-1/2, 1/2]."""
    tiny = 1e-12 * (np.abs(mass) + np.abs(a) + np.abs(b)) + TINY
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
