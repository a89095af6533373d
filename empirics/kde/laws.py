"""The laws of a kernel density loop on a grid: their spectra, smoothing, and what is measured.

The spectrum of weighted points is that of their spline binning, divided by the spline's transform.
On a line the points are shared linearly between the nodes of a grid that is some times finer, in
the plane by biquadratic B-splines on the grid itself; what remains is aliasing of order
``(w step / 2 pi finer)^2`` and ``(w step / 2 pi)^3``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from typing import Any

import numpy as np
from jaxtyping import Complex, Float
from scipy import fft
from scipy.special import zeta

from empirics.distances.cells import total_variation
from empirics.errors import InputError
from empirics.grid import Grid, density_at
from empirics.kde.kernels import Kernel
from empirics.operators import acts_on_laws
from empirics.quantities import CellLaw, Record, Recorder
from empirics.shares import shared_in_plane, shared_on_line
from empirics.target_law import TargetLaw

__all__ = ["GridLaws", "Smoother", "Source", "aliasing", "empirical_spectrum"]

Array = np.ndarray
_FINEST = 16
"""Nodes in a cell of the line, unless fewer are asked for."""
_BOUNDARY_CELLS = 4
_ROUNDING = 1e-16
"""Masses below this are rounding of the Fourier transform."""
_MOST_AT_ENDS = 1e-3
"""Mass at the ends of a grid above which a law is held to have wrapped around."""
_BAND = 64 * 8
"""Frequencies beyond the grid's that are summed: eight times its range."""


@dataclass(frozen=True)
class Smoother:
    """The kernel ``K_h`` acting on spectra of a grid."""

    kernel: Kernel
    bandwidth: float
    grid: Grid

    def smooth(self, source: Complex[Array, "..."]) -> Complex[Array, "..."]:
        """Spectrum of ``K_h * source``."""
        return source * _multiplier(self)

    def noise(self, mixture: Complex[Array, "..."], size: int) -> Float[Array, "..."]:
        """``1/2 n^{-1/2} int sqrt(K_h^2 * p - (K_h * p)^2)`` for a mixture with this spectrum.

        It bounds the expected stochastic error of one generation of ``size`` points
        (``kde-noise``).
        """
        grid = self.grid
        second = grid.inverse(mixture * _squared_multiplier(self))
        mean = grid.inverse(mixture * _multiplier(self))
        second /= grid.cell
        mean /= grid.cell
        second -= np.square(mean, out=mean)
        sd = np.sqrt(np.maximum(second, 0.0, out=second), out=second)
        return np.asarray(grid.total(sd) * grid.cell / (2 * np.sqrt(size)))

    def masses(self, smoothed: Complex[Array, "..."]) -> Float[Array, "..."]:
        """Cell masses of a law with this spectrum; rounding may leave some below zero."""
        return self.grid.inverse(smoothed * self.grid.box)

    def finer(self, squared_weights: float, accuracy: float) -> int:
        """Nodes per cell that keep :meth:`aliasing` below half an accuracy in TV, at most 16.

        An accuracy below 1e-6 may take more: 16 for each factor 100.
        """
        most = _FINEST * max(1.0, np.sqrt(1e-6 / accuracy))
        nodes = 1
        while nodes < most and self.aliasing(squared_weights, nodes) > accuracy / 2:
            nodes *= 2
        return nodes

    def aliasing(self, squared_weights: float, finer: int = _FINEST) -> float:
        """Error in TV of a law smoothed from a binned sample, ``squared_weights = sum_i w_i^2``.

        Half the 1-norm of the error is at most half the root of the summed squares of its
        spectrum (Cauchy-Schwarz and Parseval), here in mean square over independent points.
        """
        order, coarser = (2, _FINEST / finer) if self.grid.dimension == 1 else (3, 1.0)
        return _aliasing_of_one_point(self) * float(np.sqrt(squared_weights)) * coarser**order

    def band_error(self, squared_weights: float) -> float:
        """Root mean square, over the cells, of the mass that lies beyond the grid's frequencies.

        Zero to rounding for the Gaussian kernel; a kernel with kinks has a tail there.
        """
        axis = self.grid.axes[-1]
        w = np.pi / axis.step * (1 + np.arange(_BAND) / 64)
        tail = (
            self.kernel.transform(self.bandwidth * w) * np.sinc(w * axis.step / (2 * np.pi))
        ) ** 2
        energy = tail.sum() * (w[1] - w[0]) / np.pi
        return float(np.sqrt(self.grid.dimension * squared_weights * energy) * axis.step)


