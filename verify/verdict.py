"""Verdicts: what the runs of a loop say about a bound, generation by generation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from io import StringIO
from math import isnan

import polars as pl
from rich.console import Console
from rich.table import Table

from bounds import Bound, Statistic

__all__ = ["GenerationVerdict", "Verdict", "Verdicts"]


class Verdict(StrEnum):
    """What can be said of a bound from measurements with their errors."""

    SUPPORTED = "supported"
    VIOLATED = "violated"
    INCONCLUSIVE = "inconclusive"
    VACUOUS = "vacuous"
    HYPOTHESES_UNMET = "hypotheses-unmet"


_GRAVEST_FIRST = (
    Verdict.VIOLATED,
    Verdict.HYPOTHESES_UNMET,
    Verdict.INCONCLUSIVE,
    Verdict.VACUOUS,
    Verdict.SUPPORTED,
)


_MEASURED = {
    Statistic.MEAN: "mean TV",
    Statistic.FIRST_GENERATION: "mean TV",
    Statistic.EVERY_RUN: "mean TV, limits: its range over the runs",
    Statistic.EACH_GENERATION: "share of runs above the bound",
    Statistic.ALL_GENERATIONS: "share of runs above the bound so far",
}


@dataclass(frozen=True)
class GenerationVerdict:
    """The verdict on one generation.

    ``measured`` is the mean TV, or the share of runs beyond a bound that may fail with some
    probability; ``low`` and ``high`` its confidence limits with the numerical errors added.
    ``bound`` is the bound's value (its mean over the runs, if it differs between them), in TV;
    ``tightness`` is ``bound / mean TV``.
    """

    generation: int
    verdict: Verdict
    measured: float
    low: float
    high: float
    bound: float
    tightness: float
    detail: str = ""


@dataclass(frozen=True, repr=False)
class Verdicts:
    """The verdicts on all generations of a run."""

    bound: Bound
    confidence_level: float
    rows: tuple[GenerationVerdict, ...]

    @property
    def verdict(self) -> Verdict:
        """The gravest verdict of any generation."""
        found = {row.verdict for row in self.rows}
        return next(v for v in _GRAVEST_FIRST if v in found)

    @property
    def frame(self) -> pl.DataFrame:
        """One row per generation."""
        return pl.DataFrame([{**asdict(row), "verdict": row.verdict.value} for row in self.rows])

    def table(self) -> Table:
        """The verdicts as a table for a terminal."""
        table = Table(
            title=f"{self.bound.title}: {self.verdict.value}",
            title_justify="left",
            caption=self._caption(),
            caption_justify="left",
        )
        for heading in ("generation", "verdict", "measured", "limits", "bound", "tightness"):
            table.add_column(heading, justify="left" if heading == "verdict" else "right")
        for r in self.rows:
            table.add_row(
                str(r.generation),
                r.verdict.value,
                _number(r.measured, 4),
                f"{_number(r.low, 4)} .. {_number(r.high, 4)}",
                _number(r.bound, 4),
                _number(r.tightness, 3),
                style="bold red" if r.verdict is Verdict.VIOLATED else None,
            )
        return table

    def _caption(self) -> str:
        reasons = dict.fromkeys(row.detail for row in self.rows if row.detail)
        measured = f"measured: {_MEASURED[self.bound.statistic]}; limits hold at"
        return "\n".join([f"{measured} {self.confidence_level:.0%} together", *reasons])

    def __rich__(self) -> Table:
        return self.table()

    def __repr__(self) -> str:
        out = StringIO()
        Console(file=out, width=100, no_color=True, highlight=False).print(self.table())
        return out.getvalue().rstrip()


def _number(value: float, digits: int) -> str:
    return "–" if isnan(value) else f"{value:.{digits}f}"
