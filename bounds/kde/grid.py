r"""The quadrature grid of the evaluators, and what a target hides inside its cells.

The grid is spectrally accurate for what a kernel has smoothed. What its cells hide of a bias known
by its means is bounded: all integrands of the kernel-density bounds are even and convex in the bias
``b``: ``|b|``, ``sqrt(b^2 + V)`` and the mean size of a normal variable with mean ``b`` and
variance ``V``, all three between ``|b|`` and ``|b| + sqrt(V)``. Over a cell with mean ``m`` and
variance ``s^2`` of ``b`` they exceed their value at ``m`` by no more than their value at

.. math:: \min\bigl(m^2 + \theta s^2,\; M^2 + 2 M \sqrt V\bigr)^{1/2}, \qquad
          M = |m| + D \Bigl(1 - \frac{|m|}{r}\Bigr)_+, \qquad
          \theta = \min\Bigl(1, \frac{V \sqrt{m^2 + V}}{(b_{\min}^2 + V)^{3/2}}\Bigr),

does, with ``b_min`` the least ``|b|`` in the cell, ``D`` the mean and ``r`` the largest size of
``b - m``.

Derived: the functions are concave in ``b^2`` (first term with ``theta = 1``, by Jensen's
inequality), their second derivative is at most ``V (b_min^2 + V)^{-3/2}`` (a factor 1.6 more for
the normal mean), and ``E|b| <= M`` as ``(y - |m|)_+ <= y (1 - |m|/r)`` for ``0 <= y <= r``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from math import ceil, prod

import numpy as np

from bounds.errors import ParameterError
from bounds.kde.setting import Setting

__all__ = [
    "QuadratureGrid",
    "TargetCells",
    "absolute_at_most",
    "at_most",
    "bend",
    "quadrature_grid",
    "slope",
    "target_cells",
]

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
_NODES = 4
"""Gauss-Legendre nodes per axis of a cell of the plane."""
_BLOCK = 2**16
"""Cells of the plane whose nodes are looked at together."""
_SMOOTH = 1e-9
"""Transform at the highest frequencies above which a law's cells are read from its density."""
_TINY = 1e-300
_SAFETY = 2.0
"""Factor on what is hidden: neighbours tell a cell's inside to leading order, parts to their width,
and the second derivative of the normal mean is up to 1.6 times the root's."""


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


@dataclass(frozen=True, eq=False)
class TargetCells:
    """A target's mean density over each cell, and how it runs inside it.

    ``slopes`` and ``bends`` belong to a parabola ``mean + slope s + bend (s^2 - 1/12) / 2`` per
    axis, ``s`` in [-1/2, 1/2]; ``mean_off``, ``rms_off`` and ``most_off`` are the 1-, 2- and
    largest norm over a cell of what it misses. ``unresolved`` bounds, in TV, what is not known of
    the density from the parts of the cells.
    """

    mean: Array
    slopes: tuple[Array, ...]
    bends: tuple[Array, ...]
    mean_off: Array
    rms_off: Array
    most_off: Array
    unresolved: float


def target_cells(target: object, grid: QuadratureGrid) -> TargetCells:
    """The target on the cells, from exact masses, from its transform, or from its density.

    The transform gives the masses of a law that is smooth on the scale of the grid; where it has
    not died away at the highest frequencies the density is looked at.
    """
    line = len(grid.shape) == 1
    if not (line and hasattr(target, "interval_mass")) and hasattr(target, "characteristic"):
        spectrum = grid.target_spectrum(target) * grid.box
        if _band_limited(spectrum):
            return _smooth(grid.density(spectrum))
    return _on_line(target, grid) if line else _in_plane(target, grid)


def slope(values: Array, axis: int) -> Array:
    """Half the difference of the two neighbours along an axis."""
    return (np.roll(values, -1, axis) - np.roll(values, 1, axis)) / 2


def bend(values: Array, axis: int) -> Array:
    """Second difference along an axis."""
    return np.roll(values, -1, axis) + np.roll(values, 1, axis) - 2 * values


