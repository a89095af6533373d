"""Kernel smoothing on a grid: multipliers for densities, masses and pointwise variances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex, Float

from empirics.grid import Grid
from empirics.models.kernels import Kernel

__all__ = ["Smoother"]

Array = np.ndarray


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

        It bounds the expected stochastic error of one generation of ``size`` points (theory B3.1).
        """
        grid, h = self.grid, self.bandwidth
        square = grid.product(self.kernel.square_transform(h * w) / h for w in grid.frequencies)
        second = grid.inverse(mixture * square) / grid.cell
        mean = grid.inverse(mixture * self._multiplier) / grid.cell
        sd = np.sqrt(np.maximum(second - mean**2, 0.0))
        return grid.total(sd) * grid.cell / (2 * np.sqrt(size))

    @property
    def _multiplier(self) -> Float[Array, "..."]:
        return self.grid.product(
            self.kernel.transform(self.bandwidth * w) for w in self.grid.frequencies
        )
