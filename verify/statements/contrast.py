"""Shared parts of statements about shapes: estimates of ratios and exponents against a value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from bounds import Side
from verify.claim import Measured
from verify.controls import Control
from verify.estimates import Estimate
from verify.statistics import POWER
from verify.verdict import ControlOutcome, Fate, GenerationVerdict, Verdict, decide

__all__ = ["ALL_RUNS", "Contrast", "ContrastStatement", "covered", "grouped"]

ALL_RUNS = slice(None)
_HELD_OUT, _TESTED = slice(0, None, 2), slice(1, None, 2)
_OFF = 0.1
"""Smallest relative error that makes a control count as false."""


@dataclass(frozen=True, eq=False)
class Contrast:
    """A cell: an estimate and the value it is held against.

    Args:
        where: loops, for a table.
        generation: the generation, or the last one of several.
        estimate: computes the estimate from a slice of the runs of every loop.
        value: what is claimed, on the estimate's scale.
        side: of the value.
        tolerance: distance within which a prediction holds.
        logarithmic: whether the scale is that of a logarithm; numbers are shown as powers then.
        off: relative distance from the truth of the scaled control.
        detail: what else is worth knowing.
        swap: the claimed value with its exponent swapped, where there is one.
        dropped: the claimed value with its dependence on the generation dropped.
    """

    where: str
    generation: int
    estimate: Callable[[slice], Estimate]
    value: float
    side: Side
    tolerance: float = 0.0
    logarithmic: bool = False
    off: float = _OFF
    detail: str = ""
    swap: float | None = None
    dropped: float | None = None

    def row(self, runs: slice, alpha: float, limit_alpha: float) -> GenerationVerdict:
        """The undecided row of this cell."""
        found = self.estimate(runs)
        low, high = found.limits(limit_alpha)
        violation, support = self._p(found)
        shown, bound = self._shown(found.value), self._shown(self.value)
        return GenerationVerdict(
            generation=self.generation,
            verdict=Verdict.INCONCLUSIVE,
            measured=shown,
            low=self._shown(low),
            high=self._shown(high),
            bound=bound,
            tightness=bound / shown if shown else float("nan"),
            detail=self.detail,
            p_violation=violation,
            p_support=support,
            refuted_below=self._refuted(found, alpha),
            where=self.where,
        )

    def _p(self, found: Estimate) -> tuple[float, float]:
        if self.side is Side.UPPER:
            return found.p_above(self.value), found.p_below(self.value)
        if self.side is Side.LOWER:
            return found.p_below(self.value), found.p_above(self.value)
        high, low = self.value + self.tolerance, self.value - self.tolerance
        outside = min(2 * min(found.p_above(high), found.p_below(low)), 1.0)
        return outside, max(found.p_below(high), found.p_above(low))

    def _refuted(self, found: Estimate, alpha: float) -> float:
        low, high = found.limits(2 * alpha)
        reach = self.tolerance if self.side is Side.PREDICTION else 0.0
        limit = high if self.side is Side.LOWER else low - reach
        value = self._shown(self.value)
        return self._shown(limit) / value if value > 0 else float("nan")

    def _shown(self, value: float) -> float:
        return float(np.exp(value)) if self.logarithmic else float(value)

    def falsified(self, control: Control) -> Contrast | None:
        """The cell with a false value, or ``None`` where there is none."""
        if control is Control.SCALED:
            return self._scaled(self.estimate(_HELD_OUT).value)
        if control is Control.SIDE:
            other = {Side.UPPER: Side.LOWER, Side.LOWER: Side.UPPER}.get(self.side)
            return self._if_false(replace(self, side=other)) if other else None
        value = self.swap if control is Control.EXPONENT else self.dropped
        return None if value is None else self._if_false(replace(self, value=value))

    def _scaled(self, truth: float) -> Contrast:
        off = self.off * (-1 if self.side is Side.LOWER else 1)
        value = truth + np.log(1 - off) if self.logarithmic else truth * (1 - off)
        reach = self.tolerance if self.side is Side.PREDICTION else 0.0
        return replace(self, value=float(value - reach))

    def _if_false(self, other: Contrast) -> Contrast | None:
        """``other`` if the held-out half finds it a tenth off."""
        truth = other.estimate(_HELD_OUT).value
        gap = truth - other.value
        wrong = {
            Side.UPPER: gap,
            Side.LOWER: -gap,
            Side.PREDICTION: abs(gap) - other.tolerance,
        }[other.side]
        return other if wrong >= (_OFF if other.logarithmic else _OFF * abs(truth)) else None


class ContrastStatement(ABC):
    """A statement made of contrasts."""

    @property
    @abstractmethod
    def statistic(self) -> str:
        """The statistic of the runs that is compared."""

    @abstractmethod
    def contrasts(self, measured: Sequence[Measured]) -> list[Contrast]:
        """Contrasts that are tested, one for each cell."""

    def size(self, measured: Sequence[Measured]) -> int:
        """Number of cells that are tested."""
        return len(self.contrasts(measured))

    def assumes(self, measured: Sequence[Measured]) -> str:
        """Ratios of means have no test that holds for every law."""
        fewest = min((m.runs.replicates for m in measured), default=0)
        return (
            "Welch's test of logarithms of means: assumes that means over the runs, at least"
            f" {fewest} per loop, are close to normal, so that no run in thousands is far off"
        )

    def rows(
        self, measured: Sequence[Measured], alpha: float, limit_alpha: float
    ) -> list[GenerationVerdict]:
        """One row per contrast."""
        return [c.row(ALL_RUNS, alpha, limit_alpha) for c in self.contrasts(measured)]

    def outcomes(
        self, controls: Sequence[Control], measured: Sequence[Measured], alpha: float
    ) -> list[ControlOutcome]:
        """Every scaled cell must be refuted; of the other controls at least one cell."""
        contrasts = self.contrasts(measured)
        return [self._outcome(control, contrasts, alpha) for control in controls]

    def _outcome(
        self, control: Control, contrasts: Sequence[Contrast], alpha: float
    ) -> ControlOutcome:
        found = [c.falsified(control) for c in contrasts]
        false = [c for c in found if c is not None]
        if not false:
            return ControlOutcome(control.value, Fate.IDLE)
        rows = decide([c.row(_TESTED, alpha, alpha) for c in false], alpha * len(false))
        caught = [row.verdict is Verdict.VIOLATED for row in rows]
        if all(caught) if control is Control.SCALED else any(caught):
            return ControlOutcome(control.value, Fate.CAUGHT)
        missed = [c for c, ok in zip(false, caught, strict=True) if not ok]
        # A half is tested; the scaled value is itself estimated from the other half.
        halvings = 2 if control is Control.SCALED else 1
        return ControlOutcome(control.value, Fate.SURVIVED, _enough(missed, alpha, halvings))


def _enough(missed: Sequence[Contrast], alpha: float, halvings: int) -> str:
    """Number of times as many replicates that would catch the worst cell."""
    factors = [_times_as_many(cell, alpha, halvings) for cell in missed]
    worst = missed[int(np.argmax(factors))]
    if not np.isfinite(max(factors)):
        return f"{worst.where}: no number of replicates is enough; the numerical error must fall"
    return f"{worst.where}: about {max(factors):.2g} times as many replicates would be enough"


def _times_as_many(cell: Contrast, alpha: float, halvings: int) -> float:
    found = cell.estimate(ALL_RUNS)
    reach = cell.tolerance if cell.side is Side.PREDICTION else 0.0
    gap = abs(found.value - cell.value) - reach - found.slack
    z = ndtri(POWER) - ndtri(alpha)
    return float(2**halvings * (z * found.error / gap) ** 2) if gap > 0 else np.inf


def covered(measured: Sequence[Measured], generations: Sequence[int]) -> list[int]:
    """The generations that the loops reach."""
    last = min((m.runs.generations for m in measured), default=0)
    return [j for j in generations if j <= last]


def grouped(measured: Sequence[Measured], chosen: Sequence[str] = ()) -> dict[str, list[Measured]]:
    """Loops by group (the chosen ones, or all), in the order of their place on the curve."""
    groups: dict[str, list[Measured]] = {}
    for m in (m for m in measured if not chosen or m.loop.group in chosen):
        groups.setdefault(m.loop.group, []).append(m)
    return {g: sorted(ms, key=lambda m: m.loop.x or 0.0) for g, ms in groups.items()}
