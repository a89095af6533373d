"""A product grid of cells: its reach, the Fourier transform of functions on it, interpolation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from math import ceil, inf, prod

import numpy as np
from jaxtyping import Complex, Float, Int, Shaped
from scipy import fft

from empirics.errors import InputError
from empirics.targets import Target

__all__ = [
    "Axis",
    "Grid",
    "covering_grid",
    "density_at",
    "drawn_density",
    "lagrange",
    "make_grid",
    "paired",
    "places_of",
]

Array = np.ndarray
_ORDER = 8
"""Points of the local interpolation."""
_MOST_CELLS = 2**22
_PRECISION = 2.0**-30
"""Least cell, relative to its place: edges are then known to 1e-7 of a cell."""
_TAIL = 1e-11
"""Target mass beyond each side of a grid."""
_HEAVY_TAILS = (1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 3e-5, 1e-4, 3e-4)
"""Mass left beyond each side of a law whose tail is too heavy; it then counts as error."""
_MOST_CELLS_OF_TAILS = 2**18
_HEAVY = 100.0
"""Ratio of a window's widths with and without the far tail that tells of a heavy one."""
_PICTURED = {1: 512, 2: 96}
"""Places of a picture along each axis, by dimension."""
_BEYOND = 0.005
"""Target mass beyond each side of the places, before they are widened."""
_MARGIN = 0.25
"""Width added on each side, as a share of the window."""
_DRAWS = 20_000
_SMOOTHING = 1.06
"""Scott's rule for a density that is estimated from draws."""


@dataclass(frozen=True)
class Axis:
    """``cells`` cells of width ``step`` from ``low``."""

    low: float
    step: float
    cells: int

    @property
    def high(self) -> float:
        """Right end of the last cell."""
        return self.low + self.step * self.cells

    @property
    def edges(self) -> Float[Array, "edges"]:
        """The ``cells + 1`` cell boundaries."""
        return self.low + self.step * np.arange(self.cells + 1)

    @property
    def centres(self) -> Float[Array, "cells"]:
        """Cell midpoints."""
        return self.low + self.step * (np.arange(self.cells) + 0.5)


