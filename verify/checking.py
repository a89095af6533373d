"""Checking a bound against measured runs, of one loop or of a whole study."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from bounds import Bound, Statistic
from bounds.errors import HypothesisError, ParameterError, refuse_other
from bounds.notation import NOTATION
from bounds.propagation import paper_errors
from bounds.statement import ONE_STEP_TV, TOTAL_VARIATION
from bounds.theorems._paper_form import RATE
from empirics import InputError, Result
from empirics.runs import Runs
from empirics.sweeps import Store, Study, read_result
from verify.controls import Control, control_outcomes
from verify.facts import deviation_scale
from verify.judging import Case, judge, unmet
from verify.statistics import MeanInterval
from verify.values import BOUND, bound_values, compared
from verify.verdict import GenerationVerdict, Verdict, Verdicts, decide

__all__ = [
    "assumption",
    "build_case",
    "check",
    "check_study",
    "rows_of",
    "student_assumption",
    "unmet_rows",
]

_NAN = float("nan")
_LEAST_FOR_STUDENT = 30
_ON_RUNS = (
    Statistic.MEAN,
    Statistic.FIRST_GENERATION,
    Statistic.EVERY_RUN,
    Statistic.EACH_GENERATION,
    Statistic.ALL_GENERATIONS,
    Statistic.ONE_TRAINING,
)
_RECORDED_ONLY = (*_ON_RUNS, Statistic.AVERAGE)
_ROUNDING = 1e-12
_ONLY_LOWER = "inconclusive: only lower limits are known, and they are not above the bound"
_OR_RATE = "violated: the bound, or its one-step rate, which lower limits cannot show to hold"
_QUANTITIES = (TOTAL_VARIATION, ONE_STEP_TV)


def check(
    bound: Bound,
    result: Result | Runs,
    confidence_level: float = 0.95,
    *,
    method: MeanInterval | str = MeanInterval.BETTING,
    tolerance: float = 0.05,
    controls: tuple[Control, ...] = tuple(Control),
    **params: Any,
) -> Verdicts:
    r"""Hold a bound against the runs of a loop.

    Two one-sided tests per generation: "the bound holds" against "it fails", and conversely. A
    bound on a mean meets bets on the mean (or Student's test); one that may fail with probability
    ``delta`` meets the exact binomial test of the runs that exceed it; one on every run meets every
    run that was measured. Numerical and quadrature error count against either conclusion.

    Bets and binomial tests keep their error rate for every law of TV on [0, 1]; where the loop is
    known to move by at most ``1/n`` in TV with one of n points, bets use that, and say so.
    Student's test assumes that the mean of the runs is close to normal, which the verdicts repeat.

    A generation is *violated* or *supported* if Holm's procedure over the generations rejects the
    opposite: with probability ``confidence_level`` no generation is called violated falsely, and
    with that probability none is called supported falsely. The limits are two-sided and hold
    together (Bonferroni); Holm's procedure decides some more.

    Where TV is known by certified limits alone, as for models that only sample, nothing but a lower
    limit above the bound decides: *violated*, else *inconclusive*. The limits hold together at a
    confidence of their own, whose error rate is taken off that of the verdict; no control is run,
    and *refuted below* tells the power.

    Controls - bounds made false - are checked on the same runs; while one is not found violated,
    the verdict is at most inconclusive, and says how many replicates would be enough.

    Args:
        bound: from the catalogue, or the user's own.
        result: what :func:`empirics.run` returned, or a user's own :class:`verify.Runs`.
        confidence_level: in (0, 1).
        method: ``"betting"`` or ``"student"``, see :class:`MeanInterval`.
        tolerance: relative distance within which a prediction or an exact value counts as
            supported.
        controls: which ones to run.
        **params: parameters that the experiment does not determine: ``delta``, ``constant``,
            ``gamma``.

    Raises:
        ParameterError: a parameter is missing or out of range, or there are too few runs.
        InputError: the runs are damaged: a column, a row or a finite number is missing.
    """
    _check_arguments(bound, confidence_level, tolerance)
    runs, confidence_level = Runs.of(result), float(confidence_level)
    alpha = _left(runs, 1 - confidence_level)
    try:
        case = build_case(bound, runs, alpha, method=method, tolerance=tolerance, **params)
    except HypothesisError as error:
        rows = unmet_rows(runs, str(error))
        return Verdicts(bound, confidence_level, tuple(rows), notes=runs.notes)
    rows = decide(rows_of(bound, case, params), alpha)
    if runs.limits_only:
        rows, controls = [_limited(row, bound) for row in rows], ()
    tested = [row.tested for row in rows]
    outcomes = control_outcomes(case, bound, params, tested, controls)
    return Verdicts(bound, confidence_level, tuple(rows), outcomes, assumption(case), runs.notes)


def _left(runs: Runs, alpha: float) -> float:
    """The error rate that is left for the tests where limits that hold together are given.

    Raises:
        ParameterError: the limits err more often than the verdict may.
    """
    if not runs.limits_only:
        return alpha
    left = alpha - (1 - runs.error_confidence)
    if left < _ROUNDING:
        raise ParameterError(
            f"confidence_level = {1 - alpha:g}: the limits of these runs hold together at"
            f" {runs.error_confidence:g}; a verdict needs a confidence below that"
        )
    return left


def _limited(row: GenerationVerdict, bound: Bound) -> GenerationVerdict:
    """A row of runs whose TV is limited from samples, with what that leaves open."""
    if not row.tested:
        return row
    on_rate = RATE.name in {h.name for h in bound.hypotheses}
    if row.verdict is Verdict.VIOLATED and on_rate:
        return replace(row, detail=_OR_RATE)
    return row if row.verdict is not Verdict.INCONCLUSIVE else replace(row, detail=_ONLY_LOWER)


def build_case(
    bound: Bound,
    runs: Runs,
    alpha: float,
    *,
    cells: int | None = None,
    limit_alpha: float | None = None,
    method: MeanInterval | str = MeanInterval.BETTING,
    tolerance: float = 0.05,
    **params: Any,
) -> Case:
    """The bound's values beside the runs; ``cells`` rows (or chains) share ``alpha``.

    One row's limits err with ``limit_alpha``; ``alpha`` is shared by the generations if ``None``.

    Raises:
        HypothesisError: the theorem does not speak of these runs.
        ParameterError: see :func:`check`.
    """
    intervals = 1 if bound.statistic is Statistic.FIRST_GENERATION else runs.generations
    rows = 1 if bound.statistic is Statistic.ALL_GENERATIONS else intervals
    return Case(
        runs=compared(bound, runs),
        values=bound_values(bound, runs, params),
        side=bound.side,
        statistic=bound.statistic,
        alpha=alpha / (cells or rows),
        limit_alpha=limit_alpha or alpha / intervals,
        delta=_delta(bound, params),
        tolerance=tolerance,
        method=_method(method, bound, runs),
        scale=_scale(bound, runs),
    )


def _scale(bound: Bound, runs: Runs) -> np.ndarray | None:
    """The spread of TV around its mean; that of its limits is unknown."""
    is_tv = bound.quantity == TOTAL_VARIATION and not runs.limits_only
    return deviation_scale(runs) if is_tv else None


def assumption(case: Case) -> str:
    """The assumption of the tests of a mean; empty where the statement is about runs one by one."""
    if not case.statistic.is_mean:
        return ""
    if case.method is MeanInterval.STUDENT:
        return student_assumption(case.runs.replicates)
    if case.scale is None or not np.isfinite(case.scale).any():
        return "bets: for every law of TV on [0, 1], at every number of runs"
    return "bets: for every law of TV if one of n points moves a model by at most 1/n in TV"


def rows_of(
    bound: Bound, case: Case, params: dict[str, Any], where: str = ""
) -> list[GenerationVerdict]:
    """The undecided rows of a case; a rate that was exceeded leaves its hypothesis unmet."""
    rows, broken = judge(case, where), _rate_broken(bound, case.runs, params)
    if broken is None:
        return rows
    first, detail = broken
    return rows[: first - 1] + [unmet(row.generation, detail, where) for row in rows[first - 1 :]]


def unmet_rows(runs: Runs, detail: str, where: str = "") -> list[GenerationVerdict]:
    """Rows of a theorem that does not speak of these runs."""
    return [unmet(j, detail, where) for j in range(1, runs.generations + 1)]


def _check_arguments(bound: Any, confidence_level: Any, tolerance: Any) -> None:
    refuse_other("bound", bound, Bound, BOUND)
    recorded = bool(bound.quantity.column)
    statistics = _RECORDED_ONLY if recorded else _ON_RUNS
    if not (recorded or bound.quantity in _QUANTITIES) or bound.statistic not in statistics:
        raise ParameterError(
            f"bound = {bound.name!r}: speaks of {bound.quantity.text}, {bound.statistic}; a loop's"
            " runs are held against bounds on their TV to real data or to what they learned"
        )
    if not isinstance(confidence_level, float | Fraction) or not 0 < confidence_level < 1:
        raise ParameterError(f"confidence_level = {confidence_level!r}: must be in (0, 1)")
    if not isinstance(tolerance, int | float) or not 0 <= tolerance < np.inf:
        raise ParameterError(f"tolerance = {tolerance!r}: must be a number >= 0")


def _delta(bound: Bound, params: dict[str, Any]) -> float:
    if "delta" not in params:
        if bound.statistic.is_of_shares:
            raise ParameterError(f"delta: missing, needed by {bound.title!r}")
        return _NAN
    return float(NOTATION["delta"].expect_one(params["delta"], bound.title))


def student_assumption(runs: int) -> str:
    """The assumption of Student's test."""
    return (
        f"Student's test over {runs} runs: assumes that their mean is close to normal, so that no"
        " run in thousands is far off; method = 'betting' does not"
    )


def _method(name: MeanInterval | str, bound: Bound, runs: Runs) -> MeanInterval:
    try:
        method = MeanInterval(name)
    except ValueError:
        allowed = ", ".join(repr(m.value) for m in MeanInterval)
        raise ParameterError(f"method = {name!r}: must be one of {allowed}") from None
    few = runs.replicates < _LEAST_FOR_STUDENT
    if few and method is MeanInterval.STUDENT and bound.statistic.is_mean:
        raise ParameterError(
            f"replicates = {runs.replicates}: Student's test needs at least {_LEAST_FOR_STUDENT}"
            " independent runs; method = 'betting' holds at every number"
        )
    return method


def _rate_broken(bound: Bound, runs: Runs, params: dict[str, Any]) -> tuple[int, str] | None:
    """First generation in which a run broke the one-step rate that the bound rests on, and how."""
    if RATE.name not in {h.name for h in bound.hypotheses}:
        return None
    if runs.one_step_tv is None:
        raise ParameterError(f"one_step_tv: missing from the runs, needed by {bound.title!r}")
    used = {"gamma": NOTATION["gamma"].default} | params
    if "constant" not in used:
        raise ParameterError(f"constant: missing, needed by the one-step rate of {bound.title!r}")
    rate = paper_errors(runs.cycle, runs.generations, used["constant"], used["gamma"])
    error = runs.tv_error if runs.one_step_error is None else runs.one_step_error
    least = runs.one_step_tv - error
    exceeded = np.flatnonzero((least > rate).any(axis=0))
    if not len(exceeded):
        return None
    at = int(exceeded[0])
    return at + 1, (
        f"one-step rate exceeded: in generation {at + 1} a model is at least"
        f" {least[:, at].max():.4g} in TV from what it learned, C n^-gamma allows {rate[at]:.4g}"
    )


def check_study(
    bound: Bound, study: Study, store: Store | Path | str, **how: Any
) -> dict[str, Verdicts]:
    """Verdicts on every cell of a study, by the cell's label; nothing is computed again.

    Args:
        bound: from the catalogue, or the user's own.
        study: whose cells ``python -m empirics run`` has finished.
        store: where they are, or its folder.
        **how: further arguments of :func:`verify.check`. Limits hold together within a cell;
            divide ``1 - confidence_level`` by the number of cells for all together.

    Raises:
        InputError: an argument is something else, a cell is not finished, or its file is damaged.
    """
    for name, value, kind in (("bound", bound, Bound), ("study", study, Study)):
        if not isinstance(value, kind):
            made = "bounds.get(name)" if kind is Bound else "empirics.sweeps.load(path)"
            raise InputError(f"{name} = {value!r}: must be a {kind.__name__}, such as {made}")
    if isinstance(store, str | Path):
        store = Store(store)
    if not isinstance(store, Store):
        raise InputError(f"store = {store!r}: must be a Store, or the path of its folder")
    return {cell.label: check(bound, read_result(store, cell), **how) for cell in study.cells}
