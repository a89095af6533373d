"""Gaussian mixtures in any dimension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Complex, Float
from scipy.special import logsumexp, ndtr, ndtri, softmax

from empirics.errors import InputError, integer
from empirics.parameters import Dimension, Numbers, Points, Scales, numbers
from empirics.targets.base import GaussianSmoothable, HasCharacteristic, Target, Univariate

__all__ = [
    "GaussianMixture",
    "MultivariateGaussianMixture",
    "gaussian_mixture",
    "normal",
    "standard_normal_masses",
]

Array = np.ndarray
_WEIGHT_TOLERANCE = 1e-12
_MOST_DIMENSIONS = 1000


def gaussian_mixture(
    weights: Numbers, means: Points, scales: Scales
) -> GaussianMixture | MultivariateGaussianMixture:
    """The mixture ``sum_k weights[k] N(means[k], .)``.

    Args:
        weights: component weights, non-negative, summing to one.
        means: one number per component, or one point per component.
        scales: in one dimension a standard deviation per component (or one for all); otherwise
            also a covariance matrix per component.

    Raises:
        InputError: sizes disagree, a weight is negative, a scale is not positive.
    """
    weights = tuple(_numbers("weights", weights).ravel().tolist())
    centres, spread = _numbers("means", means), _numbers("scales", scales)
    if centres.ndim <= 1 or centres.shape[-1] == 1:
        flat = tuple(np.atleast_1d(centres).ravel().tolist())
        if spread.size not in (1, len(flat)):
            raise InputError(f"scales: {spread.size} for {len(flat)} means; one each, or one")
        widths = np.broadcast_to(spread.ravel(), len(flat))
        return GaussianMixture(weights, flat, tuple(widths.tolist()))
    return MultivariateGaussianMixture(
        weights, tuple(map(tuple, centres.tolist())), _covariances(spread, centres)
    )


def normal(dimension: Dimension = 1) -> GaussianMixture | MultivariateGaussianMixture:
    """The standard normal law ``N(0, I)``."""
    return gaussian_mixture(
        [1.0], [[0.0] * integer("dimension", dimension, at_least=1, at_most=_MOST_DIMENSIONS)], 1.0
    )


def standard_normal_masses(edges: Float[Array, "edges"]) -> Float[Array, "cells"]:
    """Masses of ``N(0, 1)`` between neighbouring edges, each taken in the nearer tail."""
    above, below = ndtr(-edges), ndtr(edges)
    return np.where(edges[1:] > 0, above[:-1] - above[1:], np.diff(below))


@dataclass(frozen=True)
class GaussianMixture(Univariate, HasCharacteristic, GaussianSmoothable):
    """One-dimensional mixture of ``N(means[k], scales[k]^2)``; see :func:`gaussian_mixture`."""

    weights: tuple[float, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]

    def __post_init__(self) -> None:
        _check_weights(self.weights, len(self.means))
        if not all(s > 0 and np.isfinite(s) for s in self.scales):
            raise InputError(f"scales = {self.scales}: every standard deviation must be > 0")

    @property
    def support(self) -> tuple[tuple[float, float], ...]:
        """The real line."""
        return ((-np.inf, np.inf),)

    def window(self, tail: float) -> tuple[tuple[float, float], ...]:
        """Union of the components' central intervals."""
        reach = -ndtri(tail) * np.array(self.scales)
        means = np.array(self.means)
        return ((float((means - reach).min()), float((means + reach).max())),)

    def density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """``sum_k weights[k] phi((x - means[k]) / scales[k]) / scales[k]``."""
        return self.smoothed_density(x, 0.0)

    def smoothed_density(self, x: Float[Array, "..."], bandwidth: float) -> Float[Array, "..."]:
        """The mixture with ``bandwidth^2`` added to every variance."""
        out = np.zeros(np.shape(x))
        for weight, mean, scale in zip(self.weights, self.means, self.scales, strict=True):
            width = np.hypot(scale, bandwidth)
            out += weight * np.exp(-0.5 * ((x - mean) / width) ** 2) / (width * np.sqrt(2 * np.pi))
        return out

    def smoothed_score(self, x: Float[Array, "..."], bandwidth: float) -> Float[Array, "..."]:
        """``-sum_k r_k(x) (x - means[k]) / v_k``, ``r_k`` the components' shares of the density."""
        variance = np.array(self.scales) ** 2 + bandwidth**2
        away = np.asarray(x)[..., None] - np.array(self.means)
        logs = np.log(self.weights) - 0.5 * away**2 / variance - 0.5 * np.log(variance)
        return -(softmax(logs, axis=-1) * away / variance).sum(axis=-1)

    def interval_mass(self, edges: Float[Array, "edges"]) -> Float[Array, "cells"]:
        """Differences of the normal distribution function, taken in the nearer tail."""
        out = np.zeros(len(edges) - 1)
        for weight, mean, scale in zip(self.weights, self.means, self.scales, strict=True):
            z = (edges - mean) / scale
            out += weight * standard_normal_masses(z)
        return out

    def characteristic(self, *omega: Float[Array, "..."]) -> Complex[Array, "..."]:
        """``sum_k weights[k] exp(-i w means[k] - w^2 scales[k]^2 / 2)``."""
        (w,) = omega
        terms = zip(self.weights, self.means, self.scales, strict=True)
        return np.sum([a * np.exp(-1j * w * m - 0.5 * (w * s) ** 2) for a, m, s in terms], axis=0)

    def finest_scale(self) -> float:
        """The smallest standard deviation."""
        return min(self.scales)

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size"]:
        """A component for each point, then a normal draw."""
        which = generator.choice(len(self.weights), size=size, p=self.weights)
        noise = generator.standard_normal(size)
        return np.array(self.means)[which] + np.array(self.scales)[which] * noise


