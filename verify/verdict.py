"""Verdicts: what measured runs say about a bound, generation by generation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from io import StringIO
from math import isnan
from typing import TYPE_CHECKING, Any

import polars as pl
from rich.table import Table

from bounds import Bound, Statistic
from bounds.html import html_table
from bounds.values import percent
from empirics.sweeps.terminal import Terminal
from verify.pictures import plot_verdicts
from verify.statistics import holm

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "ControlOutcome",
    "Fate",
    "GenerationVerdict",
    "Verdict",
    "Verdicts",
    "combined",
    "decide",
    "number",
]

_NAN = float("nan")
_WIDE = 1e6
"""Numbers from here on are shown with an exponent, so that a table keeps its width."""
_LEAST_WIDTH = 80
"""Of a table, whose words are broken at its width."""
_DASH, _BETWEEN = "–", " .. "
_DASHES = f"{_DASH}{_BETWEEN}{_DASH}"
_HEADINGS = (
    "generation",
    "verdict",
    "measured",
    "limits",
    "bound",
    "tightness",
    "refuted below",
)


class Verdict(StrEnum):
    """The verdict on a bound from measurements with their errors."""

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
    Statistic.AVERAGE: "mean",
    Statistic.EVERY_RUN: "mean TV, limits: its range over the runs",
    Statistic.EACH_GENERATION: "share of runs above the bound",
    Statistic.ALL_GENERATIONS: "share of runs above the bound so far",
    Statistic.ONE_TRAINING: "mean TV to what was learned, limits: its range over the runs",
}


@dataclass(frozen=True)
class GenerationVerdict:
    """The verdict on one generation.

    ``measured`` is the mean TV, or the share of runs beyond a bound that may fail with some
    probability; ``low`` and ``high`` its confidence limits with the numerical errors added.
    ``bound`` is the bound's value (its mean over the runs, if it differs between them), in TV;
    ``tightness`` is ``bound / mean TV``.

    ``p_violation`` tests "the bound holds" and ``p_support`` tests "the bound fails", each against
    the other side, numerical and quadrature error taken at their worst; they are not adjusted, the
    verdict is (:func:`verify.statistics.holm`). ``refuted_below`` is the factor ``c`` such that
    ``c`` times the bound would be refuted for every smaller ``c`` (every larger one, for a lower
    bound) and for none beyond. ``where`` names the loop if there are several, and ``group`` the
    chain of nested statements that the row belongs to.
    """

    generation: int
    verdict: Verdict
    measured: float = _NAN
    low: float = _NAN
    high: float = _NAN
    bound: float = _NAN
    tightness: float = _NAN
    detail: str = ""
    p_violation: float = _NAN
    p_support: float = _NAN
    refuted_below: float = _NAN
    where: str = ""
    group: str = field(default="", repr=False)

    @property
    def tested(self) -> bool:
        """Whether the row has p-values: it is neither vacuous nor are its hypotheses unmet."""
        return not isnan(self.p_violation)


def decide(rows: Sequence[GenerationVerdict], alpha: float) -> list[GenerationVerdict]:
    """Give every tested row its verdict, by Holm's procedure over all of them.

    False violations have probability at most ``alpha`` in all, and so have false supports.
    """
    tested = [row for row in rows if row.tested]
    groups = [row.group or f"{i}" for i, row in enumerate(tested)]
    violation = holm([row.p_violation for row in tested], groups)
    support = holm([row.p_support for row in tested], groups)
    fates = iter(
        Verdict.VIOLATED if v <= alpha else Verdict.SUPPORTED if s <= alpha else None
        for v, s in zip(violation, support, strict=True)
    )
    return [
        replace(row, verdict=next(fates) or Verdict.INCONCLUSIVE) if row.tested else row
        for row in rows
    ]


def combined(rows: Iterable[GenerationVerdict]) -> Verdict:
    """The gravest verdict of any row."""
    found = {row.verdict for row in rows}
    return next(v for v in _GRAVEST_FIRST if v in found)


class Fate(StrEnum):
    """The outcome for a deliberately false statement."""

    CAUGHT = "caught"
    SURVIVED = "survived"
    IDLE = "not false here"


@dataclass(frozen=True)
class ControlOutcome:
    """A negative control: its name, whether it was caught, and what would be enough if not."""

    name: str
    fate: Fate
    detail: str = ""


@dataclass(frozen=True, repr=False)
class Verdicts:
    """The verdicts on all generations of a run, and the negative controls beside them.

    ``assumption`` says for which laws of TV the tests of a mean keep their error rates; ``notes``
    what is to be said of the runs: what of a model was not checked, how data was read.
    """

    bound: Bound
    confidence_level: float
    rows: tuple[GenerationVerdict, ...]
    controls: tuple[ControlOutcome, ...] = ()
    assumption: str = ""
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The gravest verdict of any generation; no support while a control survives."""
        gravest = combined(self.rows)
        if gravest is Verdict.SUPPORTED and self.survivors:
            return Verdict.INCONCLUSIVE
        return gravest

    @property
    def sentence(self) -> str:
        """The verdicts in one sentence: what is found in which generations, how surely, and why."""
        found: dict[Verdict, list[int]] = {}
        for row in self.rows:
            found.setdefault(row.verdict, []).append(row.generation)
        parts = [
            f"{verdict.value} in generation{'s' * (len(at) > 1)} {', '.join(map(str, at))}"
            for verdict, at in sorted(found.items(), key=lambda item: _GRAVEST_FIRST.index(item[0]))
        ]
        reasons = dict.fromkeys(row.detail for row in self.rows if row.detail)
        why = f" ({'; '.join([*reasons, *self.notes])})" if reasons or self.notes else ""
        bound = f"{self.bound.title!r} is {'; '.join(parts)}"
        return f"{bound}, all together at {percent(self.confidence_level)} confidence{why}."

    @property
    def survivors(self) -> tuple[ControlOutcome, ...]:
        """Negative controls that were not caught."""
        return tuple(c for c in self.controls if c.fate is Fate.SURVIVED)

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
            min_width=_LEAST_WIDTH,
        )
        headings, cells = self._shown()
        for heading in headings:
            table.add_column(heading, justify="left" if heading == "verdict" else "right")
        for row, texts in zip(self.rows, cells, strict=True):
            style = "bold red" if row.verdict is Verdict.VIOLATED else None
            table.add_row(*texts, style=style)
        return table

    def _shown(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Headings and rows of a table, without columns that have nothing but dashes."""
        columns = list(zip(*map(_cells, self.rows), strict=True))
        said = [i for i, column in enumerate(columns) if set(column) - {_DASH, _DASHES}]
        cells = zip(*(columns[i] for i in said), strict=True)
        return tuple(_HEADINGS[i] for i in said), list(cells)

    @property
    def _measured(self) -> str:
        """The measured quantity: TV, or another one that the runs recorded."""
        words = _MEASURED[self.bound.statistic]
        quantity = self.bound.quantity
        if not quantity.column:
            return words
        return words.replace("TV", quantity.text) if "TV" in words else f"{words} {quantity.text}"

    def _caption(self) -> str:
        reasons = dict.fromkeys(row.detail for row in self.rows if row.detail)
        limits = [
            f"measured: {self._measured}; limits hold at {percent(self.confidence_level)} together",
            *([self.assumption] if self.assumption else []),
        ]
        caught = ", ".join(c.name for c in self.controls if c.fate is Fate.CAUGHT)
        controls = [f"false bounds caught: {caught}"] if caught else []
        missed = [f"false bound not caught: {c.name}; {c.detail}" for c in self.survivors]
        return "\n".join(
            [
                *(limits if any(row.tested for row in self.rows) else []),
                *controls,
                *missed,
                *reasons,
                *(f"note: {note}" for note in self.notes),
            ]
        )

    def plot(self) -> Figure:
        """The bound over the generations, marked by verdict, beside what was measured.

        The limits hold together, as in the table. Of a bound that may fail with some probability,
        the share of runs above it is drawn beside it.
        """
        return plot_verdicts(self)

    def __rich__(self) -> Table:
        return self.table()

    def __repr__(self) -> str:
        out = StringIO()
        # Text in notebooks too, where rich would display a table and return nothing.
        plain: dict[str, Any] = {"width": 100, "no_color": True, "force_jupyter": False}
        plain |= {"force_terminal": False, "color_system": None}
        Terminal(file=out, highlight=False, **plain).print(self.table())
        return out.getvalue().rstrip()

    def _repr_html_(self) -> str:
        title = f"{self.bound.title}: {self.verdict.value}"
        return html_table(*self._shown(), title, self._caption().split("\n"))


def _cells(row: GenerationVerdict) -> tuple[str, ...]:
    """A row of a table, under its headings."""
    return (
        str(row.generation),
        row.verdict.value,
        number(row.measured, 4),
        f"{number(row.low, 4)}{_BETWEEN}{number(row.high, 4)}",
        number(row.bound, 4),
        number(row.tightness, 3),
        number(row.refuted_below, 3),
    )


def number(value: float, digits: int) -> str:
    """A number for a table: ``digits`` places, or significant digits from 1e6 on; or a dash."""
    if isnan(value):
        return _DASH
    return f"{value:.{digits}{'f' if abs(value) < _WIDE else 'g'}}"
