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
    tv, error = case.runs.tv, case.runs.tv_error
    doubt = error + case.values.error
    beyond = case.distance - case.margin > doubt + _ROUNDING
    within = _surely_within(case, doubt).all(axis=0)
    estimates = 1 + np.arange(1, case.runs.generations + 1)
    missed = np.minimum(case.missed * estimates, 1.0)
    lower = case.side is Side.LOWER
    return Tests(
        tv.mean(axis=0),
        (tv - error).min(axis=0),
        (tv + error).max(axis=0),
        pvalues.at_least(beyond.sum(axis=0), len(tv), missed),
        # A run beyond the bound looks within it only if its error does not hold.
        np.where(within, missed, 1.0),
        case.ratios.min(axis=0) if lower else case.ratios.max(axis=0),
    )


def _surely_within(case: Case, doubt: Array) -> Array:
    """Runs and generations within the bound at any error; a tie of equal numbers is within."""
    excess = case.distance - case.allowance
    tie = (case.runs.tv == case.values.value) | ((doubt == 0) & (excess <= _ROUNDING))
    return np.asarray((excess <= -doubt) | tie)


def each_generation_tests(case: Case) -> Tests:
    """Test the share of runs beyond the bound, generation by generation."""
    beyond, within = _exceedance(case)
    missed = np.full(case.runs.generations, case.missed)
    return _share(case, beyond, within, case.ratios, missed)


def all_generations_tests(case: Case) -> Tests:
    """Test the share of runs that were beyond the bound in any generation so far."""
    beyond, within = _exceedance(case)
    accumulate = np.minimum if case.side is Side.LOWER else np.maximum
    return _share(
        case,
        np.logical_or.accumulate(beyond, axis=1),
        np.logical_and.accumulate(within, axis=1),
        accumulate.accumulate(case.ratios, axis=1),
        np.minimum(case.missed * np.arange(1, case.runs.generations + 1), 1.0),
    )


def _exceedance(case: Case) -> tuple[Array, Array]:
    """Runs and generations surely beyond the bound, and surely within it."""
    slack = case.runs.tv_error + case.values.error
    return case.distance - case.margin > slack, case.distance - case.allowance <= -slack


def _share(case: Case, beyond: Array, within: Array, ratios: Array, missed: Array) -> Tests:
    """Exact binomial tests of the share of runs beyond the bound against ``delta``.

    Numerical errors fail with chance ``missed``: a run looks beyond the bound with chance
    ``delta + missed`` at most if the bound holds, and not within it with ``delta (1 - missed)`` at
    least if it does not.
    """
    runs, level = case.runs.replicates, 1 - case.limit_alpha
    many, few = beyond.sum(axis=0), (~within).sum(axis=0)
    low = [proportion_interval(int(c), runs, level)[0] for c in many]
    high = [proportion_interval(int(c), runs, level)[1] for c in few]
    return Tests(
        beyond.mean(axis=0),
        np.array(low),
        np.array(high),
        pvalues.at_least(many, runs, np.minimum(case.delta + missed, 1.0)),
        pvalues.at_most(few, runs, case.delta * (1 - missed)),
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
