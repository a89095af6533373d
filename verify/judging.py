"""A bound held against runs: its values beside them, and the test of every generation.

A bound speaks of the mean TV over runs, of every run, or of all runs but a share ``delta``.

Rows are not decided here: :func:`verify.verdict.decide` does so for a whole family at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isnan
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.special import bdtrc

from bounds import Side, Statistic
from bounds.errors import ParameterError
from bounds.kde import Along
from empirics.runs import Runs
from verify import statistics
from verify.statistics import MeanInterval, betting_limit, mean_interval, proportion_interval
from verify.verdict import GenerationVerdict, Verdict

__all__ = [
    "Case",
    "Tests",
    "all_generations_tests",
    "each_generation_tests",
    "every_run_tests",
    "judge",
    "mean_tests",
    "share_left",
    "unmet",
]

Array = np.ndarray
_NAN = float("nan")
_UNTESTED: dict[str, Any] = {"p_violation": _NAN, "p_support": _NAN, "refuted_below": _NAN}
_ROUNDING = 1e-12
"""Exact numbers closer than this are a tie that floating point cannot tell from equality."""


@dataclass(frozen=True, eq=False)
class Case:
    """Values of a bound held against runs.

    Args:
        runs: what was measured.
        values: ``(generations,)``, or ``(runs, generations)`` where every run has its own.
        side: of the values.
        statistic: what they speak of.
        alpha: error rate that one row may spend, or one chain of nested rows.
        limit_alpha: error rate of one row's confidence limits.
        delta: probability with which the bound may fail, where it may.
        tolerance: relative distance within which a prediction holds.
        method: how a mean is tested.
        scale: how far a run's TV strays from its mean (:func:`verify.facts.deviation_scale`).
        limits: whether limits of means are computed, and what would be refuted.
    """

    runs: Runs
    values: Along
    side: Side
    statistic: Statistic
    alpha: float
    limit_alpha: float
    delta: float = _NAN
    tolerance: float = 0.05
    method: MeanInterval = MeanInterval.BETTING
    scale: Float[Array, "generations"] | None = None
    limits: bool = True

    @property
    def least(self) -> Float[Array, "runs generations"]:
        """TV less its numerical error."""
        return np.maximum(self.runs.tv - self.runs.tv_error, 0.0)

    @property
    def most(self) -> Float[Array, "runs generations"]:
        """TV plus its numerical error."""
        return np.minimum(self.runs.tv + self.runs.tv_error, 1.0)

    @property
    def allowance(self) -> Float[Array, "..."]:
        """Distance within which a two-sided statement counts as supported; else zero."""
        if self.side in (Side.PREDICTION, Side.EXACT):
            return np.asarray(self.tolerance * self.values.value)
        return np.zeros(np.shape(self.values.value))

    @property
    def margin(self) -> Float[Array, "..."]:
        """Distance within which a two-sided statement is not violated: none if it is exact."""
        if self.side is Side.PREDICTION:
            return self.allowance
        return np.zeros(np.shape(self.values.value))

    @property
    def distance(self) -> Float[Array, "runs generations"]:
        """The excess of TV over the value; of a two-sided statement, its distance."""
        gap = self.runs.tv - self.values.value
        if self.side is Side.UPPER:
            return np.asarray(gap)
        return np.asarray(-gap if self.side is Side.LOWER else np.abs(gap))

    @property
    def missed(self) -> float:
        """Chance that the numerical error of one run and generation does not hold.

        That limits do not hold together is counted once, for all rows.
        """
        return 0.0 if self.runs.limits_only else 1 - self.runs.error_confidence

    @property
    def ratios(self) -> Float[Array, "runs generations"]:
        """Surely exceeded multiples of the bound; of a lower bound, multiples not reached."""
        if self.side is Side.LOWER:
            return self.most / np.maximum(self.values.value - self.values.error, 1e-300)
        return self.least / np.maximum(self.values.value + self.values.error, 1e-300)


@dataclass(frozen=True)
class Tests:
    """One number per generation each."""

    measured: Array
    low: Array
    high: Array
    p_violation: Array
    p_support: Array
    refuted_below: Array


def judge(case: Case, where: str = "") -> list[GenerationVerdict]:
    """A row per generation; vacuous ones have no p-values.

    Raises:
        ParameterError: fewer than two runs for a statement about a mean.
    """
    tests = _TESTS[case.statistic](case)
    known = not case.runs.limits_only
    mean = case.runs.tv.mean(axis=0)
    value = np.broadcast_to(case.values.value, case.runs.tv.shape).mean(axis=0)
    chain = f"{where} together" if case.statistic is Statistic.ALL_GENERATIONS else ""

    def row(j: int) -> GenerationVerdict:
        return GenerationVerdict(
            generation=j + 1,
            verdict=Verdict.INCONCLUSIVE,
            measured=float(tests.measured[j]) if known or case.statistic.is_of_shares else _NAN,
            low=float(tests.low[j]),
            high=float(tests.high[j]),
            bound=float(value[j]),
            tightness=float(value[j] / mean[j]) if mean[j] and known else _NAN,
            detail=_too_few(case) or _of_these_runs(case, float(tests.p_support[j])),
            p_violation=float(tests.p_violation[j]),
            p_support=float(tests.p_support[j]),
            refuted_below=float(tests.refuted_below[j]),
            where=where,
            group=chain,
        )

    return [_settled(case, row(j)) for j in range(case.runs.generations)]


def _settled(case: Case, row: GenerationVerdict) -> GenerationVerdict:
    """The row as it is, or without p-values where nothing can be tested."""
    if case.statistic is Statistic.FIRST_GENERATION and row.generation > 1:
        return unmet(row.generation, "it speaks of generation 1 only", row.where)
    if isnan(row.bound):
        one = case.statistic is Statistic.ONE_TRAINING and row.generation > 1
        why = f"it is {'computed for generation 1 only' if one else 'not a number'}"
        return unmet(row.generation, why, row.where)
    empty = {Side.UPPER: row.bound >= 1, Side.LOWER: row.bound <= 0}
    if not empty.get(case.side, False):
        return row
    return replace(row, verdict=Verdict.VACUOUS, detail="", **_UNTESTED)


def unmet(generation: int, detail: str, where: str) -> GenerationVerdict:
    """The row of a generation of which the bound does not speak."""
    return GenerationVerdict(generation, Verdict.HYPOTHESES_UNMET, detail=detail, where=where)


def _too_few(case: Case) -> str:
    """The reason why runs below the bound cannot support it, if they are too few."""
    if not case.statistic.is_of_shares:
        return ""
    needed = int(np.ceil(np.log(case.alpha) / np.log1p(-case.delta)))
    if case.runs.replicates >= needed:
        return ""
    return (
        f"too few runs: {case.runs.replicates}; at least {needed} are needed to support a bound"
        f" that may fail with probability {case.delta:g}"
    )


def _of_these_runs(case: Case, p_support: float) -> str:
    """The basis of support of a bound on every run, and what it leaves open of other runs."""
    if case.statistic not in (Statistic.EVERY_RUN, Statistic.ONE_TRAINING) or p_support >= 1:
        return ""
    left = share_left(case.runs.replicates, case.limit_alpha)
    return (
        f"held by each of the {case.runs.replicates} runs; at {1 - case.limit_alpha:.4g} confidence"
        f" at most {left:.2%} of all runs break it"
    )


def share_left(runs: int, alpha: float) -> float:
    """Largest share of all runs that may break a bound which none of ``runs`` has broken."""
    return float(1 - alpha ** (1 / runs))


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
    return statistics.greater(case.least, value, case.method, case.alpha, case.scale)


def _below(case: Case, value: Array) -> Array:
    """p-values of "the mean is at least ``value``", likewise."""
    return statistics.less(case.most, value, case.method, case.alpha, case.scale)


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
        return statistics.student_lower(values, case.alpha)
    return betting_limit(values, case.alpha, case.scale)


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
        statistics.at_least(beyond.sum(axis=0), len(tv), missed),
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
        statistics.at_least(many, runs, np.minimum(case.delta + missed, 1.0)),
        statistics.at_most(few, runs, case.delta * (1 - missed)),
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


_MEAN_P: dict[Side, Callable[[Case], tuple[Array, Array]]] = {
    Side.UPPER: _mean_upper,
    Side.LOWER: _mean_lower,
    Side.PREDICTION: _mean_near,
    Side.EXACT: _mean_near,
}
_TESTS: dict[Statistic, Callable[[Case], Tests]] = {
    Statistic.MEAN: mean_tests,
    Statistic.AVERAGE: mean_tests,
    Statistic.FIRST_GENERATION: mean_tests,
    Statistic.EVERY_RUN: every_run_tests,
    Statistic.EACH_GENERATION: each_generation_tests,
    Statistic.ALL_GENERATIONS: all_generations_tests,
    Statistic.ONE_TRAINING: every_run_tests,
}
