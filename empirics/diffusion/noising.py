"""The forward process acting on measures and laws on a grid of the line or of the plane.

A measure is carried to quadrature weights, so that expectations of smooth functions are exact; a
law is carried to its density and derivative, by its transform. Both are linear in what they act
on.

In the plane one axis is noised at a time: the transition kernel is a product, so a law of cell
masses ``m`` becomes ``D m D'`` with the matrix ``D`` that noises a law of the line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex, Float
from scipy import fft

from empirics.diffusion.plane_nodes import NodeGrids, interpolation
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.grid import Axis, lagrange

__all__ = [
    "NoisedLaws",
    "PlaneNoised",
    "binning",
    "centred",
    "node_weights",
    "noised_measures",
    "plane_noised",
    "point_weights",
    "push_forward",
    "second_difference",
    "stop_matrix",
    "unbinned",
]

Array = np.ndarray
_WIDE = 1.2
"""Noise of this many steps is integrated by the trapezoidal rule to 1e-12."""
_HERMITE = 24


def node_weights(
    points: Float[Array, "points"], weights: Float[Array, "points"], axis: Axis
) -> Float[Array, "nodes"]:
    """Weights of the cell centres under which smooth expectations equal those of the points."""
    inside = np.clip(points, axis.low, axis.high)
    cells, shares = lagrange(inside, axis)
    return np.bincount(cells.ravel(), (shares * weights[:, None]).ravel(), axis.cells)


def binning(sources: Axis, axis: Axis) -> Float[Array, "sources nodes"]:
    """:func:`node_weights` of every cell centre of another axis alone."""
    return interpolation(np.clip(sources.centres, axis.low, axis.high), axis)


def push_forward(
    axis: Axis,
    t: float,
    process: OrnsteinUhlenbeck,
    sources: Axis | None = None,
    slope: bool = False,
) -> Float[Array, "nodes sources"]:
    """Matrix that turns weights of points at time 0 into weights of the nodes at time ``t``.

    Wide noise: the transition density itself. Narrow noise: Gauss-Hermite quadrature, each point
    shared among its neighbours.

    Args:
        axis: its cell centres are the nodes.
        sources: its cell centres are the points at time 0; ``axis`` if ``None``.
        slope: make weights for the expectation of a function's derivative from its values, as
            ``E f'(X_t) = E f(X_t) Z / sigma`` with ``Z`` the noise.
    """
    x, y, h = axis.centres, (sources or axis).centres, axis.step
    a, sigma = process.transition(t)
    if sigma > _WIDE * h:
        z = (x[:, None] - a * y) / sigma
        weights = np.exp(-0.5 * z**2) * (h / (sigma * np.sqrt(2 * np.pi)))
        return weights * z / sigma if slope else weights
    z, w = np.polynomial.hermite_e.hermegauss(_HERMITE)
    w /= w.sum()
    if slope:
        w *= z / sigma
    places = np.clip((a * y[:, None] + sigma * z).ravel(), axis.low, axis.high)
    cells, shares = lagrange(places, axis)
    shares *= np.tile(w, len(y))[:, None]
    source = np.repeat(np.arange(len(y)), _HERMITE)[:, None]
    flat = np.bincount((cells * len(y) + source).ravel(), shares.ravel(), len(x) * len(y))
    return flat.reshape(len(x), len(y))


def _powers(angle: Float[Array, "..."], count: int) -> Complex[Array, "... count"]:
    """``exp(-i k angle)`` for ``k < count``, each a product of two of ``2 sqrt(count)`` factors."""
    block = int(np.ceil(np.sqrt(count)))
    turn = -1j * angle[..., None] * np.arange(block)
    low, high = np.exp(turn), np.exp(turn * block)
    return (high[..., :, None] * low[..., None, :]).reshape(*angle.shape, -1)[..., :count]


@dataclass(frozen=True, eq=False)
class NoisedLaws:
    """Densities and derivatives at the cell centres of laws given by cell masses, at many times.

    The law is continued periodically with the interval's length and treated as band-limited to
    the grid, which is exact to rounding once cells are a fifth of the narrowest feature.
    """

    axis: Axis
    times: Float[Array, "times"]
    process: OrnsteinUhlenbeck

    def __post_init__(self) -> None:
        axis, t = self.axis, self.times
        w = 2 * np.pi * fft.rfftfreq(axis.cells, axis.step)
        a, noise = self.process.decay(t), np.exp(-0.5 * np.outer(self.process.variance(t), w**2))
        noise = noise * np.sinc(np.outer(a, w) * axis.step / (2 * np.pi)) ** -1
        # One row per cell, so that no product moves the table.
        angle = (np.outer(axis.centres, a) - axis.centres[0]) * w[1]
        waves = _powers(angle, len(w)) * (noise / axis.step)
        object.__setattr__(self, "_waves", waves.reshape(axis.cells, -1))
        object.__setattr__(self, "_derivative", 1j * w)

    def __call__(
        self, masses: Float[Array, "batch cells"]
    ) -> tuple[Float[Array, "batch times cells"], Float[Array, "batch times cells"]]:
        """Density and its derivative."""
        spectrum = self._spectrum(masses)
        slope = spectrum * self._derivative  # type: ignore[attr-defined]
        cells = self.axis.cells
        return fft.irfft(spectrum, cells), fft.irfft(slope, cells)

    def masses(self, masses: Float[Array, "batch cells"]) -> Float[Array, "batch times cells"]:
        """Cell masses of the noised laws."""
        spectrum = self._spectrum(masses)
        w = 2 * np.pi * fft.rfftfreq(self.axis.cells, self.axis.step)
        box = self.axis.step * np.sinc(w * self.axis.step / (2 * np.pi))
        return fft.irfft(spectrum * box, self.axis.cells)

    def _spectrum(self, masses: Float[Array, "batch cells"]) -> Array:
        # Masses are real: as complex numbers they would be multiplied by twice as much.
        flat = np.dot(masses, self._waves.view(float))  # type: ignore[attr-defined]
        return flat.view(complex).reshape(len(masses), len(self.times), -1)


@dataclass(frozen=True, eq=False)
class PlaneNoised:
    """Densities and gradients, at the nodes of every time, of laws given by cell masses."""

    density: tuple[Float[Array, "_nodes cells"], ...]
    slope: tuple[Float[Array, "_nodes cells"], ...]

    def __call__(
        self, masses: Float[Array, "cells cells"], i: int
    ) -> tuple[Float[Array, "nodes nodes"], Float[Array, "2 nodes nodes"]]:
        """Density and gradient at time number ``i``."""
        D, G = self.density[i], self.slope[i]
        left, right = D @ masses, masses @ D.T
        return left @ D.T, np.stack([G @ right, left @ G.T])


def plane_noised(axis: Axis, grids: NodeGrids) -> PlaneNoised:
    """Tables for laws on the cells of ``axis``."""
    pairs = [
        _density_matrices(axis, nodes.centres, float(t), grids.process)
        for nodes, t in zip(grids.axes, grids.times.times, strict=True)
    ]
    density, slope = zip(*pairs, strict=True)
    return PlaneNoised(density, slope)


def _density_matrices(
    axis: Axis, points: Float[Array, "points"], t: float, process: OrnsteinUhlenbeck
) -> tuple[Float[Array, "points cells"], Float[Array, "points cells"]]:
    """Density and derivative at points, from cell masses of a law that is band-limited to them."""
    w = 2 * np.pi * fft.rfftfreq(axis.cells, axis.step)
    a, noise = process.decay(np.array(t)), process.variance(np.array(t))
    damped = np.exp(-0.5 * noise * w**2) / np.sinc(a * w * axis.step / (2 * np.pi))
    # Both signs of every frequency but the first and, for an even number of cells, the last.
    damped[1:] *= 2
    damped[-1] /= 2 - axis.cells % 2
    damped /= axis.cells * axis.step
    out, back = np.exp(1j * np.outer(points, w)), np.exp(-1j * a * np.outer(w, axis.centres))
    waves = out * damped
    return (waves @ back).real, ((1j * w * waves) @ back).real


def stop_matrix(axis: Axis, process: OrnsteinUhlenbeck) -> Float[Array, "cells cells"]:
    """Matrix that turns cell masses at time 0 into those at ``stop``, on the line."""
    if process.stop == 0:
        return np.eye(axis.cells)
    w = 2 * np.pi * fft.rfftfreq(axis.cells, axis.step)
    at_centres, _ = _density_matrices(axis, axis.centres, process.stop, process)
    box = axis.step * np.sinc(w * axis.step / (2 * np.pi))
    return fft.irfft(fft.rfft(at_centres, axis=0) * box[:, None], axis.cells, axis=0)


def noised_measures(
    weights: Float[Array, "batch cells cells"],
    axis: Axis,
    nodes: Axis,
    t: float,
    process: OrnsteinUhlenbeck,
) -> tuple[Float[Array, "batch nodes nodes"], Float[Array, "batch 2 nodes nodes"]]:
    """Weights of the nodes at time ``t`` from weights of the cells' centres at time 0.

    The second are for the expectation of a function's gradient from its values.
    """
    P, Q = (push_forward(nodes, t, process, axis, slope) for slope in (False, True))
    left, right = P @ weights, weights @ P.T
    return left @ P.T, np.stack([Q @ right, left @ Q.T], axis=1)


def centred(masses: Float[Array, "batch cells cells"]) -> Float[Array, "batch cells cells"]:
    """Weights of the cells' centres under which smooth expectations equal those of the law.

    ``(1 - D/24 + 3 D^2/640)`` along either axis, ``D`` the second difference: exact to sixth order.
    """
    for _ in range(2):
        masses = unbinned(masses, masses).transpose(0, 2, 1)
    return masses


def unbinned(
    shares: Float[Array, "*laws cells"], masses: Float[Array, "*laws cells"]
) -> Float[Array, "*laws cells"]:
    """Shares of points in cells, less what it does to their mean that points count at the centres.

    Along the last axis: ``(D/24 - 3 D^2/640) masses``, ``D`` the second difference and ``masses``
    the means of the shares.
    """
    second = second_difference(masses)
    return shares - second / 24 + 3 * second_difference(second) / 640


def second_difference(values: Float[Array, "*laws cells"]) -> Float[Array, "*laws cells"]:
    """Second differences along the last axis, beyond whose ends values are zero."""
    padded = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(1, 1)])
    return padded[..., 2:] - 2 * values + padded[..., :-2]


def point_weights(points: Float[Array, "points 2"], axis: Axis) -> Float[Array, "cells cells"]:
    """Weights of the cells' centres under which smooth expectations equal means over the points."""
    inside = np.clip(points, axis.low, axis.high)
    (rows, one), (columns, two) = (lagrange(inside[:, i], axis) for i in (0, 1))
    cells, n, total = axis.cells, len(points), np.zeros(axis.cells**2)
    for i in range(rows.shape[1]):
        places = rows[:, i, None] * cells + columns
        shares = one[:, i, None] * two / n
        total += np.bincount(places.ravel(), shares.ravel(), cells**2)
    return total.reshape(cells, cells)
