"""The loop that a kernel-density bound speaks of: cycle, target, bandwidths, kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from bounds.cycles import DataCycle, check_rows
from bounds.errors import ParameterError

__all__ = ["GaussianTransform", "Normal", "QuadratureKernel", "QuadratureTarget", "Setting"]

Array = np.ndarray


class QuadratureTarget(Protocol):
    """The methods that a target must offer for quadrature.

    A closed ``characteristic(*omega)`` (``E exp(-i omega . X)``), or in one dimension an exact
    ``interval_mass(edges)``, is used where it is there; the support may have ``support`` ends at
    which the density jumps, and ``finest_scale()`` tells a grid what to resolve.
    """

    @property
    def dimension(self) -> int:
        """Number of coordinates."""

    def density(self, x: Array) -> Array:
        """Density at points; the last axis holds the coordinates if there are several."""

    def window(self, tail: float) -> Sequence[tuple[float, float]]:
        """Per axis an interval that misses at most ``tail`` of the mass on each side."""


class QuadratureKernel(Protocol):
    """A non-negative even kernel on the line with variance one."""

    def transform(self, omega: Array) -> Array:
        """``int K(u) exp(-i omega u) du``."""


@dataclass(frozen=True)
class GaussianTransform:
    """The standard normal kernel."""

    def transform(self, omega: Array) -> Array:
        """``exp(-omega^2 / 2)``."""
        return np.exp(-0.5 * omega**2)


@dataclass(frozen=True)
class Normal:
    """The reference target ``N(0, I)``, used where a caller names no other."""

    dimension: int = 1

    def density(self, x: Array) -> Array:
        """``(2 pi)^{-d/2} exp(-|x|^2 / 2)``."""
        square = x**2 if self.dimension == 1 else (x**2).sum(axis=-1)
        return np.exp(-0.5 * square) / (2 * np.pi) ** (self.dimension / 2)

    def window(self, tail: float) -> Sequence[tuple[float, float]]:
        """``|x| <= sqrt(2 log(1/tail))``, by the Gaussian tail inequality."""
        reach = float(np.sqrt(-2 * np.log(tail)))
        return ((-reach, reach),) * self.dimension

    def characteristic(self, *omega: Array) -> Array:
        """``exp(-|omega|^2 / 2)``."""
        return np.exp(-0.5 * np.sum(np.broadcast_arrays(*(w**2 for w in omega)), axis=0))

    def finest_scale(self) -> float:
        """Smallest length on which the density varies: one, the standard deviation."""
        return 1.0


@dataclass(frozen=True)
class Setting:
    """A loop of kernel density estimates.

    Args:
        cycle: the data cycle, with numeric parameters.
        target: the law of the real data, of one or two dimensions.
        bandwidths: the kernel's standard deviation in generations 1, 2, ...; positive.
        kernel: applied along every axis.

    Raises:
        ParameterError: no bandwidth or one that is not positive; more than two dimensions; a pool
            that cannot be drawn on as the cycle says.
    """

    cycle: DataCycle
    target: Any
    bandwidths: tuple[float, ...]
    kernel: Any = field(default_factory=GaussianTransform)

    def __post_init__(self) -> None:
        check_rows(len(self.bandwidths))
        if not self.bandwidths or not all(np.isfinite(h) and h > 0 for h in self.bandwidths):
            raise ParameterError(f"bandwidth = {self.bandwidths}: must be > 0 in every generation")
        for j in range(1, len(self.bandwidths) + 1):
            self.cycle.check_pool(j)
        if self.target.dimension not in (1, 2):
            raise ParameterError(
                f"dimension = {self.target.dimension}: must be 1 or 2, the dimensions in which the"
                " KDE theorems' quantities are computed on a grid"
            )

    @property
    def generations(self) -> int:
        """Number of models."""
        return len(self.bandwidths)
