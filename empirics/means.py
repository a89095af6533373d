"""Means over independent runs, with Student's interval."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.special import stdtrit

__all__ = ["mean_with_limits", "student_interval"]

Array = np.ndarray


def student_interval(
    values: Float[Array, "runs *cells"], confidence_level: float
) -> tuple[Any, Any]:
    """Student's two-sided interval for the mean of at least two independent runs, by column."""
    quantile = stdtrit(len(values) - 1, 0.5 + confidence_level / 2)
    half = quantile * values.std(axis=0, ddof=1) / np.sqrt(len(values))
    mean = values.mean(axis=0)
    return mean - half, mean + half


def mean_with_limits(
    values: Float[Array, "runs *cells"], error: Any = 0.0, confidence_level: float = 0.95
) -> tuple[Array, Array, Array]:
    """Mean over runs with the ends of its interval, the mean numerical error added to both sides.

    Args:
        values: one row per run.
        error: bound on their numerical error, one number or an array like ``values``.
        confidence_level: of each interval; there is none (NaN) for a single run.
    """
    mean = values.mean(axis=0)
    if len(values) < 2:
        return mean, np.full(np.shape(mean), np.nan), np.full(np.shape(mean), np.nan)
    low, high = student_interval(values, confidence_level)
    wider = np.broadcast_to(error, values.shape).mean(axis=0)
    return mean, low - wider, high + wider
