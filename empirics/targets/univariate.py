"""One-dimensional targets from distribution functions: compact ones and any of scipy's."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from time import process_time
from types import MappingProxyType
from typing import Annotated, Any

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

from bounds.discovery import Written
from empirics.errors import DensityError, InputError, number
from empirics.parameters import Interval, Numbers, Positive, Scale, ends_of
from empirics.targets.base import GaussianSmoothable, Univariate
from empirics.targets.gaussian_mixture import GaussianMixture, gaussian_mixture
from empirics.targets.tabulated import Tabulated, tabulate

__all__ = [
    "FromDensity",
    "Frozen",
    "TruncatedMixture",
    "beta",
    "from_density",
    "scipy",
    "truncated_mixture",
]

Array = np.ndarray
_MASS_TOLERANCE = 1e-8
_MOST_ERROR = 1e-6
"""Error of the mass of a given density above which nothing is known of it."""
_PIECES = 4096
"""First pieces of a given density: what is 1e-5 of the interval wide is not missed."""
_UNEVEN = 1e-6
"""Narrowest piece, relative to the interval, that tells of a pole or a jump."""
_SLOW = {
    "genhyperbolic",
    "geninvgauss",
    "irwinhall",
    "ksone",
    "kstwo",
    "levy_stable",
    "norminvgauss",
    "studentized_range",
}
"""Laws of scipy whose distribution function is a quadrature, or a sum, for every point."""
_SLOW_TOLERANCE, _GIVEN_TOLERANCE = 1e-7, 1e-10
"""Change on halving, relative to a piece's mass; what is left is smaller by a factor 2^16."""
_DOUBLINGS = np.arange(-3.0, 61.0)
"""Exponents of the distances from the median, in interquartile ranges, that cut the line."""
_LEAST_MASS = 1e-6
"""Mass inside a truncation below which rejection sampling would not end."""


@dataclass(frozen=True)
class Frozen(Univariate):
    """Any frozen continuous ``scipy.stats`` distribution, such as ``scipy.stats.laplace()``.

    Raises:
        InputError: the object is not a frozen continuous distribution, or has invalid parameters.
    """

    distribution: Any

    def __post_init__(self) -> None:
        needed = ("pdf", "cdf", "sf", "isf", "ppf", "rvs", "support")
        if not all(hasattr(self.distribution, name) for name in needed):
            raise InputError(
                f"distribution = {self.distribution!r}: must be a frozen continuous distribution"
                " of scipy.stats"
            )
        if not np.all(np.isfinite(self._quartiles)):
            raise InputError(
                f"distribution = {self.distribution!r}: must be one law with valid parameters"
            )

    @cached_property
    def _quartiles(self) -> Float[Array, "3"]:
        """Lower quartile, median and upper quartile; nan if they are not three numbers."""
        try:
            found = np.array([self.distribution.ppf(share) for share in (0.25, 0.5, 0.75)])
        except (TypeError, ValueError):
            return np.full(3, np.nan)
        return found if found.shape == (3,) else np.full(3, np.nan)

    @property
    def _table(self) -> Tabulated | None:
        return self._made[0]

    @property
    def preparation_seconds(self) -> float:
        """Seconds to integrate the density, once in every process that uses the law."""
        return self._made[1]

    @cached_property
    def _made(self) -> tuple[Tabulated | None, float]:
        start = process_time()
        table = self._integrated()
        return table, 0.0 if table is None else process_time() - start

    def _integrated(self) -> Tabulated | None:
        """The distribution function integrated once, where scipy integrates it for every point."""
        from scipy import stats  # half a second

        law = getattr(self.distribution, "dist", None)
        inherited = getattr(type(law), "_cdf", None) is stats.rv_continuous._cdf
        if not (inherited or getattr(law, "name", None) in _SLOW):
            return None
        (ends,) = self.support
        low, median, high = self._quartiles
        away = np.concatenate([[0.0], (high - low) * 2**_DOUBLINGS])
        edges = np.unique(np.clip(np.concatenate([median - away, median + away]), *ends))
        table = tabulate(lambda x: np.nan_to_num(self.density(x)), edges, _SLOW_TOLERANCE)
        if not abs(table.mass - 1) < _MOST_ERROR:
            raise InputError(
                f"distribution = {self.distribution!r}: its pdf integrates to {table.mass:.8g};"
                " must integrate to 1"
            )
        return table

    @property
    def mass_error(self) -> float:
        """Sum of the errors of any masses that come from a quadrature of the density."""
        return 0.0 if self._table is None else self._table.error + abs(1 - self._table.mass)

    @property
    def support(self) -> tuple[tuple[float, float], ...]:
        """The distribution's support."""
        low, high = self.distribution.support()
        return ((float(low), float(high)),)

    def window(self, tail: float) -> tuple[tuple[float, float], ...]:
        """Quantiles ``tail`` and ``1 - tail``."""
        if self._table is not None:
            low, high = self._table.quantile(tail), self._table.quantile(tail, upper=True)
            return ((float(low), float(high)),)
        return ((float(self.distribution.ppf(tail)), float(self.distribution.isf(tail))),)

    def density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """The distribution's ``pdf``."""
        return np.asarray(self.distribution.pdf(x))

    def cell_density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """The density at the many edges of a grid: that of the pieces where those are used."""
        return self.density(x) if self._table is None else self._table.density(x)

    def interval_mass(self, edges: Float[Array, "edges"]) -> Float[Array, "cells"]:
        """Differences of the distribution function left of the median, of the survival right."""
        if self._table is not None:
            return self._table.interval_mass(edges)
        cdf, sf = self.distribution.cdf, self.distribution.sf
        # The cells up to the one that ends beyond the median.
        middle = max(bisect_right(edges, 0.5, key=cdf) - 1, 0)
        left, right = cdf(edges[: middle + 1]), sf(edges[middle:])
        return np.concatenate([np.diff(left), right[:-1] - right[1:]])

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size"]:
        """The distribution's ``rvs``; from the pieces where scipy would invert point by point."""
        from scipy import stats  # half a second

        law = getattr(self.distribution, "dist", None)
        if getattr(type(law), "_rvs", None) is stats.rv_continuous._rvs and self._table is not None:
            return self._table.quantile(generator.random(size))
        return np.asarray(self.distribution.rvs(size=size, random_state=generator))


