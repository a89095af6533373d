r"""A target on the cells of a quadrature grid, and what they hide of a bias known by its means.

All integrands of the kernel-density bounds are even and convex in the bias ``b``: ``|b|``,
``sqrt(b^2 + V)`` and the mean size of a normal variable with mean ``b`` and variance ``V``, all
three between ``|b|`` and ``|b| + sqrt(V)``. Over a cell with mean ``m`` and variance ``s^2`` of
``b`` they exceed their value at ``m`` by no more than their value at

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

from dataclasses import dataclass

import numpy as np

from bounds.kde.grid import QuadratureGrid

__all__ = ["TargetCells", "absolute_at_most", "at_most", "bend", "slope", "target_cells"]

Array = np.ndarray
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
