"""Tests of a bound on the mean TV over runs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bounds import Side
from bounds.errors import ParameterError
from verify import pvalues
from verify.case import Case, Tests
from verify.intervals import MeanInterval, mean_interval

__all__ = ["mean_tests"]

Array = np.ndarray
_REFUTATION_STEPS = 20


def mean_tests(case: Case) -> Tests:
    """Test every generation's mean.

    Raises:
        ParameterError: fewer than two runs.
    """
    if case.runs.replicates < 2:
        raise ParameterError(
            f"replicates = {case.runs.replicates}: at least 2 independent runs are required for a"
            " statement about a mean"
        )
    tv, error = case.runs.tv, case.runs.tv_error.mean(axis=0)
    limits = [mean_interval(column, 1 - case.limit_alpha, case.method) for column in tv.T]
    low, high = np.array(limits).T
    violation, support = _MEAN_P[case.side](case)
    return Tests(
        tv.mean(axis=0), low - error, high + error, violation, support, _refuted_mean(case)
    )


def _mean_upper(case: Case) -> tuple[Array, Array]:
    value, slack = case.values.value, case.values.error
    how = (case.method, case.alpha)
    return (
        pvalues.greater(case.least, value + slack, *how),
        pvalues.less(case.most, value - slack, *how),
    )


def _mean_lower(case: Case) -> tuple[Array, Array]:
    value, slack = case.values.value, case.values.error
    how = (case.method, case.alpha)
    return (
        pvalues.less(case.most, value - slack, *how),
        pvalues.greater(case.least, value + slack, *how),
    )


def _mean_near(case: Case) -> tuple[Array, Array]:
    """Outside the tolerance on either side, against inside on both (two one-sided tests)."""
    value, reach = case.values.value, case.tolerance * case.values.value
    slack, how = case.values.error, (case.method, case.alpha)
    above = pvalues.greater(case.least, value + reach + slack, *how)
    below = pvalues.less(case.most, value - reach - slack, *how)
    not_above = pvalues.less(case.most, value + reach - slack, *how)
    not_below = pvalues.greater(case.least, value - reach + slack, *how)
    return np.minimum(2 * np.minimum(above, below), 1.0), np.maximum(not_above, not_below)


def _refuted_mean(case: Case) -> Array:
    """The one-sided limit of the mean over the bound at its worst."""
    value, slack = case.values.value, case.values.error
    if case.side is Side.LOWER:
        return (1 - _lower_limit(1 - case.most, case)) / np.maximum(value - slack, 1e-300)
    reach = case.tolerance * value if case.side is Side.PREDICTION else 0.0
    return _lower_limit(case.least, case) / np.maximum(value + reach + slack, 1e-300)


def _lower_limit(values: Array, case: Case) -> Array:
    if case.method is MeanInterval.STUDENT:
        return pvalues.student_lower(values, case.alpha)
    low, high = np.zeros(values.shape[1]), values.mean(axis=0)
    for _ in range(_REFUTATION_STEPS):
        middle = (low + high) / 2
        refuted = pvalues.greater(values, middle, case.method, case.alpha) <= case.alpha
        low, high = np.where(refuted, middle, low), np.where(refuted, high, middle)
    return low


_MEAN_P: dict[Side, Callable[[Case], tuple[Array, Array]]] = {
    Side.UPPER: _mean_upper,
    Side.LOWER: _mean_lower,
    Side.PREDICTION: _mean_near,
}