def _band_limited(spectrum: Array) -> bool:
    """Whether a transform has died away in the highest quarter of the frequencies of every axis."""
    size, last = np.abs(spectrum), spectrum.ndim - 1
    for axis, count in enumerate(spectrum.shape):
        line = np.moveaxis(size, axis, 0)
        high = slice(-(count // 4), None) if axis == last else slice(3 * count // 8, 5 * count // 8)
        if line[high].max() > _SMOOTH:
            return False
    return True


def _smooth(mean: Array) -> TargetCells:
    axes, zero = range(mean.ndim), np.zeros(mean.shape)
    slopes, bends = (tuple(f(mean, i) for i in axes) for f in (slope, bend))
    return TargetCells(mean, slopes, bends, zero, zero, zero, 0.0)


def _on_line(target: object, grid: QuadratureGrid) -> TargetCells:
    parts = grid.parts(target)
    count, masses = parts.shape[1], parts.sum(axis=1)
    s = (np.arange(count) + 0.5) / count - 0.5
    basis = np.stack([np.ones(count), s, s**2 - (s**2).mean()])
    curved = parts @ basis.T / (basis**2).sum(axis=1)
    flat = curved * [1, 0, 0]
    missed = [np.abs(parts - fit @ basis) for fit in (curved, flat)]
    norms = [m.sum(axis=1) for m in missed]
    keep = (norms[0] <= norms[1])[:, None]
    off = np.where(keep, *missed) * (count / grid.cell)
    _, tilt, bent = np.where(keep, curved, flat).T * (count / grid.cell)
    unresolved = 0.5 * float(np.minimum(*norms).sum())
    if not hasattr(target, "interval_mass"):
        unresolved += 0.5 * float(np.abs(np.diff(parts.ravel(), n=2)).sum())
    return TargetCells(
        masses / grid.cell,
        (tilt,),
        (2 * bent,),
        off.mean(axis=1),
        np.sqrt((off**2).mean(axis=1)),
        off.max(axis=1),
        unresolved,
    )


def _in_plane(target: object, grid: QuadratureGrid) -> TargetCells:
    """From the density at the Gauss-Legendre nodes of each cell, where it does not jump inside."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    values = _at_nodes(target, grid, nodes / 2)
    weight, both = np.multiply.outer(weights, weights) / 4, (-2, -1)
    mean = (values * weight).sum(axis=both)
    model, slopes, bends = mean[..., None, None], [], []
    for shape in ((-1, 1), (1, -1)):
        s = nodes.reshape(shape) / 2
        q = (s**2 - 1 / 12) / 2
        slopes.append(12 * (values * weight * s).sum(axis=both))
        bends.append(720 * (values * weight * q).sum(axis=both))
        model = model + slopes[-1][..., None, None] * s + bends[-1][..., None, None] * q
    off = np.abs(values - model)
    left = np.abs(values - _quadratic(values, nodes, weights))
    return TargetCells(
        mean,
        tuple(slopes),
        tuple(bends),
        (off * weight).sum(axis=both),
        np.sqrt((off**2 * weight).sum(axis=both)),
        off.max(axis=both),
        0.5 * grid.cell * float((left * weight).sum()),
    )


def _quadratic(values: Array, nodes: Array, weights: Array) -> Array:
    """The best squares in each coordinate of values at Gauss-Legendre nodes."""
    basis = np.polynomial.legendre.legvander(nodes, 2)
    project = basis * (np.arange(3) + 0.5) @ (basis.T * weights)
    return np.asarray(project @ values @ project.T)


def _at_nodes(target: object, grid: QuadratureGrid, nodes: Array) -> Array:
    """Density at the same places, in units of its sides, of every cell of a plane."""
    x, y = (np.add.outer(a, h * nodes) for a, h in zip(grid.axes, grid.step, strict=True))
    rows = max(1, _BLOCK // len(y))
    out = np.empty((*grid.shape, len(nodes), len(nodes)))
    for start in range(0, len(x), rows):
        here = x[start : start + rows]
        mesh = np.meshgrid(here.ravel(), y.ravel(), indexing="ij")
        found = np.asarray(target.density(np.stack(mesh, axis=-1)))  # type: ignore[attr-defined]
        out[start : start + rows] = found.reshape(*here.shape, *y.shape).swapaxes(1, 2)
    return out


@dataclass(frozen=True)
class _Within:
    """A bias inside its cells: its least size, root mean square deviation, excess of ``|b|``."""

    least: Array
    rms: Array
    hidden: Array


def at_most(bias: Array, variance: Array, target: TargetCells) -> Array:
    """A bias per cell at which the integrands are at least their mean over the cell."""
    inside, size = _within(bias, target), np.abs(bias)
    low = inside.least**2 + variance
    share = np.minimum(1.0, _SAFETY * np.sqrt((size**2 + variance) / low) * variance / low)
    curved = size**2 + _SAFETY * share * inside.rms**2
    whole = size + _SAFETY * inside.hidden
    return np.sqrt(np.minimum(curved, whole**2 + 2 * whole * np.sqrt(variance)))


def absolute_at_most(bias: Array, target: TargetCells) -> Array:
    """At least the mean of ``|bias|`` over each cell."""
    inside, size = _within(bias, target), np.abs(bias)
    root = np.sqrt(size**2 + _SAFETY * inside.rms**2)
    most = np.minimum(size + _SAFETY * inside.hidden, root)
    return np.where(inside.least > 0, size, most)


def _within(bias: Array, target: TargetCells) -> _Within:
    """From the parabola of the mean law's neighbours, that of the target, and what it misses."""
    axes, mean = range(bias.ndim), bias + target.mean
    tilt = [np.abs(slope(mean, i) - target.slopes[i]) for i in axes]
    bent = [np.abs(bend(mean, i) - target.bends[i]) for i in axes]
    reach = sum(t / 2 + b / 12 for t, b in zip(tilt, bent, strict=True)) + target.most_off
    square = sum(t**2 / 12 + b**2 / 720 for t, b in zip(tilt, bent, strict=True))
    deviation = sum(t / 4 + b / 30 for t, b in zip(tilt, bent, strict=True))
    size, reach = np.abs(bias), _SAFETY * reach
    outside = np.maximum(1 - size / np.maximum(reach, _TINY), 0.0)
    return _Within(
        np.maximum(size - reach, 0.0),
        np.sqrt(square) + target.rms_off,
        (deviation + target.mean_off) * outside,
    )
