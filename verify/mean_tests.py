"""Tests of a bound on the mean TV over runs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bounds import Side
from bounds.errors import ParameterError
from verify import pvalues
from verify.betting import betting_limit
from verify.case import Case, Tests
from verify.intervals import MeanInterval, mean_interval

__all__ = ["mean_tests"]

Array = np.ndarray


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
    violation, support = _MEAN_P[case.side](case)
    low, high = _limits(case)
    return Tests(case.runs.tv.mean(axis=0), low, high, violation, support, _refuted_mean(case))


def _limits(case: Case) -> tuple[Array, Array]:
    if not case.limits:
        return _untold(case), _untold(case)
    if case.runs.limits_only:
        ends = (case.least, case.most)
        both = [mean_interval(x, 1 - case.limit_alpha, case.method, case.scale) for x in ends]
        return both[0][0], both[1][1]
    error = case.runs.tv_error.mean(axis=0)
    low, high = mean_interval(case.runs.tv, 1 - case.limit_alpha, case.method, case.scale)
    return low - error, high + error


def _untold(case: Case) -> Array:
    return np.full(case.runs.generations, np.nan)


def _above(case: Case, value: Array) -> Array:
    """p-values of "the mean is at most ``value``", numerical error at its worst."""
    return pvalues.greater(case.least, value, case.method, case.alpha, case.scale)


def _below(case: Case, value: Array) -> Array:
    """p-values of "the mean is at least ``value``", likewise."""
    return pvalues.less(case.most, value, case.method, case.alpha, case.scale)


def _mean_upper(case: Case) -> tuple[Array, Array]:
    value, slack = case.values.value, case.values.error
    return _above(case, value + slack), _below(case, value - slack)


def _mean_lower(case: Case) -> tuple[Array, Array]:
    value, slack = case.values.value, case.values.error
    return _below(case, value - slack), _above(case, value + slack)


def _mean_near(case: Case) -> tuple[Array, Array]:
    """Outside the margin on either side, against inside the tolerance (two one-sided tests)."""
    value, slack = case.values.value, case.values.error
    above = _above(case, value + case.margin + slack)
    below = _below(case, value - case.margin - slack)
    not_above = _below(case, value + case.allowance - slack)
    not_below = _above(case, value - case.allowance + slack)
    return np.minimum(2 * np.minimum(above, below), 1.0), np.maximum(not_above, not_below)


def _refuted_mean(case: Case) -> Array:
    """The one-sided limit of the mean over the bound at its worst."""
    if not case.limits:
        return _untold(case)
    value, slack = case.values.value, case.values.error
    if case.side is Side.LOWER:
        return (1 - _lower_limit(1 - case.most, case)) / np.maximum(value - slack, 1e-300)
    return _lower_limit(case.least, case) / np.maximum(value + case.margin + slack, 1e-300)


def _lower_limit(values: Array, case: Case) -> Array:
    if case.method is MeanInterval.STUDENT:
        return pvalues.student_lower(values, case.alpha)
    return betting_limit(values, case.alpha, case.scale)


_MEAN_P: dict[Side, Callable[[Case], tuple[Array, Array]]] = {
    Side.UPPER: _mean_upper,
    Side.LOWER: _mean_lower,
    Side.PREDICTION: _mean_near,
    Side.EXACT: _mean_near,
}
