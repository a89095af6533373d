"""The laws of a kernel density loop on a grid, and what is measured of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Complex, Float

from empirics.cell_law import CellLaw
from empirics.distances.cells import total_variation
from empirics.errors import InputError
from empirics.grid import Grid
from empirics.kde.smoothing import Smoother
from empirics.laws import density_at
from empirics.operators import acts_on_laws
from empirics.quantities import Recorder
from empirics.record import Record
from empirics.target_law import TargetLaw

__all__ = ["GridLaws", "Source"]

Array = np.ndarray
_BOUNDARY_CELLS = 4
_ROUNDING = 1e-16
"""Masses below this are rounding of the Fourier transform."""
_MOST_AT_ENDS = 1e-3
"""Mass at the ends of a grid above which a law is held to have wrapped around."""


@dataclass(frozen=True)
class Source:
    """Training data on a grid.

    ``spectrum`` has a batch axis first; ``squared_weights`` is the sum of the squares of the
    points' weights; ``fresh_size`` is their number if they are fresh draws from the mixture, and
    ``finer`` the nodes per cell of points that are binned with splines.
    """

    spectrum: Complex[Array, "..."]
    squared_weights: float
    fresh_size: int | None
    finer: int | None = None


@dataclass(frozen=True)
class _Law:
    """Masses (non-negative) and spectrum of a law, and the spectrum of ``law - binned law``."""

    masses: Float[Array, "..."]
    spectrum: Complex[Array, "..."]
    unbinned: Complex[Array, "..."]


@dataclass
class GridLaws:
    """Laws ``p_0`` (real), ``p_1``, ... of a batch of replicates, as they are trained on.

    Args:
        target: the real law on the grid.
        grid: its cells.
        recorder: measures what the experiment asks for besides.
        between: what the samples of model ``k`` pass, ``None`` where they are taken as they are.
    """

    target: TargetLaw
    grid: Grid
    recorder: Recorder = field(default_factory=Recorder)
    between: Callable[[int], Any] = lambda k: None
    _laws: dict[int, _Law] = field(default_factory=dict)
    _made: dict[int, Array] = field(default_factory=dict)
    """Masses of the last model, as it is before any operator."""

    def __post_init__(self) -> None:
        spectrum = self.target.spectrum
        unbinned = spectrum - self.grid.transform(self.target.masses)
        self._laws[0] = _Law(np.maximum(self.target.masses, 0.0), spectrum, unbinned)

    def learn(self, j: int, row: Array, source: Source, smoother: Smoother) -> Record:
        """Make model ``j`` by smoothing ``source`` and measure it against the target.

        Args:
            j: number of the model.
            row: its mixing weights over laws ``0..j-1``.
            source: its training data.
            smoother: its kernel.

        Raises:
            InputError: the law has reached the ends of the grid.
        """
        grid = self.grid
        spectrum = smoother.smooth(source.spectrum)
        signed = smoother.masses(spectrum)
        masses = np.maximum(signed, 0.0)
        defect = np.abs(1 - grid.total(masses)) + self._at_ends(j, masses)
        defect += self.target.mass_defect + self.target.unresolved
        # A loop without the tail differs in the mean by the share of points that lie there.
        defect += j * self.target.cut
        numerical = defect
        if source.finer is not None:
            numerical = defect + smoother.aliasing(source.squared_weights, source.finer)
        beyond = smoother.band_error(source.squared_weights)
        tv = total_variation(signed, self.target, 1.0, grid)
        step = tv
        if row[0] < 1:  # else it learned the real law alone
            models = self._mix(row, "masses", first=1)
            step = total_variation(signed - models, self.target, float(row[0]), grid)
        noise = np.array(np.nan)
        if source.fresh_size is not None:
            noise = smoother.noise(self.spectrum(row), source.fresh_size)
        self._made = {j: masses}
        self._laws[j] = self._passed(j, masses, spectrum)
        return Record(
            tv=tv.value,
            tv_error=tv.error + numerical + beyond * np.sqrt(tv.suspects),
            one_step_tv=step.value,
            one_step_error=step.error + numerical + beyond * np.sqrt(step.suspects),
            noise=np.broadcast_to(noise, tv.value.shape),
            mass_defect=defect,
            recorded=self.recorder(CellLaw(masses, grid, numerical + _spread(beyond, masses))),
        )

    def _passed(self, j: int, masses: Array, spectrum: Array) -> _Law:
        """What is trained on in place of model ``j``; unknown where points alone can tell."""
        operator, box = self.between(j), self.grid.box
        if operator is not None and acts_on_laws(operator):
            masses = operator.act(masses, self.grid)
            # The law whose masses these are, if it is smooth; a kernel leaves no other trace of it.
            spectrum = self.grid.transform(masses) / box
        elif operator is not None:
            masses, spectrum = np.full_like(masses, np.nan), np.full_like(spectrum, np.nan)
        return _Law(masses, spectrum, spectrum * (1 - box))

    def _at_ends(self, j: int, masses: Array) -> Float[Array, "replicates"]:
        edge = _at_boundary(masses, self.grid)
        if edge.max() > _MOST_AT_ENDS:
            window = " x ".join(f"[{a.low:.4g}, {a.high:.4g}]" for a in self.grid.axes)
            raise InputError(
                f"window {window}: too narrow for the loop, model {j} has mass {edge.max():.2g} at"
                " its ends; widen it"
            )
        return edge

    def densities(self, j: int, places: Grid) -> Array:
        """Densities of model ``j``, the last one made."""
        return density_at(places, self.grid, self._made[j])

    def masses(self, row: Array) -> Float[Array, "..."]:
        """Cell masses of the mixture with weights ``row``."""
        return self._mix(row, "masses")

    def spectrum(self, row: Array) -> Complex[Array, "..."]:
        """Spectrum of the mixture."""
        return self._mix(row, "spectrum")

    def unbinned(self, row: Array) -> Complex[Array, "..."]:
        """Spectrum of the mixture minus that of its masses put at the cell centres."""
        return self._mix(row, "unbinned")

    def forget(self, needed: Iterable[int]) -> None:
        """Keep only the laws that are needed."""
        self._laws = {k: self._laws[k] for k in needed if k in self._laws}

    def _mix(self, row: Array, part: str, first: int = 0) -> Array:
        terms = [(w, k) for k, w in enumerate(row) if w > 0 and k >= first]
        if len(terms) == 1 and terms[0][0] == 1:
            return np.asarray(getattr(self._laws[terms[0][1]], part))
        return sum((w * getattr(self._laws[k], part) for w, k in terms), np.zeros(()))


def _spread(each: float, masses: Array) -> Float[Array, "replicates"]:
    """Half the sum over the cells that hold mass of an error of this root mean square."""
    return np.asarray(0.5 * each * np.count_nonzero(masses > _ROUNDING, axis=_cells(masses)))


def _cells(masses: Array) -> tuple[int, ...]:
    return tuple(range(1, masses.ndim))


def _at_boundary(masses: Array, grid: Grid) -> Float[Array, "replicates"]:
    """Mass in the outermost cells, where a law would wrap around."""
    edge = np.zeros(len(masses))
    for axis in range(1, grid.dimension + 1):
        for cells in (slice(None, _BOUNDARY_CELLS), slice(-_BOUNDARY_CELLS, None)):
            part = masses[(slice(None),) * axis + (cells,)]
            edge += part.reshape(len(masses), -1).sum(axis=1)
    return edge
