"""A target seen on a grid: exact cell masses, transform, and one-sided values at the edges."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Complex, Float
from scipy import fft

from empirics.errors import InputError
from empirics.grid import Grid
from empirics.targets import HasCharacteristic, Target, Univariate

__all__ = ["TargetLaw", "target_law"]

Array = np.ndarray
_SUBCELLS = 32
"""Parts of a cell in the sum that replaces a missing closed form of the transform."""
_INSIDE = 1e-9
"""One-sided edge values are read this fraction of a cell inside."""
_MASS_TOLERANCE = 1e-6


@dataclass(frozen=True)
class TargetLaw:
    """Masses of the cells, transform of the law, and in 1-D its density at both ends of each cell.

    In one dimension a cell's density is modelled by the quadratic with ``left`` and ``right`` at
    its ends and its exact mass (by a constant where the density has a pole or a jump inside), in
    units of mass per cell; ``rough`` is the 1-norm of what the model misses. ``None`` in several
    dimensions, where targets are smooth.
    """

    masses: Float[Array, "..."]
    spectrum: Complex[Array, "..."]
    left: Float[Array, "cells"] | None = None
    right: Float[Array, "cells"] | None = None
    rough: Float[Array, "cells"] | None = None

    @property
    def mass_defect(self) -> float:
        """Mass outside the grid."""
        return abs(1.0 - float(self.masses.sum()))


@lru_cache(maxsize=32)
def target_law(target: Target, grid: Grid) -> TargetLaw:
    """The target on the grid.

    The transform is the closed form where the target has one; otherwise it is summed over
    sub-cells whose masses are exact, with an error of order (sub-cell width)^2.

    Raises:
        InputError: the masses in the grid are far from 1, so the density does not integrate to 1
            or the window is too narrow; or a target of several dimensions has no closed form.
    """
    law = _univariate(target, grid) if isinstance(target, Univariate) else _smooth(target, grid)
    if not law.mass_defect < _MASS_TOLERANCE:
        window = " x ".join(f"[{a.low:.4g}, {a.high:.4g}]" for a in grid.axes)
        raise InputError(
            f"target has mass {1 - law.mass_defect:.8g} on the window {window}: must be 1; widen"
            " the window, or give a density that integrates to 1"
        )
    return law


def _univariate(target: Univariate, grid: Grid) -> TargetLaw:
    axis = grid.axes[0]
    parts = 4 if isinstance(target, HasCharacteristic) else _SUBCELLS
    fine = target.interval_mass(axis.low + axis.step / parts * np.arange(axis.cells * parts + 1))
    masses = fine.reshape(axis.cells, parts).sum(axis=1)
    if isinstance(target, HasCharacteristic):
        spectrum = _characteristic(target, grid)
    else:
        spectrum = _summed(fine, parts, grid)
    with np.errstate(divide="ignore"):
        left = target.density(axis.edges[:-1] + _INSIDE * axis.step) * axis.step
        right = target.density(axis.edges[1:] - _INSIDE * axis.step) * axis.step
    parts_of_cells = fine.reshape(axis.cells, parts)
    curved, flat = _missed(parts_of_cells, left, right), _missed(parts_of_cells, masses, masses)
    keep = curved <= flat
    left, right = (np.where(keep, end, masses) for end in (left, right))
    return TargetLaw(masses, spectrum, left, right, np.where(keep, curved, flat))


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


def _smooth(target: Target, grid: Grid) -> TargetLaw:
    if not isinstance(target, HasCharacteristic):
        raise InputError(
            f"target {type(target).__name__}: needs a characteristic function to be put on a"
            f" {grid.dimension}-dimensional grid"
        )
    spectrum = _characteristic(target, grid)
    return TargetLaw(grid.inverse(spectrum * grid.box), spectrum)


def _characteristic(target: HasCharacteristic, grid: Grid) -> Complex[Array, "..."]:
    shift = grid.product(
        np.exp(1j * w * (a.low + a.step / 2))
        for w, a in zip(grid.frequencies, grid.axes, strict=True)
    )
    return target.characteristic(*grid.frequencies) * shift
