"""Total variation in any dimension from two samplable densities, with a confidence interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from empirics.distances.agreement import Shares, check_agreement
from empirics.distances.betting import Interval, betting_interval
from empirics.errors import DensityError
from empirics.protocols import HasLogDensity

__all__ = ["Comparison", "compared", "monte_carlo_total_variation"]

Array = np.ndarray
_TINY = 1e-290
"""Sum of two densities below which, or if it is not finite, their logarithms are compared."""


@runtime_checkable
class _Samplable(Protocol):
    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size ..."]: ...

    def density(self, x: Float[Array, "..."]) -> Float[Array, "..."]: ...


@dataclass(frozen=True)
class Comparison:
    """TV of two laws with its interval, and what their densities were where they have points."""

    tv: Interval
    shares: Shares


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

    Raises:
        DensityError: a density is not that of its law's points, or not of total mass one.
    """
    return compared(p, q, draws, generator, confidence_level).tv


def compared(
    p: _Samplable,
    q: _Samplable,
    draws: int,
    generator: np.random.Generator,
    confidence_level: float = 0.95,
) -> Comparison:
    """The same, with what tells how well the densities were checked."""
    half = draws // 2
    drawn = [law.sample(half, generator) for law in (p, q)]
    (p_at_p, q_at_p), (p_at_q, q_at_q) = (_densities(p, q, x) for x in drawn)
    shares = q_at_p / (p_at_p + q_at_p), p_at_q / (p_at_q + q_at_q)
    check_agreement(drawn, shares)
    contrasts = [_contrast(p_at_p, q_at_p), _contrast(p_at_q, q_at_q)]
    found = betting_interval(0.5 * (contrasts[0] + contrasts[1]), confidence_level)
    return Comparison(found, Shares(*shares))


def _contrast(at_p: Array, at_q: Array) -> Float[Array, "half"]:
    return np.asarray(np.abs(at_p - at_q) / (at_p + at_q))


def _densities(p: _Samplable, q: _Samplable, x: Array) -> list[Float[Array, "half"]]:
    """Both densities at points that were drawn from one of the laws, or numbers of their ratio.

    Raises:
        DensityError: not one non-negative number per point, or both zero at a point.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = [np.array(law.density(x), dtype=float) for law in (p, q)]
        for density in found:
            if density.shape != (len(x),):
                what = f"has shape {density.shape} at {len(x)} points; must be one number each"
                raise DensityError("density", what)
        total = found[0] + found[1]
        extreme = ~(np.isfinite(total) & (total > _TINY))
        if extreme.any() and isinstance(p, HasLogDensity) and isinstance(q, HasLogDensity):
            logs = np.stack([law.log_density(x[extreme]) for law in (p, q)])
            for density, scaled in zip(found, _scaled(logs), strict=True):
                density[extreme] = scaled
    for density in found:
        if not np.all(np.isfinite(density) & (density >= 0)):
            raise DensityError(
                "density", "must be finite and not negative where its law has points"
            )
    if not np.all(found[0] + found[1] > 0):
        raise DensityError("density", "is zero at points that its own law has drawn")
    return found


def _scaled(logs: Float[Array, "2 points"]) -> Float[Array, "2 points"]:
    """Two densities over the larger one, which is zero only where both are."""
    largest = logs.max(axis=0)
    return np.exp(logs - np.where(largest == -np.inf, 0.0, largest))