@lru_cache(maxsize=4)
def _multiplier(smoother: Smoother) -> Float[Array, "..."]:
    kernel, h = smoother.kernel, smoother.bandwidth
    return smoother.grid.product(kernel.transform(h * w) for w in smoother.grid.frequencies)


@lru_cache(maxsize=4)
def _squared_multiplier(smoother: Smoother) -> Float[Array, "..."]:
    """Of the square of the kernel."""
    kernel, h = smoother.kernel, smoother.bandwidth
    grid = smoother.grid
    return grid.product(kernel.square_transform(h * w) / h for w in grid.frequencies)


@lru_cache(maxsize=64)
def _aliasing_of_one_point(smoother: Smoother) -> float:
    spectrum = _multiplier(smoother) * aliasing(smoother.grid)
    return 0.5 * float(np.sqrt(_two_sided(spectrum**2)))


def _two_sided(spectrum: Float[Array, "..."]) -> float:
    """Sum over all frequencies of an even spectrum in the layout of a real FFT."""
    return float(2 * spectrum.sum() - spectrum[..., 0].sum())


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
            row: its mixing weights over laws ``0..j-1``.

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
        """The law of model ``j``'s samples past its operator; unknown where points alone tell."""
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
        total = np.zeros(())
        for n, (w, k) in enumerate(terms):
            term = w * getattr(self._laws[k], part)  # law 0 lacks the batch's axis
            total = np.add(total, term, out=term) if n else term
        return total


def _spread(each: float, masses: Array) -> Float[Array, "replicates"]:
    """Half the sum over the cells that hold mass of an error of this root mean square."""
    cells = tuple(range(1, masses.ndim))
    return np.asarray(0.5 * each * np.count_nonzero(masses > _ROUNDING, axis=cells))


def _at_boundary(masses: Array, grid: Grid) -> Float[Array, "replicates"]:
    """Mass in the outermost cells, where a law would wrap around."""
    edge = np.zeros(len(masses))
    for axis in range(1, grid.dimension + 1):
        for cells in (slice(None, _BOUNDARY_CELLS), slice(-_BOUNDARY_CELLS, None)):
            part = masses[(slice(None),) * axis + (cells,)]
            edge += part.reshape(len(masses), -1).sum(axis=1)
    return edge


def empirical_spectrum(
    points: Float[Array, "size ..."],
    weights: Float[Array, "size"] | None,
    grid: Grid,
    finer: int = _FINEST,
) -> Complex[Array, "..."]:
    """``sum_i weights[i] exp(-i w (X_i - x_0))`` on the grid's frequencies.

    Args:
        points: shape ``(size,)`` in one dimension, ``(size, dimension)`` otherwise.
        weights: summing to one; ``None`` for equal weights.
        grid: the grid of one or two dimensions; points outside wrap around.
        finer: nodes in a cell of the line; the plane has one.
    """
    flat = points.reshape(len(points), -1)
    if grid.dimension == 1:
        spectrum = _on_line(flat[:, 0], weights, grid, finer)
    else:
        spectrum = grid.transform(shared_in_plane(flat, weights, grid)) / grid.box**3
    return spectrum / len(points) if weights is None else spectrum


def aliasing(grid: Grid, finer: int = _FINEST) -> Float[Array, "..."]:
    """Size of the error of :func:`empirical_spectrum` relative to its noise, at each frequency.

    For independent points the noise at the frequencies that alias, ``w + 2 pi m / step``, comes in
    with the ratio of the spline's transform there and at ``w``: ``(w step / 2 pi m)^p`` for a
    spline of order ``p``.
    """
    order, nodes = (2, finer) if grid.dimension == 1 else (3, 1)
    ratios = (
        (w * axis.step / (2 * np.pi * nodes)) ** (2 * order)
        for w, axis in zip(grid.frequencies, grid.axes, strict=True)
    )
    return np.sqrt(2 * zeta(2 * order) * reduce(np.add, ratios))


def _on_line(
    points: Array, weights: Array | None, grid: Grid, finer: int
) -> Complex[Array, "frequencies"]:
    spline = _spline(grid, finer)
    nodes = shared_on_line(points, weights, grid.axes[0], finer)
    return fft.rfft(nodes)[: len(spline)] / spline


@lru_cache(maxsize=8)
def _spline(grid: Grid, finer: int) -> Float[Array, "frequencies"]:
    """Transform of the linear spline on the finer grid."""
    (axis,), (w,) = grid.axes, grid.frequencies
    return np.sinc(w * axis.step / finer / (2 * np.pi)) ** 2
