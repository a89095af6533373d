"""Verdicts as pictures: what was measured, the bound, and a mark for each generation."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from bounds import Bound
from bounds.statement import ONE_STEP_TV
from drawing.canvas import generations_below, in_look, legend_below, panels
from drawing.loops import curves, loop_axes, mark_legend, mark_verdicts, measured
from drawing.style import looks_of
from drawing.table import tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from verify.verdict import Verdicts

__all__ = ["bound_table", "distance", "draw_comparison", "plot_verdicts"]

_LINE = 110
_MEAN = "measured mean TV"
_TOGETHER = "measured, limits that hold together"
_LEARNED = "TV to what was learned"
_REAL = "TV to the real law"


def bound_table(verdicts: Verdicts) -> pl.DataFrame:
    """The bound of every generation of which it speaks."""
    rows = [row for row in verdicts.rows if np.isfinite(row.bound)]
    x, y = [row.generation for row in rows], [row.bound for row in rows]
    return tidy("", verdicts.bound.name, x, y)


def distance(bound: Bound) -> str:
    """The label of the axis of a bound's picture."""
    return _LEARNED if bound.quantity == ONE_STEP_TV else _REAL


@in_look
def plot_verdicts(verdicts: Verdicts) -> Figure:
    """The bound over the generations, marked by verdict, and what was measured beside it.

    Of a bound that may fail with some probability, the share of runs above it has its own panel.
    """
    is_of_shares = verdicts.bound.statistic.is_of_shares
    figure, axes = panels(1, 1 + is_of_shares, ratio=0.45 * (1 + is_of_shares))
    ax = axes[0, 0]
    found = _mean(verdicts) if is_of_shares else _measured(verdicts)
    draw_comparison(ax, found, [verdicts], _MEAN if is_of_shares else _TOGETHER)
    if is_of_shares:
        _draw_shares(axes[0, 1], _measured(verdicts))
    figure.suptitle(_title(verdicts), fontsize=8)
    legend_below(figure, axes[0], 3)
    return figure


def _title(verdicts: Verdicts) -> str:
    """The verdict, and why it is not that of the marks where a false bound was not caught."""
    missed = [f"false bound not caught: {c.name}; {c.detail}" for c in verdicts.survivors[:1]]
    details = [next(iter(row.detail for row in verdicts.rows if row.detail), "")]
    is_unmet = verdicts.verdict.value == "hypotheses-unmet"
    why = missed + details * is_unmet
    return "\n".join([f"{verdicts.bound.title}: {verdicts.verdict.value}", *map(_wrapped, why)])


def _wrapped(text: str) -> str:
    return "\n".join(wrap(text, _LINE))


def draw_comparison(
    axes: Axes, found: pl.DataFrame, checked: Sequence[Verdicts], label: str | None = None
) -> None:
    """Measured numbers and bounds that were held against them, marked by verdict.

    Args:
        found: what was measured, as series ``measured`` or ``limit``.
        checked: verdicts on each bound.
        label: what the legend calls the measured numbers, if not mean TV with its interval.
    """
    looks = looks_of({v.bound.name: f"{v.bound.title}: {v.verdict.value}" for v in checked})
    tables = [bound_table(v) for v in checked]
    curves(axes, pl.concat(tables), looks)
    for verdicts, table in zip(checked, tables, strict=True):
        told = [row.verdict.value for row in verdicts.rows if np.isfinite(row.bound)]
        mark_verdicts(axes, table, told, looks[verdicts.bound.name].colour)
        if table.is_empty():
            axes.plot([], [], color="none", label=looks[verdicts.bound.name].label)
    measured(axes, found, label=label)
    every = [row.verdict.value for v in checked for row in v.rows if np.isfinite(row.bound)]
    mark_legend(axes, every)
    shown = pl.concat([found, *tables])
    if shown.is_empty():
        axes.set_axis_off()
    else:
        loop_axes(axes, shown, distance(checked[0].bound))


def _measured(verdicts: Verdicts) -> pl.DataFrame:
    """The measured quantity, with the limits that hold together."""
    rows = [row for row in verdicts.rows if np.isfinite(row.measured)]
    return tidy(
        "",
        "measured",
        [row.generation for row in rows],
        *([getattr(row, part) for row in rows] for part in ("measured", "low", "high")),
    )


def _mean(verdicts: Verdicts) -> pl.DataFrame:
    """Mean TV, where shares of runs were measured."""
    rows = [row for row in verdicts.rows if np.isfinite(row.tightness)]
    mean = [row.bound / row.tightness for row in rows]
    return tidy("", "measured", [row.generation for row in rows], mean)


def _draw_shares(axes: Axes, shares: pl.DataFrame) -> None:
    measured(axes, shares, label="share of runs above the bound, with its limits")
    top = max(0.05, 1.15 * float(np.nanmax(shares["high"].to_numpy(), initial=0.0)))
    axes.set(ylabel="share of runs above the bound", ylim=(-0.03 * top, top))
    generations_below(axes)
