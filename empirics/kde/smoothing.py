"""Kernel smoothing on a grid: multipliers for densities, masses and pointwise variances."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Complex, Float

from empirics.binning import FINEST, aliasing
from empirics.grid import Grid
from empirics.kde.kernels import Kernel

__all__ = ["Smoother"]

Array = np.ndarray


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
        return source * self._multiplier

    def noise(self, mixture: Complex[Array, "..."], size: int) -> Float[Array, "..."]:
        """``1/2 n^{-1/2} int sqrt(K_h^2 * p - (K_h * p)^2)`` for a mixture with this spectrum.

        It bounds the expected stochastic error of one generation of ``size`` points
        (``kde-noise``).
        """
        grid, h = self.grid, self.bandwidth
        square = grid.product(self.kernel.square_transform(h * w) / h for w in grid.frequencies)
        second = grid.inverse(mixture * square)
        mean = grid.inverse(mixture * self._multiplier)
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
        most = FINEST * max(1.0, np.sqrt(1e-6 / accuracy))
        nodes = 1
        while nodes < most and self.aliasing(squared_weights, nodes) > accuracy / 2:
            nodes *= 2
        return nodes

    def aliasing(self, squared_weights: float, finer: int = FINEST) -> float:
        """Error in TV of a law smoothed from a binned sample, ``squared_weights = sum_i w_i^2``.

        Half the 1-norm of the error is at most half the root of the summed squares of its
        spectrum (Cauchy-Schwarz and Parseval), here in mean square over independent points.
        """
        order, coarser = (2, FINEST / finer) if self.grid.dimension == 1 else (3, 1.0)
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

    @property
    def _multiplier(self) -> Float[Array, "..."]:
        return _multiplier(self)


@lru_cache(maxsize=4)
def _multiplier(smoother: Smoother) -> Float[Array, "..."]:
    kernel, h = smoother.kernel, smoother.bandwidth
    return smoother.grid.product(kernel.transform(h * w) for w in smoother.grid.frequencies)


@lru_cache(maxsize=64)
def _aliasing_of_one_point(smoother: Smoother) -> float:
    spectrum = smoother._multiplier * aliasing(smoother.grid)
    return 0.5 * float(np.sqrt(_two_sided(spectrum**2)))


def _two_sided(spectrum: Float[Array, "..."]) -> float:
    """Sum over all frequencies of an even spectrum in the layout of a real FFT."""
    return float(2 * spectrum.sum() - spectrum[..., 0].sum())
