"""From runs and a bound's values to rows with p-values.

Rows are not decided here: :func:`verify.verdict.decide` does so for a whole family at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import isnan
from typing import Any

import numpy as np

from bounds import Side, Statistic
from verify.case import Case, Tests
from verify.mean_tests import mean_tests
from verify.run_tests import all_generations_tests, each_generation_tests, every_run_tests
from verify.verdict import GenerationVerdict, Verdict

__all__ = ["judge", "share_left"]

_NAN = float("nan")
_UNTESTED: dict[str, Any] = {"p_violation": _NAN, "p_support": _NAN, "refuted_below": _NAN}


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
            measured=float(tests.measured[j]) if known or not _is_tv(case) else _NAN,
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


def _is_tv(case: Case) -> bool:
    """Whether what is measured is a TV, not a share of runs."""
    return case.statistic not in (Statistic.EACH_GENERATION, Statistic.ALL_GENERATIONS)


def _settled(case: Case, row: GenerationVerdict) -> GenerationVerdict:
    """The row as it is, or without p-values where nothing can be tested."""
    if case.statistic is Statistic.FIRST_GENERATION and row.generation > 1:
        detail = "it speaks of generation 1 only"
        return _unmet(row, detail)
    if isnan(row.bound):
        one = case.statistic is Statistic.ONE_TRAINING and row.generation > 1
        return _unmet(row, f"it is {'computed for generation 1 only' if one else 'not a number'}")
    empty = {Side.UPPER: row.bound >= 1, Side.LOWER: row.bound <= 0}
    if not empty.get(case.side, False):
        return row
    return replace(row, verdict=Verdict.VACUOUS, detail="", **_UNTESTED)


def _unmet(row: GenerationVerdict, detail: str) -> GenerationVerdict:
    unmet = Verdict.HYPOTHESES_UNMET
    return GenerationVerdict(row.generation, unmet, detail=detail, where=row.where)


def _too_few(case: Case) -> str:
    """Why no number of runs below the bound could support it, if there are too few."""
    if case.statistic not in (Statistic.EACH_GENERATION, Statistic.ALL_GENERATIONS):
        return ""
    needed = int(np.ceil(np.log(case.alpha) / np.log1p(-case.delta)))
    if case.runs.replicates >= needed:
        return ""
    return (
        f"too few runs: {case.runs.replicates}; at least {needed} are needed to support a bound"
        f" that may fail with probability {case.delta:g}"
    )


def _of_these_runs(case: Case, p_support: float) -> str:
    """What support of a bound on every run rests on, and what it leaves open of other runs."""
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


_TESTS: dict[Statistic, Callable[[Case], Tests]] = {
    Statistic.MEAN: mean_tests,
    Statistic.AVERAGE: mean_tests,
    Statistic.FIRST_GENERATION: mean_tests,
    Statistic.EVERY_RUN: every_run_tests,
    Statistic.EACH_GENERATION: each_generation_tests,
    Statistic.ALL_GENERATIONS: all_generations_tests,
    Statistic.ONE_TRAINING: every_run_tests,
}
