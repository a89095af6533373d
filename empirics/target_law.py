"""A target seen on a grid: exact cell masses, transform, and how its density runs in a cell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from jaxtyping import Complex, Float
from scipy import fft

from empirics.errors import InputError
from empirics.grid import Grid
from empirics.targets import HasCharacteristic, Target, Univariate

__all__ = ["MARGIN", "TargetLaw", "target_law"]

Array = np.ndarray
_SUBCELLS = 32
"""Parts of a cell in the sum that replaces a missing closed form of the transform."""
_INSIDE = 1e-9
"""One-sided edge values are read this fraction of a cell inside."""
_MASS_TOLERANCE = 1e-6
_MOST_OUTSIDE = 1e-3
"""Mass of a heavy tail that may lie outside the grid; it is counted as error."""
_SMOOTH = 1e-9
"""Transform at a grid's highest frequencies above which masses are read from the density."""
_NODES = 4
"""Gauss-Legendre nodes per axis of a cell of the plane."""
MARGIN = 8.0
"""Ratio of the largest to the mean of what the model misses in a regular cell, rounded up."""
_IRREGULAR = 1e-3
"""Share of a cell's mass that the model may miss before the cell is always looked at."""


@dataclass(frozen=True)
class TargetLaw:
    """Masses of the cells, transform of the law, and how its density runs inside a cell.

    In one dimension a cell's density is modelled by the quadratic with ``left`` and ``right`` at
    its ends and its exact mass (by a constant where the density has a pole or a jump inside), in
    units of mass per cell; in the plane by a plane with the two ``slopes``. ``rough`` is the
    1-norm of what the model misses. All are ``None`` for a law of the plane that is smooth on the
    scale of the grid. ``unresolved`` bounds the sum of the errors of the masses.
    """

    masses: Float[Array, "..."]
    spectrum: Complex[Array, "..."]
    left: Float[Array, "cells"] | None = None
    right: Float[Array, "cells"] | None = None
    rough: Float[Array, "*cells"] | None = None
    slopes: tuple[Float[Array, "rows columns"], ...] | None = None
    unresolved: float = 0.0

    @cached_property
    def hidden(self) -> Float[Array, "cells"]:
        """Least difference below which what the model misses may hide a change of sign."""
        assert self.rough is not None
        irregular = self.rough > _IRREGULAR * self.masses
        return np.where(irregular, np.inf, MARGIN * self.rough)

    @property
    def mass(self) -> float:
        """Mass on the grid."""
        return float(self.masses.sum())

    @property
    def cut(self) -> float:
        """Mass of a heavy tail that no generation of a loop on the grid sees."""
        return self.mass_defect if self.mass_defect > _MASS_TOLERANCE else 0.0

    @property
    def mass_defect(self) -> float:
        """Mass outside the grid, or too much of it."""
        return abs(1.0 - self.mass)


@lru_cache(maxsize=32)
def target_law(target: Target, grid: Grid) -> TargetLaw:
    """The target on the grid.

    The transform is the closed form where the target has one; otherwise it is summed over
    sub-cells whose masses are exact, with an error of order (sub-cell width)^2.

    Raises:
        InputError: the masses in the grid are far from 1, so the density does not integrate to 1
            or the window is too narrow; or a target of several dimensions has no closed form.
    """
    law = (
        _univariate(target, grid) if isinstance(target, Univariate) else _by_transform(target, grid)
    )
    missing = law.mass_defect
    if missing < _MOST_OUTSIDE:
        missing = abs(1 - law.mass - _outside(target, grid))
    if not missing < _MASS_TOLERANCE + law.unresolved:
        window = " x ".join(f"[{a.low:.4g}, {a.high:.4g}]" for a in grid.axes)
        raise InputError(
            f"target has mass {law.mass:.8g} on the window {window}: must be 1; widen"
            " the window, or give a density that integrates to 1"
        )
    return law


def _outside(target: Target, grid: Grid) -> float:
    """Mass of a law on the line beyond the ends of the grid."""
    if not isinstance(target, Univariate):
        return 0.0
    (axis,), ((left, right),) = grid.axes, target.support
    ends = np.array([min(left, axis.low), axis.low, axis.high, max(right, axis.high)])
    beyond = target.interval_mass(ends)
    return float(beyond[0] + beyond[2])


