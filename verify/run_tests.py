"""Tests of a bound on every run, or on all but a share ``delta`` of the runs."""

from __future__ import annotations

import numpy as np
from scipy.special import bdtrc

from bounds import Side
from verify import pvalues
from verify.case import Case, Tests
from verify.intervals import proportion_interval

__all__ = ["all_generations_tests", "each_generation_tests", "every_run_tests"]

Array = np.ndarray
_ROUNDING = 1e-12
"""Exact numbers closer than this are a tie that floating point cannot tell from equality."""


def every_run_tests(case: Case) -> Tests:
    """Every run must obey; only a numerical error that holds with a probability leaves doubt."""
    sign = -1 if case.side is Side.LOWER else 1
    value, slack = case.values.value, case.values.error
    tv, error = case.runs.tv, case.runs.tv_error
    excess, doubt = sign * (tv - value), error + slack
    beyond = excess > doubt + _ROUNDING
    within = (excess <= -doubt) | (tv == value) | ((doubt == 0) & (excess <= _ROUNDING))
    estimates = 1 + np.arange(1, case.runs.generations + 1)
    missed = np.minimum((1 - case.runs.error_confidence) * estimates, 1.0)
    violation = pvalues.at_least(beyond.sum(axis=0), case.runs.replicates, 0.0)
    if case.runs.error_confidence < 1:
        counted = zip(beyond.sum(axis=0), missed, strict=True)
        violation = np.array([pvalues.at_least(c, len(tv), m) for c, m in counted])
    extreme = case.ratios.min(axis=0) if sign < 0 else case.ratios.max(axis=0)
    return Tests(
        tv.mean(axis=0),
        (tv - error).min(axis=0),
        (tv + error).max(axis=0),
        violation,
        np.where(within.all(axis=0), 0.0, 1.0),
        extreme,
    )


def each_generation_tests(case: Case) -> Tests:
    """Test the share of runs beyond the bound, generation by generation."""
    beyond, within = _exceedance(case)
    return _share(case, beyond, within, case.ratios)


def all_generations_tests(case: Case) -> Tests:
    """Test the share of runs that were beyond the bound in any generation so far."""
    beyond, within = _exceedance(case)
    accumulate = np.minimum if case.side is Side.LOWER else np.maximum
    return _share(
        case,
        np.logical_or.accumulate(beyond, axis=1),
        np.logical_and.accumulate(within, axis=1),
        accumulate.accumulate(case.ratios, axis=1),
    )


def _exceedance(case: Case) -> tuple[Array, Array]:
    """Runs and generations surely beyond the bound, and surely within it."""
    sign = -1 if case.side is Side.LOWER else 1
    excess = sign * (case.runs.tv - case.values.value)
    slack = case.runs.tv_error + case.values.error
    return excess > slack, excess <= -slack


def _share(case: Case, beyond: Array, within: Array, ratios: Array) -> Tests:
    """Exact binomial tests of the share of runs beyond the bound against ``delta``."""
    runs, level = case.runs.replicates, 1 - case.limit_alpha
    many, few = beyond.sum(axis=0), (~within).sum(axis=0)
    low = [proportion_interval(int(c), runs, level)[0] for c in many]
    high = [proportion_interval(int(c), runs, level)[1] for c in few]
    return Tests(
        beyond.mean(axis=0),
        np.array(low),
        np.array(high),
        pvalues.at_least(many, runs, case.delta),
        pvalues.at_most(few, runs, case.delta),
        _refuted_share(case, ratios),
    )


def _refuted_share(case: Case, ratios: Array) -> Array:
    """The factor at which just enough runs are beyond for a refutation."""
    runs = case.runs.replicates
    tails = bdtrc(np.arange(runs, dtype=float), runs, case.delta)
    enough = np.flatnonzero(tails <= case.alpha)
    lower = case.side is Side.LOWER
    if not enough.size:
        return np.full(ratios.shape[1], np.inf if lower else 0.0)
    ordered = np.sort(ratios, axis=0)
    return np.asarray(ordered[enough[0]] if lower else ordered[::-1][enough[0]])
