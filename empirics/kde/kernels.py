"""Smoothing kernels with unit standard deviation; products of them in several dimensions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.spatial.distance import cdist
from scipy.special import spherical_jn

__all__ = ["Epanechnikov", "Gaussian", "Kernel"]

Array = np.ndarray
_ROOT5 = np.sqrt(5.0)


class Kernel(ABC):
    """An even probability density ``K`` on the line with variance one."""

    reach: float
    """Distance from the origin beyond which less than 1e-16 of the mass lies."""

    @abstractmethod
    def density(self, u: Float[Array, "..."]) -> Float[Array, "..."]:
        """``K(u)``."""

    def log_density(self, u: Float[Array, "..."]) -> Float[Array, "..."]:
        """``log K(u)``, minus infinity outside the support."""
        with np.errstate(divide="ignore"):
            return np.log(self.density(u))

    def log_products(
        self, at: Float[Array, "places d"], points: Float[Array, "size d"], bandwidth: float
    ) -> Float[Array, "places size"]:
        """``sum_i log K((at_i - points_i) / bandwidth)`` of all pairs."""
        out = np.zeros((len(at), len(points)))
        for i in range(points.shape[1]):
            out += self.log_density((at[:, i, None] - points[None, :, i]) / bandwidth)
        return out

    @abstractmethod
    def transform(self, omega: Float[Array, "..."]) -> Float[Array, "..."]:
        """``int K(u) exp(-i omega u) du``."""

    @abstractmethod
    def square_transform(self, omega: Float[Array, "..."]) -> Float[Array, "..."]:
        """``int K(u)^2 exp(-i omega u) du``."""

    @abstractmethod
    def sample(self, shape: tuple[int, ...], generator: np.random.Generator) -> Float[Array, "..."]:
        """Independent draws from ``K``."""


@dataclass(frozen=True)
class Gaussian(Kernel):
    """The standard normal density."""

    reach = 8.3

    def density(self, u: Float[Array, "..."]) -> Float[Array, "..."]:
        """``exp(-u^2/2) / sqrt(2 pi)``."""
        return np.exp(-0.5 * u**2) / np.sqrt(2 * np.pi)

    def log_density(self, u: Float[Array, "..."]) -> Float[Array, "..."]:
        """``-u^2/2 - log(2 pi)/2``."""
        return np.asarray(-0.5 * u**2 - 0.5 * np.log(2 * np.pi))

    def log_products(
        self, at: Float[Array, "places d"], points: Float[Array, "size d"], bandwidth: float
    ) -> Float[Array, "places size"]:
        """``-|at - points|^2 / 2 bandwidth^2 - d log(2 pi) / 2`` of all pairs."""
        # Scaled by a power of two, which is exact, so that squares neither over- nor underflow.
        width, exponent = np.frexp(bandwidth)
        squares = cdist(np.ldexp(at, -exponent), np.ldexp(points, -exponent), "sqeuclidean")
        return -0.5 * squares / width**2 - 0.5 * points.shape[1] * np.log(2 * np.pi)

    def transform(self, omega: Float[Array, "..."]) -> Float[Array, "..."]:
        """``exp(-omega^2 / 2)``."""
        return np.exp(-0.5 * omega**2)

    def square_transform(self, omega: Float[Array, "..."]) -> Float[Array, "..."]:
        """``exp(-omega^2 / 4) / (2 sqrt(pi))``."""
        return np.exp(-0.25 * omega**2) / (2 * np.sqrt(np.pi))

    def sample(self, shape: tuple[int, ...], generator: np.random.Generator) -> Float[Array, "..."]:
        """Standard normal draws."""
        return generator.standard_normal(shape)


@dataclass(frozen=True)
class Epanechnikov(Kernel):
    """``3 (1 - u^2/5) / (4 sqrt 5)`` on ``|u| <= sqrt 5``."""

    reach = float(_ROOT5)

    def density(self, u: Float[Array, "..."]) -> Float[Array, "..."]:
        """The parabola, zero outside its support."""
        return 0.75 / _ROOT5 * np.maximum(1 - u**2 / 5, 0.0)

    def transform(self, omega: Float[Array, "..."]) -> Float[Array, "..."]:
        """``3 j_1(a) / a``, ``a = sqrt(5) omega``, ``j_1`` the spherical Bessel function."""
        a = _ROOT5 * np.abs(omega)
        return np.where(a < 1e-4, 1 - a**2 / 10, 3 * spherical_jn(1, a) / np.maximum(a, 1e-300))

    def square_transform(self, omega: Float[Array, "..."]) -> Float[Array, "..."]:
        """``9 j_2(a) / (sqrt(5) a^2)``, ``a = sqrt(5) omega``."""
        a = _ROOT5 * np.abs(omega)
        ratio = np.where(
            a < 1e-3, 1 / 15 - a**2 / 210, spherical_jn(2, a) / np.maximum(a, 1e-3) ** 2
        )
        return 9 / _ROOT5 * ratio

    def sample(self, shape: tuple[int, ...], generator: np.random.Generator) -> Float[Array, "..."]:
        """``sqrt 5`` times the median of three uniforms on [-1, 1], which has this density."""
        return _ROOT5 * np.median(generator.uniform(-1, 1, (3, *shape)), axis=0)
