"""Stakes of a gambler against a mean, for every test and limit that is made of bets."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

__all__ = ["MOST_OF_CAPITAL", "stakes"]

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
