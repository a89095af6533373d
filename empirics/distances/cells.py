"""Total variation from exact cell masses.

Half the sum of the absolute mass differences is a lower bound for the total variation, exact but
for the cells in which the difference of the densities changes sign. Only those cells are looked
at: there the difference is modelled by a polynomial with the cell's exact mass, and the size of
the next term of its expansion is the reported error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from empirics.compiled import Work
from empirics.distances.line_cells import (
    MARGIN,
    ROUNDING,
    UNSEEN,
    excess_on_line,
    hidden_on_line,
    most_of_smaller,
    swept_on_line,
)
from empirics.distances.plane_cells import (
    absolute_plane,
    plane_through,
    swept_in_plane,
)
from empirics.grid import Grid
from empirics.target_law import TargetLaw

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
        suspects |= hidden_on_line(difference, size, target, weight)
    model = excess_on_line if smooth.ndim == 2 else _excess_2d
    if weight and target.slopes is not None:
        model = _excess_of_jumps
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


def _excess_2d(
    smooth: Array, difference: Array, suspects: Array, target: TargetLaw, weight: float
) -> tuple[Int[Array, "k"], Float[Array, "k"], Float[Array, "k"]]:
    """The excess in the plane, with a plane in each cell; the target is smooth here."""
    del smooth, target, weight
    places = np.unravel_index(np.flatnonzero(suspects), suspects.shape)
    slopes, error = plane_through(difference, places)
    mass = difference[places]
    return places[0], absolute_plane(mass, *slopes) - np.abs(mass), error


def _excess_of_jumps(
    smooth: Array, difference: Array, suspects: Array, target: TargetLaw, weight: float
) -> tuple[Int[Array, "k"], Float[Array, "k"], Float[Array, "k"]]:
    """The same for a target with jumps: its own plane in each cell, and what that misses."""
    assert target.slopes is not None
    assert target.rough is not None
    places = np.unravel_index(np.flatnonzero(suspects), suspects.shape)
    slopes, error = plane_through(smooth, places)
    mass, cells = difference[places], places[1:]
    slopes = [a - weight * b[cells] for a, b in zip(slopes, target.slopes, strict=True)]
    error = error + UNSEEN * weight * target.rough[cells]
    most = most_of_smaller(smooth[places], target.masses[cells], weight)
    excess = absolute_plane(mass, *slopes) - np.abs(mass)
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