def beta(a: Positive, b: Positive) -> Frozen:
    """The Beta law on [0, 1] with shapes ``a, b > 0``.

    Raises:
        InputError: a shape is not positive.
    """
    from scipy import stats  # half a second

    return Frozen(stats.beta(number("a", a, above=0), number("b", b, above=0)))


def scipy(
    distribution: str,
    parameters: Annotated[Mapping[str, float], Written(dict[str, float])] = MappingProxyType({}),
) -> Frozen:
    """A continuous distribution of ``scipy.stats`` with its keyword parameters.

    Raises:
        InputError: there is none of this name, or it has other parameters.
    """
    from scipy import stats  # half a second

    law = getattr(stats, distribution, None) if isinstance(distribution, str) else None
    if not isinstance(law, stats.rv_continuous):
        raise InputError(
            f"distribution = {distribution!r}: must be a continuous distribution of scipy.stats,"
            " such as 'laplace'"
        )
    if not isinstance(parameters, Mapping):
        raise InputError(f"parameters = {parameters!r}: must be numbers by name")
    try:
        return Frozen(law(**parameters))
    except TypeError as error:
        raise InputError(f"parameters = {dict(parameters)}: {error}") from None


@dataclass(frozen=True)
class TruncatedMixture(Univariate, GaussianSmoothable):
    """A Gaussian mixture conditioned on an interval; see :func:`truncated_mixture`."""

    mixture: GaussianMixture
    low: float
    high: float

    def __post_init__(self) -> None:
        if not (self.low < self.high and np.isfinite(self.high - self.low)):
            raise InputError(f"interval = [{self.low}, {self.high}]: must be finite, low < high")
        if not self._mass > _LEAST_MASS:
            raise InputError(
                f"interval = [{self.low}, {self.high}]: holds {self._mass:.2g} of the mixture; must"
                f" hold more than {_LEAST_MASS:g}"
            )

    @property
    def support(self) -> tuple[tuple[float, float], ...]:
        """The interval to which the mixture is cut."""
        return ((self.low, self.high),)

    @cached_property
    def _mass(self) -> float:
        return float(self.mixture.interval_mass(np.array([self.low, self.high]))[0])

    def window(self, tail: float) -> tuple[tuple[float, float], ...]:
        """The interval to which the mixture is cut."""
        del tail
        return self.support

    def density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """The mixture's density inside the interval, rescaled to mass one."""
        inside = (x >= self.low) & (x <= self.high)
        return np.where(inside, self.mixture.density(x) / self._mass, 0.0)

    def smoothed_density(self, x: Float[Array, "..."], bandwidth: float) -> Float[Array, "..."]:
        """Each component's smoothed density times the chance that its point lies inside.

        With ``v = s^2 + h^2``: given ``X + hZ = x``, ``X`` is normal with mean
        ``(s^2 x + h^2 m) / v`` and variance ``s^2 h^2 / v``.
        """
        return np.asarray(self._smoothed(x, bandwidth)[0])

    def smoothed_score(self, x: Float[Array, "..."], bandwidth: float) -> Float[Array, "..."]:
        """Derivative of the logarithm of :meth:`smoothed_density`, term by term."""
        density, slope = self._smoothed(x, bandwidth)
        return slope / density

    def _smoothed(self, x: Array, bandwidth: float) -> Any:
        mixture, out, slope = self.mixture, np.zeros(np.shape(x)), np.zeros(np.shape(x))
        for a, m, s in zip(mixture.weights, mixture.means, mixture.scales, strict=True):
            v = s**2 + bandwidth**2
            centre, spread = (s**2 * x + bandwidth**2 * m) / v, s * bandwidth / np.sqrt(v)
            low, high = (self.low - centre) / spread, (self.high - centre) / spread
            whole = a * np.exp(-0.5 * (x - m) ** 2 / v) / np.sqrt(2 * np.pi * v)
            inside = ndtr(high) - ndtr(low)
            entering = (np.exp(-0.5 * low**2) - np.exp(-0.5 * high**2)) / np.sqrt(2 * np.pi)
            out += whole * inside
            slope += whole * (s**2 / (v * spread) * entering - (x - m) / v * inside)
        return out / self._mass, slope / self._mass

    def interval_mass(self, edges: Float[Array, "edges"]) -> Float[Array, "cells"]:
        """The mixture's masses of the cells cut to the interval, rescaled."""
        return self.mixture.interval_mass(np.clip(edges, self.low, self.high)) / self._mass

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size"]:
        """Rejection from the mixture."""
        kept = np.empty(0)
        while len(kept) < size:
            wanted = int((size - len(kept)) / self._mass * 1.1) + 16
            drawn = self.mixture.sample(wanted, generator)
            kept = np.concatenate([kept, drawn[(drawn >= self.low) & (drawn <= self.high)]])
        return kept[:size]


