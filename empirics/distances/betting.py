"""Stakes of a gambler against a mean, for every test and limit that is made of bets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.optimize import bisect

from empirics.errors import InputError, number

__all__ = [
    "MOST_OF_CAPITAL",
    "Interval",
    "betting_greater",
    "betting_interval",
    "most_capital",
    "stakes",
]

Array = np.ndarray
MOST_OF_CAPITAL = 0.75
"""Largest fraction of the capital at stake in one bet."""


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


def stakes(
    values: Float[np.ndarray, "runs *cells"],
    level: float,
    first_mean: Any = 0.5,
    first_variance: Any = 0.25,
) -> Float[np.ndarray, "runs *cells"]:
    r"""``sqrt(2 log(1/level) / (n var))`` with the variance of the values seen before each bet.

    Source: Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting",
    JRSS-B 2024, predictable plug-in stakes.

    Args:
        values: in [0, 1], one column per cell.
        level: at which the stakes have their best power.
        first_mean: before any value is seen, of every cell; counts as one value.
        first_variance: likewise.
    """
    n = len(values)
    seen = np.arange(1, n + 1).reshape(-1, *[1] * (values.ndim - 1))
    mean = np.cumsum(values, axis=0, dtype=float)
    mean += first_mean
    mean /= seen + 1
    squares = np.subtract(values, mean, out=mean)
    squares *= squares
    before = np.empty_like(squares)
    before[0] = first_variance
    np.cumsum(squares[:-1], axis=0, out=before[1:])
    before[1:] += first_variance
    before[1:] /= seen[1:]
    before *= n
    staked = np.divide(2 * np.log(1 / level), before, out=before)
    return np.asarray(np.sqrt(staked, out=staked))


def betting_greater(
    values: Float[np.ndarray, "runs *cells"],
    threshold: Float[np.ndarray, "*cells"] | float,
    level: float,
) -> Any:
    """One over the largest capital of a gambler who bets on values above the threshold.

    Were the mean at most ``threshold``, her capital would be a supermartingale and exceed ``1/p``
    with probability at most ``p`` (Ville's inequality), at every number of runs and for every law
    on [0, 1]. Stakes follow the variance of the values seen before.

    Source: Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting",
    JRSS-B 2024, section 4 (predictable plug-in stakes), one-sided.

    Args:
        values: in [0, 1], one column per cell.
        threshold: of every cell.
        level: at which the stakes have their best power.

    Returns:
        One p-value per cell, or a number.
    """
    p = np.exp(-most_capital(values, threshold, level))
    return p if p.ndim else float(p)


def most_capital(
    values: Float[np.ndarray, "runs *cells"],
    threshold: Float[np.ndarray, "*cells"] | float,
    level: float,
    expected: tuple[Any, Any] = (0.5, 0.25),
) -> Float[np.ndarray, "*cells"]:
    """Logarithm of the largest capital of the gambler of :func:`betting_greater`, who starts at 1.

    Infinite where a value refutes the threshold alone. Values whose runs lie next to each other in
    memory (``np.asfortranarray``) are summed several times as fast. ``expected`` are mean and
    variance before any value is seen; they count as one value.
    """
    threshold = np.asarray(threshold, dtype=float)
    positive = threshold > 0
    safe = np.where(positive, threshold, 1.0)
    bets = np.minimum(stakes(values, level, *expected), MOST_OF_CAPITAL / safe)
    bets *= values - safe
    gains = np.log1p(bets, out=bets)
    capital = np.cumsum(gains, axis=0, out=gains).max(axis=0)
    impossible = (threshold < 0) | (values.max(axis=0) > 0)
    return np.where(positive, np.maximum(capital, 0.0), np.where(impossible, np.inf, 0.0))


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
    number("confidence_level", confidence_level, above=0, below=1)
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
