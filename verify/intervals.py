"""Confidence intervals for means over independent runs, and for proportions of runs."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.special import betaincinv

from bounds.errors import ParameterError
from empirics.means import student_interval
from verify.betting import betting_limit

__all__ = ["MeanInterval", "mean_interval", "proportion_interval"]

Array = np.ndarray


class MeanInterval(StrEnum):
    """How a mean over runs is tested, and gets its interval.

    ``BETTING``: valid at every number of runs for any law on [0, 1].
    ``STUDENT``: Student's t, for means over runs that are close to normal; p-values are corrected
    for skewness (:mod:`verify.pvalues`), limits are not. Rare, far larger values break it.
    """

    BETTING = "betting"
    STUDENT = "student"


def mean_interval(
    values: Float[Array, "runs *cells"],
    confidence_level: float,
    method: MeanInterval,
    scale: Float[Array, "cells"] | None = None,
) -> tuple[Any, Any]:
    """Two-sided interval for the mean of independent ``values`` in [0, 1], column by column.

    Args:
        values: at least two runs.
        confidence_level: of each interval.
        method: see :class:`MeanInterval`.
        scale: how far a value strays from its mean, see :func:`verify.betting.betting_p`.

    Raises:
        ParameterError: fewer than two runs.
    """
    if len(values) < 2:
        raise ParameterError(
            f"replicates = {len(values)}: at least 2 independent runs are required for an interval"
        )
    if method is MeanInterval.BETTING:
        mean = values.mean(axis=0)
        columns, alpha = values.reshape(len(values), -1), (1 - confidence_level) / 2
        low = betting_limit(columns, alpha, scale)
        high = 1 - betting_limit(1 - columns, alpha, scale)
        return low.reshape(np.shape(mean)), high.reshape(np.shape(mean))
    return student_interval(values, confidence_level)


def proportion_interval(count: int, runs: int, confidence_level: float) -> tuple[float, float]:
    """Exact (Clopper-Pearson) two-sided interval for a probability."""
    tail = (1 - confidence_level) / 2
    low = betaincinv(count, runs - count + 1, tail) if count else 0.0
    high = betaincinv(count + 1, runs - count, 1 - tail) if count < runs else 1.0
    return float(low), float(high)
