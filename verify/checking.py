"""Checking a bound against measured runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bounds import Bound, Constants, Side, Statistic
from bounds.errors import HypothesisError, ParameterError
from bounds.kde import Along
from bounds.notation import NOTATION
from bounds.propagation import paper_errors
from bounds.source import TOTAL_VARIATION
from empirics import Result
from verify.intervals import MeanInterval, mean_interval, proportion_interval
from verify.values import bound_values
from verify.verdict import GenerationVerdict, Verdict, Verdicts

__all__ = ["check"]

_NAN = float("nan")


@dataclass(frozen=True)
class _Check:
    """One bound held against one run; arrays are ``(replicates, generations)``."""

    bound: Bound
    values: Along
    tv: np.ndarray
    error: np.ndarray
    level: float
    method: MeanInterval
    delta: float
    tolerance: float
    exact: bool

    def limits(self, j: int) -> tuple[float, float]:
        """Limits of the mean TV of generation ``j + 1``, numerical error included."""
        low, high = mean_interval(self.tv[:, j], self.level, self.method)
        # A Monte-Carlo TV is unbiased and its noise is part of the spread of the runs.
        slack = float(self.error[:, j].mean()) if self.exact else 0.0
        return low - slack, high + slack


def check(
    bound: Bound,
    result: Result,
    confidence_level: float = 0.95,
    *,
    method: MeanInterval | str = MeanInterval.STUDENT,
    tolerance: float = 0.05,
    **params: Any,
) -> Verdicts:
    """Hold a bound against the runs of a loop.

    A bound on a mean meets the interval of the mean; one that may fail with probability ``delta``
    meets the exact interval of the share of runs that exceed it; one on every run meets every run.
    An upper bound is *violated* only if the lower limit is above it, *supported* only if the
    upper limit is not. All limits hold together with probability ``confidence_level``
    (Bonferroni over the generations).

    Args:
        bound: from the catalogue, or the user's own.
        result: what :func:`empirics.run` returned.
        confidence_level: in (0, 1).
        method: ``"student"`` or ``"betting"``, see :class:`MeanInterval`.
        tolerance: relative distance within which a prediction counts as supported.
        **params: parameters that the experiment does not determine: ``delta``, ``constant``,
            ``gamma``.

    Raises:
        ParameterError: a parameter is missing or out of range, or there are too few runs.
    """
    _check_arguments(bound, result, confidence_level, tolerance)
    steps = result.experiment.generations
    try:
        values = bound_values(bound, result, params)
    except HypothesisError as unmet:
        rows = [_row(j, Verdict.HYPOTHESES_UNMET, detail=str(unmet)) for j in range(steps)]
        return Verdicts(bound, confidence_level, tuple(rows))
    case = _Check(
        bound,
        values,
        result.matrix("tv"),
        result.matrix("tv_error"),
        1 - (1 - confidence_level) / steps,
        _method(method),
        float(NOTATION["delta"].expect(params["delta"], bound.title))
        if "delta" in params
        else _NAN,
        tolerance,
        result.experiment.on_grid,
    )
    judge = _JUDGES[bound.statistic]
    if not case.exact and not bound.statistic.is_mean:
        judge = _judge_estimates
    met = _rate_holds(bound, result, params)
    rows = [_unless_vacuous(case, judge(case, j)) for j in range(steps)]
    rows = [
        row if met[j] else _row(j, Verdict.HYPOTHESES_UNMET, detail="one-step rate exceeded")
        for j, row in enumerate(rows)
    ]
    return Verdicts(bound, confidence_level, tuple(rows))


def _check_arguments(bound: Any, result: Any, confidence_level: Any, tolerance: Any) -> None:
    if not isinstance(bound, Bound):
        raise ParameterError(f"bound = {bound!r}: must be a Bound, such as bounds.get('kde-clt')")
    if bound.quantity != TOTAL_VARIATION or bound.statistic not in _JUDGES:
        raise ParameterError(
            f"bound = {bound.name!r}: speaks of {bound.quantity.text}, {bound.statistic}; a loop's"
            " runs are held against bounds on their TV to real data"
        )
    if not isinstance(result, Result):
        raise ParameterError(f"result = {result!r}: must be what empirics.run returned")
    if not isinstance(confidence_level, float) or not 0 < confidence_level < 1:
        raise ParameterError(f"confidence_level = {confidence_level!r}: must be in (0, 1)")
    if not isinstance(tolerance, int | float) or not 0 <= tolerance < np.inf:
        raise ParameterError(f"tolerance = {tolerance!r}: must be a number >= 0")


def _row(
    j: int,
    verdict: Verdict,
    measured: tuple[float, float, float] = (_NAN, _NAN, _NAN),
    bound: float = _NAN,
    mean_tv: float = _NAN,
    detail: str = "",
) -> GenerationVerdict:
    tightness = bound / mean_tv if mean_tv else _NAN
    return GenerationVerdict(j + 1, verdict, *measured, bound, tightness, detail)


def _method(name: MeanInterval | str) -> MeanInterval:
    try:
        return MeanInterval(name)
    except ValueError:
        allowed = ", ".join(repr(m.value) for m in MeanInterval)
        raise ParameterError(f"method = {name!r}: must be one of {allowed}") from None


def _rate_holds(bound: Bound, result: Result, params: dict[str, Any]) -> np.ndarray:
    """Whether every run kept the one-step rate, on which a bound with a free constant rests."""
    steps = result.experiment.generations
    if bound.constants is not Constants.FREE:
        return np.ones(steps, dtype=bool)
    used = bound.defaults(constant=params["constant"]) | params
    rate = paper_errors(result.experiment.cycle, steps, used["constant"], used["gamma"])
    exceeded = result.matrix("one_step_tv") - result.matrix("one_step_error") > rate
    return ~np.logical_or.accumulate(exceeded.any(axis=0))


def _unless_vacuous(case: _Check, row: GenerationVerdict) -> GenerationVerdict:
    empty = {Side.UPPER: row.bound >= 1, Side.LOWER: row.bound <= 0, Side.PREDICTION: False}
    return replace(row, verdict=Verdict.VACUOUS) if empty[case.bound.side] else row


def _judge_mean(case: _Check, j: int) -> GenerationVerdict:
    value, slack = float(case.values.value[j]), float(case.values.error[j])
    low, high = case.limits(j)
    mean = float(case.tv[:, j].mean())
    verdict = _SIDES[case.bound.side](low, high, value, slack, case.tolerance)
    return _row(j, verdict, (mean, low, high), value, mean)


def _upper(low: float, high: float, value: float, slack: float, _: float) -> Verdict:
    if low > value + slack:
        return Verdict.VIOLATED
    return Verdict.SUPPORTED if high <= value - slack else Verdict.INCONCLUSIVE


def _lower(low: float, high: float, value: float, slack: float, _: float) -> Verdict:
    return _upper(-high, -low, -value, slack, _)


def _near(low: float, high: float, value: float, slack: float, tolerance: float) -> Verdict:
    reach = tolerance * value + slack
    if low > value + reach or high < value - reach:
        return Verdict.VIOLATED
    inside = value - reach <= low and high <= value + reach
    return Verdict.SUPPORTED if inside else Verdict.INCONCLUSIVE


def _judge_first(case: _Check, j: int) -> GenerationVerdict:
    if j == 0:
        return _judge_mean(case, j)
    return _row(j, Verdict.HYPOTHESES_UNMET, detail="it speaks of generation 1 only")


def _judge_every_run(case: _Check, j: int) -> GenerationVerdict:
    value, slack = case.values.value[..., j], case.values.error[..., j]
    tv, error = case.tv[:, j], case.error[:, j]
    sign = -1 if case.bound.side is Side.LOWER else 1
    violated = np.any(sign * (tv - value) > error + slack)
    supported = np.all((sign * (tv - value) <= -(error + slack)) | (tv == value))
    verdict = Verdict.SUPPORTED if supported else Verdict.INCONCLUSIVE
    measured = (float(tv.mean()), float((tv - error).min()), float((tv + error).max()))
    mean_value = float(np.mean(value))
    return _row(j, Verdict.VIOLATED if violated else verdict, measured, mean_value, measured[0])


def _judge_estimates(case: _Check, j: int) -> GenerationVerdict:
    """A statement about single runs cannot be tested on estimates of their TV."""
    value, mean = float(np.mean(case.values.value[..., j])), float(case.tv[:, j].mean())
    measured = (mean, *case.limits(j))
    detail = "TV is a Monte-Carlo estimate, this bound speaks of single runs"
    return _row(j, Verdict.INCONCLUSIVE, measured, value, mean, detail)


def _judge_share(case: _Check, j: int, beyond: np.ndarray, within: np.ndarray) -> GenerationVerdict:
    """Hold the share of runs that exceed the bound against ``delta``."""
    runs = len(case.tv)
    low, _ = proportion_interval(int(beyond.sum()), runs, case.level)
    _, high = proportion_interval(int((~within).sum()), runs, case.level)
    verdict = _upper(low, high, case.delta, 0.0, 0.0)
    value, mean = float(np.mean(case.values.value[..., j])), float(case.tv[:, j].mean())
    return _row(j, verdict, (float(beyond.mean()), low, high), value, mean)


def _exceedance(case: _Check) -> tuple[np.ndarray, np.ndarray]:
    """Runs and generations surely beyond the bound, and surely within it."""
    excess = case.tv - case.values.value
    slack = case.error + case.values.error
    return excess > slack, excess <= -slack


def _judge_each(case: _Check, j: int) -> GenerationVerdict:
    beyond, within = _exceedance(case)
    return _judge_share(case, j, beyond[:, j], within[:, j])


def _judge_all(case: _Check, j: int) -> GenerationVerdict:
    beyond, within = _exceedance(case)
    ever, always = beyond[:, : j + 1].any(axis=1), within[:, : j + 1].all(axis=1)
    return _judge_share(case, j, np.asarray(ever), np.asarray(always))


_SIDES: dict[Side, Callable[[float, float, float, float, float], Verdict]] = {
    Side.UPPER: _upper,
    Side.LOWER: _lower,
    Side.PREDICTION: _near,
}
_JUDGES: dict[Statistic, Callable[[_Check, int], GenerationVerdict]] = {
    Statistic.MEAN: _judge_mean,
    Statistic.FIRST_GENERATION: _judge_first,
    Statistic.EVERY_RUN: _judge_every_run,
    Statistic.EACH_GENERATION: _judge_each,
    Statistic.ALL_GENERATIONS: _judge_all,
}