def _univariate(target: Univariate, grid: Grid) -> TargetLaw:
    axis = grid.axes[0]
    parts = 4 if isinstance(target, HasCharacteristic) else _SUBCELLS
    fine = target.interval_mass(axis.low + axis.step / parts * np.arange(axis.cells * parts + 1))
    masses = fine.reshape(axis.cells, parts).sum(axis=1)
    if isinstance(target, HasCharacteristic):
        spectrum = _characteristic(target, grid)
    else:
        spectrum = _summed(fine, parts, grid)
    density = getattr(target, "cell_density", target.density)
    with np.errstate(divide="ignore"):
        left = density(axis.edges[:-1] + _INSIDE * axis.step) * axis.step
        right = density(axis.edges[1:] - _INSIDE * axis.step) * axis.step
    parts_of_cells = fine.reshape(axis.cells, parts)
    curved, flat = _missed(parts_of_cells, left, right), _missed(parts_of_cells, masses, masses)
    keep = curved <= flat
    left, right = (np.where(keep, end, masses) for end in (left, right))
    rough, error = np.where(keep, curved, flat), float(getattr(target, "mass_error", 0.0))
    return TargetLaw(masses, spectrum, left, right, rough, unresolved=error)


def _missed(
    parts: Float[Array, "cells parts"], left: Float[Array, "cells"], right: Float[Array, "cells"]
) -> Float[Array, "cells"]:
    """1-norm, up to the parts' width, of the density minus a cell's quadratic; inf at a pole."""
    mass = parts.sum(axis=1)
    s = np.linspace(0, 1, parts.shape[1] + 1)
    with np.errstate(invalid="ignore"):
        slope, bend = 6 * mass - 4 * left - 2 * right, 3 * (left + right - 2 * mass)
        modelled = np.diff(
            left[:, None] * s + slope[:, None] / 2 * s**2 + bend[:, None] / 3 * s**3, axis=1
        )
    return np.nan_to_num(np.abs(parts - modelled).sum(axis=1), nan=np.inf)


def _summed(fine: Float[Array, "parts"], parts: int, grid: Grid) -> Complex[Array, "..."]:
    """Transform of the law that is uniform on each part of a cell."""
    step, w = grid.axes[0].step, grid.frequencies[0]
    from_first_centre = np.exp(1j * w * 0.5 * (step - step / parts))
    return fft.rfft(fine)[: len(w)] * from_first_centre / np.sinc(w * step / (2 * np.pi * parts))


def _by_transform(target: Target, grid: Grid) -> TargetLaw:
    """Masses from the transform of a law that is smooth on this scale, else from its density."""
    if not isinstance(target, HasCharacteristic):
        raise InputError(
            f"target {type(target).__name__}: needs a characteristic function to be put on a"
            f" {grid.dimension}-dimensional grid"
        )
    spectrum = _characteristic(target, grid)
    if _dies_away(spectrum * grid.box, grid):
        return TargetLaw(grid.inverse(spectrum * grid.box), spectrum)
    return _from_density(target, spectrum, grid)


def _dies_away(spectrum: Complex[Array, "rows columns"], grid: Grid) -> bool:
    """Whether nothing is left at frequencies above three quarters of the highest of any axis."""
    size = np.abs(spectrum)
    high = [
        np.abs(w) > 0.75 * np.pi / a.step for w, a in zip(grid.frequencies, grid.axes, strict=True)
    ]
    return not any(np.any(size > _SMOOTH, where=np.broadcast_to(h, size.shape)) for h in high)


def _from_density(target: Target, spectrum: Complex[Array, "..."], grid: Grid) -> TargetLaw:
    """Gauss-Legendre quadrature in every cell of the plane, exact for jumps between cells."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    terms = np.polynomial.legendre.legvander(nodes, _NODES - 1)
    onto = terms.T * (weights / 2)
    found = [_moments(target, row, grid, nodes, onto) for row in grid.axes[0].centres]
    moments = np.stack(found) * grid.cell
    slopes = (6 * moments[..., 1, 0], 6 * moments[..., 0, 1])
    rest = np.abs(moments) * np.outer(*[2 * np.arange(_NODES) + 1.0] * 2)
    unresolved = float(rest[..., -1, :].sum() + rest[..., :-1, -1].sum())
    rough = rest.sum(axis=(-2, -1)) - rest[..., 0, 0] - rest[..., 0, 1] - rest[..., 1, 0]
    return TargetLaw(
        moments[..., 0, 0], spectrum, rough=rough, slopes=slopes, unresolved=unresolved
    )


def _moments(
    target: Target, row: float, grid: Grid, nodes: Float[Array, "nodes"], onto: Array
) -> Float[Array, "columns nodes nodes"]:
    """Means over the cells of a row of the density times products of Legendre polynomials."""
    first, second = grid.axes
    x = row + first.step / 2 * nodes
    y = np.add.outer(second.centres, second.step / 2 * nodes)
    mesh = np.stack(np.broadcast_arrays(x[:, None], y[:, None, :]), axis=-1)
    return np.asarray(onto @ target.density(mesh) @ onto.T)


def _characteristic(target: HasCharacteristic, grid: Grid) -> Complex[Array, "..."]:
    shift = grid.product(
        np.exp(1j * w * (a.low + a.step / 2))
        for w, a in zip(grid.frequencies, grid.axes, strict=True)
    )
    return target.characteristic(*grid.frequencies) * shift