def truncated_mixture(
    weights: Numbers, means: Numbers, scales: Scale, interval: Interval
) -> TruncatedMixture:
    """The one-dimensional Gaussian mixture conditioned on ``interval = (low, high)``.

    Raises:
        InputError: the interval is not finite and increasing, or the mixture is not valid.
    """
    mixture = gaussian_mixture(weights, means, scales)
    if not isinstance(mixture, GaussianMixture):
        raise InputError("means: a truncated mixture is one-dimensional")
    return TruncatedMixture(mixture, *ends_of("interval", interval))


@dataclass(frozen=True, eq=False)
class FromDensity(Univariate):
    """A law given by its density on a finite interval; see :func:`from_density`."""

    function: Callable[[Any], Any]
    low: float
    high: float

    def __post_init__(self) -> None:
        if not (self.low < self.high and np.isfinite(self.high - self.low)):
            raise InputError(f"interval = [{self.low}, {self.high}]: must be finite, low < high")
        if not np.all(self.density(self._table.low + self._table.width / 2) >= 0):
            raise DensityError("density", "must be >= 0 and finite on the whole interval")
        mass = self._table.mass
        if not abs(mass - 1) < _MASS_TOLERANCE + min(self._table.error, _MOST_ERROR):
            raise DensityError("density", f"integrates to {mass:.10g}; must integrate to 1")

    @cached_property
    def _table(self) -> Tabulated:
        edges = np.linspace(self.low, self.high, _PIECES + 1)
        return tabulate(self.density, edges, _GIVEN_TOLERANCE)

    @property
    def mass_error(self) -> float:
        """Sum of the errors of any masses."""
        return self._table.error + abs(1 - self._table.mass)

    @property
    def support(self) -> tuple[tuple[float, float], ...]:
        """The interval on which the density is given."""
        return ((self.low, self.high),)

    def window(self, tail: float) -> tuple[tuple[float, float], ...]:
        """The interval on which the density is given."""
        del tail
        return self.support

    def density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """The given function inside the interval."""
        x = np.asarray(x, dtype=float)
        inside = (x >= self.low) & (x <= self.high)
        out = np.zeros(x.shape)
        out[inside] = self.function(x[inside])
        return out

    def interval_mass(self, edges: Float[Array, "edges"]) -> Float[Array, "cells"]:
        """From the density integrated once, in pieces that adapt to it."""
        return self._table.interval_mass(edges)

    @cached_property
    def _inverse(self) -> Callable[[Array], Array]:
        if self._table.width.min() < _UNEVEN * (self.high - self.low):
            return self._table.quantile
        from scipy.stats.sampling import NumericalInversePolynomial  # half a second

        return NumericalInversePolynomial(self, domain=(self.low, self.high)).ppf  # type: ignore[arg-type]

    def pdf(self, x: float) -> float:
        """Density at one point, the name that scipy's sampler asks for."""
        return float(self.density(np.array(x)))

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size"]:
        """Polynomial inversion of the distribution function (error in u below 1e-10)."""
        return np.asarray(self._inverse(generator.random(size)))


def from_density(function: Callable[[Any], Any], interval: tuple[float, float]) -> FromDensity:
    """The law with density ``function`` (vectorised) on the finite ``interval``.

    All that is known of it are its values at 98,304 points or more: 24 Gauss-Legendre nodes in each
    of 4096 pieces of the interval, and further ones where the sums over a piece and its halves
    differ. Mass, masses of cells and draws come from these sums. What is wider than 2e-5 of the
    interval is seen; a spike that lies between the points is not, whatever it weighs, and the law
    is then the one without it. Give such a law as a mixture, or on a narrower interval.

    Raises:
        DensityError: the function is negative or does not integrate to 1, as far as it is seen.
        InputError: it is no function, or the interval no pair of finite numbers in order.
    """
    if not callable(function):
        raise InputError(f"function = {function!r}: must be a density, a function of points")
    return FromDensity(function, *ends_of("interval", interval))
