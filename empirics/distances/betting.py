"""Stakes of a gambler against a mean, for every test and limit that is made of bets."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

__all__ = ["MOST_OF_CAPITAL", "betting_greater", "stakes"]

MOST_OF_CAPITAL = 0.75
"""Largest fraction of the capital at stake in one bet."""


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
    mean = (first_mean + np.cumsum(values, axis=0)) / (seen + 1)
    variance = (first_variance + np.cumsum((values - mean) ** 2, axis=0)) / (seen + 1)
    before = np.concatenate([np.broadcast_to(first_variance, variance[:1].shape), variance[:-1]])
    return np.asarray(np.sqrt(2 * np.log(1 / level) / (n * before)))


def betting_greater(
    values: Float[np.ndarray, "runs *cells"],
    threshold: Float[np.ndarray, "*cells"] | float,
    level: float,
    expected: tuple[Any, Any] = (0.5, 0.25),
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
        expected: mean and variance before any value is seen; they count as one value.

    Returns:
        One p-value per cell, or a number.
    """
    threshold = np.asarray(threshold, dtype=float)
    positive = threshold > 0
    safe = np.where(positive, threshold, 1.0)
    bets = np.minimum(stakes(values, level, *expected), MOST_OF_CAPITAL / safe)
    capital = np.cumsum(np.log1p(bets * (values - safe)), axis=0).max(axis=0)
    p = np.exp(-np.maximum(capital, 0.0))
    impossible = (threshold < 0) | (values.max(axis=0) > 0)
    p = np.where(positive, p, np.where(impossible, 0.0, 1.0))
    return p if p.ndim else float(p)
