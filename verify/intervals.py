"""Confidence intervals for means over independent runs, and for proportions of runs."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from scipy.special import betaincinv, stdtrit

from bounds.errors import ParameterError
from empirics.distances import betting_interval

__all__ = ["MeanInterval", "mean_interval", "proportion_interval"]


class MeanInterval(StrEnum):
    """How the mean over runs gets its interval.

    ``STUDENT``: Student's t, exact for normal values and close for the many small contributions
    that make up a TV; p-values are corrected for skewness (:mod:`verify.pvalues`), limits are not.
    ``BETTING``: valid at every number of runs for any law on [0, 1], and wider.
    """

    STUDENT = "student"
    BETTING = "betting"


def mean_interval(
    values: np.ndarray, confidence_level: float, method: MeanInterval
) -> tuple[float, float]:
    """Two-sided interval for the mean of independent ``values``.

    Raises:
        ParameterError: fewer than two runs.
    """
    if len(values) < 2:
        raise ParameterError(
            f"replicates = {len(values)}: at least 2 independent runs are required for an interval"
        )
    if method is MeanInterval.BETTING:
        interval = betting_interval(values, confidence_level)
        return interval.low, interval.high
    quantile = stdtrit(len(values) - 1, 0.5 + confidence_level / 2)
    half = quantile * values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean() - half), float(values.mean() + half)


def proportion_interval(count: int, runs: int, confidence_level: float) -> tuple[float, float]:
    """Exact (Clopper-Pearson) two-sided interval for a probability."""
    tail = (1 - confidence_level) / 2
    low = betaincinv(count, runs - count + 1, tail) if count else 0.0
    high = betaincinv(count + 1, runs - count, 1 - tail) if count < runs else 1.0
    return float(low), float(high)
