"""Kernel density estimation with a bandwidth that is fixed before the data is seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Float
from scipy.special import logsumexp

from bounds.cycles import DataCycle
from empirics.errors import InputError, number, one_of
from empirics.kde.kernels import Epanechnikov, Gaussian, Kernel
from empirics.parameters import NotNegative, Positive

__all__ = ["MANY", "Kde", "KdeLaw", "PowerRule", "kde"]

Array = np.ndarray
_KERNELS: dict[str, type[Kernel]] = {"gaussian": Gaussian, "epanechnikov": Epanechnikov}
_CHUNK = 2**22
"""Kernel evaluations held in memory at once."""
MANY = 16
"""Dimensions above which a product of kernels is as likely as not to over- or underflow."""


@dataclass(frozen=True)
class PowerRule:
    """Bandwidth ``constant * n^(-exponent)``.

    Args:
        constant: positive.
        exponent: ``1 / (dimension + 4)``, the order that is best for one generation, unless given.
    """

    constant: float
    exponent: float | None = None

    def __post_init__(self) -> None:
        number("constant", self.constant, above=0)
        if self.exponent is not None:
            number("exponent", self.exponent, at_least=0)

    def bandwidth(self, size: int, dimension: int) -> float:
        """Bandwidth for ``size`` training points."""
        power = 1 / (dimension + 4) if self.exponent is None else self.exponent
        return float(self.constant * size**-power)


@dataclass(frozen=True)
class Kde:
    """Kernel density estimate ``(1/n) sum_i K_h(x - X_i)``, a product kernel for ``d > 1``.

    The bandwidth is the kernel's standard deviation. It never depends on the sample: the theorems
    need the estimate to be linear in the data.

    Args:
        bandwidth: a number, or a rule such as ``PowerRule(0.55)``.
        kernel: ``Gaussian()`` or ``Epanechnikov()``.

    Raises:
        InputError: the bandwidth is not positive.
    """

    grid_dimensions: ClassVar = (1, 2)
    grid_engine: ClassVar = "empirics.kde.engine:KdeEngine"
    takes_weights: ClassVar = True

    bandwidth: float | PowerRule = field(default_factory=lambda: PowerRule(1.06))
    kernel: Kernel = field(default_factory=Gaussian)

    def __post_init__(self) -> None:
        if not isinstance(self.bandwidth, PowerRule):
            number("bandwidth", self.bandwidth, above=0)
        if not isinstance(self.kernel, Kernel):
            raise InputError(
                f"kernel = {self.kernel!r}: must be a kernel such as Gaussian() or Epanechnikov()"
            )

    def bandwidth_for(self, size: int, dimension: int) -> float:
        """Bandwidth used for ``size`` training points."""
        if isinstance(self.bandwidth, PowerRule):
            return self.bandwidth.bandwidth(size, dimension)
        return float(self.bandwidth)

    def bandwidths(
        self, cycle: DataCycle, generations: int, dimension: int
    ) -> Float[Array, "generations"]:
        """Bandwidth of every generation of a loop."""
        sizes = cycle.sizes(generations)
        return np.array([self.bandwidth_for(int(n), dimension) for n in sizes])

    def fit(
        self,
        samples: Float[Array, "size ..."],
        generator: np.random.Generator,
        weights: Float[Array, "size"] | None = None,
        size: int | None = None,
    ) -> KdeLaw:
        """The estimate from weighted samples; ``size``, if given, sets the bandwidth.

        Raises:
            InputError: a sample is not finite.
        """
        del generator
        if not np.all(np.isfinite(samples)):
            raise InputError("samples: must be finite numbers")
        dimension = 1 if samples.ndim == 1 else samples.shape[1]
        h = self.bandwidth_for(len(samples) if size is None else size, dimension)
        if weights is None:
            weights = np.full(len(samples), 1 / len(samples))
        return KdeLaw(samples, weights, h, self.kernel)


def kde(
    bandwidth: Positive | None = None,
    constant: Positive | None = None,
    exponent: NotNegative | None = None,
    kernel: Literal["gaussian", "epanechnikov"] = "gaussian",
) -> Kde:
    """Kernel density estimate with a ``bandwidth``, or ``constant * n^-exponent``.

    Args:
        bandwidth: > 0.
        constant: > 0; 1.06 unless given.
        exponent: >= 0; ``1 / (dimension + 4)`` unless given.
        kernel: its name.

    Raises:
        InputError: a number is out of range, or a bandwidth and a rule for it are both given.
    """
    made = _KERNELS[one_of("kernel", kernel, _KERNELS)]
    if bandwidth is None:
        rule = PowerRule(1.06 if constant is None else constant, exponent)
        return Kde(rule, made())
    if constant is not None or exponent is not None:
        raise InputError(
            f"bandwidth = {bandwidth}: is fixed, so constant and exponent, which make it a rule of"
            " n, must not be given beside it"
        )
    return Kde(bandwidth, made())


@dataclass(frozen=True, eq=False)
class KdeLaw:
    """A fitted kernel density estimate: kernels at ``points`` with ``weights`` summing to one."""

    points: Float[Array, "size ..."]
    weights: Float[Array, "size"]
    bandwidth: float
    kernel: Kernel

    @property
    def dimension(self) -> int:
        """Number of coordinates."""
        return 1 if self.points.ndim == 1 else int(self.points.shape[1])

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size ..."]:
        """A training point for each draw, then a draw from its kernel."""
        which = generator.choice(len(self.points), size=size, p=self.weights)
        centres = self.points[which]
        return centres + self.bandwidth * self.kernel.sample(centres.shape, generator)

    def density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """Density at ``x``, summed directly over all training points."""
        return self._in_chunks(self._sum, x)

    def log_density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """Logarithm of :meth:`density`, also where that over- or underflows."""
        if self.dimension > MANY:
            return self._in_chunks(self._log_sum, x)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            out = np.log(self.density(x))
        lost = ~np.isfinite(out)
        if lost.any():
            out[lost] = self._in_chunks(self._log_sum, np.asarray(x)[lost])
        return out

    def _in_chunks(self, one: Callable[[Array, Array], Array], x: Array) -> Array:
        points = self.points.reshape(len(self.points), self.dimension)
        at = np.reshape(x, (-1, self.dimension))
        rows = max(1, _CHUNK // len(points))
        parts = [one(at[i : i + rows], points) for i in range(0, len(at), rows)]
        shape = np.shape(x) if self.points.ndim == 1 else np.shape(x)[:-1]
        return np.concatenate(parts).reshape(shape)

    def _sum(self, at: Array, points: Array) -> Array:
        value = np.ones((len(at), len(points)))
        for i in range(points.shape[1]):
            u = (at[:, i, None] - points[None, :, i]) / self.bandwidth
            value *= self.kernel.density(u) / self.bandwidth
        return np.asarray(value @ self.weights)

    def _log_sum(self, at: Array, points: Array) -> Array:
        value = self.kernel.log_products(at, points, self.bandwidth)
        scale = points.shape[1] * np.log(self.bandwidth)
        return np.asarray(logsumexp(value, axis=1, b=self.weights) - scale)