@dataclass(frozen=True)
class MultivariateGaussianMixture(Target, HasCharacteristic, GaussianSmoothable):
    """Mixture of ``N(means[k], covariances[k])``; see :func:`gaussian_mixture`."""

    weights: tuple[float, ...]
    means: tuple[tuple[float, ...], ...]
    covariances: tuple[tuple[tuple[float, ...], ...], ...]

    def __post_init__(self) -> None:
        _check_weights(self.weights, len(self.means))
        for k, covariance in enumerate(np.array(self.covariances)):
            even = np.allclose(covariance, covariance.T, atol=1e-8 * np.abs(covariance).max())
            if not even or np.linalg.eigvalsh(covariance)[0] <= 0:
                raise InputError(f"covariance {k}: must be symmetric and positive definite")

    @property
    def dimension(self) -> int:  # type: ignore[override]
        """Number of coordinates."""
        return len(self.means[0])

    @property
    def support(self) -> tuple[tuple[float, float], ...]:
        """The whole space."""
        return ((-np.inf, np.inf),) * self.dimension

    def window(self, tail: float) -> tuple[tuple[float, float], ...]:
        """Union of the components' central boxes."""
        spread = np.sqrt(np.diagonal(np.array(self.covariances), axis1=1, axis2=2))
        reach = -ndtri(tail) * spread
        low = (np.array(self.means) - reach).min(axis=0)
        high = (np.array(self.means) + reach).max(axis=0)
        return tuple(zip(low.tolist(), high.tolist(), strict=True))

    def density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """``sum_k weights[k] N(x; means[k], covariances[k])``."""
        return self.smoothed_density(x, 0.0)

    def log_density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """Logarithm of :meth:`density`, also where that over- or underflows."""
        from scipy.stats import multivariate_normal  # half a second

        parts = zip(self.weights, self.means, np.array(self.covariances), strict=True)
        logs = [np.log(a) + multivariate_normal.logpdf(x, m, c) for a, m, c in parts if a > 0]
        return np.asarray(logsumexp(logs, axis=0))

    def smoothed_density(self, x: Float[Array, "..."], bandwidth: float) -> Float[Array, "..."]:
        """The mixture with ``bandwidth^2 I`` added to every covariance."""
        from scipy.stats import multivariate_normal  # half a second

        added = bandwidth**2 * np.eye(self.dimension)
        parts = zip(self.weights, self.means, np.array(self.covariances), strict=True)
        return sum(a * multivariate_normal.pdf(x, m, c + added) for a, m, c in parts)

    def smoothed_score(self, x: Float[Array, "..."], bandwidth: float) -> Float[Array, "..."]:
        """``-sum_k r_k(x) C_k^{-1} (x - means[k])``, ``r_k`` the shares of the density."""
        wide = np.array(self.covariances) + bandwidth**2 * np.eye(self.dimension)
        away = np.asarray(x)[..., None, :] - np.array(self.means)
        pull = np.einsum("kij,...kj->...ki", np.linalg.inv(wide), away)
        logs = np.log(self.weights) - 0.5 * np.linalg.slogdet(wide)[1] - 0.5 * (pull * away).sum(-1)
        return -(softmax(logs, axis=-1)[..., None] * pull).sum(axis=-2)

    def characteristic(self, *omega: Float[Array, "..."]) -> Complex[Array, "..."]:
        """``sum_k weights[k] exp(-i w.means[k] - w'covariances[k] w / 2)``."""
        d = range(self.dimension)
        out: Complex[Array, "..."] = np.zeros(())
        for a, m, c in zip(self.weights, self.means, self.covariances, strict=True):
            shift = sum(omega[i] * m[i] for i in d)
            spread = sum(omega[i] * c[i][k] * omega[k] for i in d for k in d)
            out = out + a * np.exp(-1j * shift - 0.5 * spread)
        return out

    def finest_scale(self) -> float:
        """Square root of the smallest eigenvalue of a covariance."""
        return float(np.sqrt(np.linalg.eigvalsh(np.array(self.covariances)).min()))

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size dimension"]:
        """A component for each point, then a normal draw."""
        which = generator.choice(len(self.weights), size=size, p=self.weights)
        noise = generator.standard_normal((size, self.dimension))
        out = np.empty_like(noise)
        for k, root in enumerate(np.linalg.cholesky(np.array(self.covariances))):
            chosen = which == k
            out[chosen] = np.einsum("ij,nj->ni", root, noise[chosen]) + np.array(self.means[k])
        return out


def _numbers(name: str, values: Any) -> np.ndarray:
    must = "finite numbers, alike for all components"
    array = numbers(name, values, must)
    if not array.size:
        raise InputError(f"{name} = {values!r}: must be {must}")
    return array


def _covariances(given: np.ndarray, means: np.ndarray) -> tuple:
    count, dimension = means.shape
    if given.ndim <= 1:
        if given.size not in (1, count) or not np.all(given > 0):
            raise InputError(f"scales = {given.tolist()}: one number > 0, or one per component")
        widths = np.broadcast_to(given, count)
        given = widths[:, None, None] ** 2 * np.eye(dimension)
    if given.shape != (count, dimension, dimension):
        raise InputError(
            f"scales: shape {given.shape}; must be one number, one per component, or"
            f" {count} covariance matrices of size {dimension}"
        )
    return tuple(tuple(map(tuple, c)) for c in given.tolist())


def _check_weights(weights: tuple[float, ...], components: int) -> None:
    if len(weights) != components:
        raise InputError(f"weights: {len(weights)} for {components} means; one each is required")
    if not all(w >= 0 for w in weights) or abs(sum(weights) - 1) > _WEIGHT_TOLERANCE:
        raise InputError(f"weights = {weights}: must be >= 0 and sum to 1")
