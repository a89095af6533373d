r"""The forward process acting on measures and laws that live on a grid of the line.

A measure is carried to quadrature weights, so that expectations of smooth functions are exact; a
law is carried to its density and derivative, by its transform. Both are linear in what they act
on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex, Float, Int
from scipy import fft

from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.grid import Axis

__all__ = ["NoisedLaws", "binning", "lagrange", "node_weights", "push_forward"]

Array = np.ndarray
_ORDER = 8
"""Points of the local interpolation."""
_WIDE = 1.2
"""Noise of this many steps is integrated by the trapezoidal rule to 1e-12."""
_HERMITE = 24


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


def node_weights(
    points: Float[Array, "points"], weights: Float[Array, "points"], axis: Axis
) -> Float[Array, "nodes"]:
    """Weights of the cell centres under which smooth expectations equal those of the points."""
    inside = np.clip(points, axis.low, axis.high)
    cells, shares = lagrange(inside, axis)
    return np.bincount(cells.ravel(), (shares * weights[:, None]).ravel(), axis.cells)


def binning(sources: Axis, axis: Axis) -> Float[Array, "sources nodes"]:
    """:func:`node_weights` of every cell centre of another axis alone."""
    cells, shares = lagrange(np.clip(sources.centres, axis.low, axis.high), axis)
    out = np.zeros((sources.cells, axis.cells))
    np.put_along_axis(out, cells, shares, axis=1)
    return out


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
        t: time.
        process: the forward process.
        sources: its cell centres are the points at time 0; ``axis`` if ``None``.
        slope: make weights for the expectation of a function's derivative from its values, as
            ``E f'(X_t) = E f(X_t) Z / sigma`` with ``Z`` the noise.
    """
    x, y, h = axis.centres, (sources or axis).centres, axis.step
    at = np.array(t)
    a, sigma = float(process.decay(at)), float(np.sqrt(process.variance(at)))
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
