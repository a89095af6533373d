"""Total variation in any dimension from two samplable densities, with a confidence interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Any, Protocol, runtime_checkable

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
_PLACING = 10
"""One point in so many places the functions by which densities are checked."""
_LEAST_PLACING = 20
_MOST_COORDINATES = 8
_SUSPECT = 3.0
"""Standard errors within which a mean passes unseen: no interval at 1e-6 is as short."""


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
    """An estimate with a confidence interval that is valid at every sample size.

    ``overlap`` is the share of two laws that overlaps, as far as densities tell, where they were
    compared.
    """

    value: float
    low: float
    high: float
    overlap: float = nan

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
    drawn = [law.sample(half, generator) for law in (p, q)]
    (p_at_p, q_at_p), (p_at_q, q_at_q) = (_densities(p, q, x) for x in drawn)
    shares = q_at_p / (p_at_p + q_at_p), p_at_q / (p_at_q + q_at_q)
    check_agreement(drawn, shares)
    contrasts = [_contrast(p_at_p, q_at_p), _contrast(p_at_q, q_at_q)]
    found = betting_interval(0.5 * (contrasts[0] + contrasts[1]), confidence_level)
    return replace(found, overlap=float(shares[0].mean() + shares[1].mean()))


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


def check_agreement(
    drawn: Sequence[Float[Array, "half ..."]], shares: Sequence[Float[Array, "half"]]
) -> None:
    r"""Refuse densities that are not those of the samples, or not of total mass one.

    .. math:: \mathbb{E}_p\, f \frac{q}{p+q} = \int f \frac{pq}{p+q}
              = \mathbb{E}_q\, f \frac{p}{p+q}

    for every bounded ``f``. With ``f = 1``, a density that is ``c`` times too large makes the right
    side ``c`` times the left one. Half-spaces and slabs of single coordinates, placed by a tenth of
    the points that is then left out, tell of points from elsewhere. The difference of the two sides
    lies in [-1, 1]; a betting interval of its mean, all of them wrong with chance 1e-6, must hold
    zero.

    Args:
        drawn: points of ``p``, and of ``q``.
        shares: ``q / (p + q)`` at the former, ``p / (p + q)`` at the latter.

    Raises:
        InputError: it does not.
    """
    tests = _tests(*(np.reshape(x, (len(x), -1)) for x in drawn))
    for words, f in tests:
        differences = f[0] * shares[0] - f[1] * shares[1]
        kept = differences[len(differences) // _PLACING :] if words else differences
        if not _holds_zero(kept, (1 - _CERTAIN) / len(tests)):
            sides = [(f[i] * shares[i]).mean() for i in (0, 1)]
            raise InputError(
                "density: disagrees with the points that are sampled, or does not integrate to"
                f" one: E_p[q/(p+q){words}] = {sides[0]:.4g}, E_q[p/(p+q){words}] = {sides[1]:.4g},"
                " which must be equal"
            )


def _tests(p: Float[Array, "half d"], q: Float[Array, "half d"]) -> list[tuple[str, Any]]:
    """Bounded functions at the points of both laws: one, then those of single coordinates."""
    found: list[tuple[str, Any]] = [("", (1.0, 1.0))]
    first = len(p) // _PLACING
    if first < _LEAST_PLACING:
        return found
    for k in np.unique(np.linspace(0, p.shape[1] - 1, _MOST_COORDINATES).astype(int)).tolist():
        seen = np.concatenate([p[:first, k], q[:first, k]])
        low, middle, high = np.quantile(seen, [0.25, 0.5, 0.75])
        x = p[:, k], q[:, k]
        beyond = tuple((a > middle).astype(float) for a in x)
        inside = tuple(((a > low) & (a < high)).astype(float) for a in x)
        found += [(f"; x_{k + 1} > {middle:.4g}", beyond)]
        found += [(f"; {low:.4g} < x_{k + 1} < {high:.4g}", inside)]
    return found


def _holds_zero(differences: Float[Array, "size"], alpha: float) -> bool:
    """Whether the mean may be zero; what is near zero is not looked at more closely."""
    spread = differences.std() / np.sqrt(len(differences))
    if abs(differences.mean()) <= _SUSPECT * spread:
        return True
    found = betting_interval(0.5 * (1 + differences), 1 - alpha)
    return found.low <= 0.5 <= found.high


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
