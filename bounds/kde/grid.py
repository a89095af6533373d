"""The quadrature grid of the evaluators: spectrally accurate for what a kernel has smoothed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from math import ceil, prod

import numpy as np

from bounds.errors import ParameterError
from bounds.kde.setting import Setting

__all__ = ["QuadratureGrid", "quadrature_grid"]

Array = np.ndarray
_REACH = 9.0
"""Standard deviations of the smoothing that are kept: the root of a variance has twice the reach
of the density."""
_TAILS = (1e-20, 1e-15, 1e-11)
_HEAVY_TAILS = (1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 3e-4)
"""Tails cut off where the law's are too heavy; what is lost then counts as error."""
_CELLS_PER_BANDWIDTH = {1: 12.0, 2: 6.0}
_CELLS_PER_FEATURE = 4.0
_MOST_CELLS = 2**21
_MOST_CELLS_OF_TAILS = 2**17
_PARTS = (8, 32)
_MOST_PARTS = 2**20
"""Parts of all cells together above which a cell has fewer, down to the least number: where a
window is wide against the bandwidth, masses are what takes the time."""
_PRECISION = 2.0**-30
"""Least cell, relative to its place: edges are then known to 1e-7 of a cell."""


@dataclass(frozen=True)
class QuadratureGrid:
    """Cells ``low[i] + step[i] * (0, 1, ...)`` with their discrete Fourier transform."""

    low: tuple[float, ...]
    step: tuple[float, ...]
    shape: tuple[int, ...]
    tail: float = 0.0
    """Mass of the target beyond each side, before the margin for the smoothing."""
    split: int = _PARTS[-1]
    """Parts of a cell whose masses are asked for."""
    _known: dict[int, tuple[object, Array]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def cut(self) -> float:
        """Mass of a heavy tail that is left out."""
        return 2 * len(self.shape) * self.tail if self.tail > _TAILS[-1] else 0.0

    @property
    def cell(self) -> float:
        """Volume of a cell."""
        return prod(self.step)

    @property
    def axes(self) -> tuple[Array, ...]:
        """Cell centres along each axis."""
        return tuple(
            low + step * (np.arange(count) + 0.5)
            for low, step, count in zip(self.low, self.step, self.shape, strict=True)
        )

    @property
    def points(self) -> Array:
        """All centres: ``(cells,)``, or ``(*shape, dimension)`` with several axes."""
        if len(self.shape) == 1:
            return self.axes[0]
        return np.stack(np.meshgrid(*self.axes, indexing="ij"), axis=-1)

    @cached_property
    def frequencies(self) -> tuple[Array, ...]:
        """Angular frequencies along each axis, shaped to broadcast against a spectrum."""
        last = len(self.shape) - 1
        out = []
        for i, (count, step) in enumerate(zip(self.shape, self.step, strict=True)):
            w = (np.fft.rfftfreq if i == last else np.fft.fftfreq)(count, step)
            out.append(2 * np.pi * w.reshape([-1 if k == i else 1 for k in range(last + 1)]))
        return tuple(out)

    @cached_property
    def box(self) -> Array:
        """Transform of the uniform law on a cell."""
        factors = zip(self.frequencies, self.step, strict=True)
        return reduce(np.multiply, (np.sinc(w * s / (2 * np.pi)) for w, s in factors))

    def transform(self, density: Array) -> Array:
        """``sum_g density_g exp(-i w (x_g - x_0)) cell`` over the last axes."""
        return np.fft.rfftn(density, axes=self._last) * self.cell

    def density(self, spectrum: Array) -> Array:
        """Inverse of :meth:`transform`."""
        return np.fft.irfftn(spectrum, s=self.shape, axes=self._last) / self.cell

    def coarser(self) -> QuadratureGrid:
        """The same window with cells twice as wide."""
        return QuadratureGrid(
            self.low,
            tuple(2 * s for s in self.step),
            tuple(c // 2 for c in self.shape),
            self.tail,
            self.split,
        )

    @property
    def _last(self) -> tuple[int, ...]:
        return tuple(range(-len(self.shape), 0))

    def target_spectrum(self, target: object) -> Array:
        """Transform of the target, from the first centre: closed form, or summed over sub-cells."""
        if hasattr(target, "characteristic"):
            phase = sum(w * x[0] for w, x in zip(self.frequencies, self.axes, strict=True))
            return np.asarray(target.characteristic(*self.frequencies)) * np.exp(1j * phase)
        return self._summed(target)

    def parts(self, target: object) -> Array:
        """Masses of equal parts of every cell of a line, one row per cell."""
        return self._parts(target).reshape(*self.shape, -1)

    def _parts(self, target: object) -> Array:
        """Masses of the sub-cells of a one-dimensional target, found once."""
        if id(target) not in self._known:
            self._known[id(target)] = (target, self._found(target))
        return self._known[id(target)][1]

    def _found(self, target: object) -> Array:
        if len(self.shape) > 1:
            raise ParameterError(
                f"target {type(target).__name__}: needs characteristic() in two dimensions"
            )
        (low,), (step,), (count,) = self.low, self.step, self.shape
        part = step / self.split
        edges = low + part * np.arange(count * self.split + 1)
        if hasattr(target, "interval_mass"):
            return np.asarray(target.interval_mass(edges))
        return np.asarray(target.density(edges[:-1] + part / 2) * part)  # type: ignore[attr-defined]

    def _summed(self, target: object) -> Array:
        masses = self._parts(target)
        (step,) = self.step
        part, w = step / self.split, self.frequencies[0]
        spectrum = np.fft.rfft(masses)[: len(w)] * np.exp(0.5j * w * (step - part))
        return np.asarray(spectrum / np.sinc(w * part / (2 * np.pi)))


def quadrature_grid(setting: Setting) -> QuadratureGrid:
    """Grid wide enough for the roots of variances and fine enough for squared kernels.

    Raises:
        ParameterError: even with the far tails cut it would have too many cells.
    """
    widths = np.array(setting.bandwidths)
    step = float(widths.min()) / _CELLS_PER_BANDWIDTH[setting.target.dimension]
    if hasattr(setting.target, "finest_scale"):
        step = min(step, setting.target.finest_scale() / _CELLS_PER_FEATURE)
    margin = _REACH * float(np.sqrt((widths**2).sum()))
    for tail in _TAILS + _HEAVY_TAILS:
        most = _MOST_CELLS if tail in _TAILS else _MOST_CELLS_OF_TAILS
        window = [(low - margin, high + margin) for low, high in setting.target.window(tail)]
        if prod((high - low) / step for low, high in window) < most:
            support = getattr(setting.target, "support", [(-np.inf, np.inf)] * len(window))
            grid = replace(_aligned(window, step, support), tail=tail)
            _check_places(grid)
            return grid
    raise ParameterError(
        f"bandwidth = {widths.min():.4g} to {widths.max():.4g}: the target's window and the"
        f" smoothing would need a grid of more than {_MOST_CELLS} cells of the finest width"
    )


def _check_places(grid: QuadratureGrid) -> None:
    for low, step, count in zip(grid.low, grid.step, grid.shape, strict=True):
        if not step > _PRECISION * max(abs(low), abs(low + step * count)):
            raise ParameterError(
                f"target: at {low:.10g} places are only known to rounding, which is too coarse for"
                f" cells of width {step:.3g}; subtract a constant from the data"
            )


def _aligned(
    window: Sequence[tuple[float, float]], step: float, support: Sequence[tuple[float, float]]
) -> QuadratureGrid:
    """Put finite ends of the support on the boundary of a coarse cell."""
    lows, steps, counts = [], [], []
    for (low, high), (left, right) in zip(window, support, strict=True):
        width = step
        if np.isfinite(left) and np.isfinite(right):
            width = (right - left) / (2 * ceil((right - left) / (2 * step)))
        anchor = left if np.isfinite(left) else right if np.isfinite(right) else low
        start = anchor - 2 * width * ceil((anchor - low) / (2 * width))
        lows.append(start)
        steps.append(width)
        counts.append(_smooth_count((high - start) / width))
    split = min(max(_MOST_PARTS // max(counts), _PARTS[0]), _PARTS[1])
    return QuadratureGrid(tuple(lows), tuple(steps), tuple(counts), split=split)


def _smooth_count(least: float) -> int:
    """Smallest ``4 * 2^a * m >= least``, m in 4..7: quick to transform, and so is its half."""
    power = 4
    while 7 * power < least:
        power *= 2
    return next(m * power for m in (4, 5, 6, 7) if m * power >= least or m == 7)
