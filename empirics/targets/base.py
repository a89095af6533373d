"""The interface of a target, the law of the real data."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Complex, Float

__all__ = ["GaussianSmoothable", "HasCharacteristic", "Target", "Univariate"]

Array = np.ndarray


class Target(ABC):
    """A probability law, with a density unless it says that it has none.

    Points are arrays of any shape in one dimension, and have the coordinates on their last axis
    otherwise.
    """

    has_density: ClassVar[bool] = True

    dimension: int

    @abstractmethod
    def density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """Density at the points ``x``."""

    @abstractmethod
    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size ..."]:
        """``size`` independent points."""

    def source(self, generator: np.random.Generator) -> Any:
        """The source of one run's training points: the target itself, or a pool of its own."""
        del generator
        return self

    @property
    @abstractmethod
    def support(self) -> tuple[tuple[float, float], ...]:
        """Ends of the support along each axis, infinite where unbounded."""

    @abstractmethod
    def window(self, tail: float) -> tuple[tuple[float, float], ...]:
        """A box that misses at most ``tail`` of the mass on each side of each axis."""


class Univariate(Target):
    """A one-dimensional target, which has a distribution function."""

    dimension = 1

    @abstractmethod
    def interval_mass(self, edges: Float[Array, "edges"]) -> Float[Array, "cells"]:
        """Exact mass between neighbouring edges, without cancellation in either tail."""


@runtime_checkable
class HasCharacteristic(Protocol):
    """A target whose characteristic function is known in closed form."""

    def characteristic(self, *omega: Float[Array, "..."]) -> Complex[Array, "..."]:
        """``E exp(-i omega . X)``, one broadcastable array of frequencies per axis."""

    def finest_scale(self) -> float:
        """Standard deviation of the narrowest feature, which a grid must resolve."""


@runtime_checkable
class GaussianSmoothable(Protocol):
    """A target whose convolution with a Gaussian is known in closed form."""

    def smoothed_density(self, x: Float[Array, "..."], bandwidth: float) -> Float[Array, "..."]:
        """Density of ``X + bandwidth * Z``, ``Z`` standard normal."""

    def smoothed_score(self, x: Float[Array, "..."], bandwidth: float) -> Float[Array, "..."]:
        """Gradient of the logarithm of that density, coordinates on the last axis if several."""
