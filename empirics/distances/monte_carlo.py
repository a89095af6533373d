"""Total variation in any dimension from two samplable densities, with a confidence interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float
from scipy.optimize import bisect

from empirics.distances.betting import MOST_OF_CAPITAL, stakes
from empirics.errors import InputError

__all__ = ["Interval", "betting_interval", "monte_carlo_total_variation"]

Array = np.ndarray
_TINY = 1e-290
"""Sum of two densities below which, or if it is not finite, their logarithms are compared."""
_CERTAIN = 1 - 1e-6
"""Confidence with which densities are held to be those of their samples."""


@runtime_checkable
class _Samplable(Protocol):
    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size ..."]: ...

    def density(self, x: Float[Array, "..."]) -> Float[Array, "..."]: ...


@runtime_checkable
class HasLogDensity(Protocol):
    """A law whose density may over- or underflow where its logarithm does not."""

    def log_density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """Logarithm of the density."""


@dataclass(frozen=True)
class Interval:
    """An estimate with a confidence interval that is valid at every sample size."""

    value: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Largest distance from the estimate to an end."""
        return max(self.value - self.low, self.high - self.value)


def monte_carlo_total_variation(
    p: _Samplable,
    q: _Samplable,
    draws: int,
    generator: np.random.Generator,
    confidence_level: float = 0.95,
) -> Interval:
    """``E |p - q| / (p + q)`` under the half/half mixture of ``p`` and ``q``, which is their TV.

    Half the points come from each law and are averaged in pairs; the pair means lie in [0, 1] and
    are independent, so that their mean has a betting interval.

    Args:
        p: a law with ``sample`` and ``density``, and ``log_density`` where that may overflow.
        q: another.
        draws: number of points in all, at least 4.
        generator: source of randomness.
        confidence_level: in (0, 1).
    """
    half = draws // 2
    (p_at_p, q_at_p), (p_at_q, q_at_q) = (
        _densities(p, q, law.sample(half, generator)) for law in (p, q)
    )
    _check_normalised(q_at_p / (p_at_p + q_at_p), p_at_q / (p_at_q + q_at_q))
    contrasts = [_contrast(p_at_p, q_at_p), _contrast(p_at_q, q_at_q)]
    return betting_interval(0.5 * (contrasts[0] + contrasts[1]), confidence_level)


def _contrast(at_p: Array, at_q: Array) -> Float[Array, "half"]:
    return np.asarray(np.abs(at_p - at_q) / (at_p + at_q))


def _densities(p: _Samplable, q: _Samplable, x: Array) -> list[Float[Array, "half"]]:
    """Both densities at points that were drawn from one of the laws, or numbers of their ratio.

    Raises:
        InputError: not one non-negative number per point, or both zero at a point.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = [np.array(law.density(x), dtype=float) for law in (p, q)]
        for density in found:
            _check_shape(density, x)
        total = found[0] + found[1]
        extreme = ~(np.isfinite(total) & (total > _TINY))
        if extreme.any() and isinstance(p, HasLogDensity) and isinstance(q, HasLogDensity):
            logs = np.stack([law.log_density(x[extreme]) for law in (p, q)])
            for density, scaled in zip(found, _scaled(logs), strict=True):
                density[extreme] = scaled
    for density in found:
        if not np.all(np.isfinite(density) & (density >= 0)):
            raise InputError("density: must be finite and not negative where its law has points")
    if not np.all(found[0] + found[1] > 0):
        raise InputError("density: is zero at points that its own law has drawn")
    return found


def _check_shape(density: Array, x: Array) -> None:
    if density.shape != (len(x),):
        raise InputError(
            f"density: has shape {density.shape} at {len(x)} points; must be one number each"
        )


def _scaled(logs: Float[Array, "2 points"]) -> Float[Array, "2 points"]:
    """Two densities over the larger one, which is zero only where both are."""
    largest = logs.max(axis=0)
    return np.exp(logs - np.where(largest == -np.inf, 0.0, largest))


def _check_normalised(
    q_share_at_p: Float[Array, "half"], p_share_at_q: Float[Array, "half"]
) -> None:
    r"""Refuse densities that are not those of the samples, or not of total mass one.

    .. math:: \mathbb{E}_p \frac{q}{p+q} = \int \frac{pq}{p+q} = \mathbb{E}_q \frac{p}{p+q} .

    A density that is ``c`` times too large makes the right side ``c`` times the left one. The
    difference of the two shares lies in [-1, 1]; a betting interval of its mean, wrong with chance
    1e-6, must hold zero.

    Raises:
        InputError: it does not.
    """
    difference = 0.5 * (1 + q_share_at_p - p_share_at_q)
    found = betting_interval(difference, _CERTAIN)
    if not found.low <= 0.5 <= found.high:
        raise InputError(
            "density: disagrees with the points that are sampled, or does not integrate to one:"
            f" E_p[q/(p+q)] = {q_share_at_p.mean():.4g}, E_q[p/(p+q)] = {p_share_at_q.mean():.4g},"
            " which must be equal"
        )


def betting_interval(values: Float[Array, "size"], confidence_level: float = 0.95) -> Interval:
    """Confidence interval for the mean of independent values in [0, 1].

    A gambler bets against each candidate mean ``m``; were ``m`` the mean, her capital would exceed
    ``1/alpha`` with probability at most ``alpha`` (Ville's inequality). Stakes follow the running
    variance.

    Source: Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting",
    JRSS-B 2024, Theorem 3 (hedged capital, predictable plug-in stakes).

    Raises:
        InputError: fewer than two values, a value outside [0, 1] or not finite, or a level
            outside (0, 1).
    """
    if not 0 < confidence_level < 1:
        raise InputError(f"confidence_level = {confidence_level}: must be in (0, 1)")
    if len(values) < 2 or not np.all((values >= 0) & (values <= 1)):
        raise InputError("values: at least two, all in [0, 1], are required")
    alpha = (1 - confidence_level) / 2
    staked = stakes(values, alpha)
    low = _limit(values, staked, alpha)
    high = 1 - _limit(1 - values, staked, alpha)
    mean = float(values.mean())
    return Interval(mean, min(low, mean), max(high, mean))


def _limit(values: Array, staked: Array, alpha: float) -> float:
    """Largest mean that is refuted for being too small."""

    def excess(m: float) -> float:
        bets = np.minimum(staked, MOST_OF_CAPITAL / m)
        capital = np.cumsum(np.log1p(bets * (values - m)))
        return float(capital.max() + np.log(alpha))

    smallest, largest = 1e-12, float(values.mean())
    if largest <= smallest or excess(smallest) <= 0:
        return 0.0
    return float(bisect(excess, smallest, largest, xtol=1e-9)) if excess(largest) < 0 else largest