@dataclass(frozen=True)
class Grid:
    """A product of axes.

    Spectra are ``S(w) = sum_g m_g exp(-i w (x_g - x_0))``, ``x_0`` the first cell's centre, in the
    layout of a real FFT over the last ``dimension`` array axes; leading axes are a batch.
    """

    axes: tuple[Axis, ...]

    @property
    def dimension(self) -> int:
        """Number of axes."""
        return len(self.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Cells along each axis."""
        return tuple(axis.cells for axis in self.axes)

    @property
    def cell(self) -> float:
        """Volume of a cell."""
        return prod(axis.step for axis in self.axes)

    @cached_property
    def frequencies(self) -> tuple[Float[Array, "..."], ...]:
        """Angular frequency along each axis, shaped to broadcast against a spectrum."""
        last = self.dimension - 1
        return tuple(
            self.along(2 * np.pi * (fft.rfftfreq if i == last else fft.fftfreq)(a.cells, a.step), i)
            for i, a in enumerate(self.axes)
        )

    @cached_property
    def box(self) -> Float[Array, "..."]:
        """Transform of the uniform law on a cell, ``prod sinc(w step / 2)``."""
        return self.product(
            np.sinc(w * a.step / (2 * np.pi))
            for w, a in zip(self.frequencies, self.axes, strict=True)
        )

    def product(self, factors: Iterable[Array]) -> Array:
        """Product over the axes of one factor per axis."""
        return reduce(np.multiply, factors)

    def transform(self, values: Float[Array, "..."]) -> Complex[Array, "..."]:
        """Spectrum of cell values."""
        return fft.rfftn(values, axes=self._last)

    def inverse(self, spectrum: Complex[Array, "..."]) -> Float[Array, "..."]:
        """Cell values of a spectrum."""
        return fft.irfftn(spectrum, s=self.shape, axes=self._last)

    def total(self, values: Float[Array, "..."]) -> Float[Array, "..."]:
        """Sum over the cells."""
        return np.asarray(values.sum(axis=self._last))

    def points(self) -> Float[Array, "..."]:
        """Cell centres: shape ``(cells,)`` in one dimension, ``(*shape, dimension)`` otherwise."""
        if self.dimension == 1:
            return self.axes[0].centres
        mesh = np.meshgrid(*(a.centres for a in self.axes), indexing="ij")
        return np.stack(mesh, axis=-1)

    @property
    def _last(self) -> tuple[int, ...]:
        return tuple(range(-self.dimension, 0))

    def along(self, values: Shaped[Array, "cells"], axis: int) -> Shaped[Array, "..."]:
        """Values along one axis, shaped to broadcast against those of all cells."""
        return values.reshape([-1 if i == axis else 1 for i in range(self.dimension)])


def make_grid(
    window: Sequence[tuple[float, float]],
    margin: float,
    step: float,
    support: Sequence[tuple[float, float]],
) -> Grid:
    """Grid over ``window`` widened by ``margin``, cells no wider than ``step``.

    A finite end of the target's ``support`` is put on a cell boundary, so that a jump of the
    density there lies between cells.

    Raises:
        InputError: the grid would need more than four million cells.
    """
    axes = tuple(
        _axis(low - margin, high + margin, step, ends)
        for (low, high), ends in zip(window, support, strict=True)
    )
    _check_cells(prod(axis.cells for axis in axes), window, margin)
    return Grid(axes)


def covering_grid(target: Target, margin: float, step: float) -> Grid:
    """Grid over a target and what is smoothed of it, short of the far tail if that is too long.

    Args:
        margin: width added on every side.
        step: largest cell.

    Raises:
        InputError: too many cells would be needed to hold 99.9 % of the target.
    """
    try:
        return make_grid(target.window(_TAIL), margin, step, target.support)
    except InputError:
        for tail in _HEAVY_TAILS:
            if _cells(target, tail, margin, step) < _MOST_CELLS_OF_TAILS:
                return make_grid(target.window(tail), margin, step, target.support)
        if _cells(target, _TAIL, 0.0, step) > _HEAVY * _cells(target, _HEAVY_TAILS[-1], 0.0, step):
            raise InputError(
                f"target {target!r}: its tail is so heavy that"
                f" {_cells(target, _HEAVY_TAILS[-1], margin, step):.3g} cells hold 99.9 % of its"
                f" mass, and {_MOST_CELLS_OF_TAILS} are allowed; use a larger bandwidth or a lower"
                " resolution, or a transform of the data with a lighter tail"
            ) from None
        raise


def _cells(target: Target, tail: float, margin: float, step: float) -> float:
    if step == 0:
        return inf
    return prod((high - low + 2 * margin) / step for low, high in target.window(tail))


def _axis(low: float, high: float, step: float, support: tuple[float, float]) -> Axis:
    _check_cells((high - low) / step if step > 0 else inf, [(low, high)])
    left, right = support
    if np.isfinite(left) and np.isfinite(right):
        step = (right - left) / ceil((right - left) / step)
    anchor = left if np.isfinite(left) else right if np.isfinite(right) else low
    low = anchor - step * ceil((anchor - low) / step)
    if not step > _PRECISION * max(abs(low), abs(high)):
        raise InputError(
            f"grid of cells of width {step:.3g} on [{low:.10g}, {high:.10g}]: places there are only"
            " known to rounding; subtract a constant from the data"
        )
    return Axis(low, step, 2 * fft.next_fast_len(ceil((high - low) / step / 2), real=True))


def _check_cells(cells: float, window: Sequence[tuple[float, float]], margin: float = 0.0) -> None:
    if not cells < _MOST_CELLS:
        box = " x ".join(f"[{low - margin:.4g}, {high + margin:.4g}]" for low, high in window)
        raise InputError(
            f"grid of {cells:.3g} cells on {box}: at most {_MOST_CELLS} are allowed; use a larger"
            " bandwidth, a lower resolution, or a window without the far tail"
        )


def paired(masses: Float[Array, "batch *cells"]) -> Float[Array, "batch *half"]:
    """Masses of cells twice as wide along every axis; an odd last one is left out."""
    for axis in range(1, masses.ndim):
        line = np.moveaxis(masses, axis, -1)
        even = line.shape[-1] // 2 * 2
        masses = np.moveaxis(line[..., :even:2] + line[..., 1:even:2], -1, axis)
    return masses


def lagrange(
    x: Float[Array, "points"], axis: Axis
) -> tuple[Int[Array, "points order"], Float[Array, "points order"]]:
    """Cells and weights of local polynomial interpolation between cell centres."""
    place = (x - axis.low) / axis.step - 0.5
    first = np.clip(np.floor(place).astype(int) - _ORDER // 2 + 1, 0, axis.cells - _ORDER)
    offset = (place - first)[:, None] - np.arange(_ORDER)
    weights = np.ones((len(x), _ORDER))
    for i in range(_ORDER):
        for k in range(_ORDER):
            if k != i:
                weights[:, i] *= offset[:, k] / (i - k)
    return first[:, None] + np.arange(_ORDER), weights


def places_of(target: Target) -> Grid:
    """Places of a picture that cover the target and a margin, inside its support."""
    axes = []
    for (low, high), (left, right) in zip(target.window(_BEYOND), target.support, strict=True):
        margin = _MARGIN * (high - low)
        low, high = (low - margin, high + margin)
        if np.isfinite(left) and np.isfinite(right):
            low, high = max(low, left - margin / 4), min(high, right + margin / 4)
        cells = _PICTURED[target.dimension]
        axes.append(Axis(float(low), float(high - low) / cells, cells))
    return Grid(tuple(axes))


def density_at(
    places: Grid, grid: Grid, masses: Float[Array, "batch *cells"]
) -> Float[Array, "batch *places"]:
    """Densities at the centres of other cells, linear between the grid's own; zero outside."""
    from scipy.interpolate import RegularGridInterpolator

    values = np.moveaxis(np.maximum(masses, 0.0) / grid.cell, 0, -1)
    centres = tuple(axis.centres for axis in grid.axes)
    read = RegularGridInterpolator(centres, values, bounds_error=False, fill_value=0.0)
    at = places.points()
    return np.moveaxis(read(at[..., None] if places.dimension == 1 else at), -1, 0)


def drawn_density(
    sample: Callable[[int], Float[Array, "size ..."]], places: Grid
) -> Float[Array, "*places"]:
    """Density of a law that can only be sampled: a kernel estimate of 20,000 draws."""
    from scipy.ndimage import gaussian_filter

    points = np.asarray(sample(_DRAWS), dtype=float).reshape(_DRAWS, -1)
    counts, _ = np.histogramdd(points, bins=[axis.edges for axis in places.axes])
    rate = _SMOOTHING * _DRAWS ** (-1 / (places.dimension + 4))
    widths = [
        rate * _spread(column) / axis.step
        for column, axis in zip(points.T, places.axes, strict=True)
    ]
    return np.asarray(gaussian_filter(counts, widths, mode="constant") / (_DRAWS * places.cell))


def _spread(values: Float[Array, "size"]) -> float:
    """The smaller of the standard deviation and the normal law's from the quartiles."""
    low, high = np.quantile(values, (0.25, 0.75))
    return float(min(values.std(), (high - low) / 1.349) or values.std())
