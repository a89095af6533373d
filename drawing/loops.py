"""A loop as a picture: measured means with intervals, bounds, the vacuous zone, verdict marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from drawing.canvas import curve, generations_below, scale_of_tv, vacuous_zone
from drawing.style import SERIES, Look
from drawing.table import series_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "MARKS",
    "curves",
    "loop_axes",
    "mark_legend",
    "mark_verdicts",
    "measured",
    "runs_behind",
]

MARKS: Mapping[str, dict[str, Any]] = {
    "supported": {"marker": "$\u2713$", "markersize": 6},
    "inconclusive": {"marker": "$?$", "markersize": 5},
    "violated": {"marker": "$\u2717$", "markersize": 8},
    "vacuous": {"marker": "$\u2205$", "markersize": 6},
}
"""How a verdict marks a bound: a glyph tells it, whatever the bound's colour."""
_BLANK: dict[str, Any] = {"marker": "o", "color": "white", "linestyle": "", "markersize": 7}
_VIOLATED = "#B2182B"
_HIGHEST = 3.0
"""TV above which an axis does not reach, wherever bounds go."""


def curves(axes: Axes, frame: pl.DataFrame, looks: Mapping[str, Look]) -> None:
    """Every series of a table that has a look, in the order of the looks."""
    drawn = series_of(frame)
    for name, look in looks.items():
        if name in drawn:
            curve(axes, drawn[name], look)


def measured(axes: Axes, frame: pl.DataFrame, label: str | None = None) -> None:
    """Measured means with intervals; where there are only limits, the range between them."""
    for name, rows in series_of(frame).items():
        look = SERIES[name]
        text = look.label if label is None else label
        if name == "limit":
            x, low, high = (rows[part].to_numpy() for part in ("x", "low", "high"))
            axes.fill_between(x, low, high, color=look.colour, alpha=0.08, linewidth=0)
        curve(axes, rows if name != "limit" else _without_limits(rows), look, label=text)


def _without_limits(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(low=pl.lit(np.nan), high=pl.lit(np.nan))


def runs_behind(axes: Axes, tv: np.ndarray) -> None:
    """Single runs as thin lines behind their mean: rows are runs, columns generations."""
    x = np.arange(1, tv.shape[1] + 1)
    axes.plot(x, tv.T, color="#7F7F7F", linewidth=0.5, alpha=0.5, zorder=1)


def mark_verdicts(axes: Axes, rows: pl.DataFrame, verdicts: Sequence[str], colour: str) -> None:
    """Mark the points of a bound's curve by what was found of it."""
    for verdict, mark in MARKS.items():
        at = rows.filter(pl.Series([v == verdict for v in verdicts], dtype=pl.Boolean))
        shown = _VIOLATED if verdict == "violated" else colour
        axes.plot(at["x"], at["y"], zorder=2.5, **_BLANK)
        axes.plot(at["x"], at["y"], linestyle="", color=shown, zorder=6, **mark)


def mark_legend(axes: Axes, verdicts: Sequence[str]) -> None:
    """Say what the marks mean that were drawn."""
    for verdict, mark in MARKS.items():
        if verdict in verdicts:
            colour = _VIOLATED if verdict == "violated" else "#555555"
            label = verdict.replace("-", " ")
            axes.plot([], [], linestyle="", color=colour, label=label, **mark)


def loop_axes(axes: Axes, frame: pl.DataFrame, ylabel: str = "TV to the real law") -> None:
    """Labels and scale of a picture over the generations, once all curves are in it."""
    values = np.minimum(frame.select("y", "low", "high").to_numpy().ravel(), _HIGHEST)
    scale_of_tv(axes, values)
    axes.set_ylabel(ylabel)
    generations_below(axes)
    vacuous_zone(axes)
