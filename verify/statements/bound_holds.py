"""The statement that a bound holds along loops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp

import bounds
from bounds import Bound, Constants, Evidence, Side, Source, Statistic
from bounds.errors import HypothesisError
from verify.checking import build_case, rows_of, student_assumption, unmet_rows
from verify.claim import Loop, Measured
from verify.controls import Control, control_outcomes, together
from verify.statistics import MeanInterval
from verify.values import bound_values
from verify.verdict import ControlOutcome, Fate, GenerationVerdict

__all__ = ["BoundHolds", "at_most"]


@dataclass(frozen=True)
class BoundHolds:
    """A bound of the catalogue, or one chosen by the loop, holds.

    Args:
        bound: its name, a bound, or what returns the bound of a loop.
        params: parameters that a loop does not determine, such as ``delta``.
        tolerance: relative distance within which a prediction holds.
        method: how a mean is tested.
    """

    bound: str | Bound | Callable[[Loop], Bound]
    params: Mapping[str, Any] = field(default_factory=dict)
    tolerance: float = 0.05
    method: MeanInterval = MeanInterval.BETTING

    @property
    def statistic(self) -> str:
        """The statistic of the bound."""
        if isinstance(self.bound, str):
            return bounds.get(self.bound).statistic
        return self.bound.statistic if isinstance(self.bound, Bound) else Statistic.MEAN

    def of(self, loop: Loop) -> Bound:
        """The bound of a loop."""
        if isinstance(self.bound, str):
            return bounds.get(self.bound)
        return self.bound if isinstance(self.bound, Bound) else self.bound(loop)

    def size(self, measured: Sequence[Measured]) -> int:
        """One cell per loop and generation; one per loop for a simultaneous bound."""
        return sum(
            1 if self.of(m.loop).statistic in _ONE_CELL else m.runs.generations for m in measured
        )

    def assumes(self, measured: Sequence[Measured]) -> str:
        """The assumption of Student's test, where it is asked for; bets assume nothing of a law."""
        if self.method is MeanInterval.BETTING:
            return ""
        means = [m.runs.replicates for m in measured if self.of(m.loop).statistic.is_mean]
        return student_assumption(min(means)) if means else ""

    def prepare(self, m: Measured) -> None:
        """Compute the bound's values along a loop, which are then known; faults are told later."""
        with suppress(Exception):  # whatever it is: loops that are still run are not lost for it
            bound_values(self.of(m.loop), m.runs, dict(self.params))

    def rows(
        self, measured: Sequence[Measured], alpha: float, limit_alpha: float
    ) -> list[GenerationVerdict]:
        """All generations of all loops."""
        return [row for m in measured for row in self._rows(m, alpha, limit_alpha)]

    def _rows(self, m: Measured, alpha: float, limit_alpha: float) -> list[GenerationVerdict]:
        bound = self.of(m.loop)
        options: dict[str, Any] = {
            "cells": 1,
            "limit_alpha": limit_alpha,
            "tolerance": self.tolerance,
            "method": self.method,
        }
        try:
            case = build_case(bound, m.runs, alpha, **options, **self.params)
        except HypothesisError as unmet:
            return unmet_rows(m.runs, str(unmet), m.loop.label)
        rows = rows_of(bound, case, dict(self.params), m.loop.label)
        return rows[:1] if bound.statistic is Statistic.FIRST_GENERATION else rows

    def outcomes(
        self, controls: Sequence[Control], measured: Sequence[Measured], alpha: float
    ) -> list[ControlOutcome]:
        """Each is caught if it is caught in every loop in which it is false."""
        by_loop = [self._outcomes(controls, m, alpha) for m in measured]
        return [
            together(control, [outcomes[i] for outcomes in by_loop])
            for i, control in enumerate(controls)
        ]

    def _outcomes(
        self, controls: Sequence[Control], m: Measured, alpha: float
    ) -> list[ControlOutcome]:
        """Of one loop, whose true bound is computed once for all controls."""
        bound, params = self.of(m.loop), dict(self.params)
        idle = [ControlOutcome(control.value, Fate.IDLE) for control in controls]
        how: dict[str, Any] = {"tolerance": self.tolerance, "method": self.method}
        try:
            case = build_case(bound, m.runs, alpha, cells=1, **how, **params)
        except HypothesisError:
            return idle
        # Whether a row can be tested does not depend on its limits, which take longest.
        rows = rows_of(bound, replace(case, limits=False), params)
        tested = [row.tested for row in rows]
        outcomes = [control_outcomes(case, bound, params, tested, (c,)) for c in controls]
        return [
            _placed(found[0], m.loop) if found else none
            for found, none in zip(outcomes, idle, strict=True)
        ]


def _placed(outcome: ControlOutcome, loop: Loop) -> ControlOutcome:
    """The outcome, and the loop that its detail is about."""
    detail = f"{loop.label}: {outcome.detail}" if outcome.detail else ""
    return replace(outcome, detail=detail)


_ONE_CELL = (Statistic.ALL_GENERATIONS, Statistic.FIRST_GENERATION)


def at_most(level: float) -> Bound:
    """The statement that mean TV is at most ``level`` in every generation."""
    return Bound(
        name="at-most",
        title=f"Mean TV at most {level:g}",
        statement=f"The mean TV of every generation is at most {level:g}.",
        expression=sp.Float(level),
        hypotheses=(),
        source=Source("the claim", "its level", Evidence.PROVED),
        side=Side.UPPER,
        statistic=Statistic.MEAN,
        constants=Constants.GIVEN,
        between=True,
    )
