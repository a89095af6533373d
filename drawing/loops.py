"""Loops as pictures: measured means with intervals, bounds, verdict marks; and their laws.

Laws are densities on the line over the generations, maps in the plane.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from drawing.canvas import (
    curve,
    generations_below,
    in_look,
    legend_below,
    panels,
    scale_of_tv,
    vacuous_zone,
)
from drawing.style import SERIES, Look, shade
from drawing.table import series_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "MARKS",
    "curves",
    "draw_laws",
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
"""Glyphs of verdicts on a bound, whatever the bound's colour."""
_BLANK: dict[str, Any] = {"marker": "o", "color": "white", "linestyle": "", "markersize": 7}
_VIOLATED = "#B2182B"
_HIGHEST = 3.0
"""TV above which an axis does not reach, wherever bounds go."""
_MOST = 5
"""Generations whose laws are shown."""
_REAL = "#000000"


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


@in_look
def draw_laws(laws: pl.DataFrame) -> Figure:
    """Kept laws of several generations beside the real one.

    On the line: the mean over the replicates and thin lines for each. In the plane: a map of the
    first replicate's density, with the real law's contours.

    Args:
        laws: columns ``replicate, generation, x[, y], density, real_density``.
    """
    chosen = _chosen(laws["generation"].max())  # type: ignore[arg-type]
    return _plane(laws, chosen) if "y" in laws.columns else _line(laws, chosen)


def _chosen(last: int) -> list[int]:
    """A few generations, spread evenly in logarithms."""
    return np.unique(np.geomspace(1, last, _MOST).round().astype(int)).tolist()


def _line(laws: pl.DataFrame, chosen: list[int]) -> Figure:
    figure, axes = panels(1, 1, ratio=0.45)
    ax = axes[0, 0]
    for i, generation in enumerate(chosen):
        colour = shade(0.85 * (1 - i / max(len(chosen) - 1, 1)))
        here = laws.filter(pl.col("generation") == generation)
        for _, one in here.group_by("replicate", maintain_order=True):
            ax.plot(one["x"], one["density"], color=colour, linewidth=0.4, alpha=0.35)
        mean = here.group_by("x", maintain_order=True).agg(pl.col("density").mean())
        ax.plot(mean["x"], mean["density"], color=colour, label=f"generation {generation}")
    real = laws.filter((pl.col("generation") == chosen[0]) & (pl.col("replicate") == 0))
    ax.plot(real["x"], real["real_density"], "--", color=_REAL, label="real law")
    ax.set(xlabel="$x$", ylabel="density", ylim=(0, None))
    ax.margins(x=0)
    legend_below(figure, [ax], 6)
    return figure


def _plane(laws: pl.DataFrame, chosen: list[int]) -> Figure:
    figure, axes = panels(1, 1 + len(chosen), ratio=1.0, sharex=True, sharey=True)
    first = laws.filter(pl.col("replicate") == 0)
    x, y = (first[name].unique().sort().to_numpy() for name in "xy")
    shape = (len(x), len(y))

    def values(generation: int, column: str) -> np.ndarray:
        here = first.filter(pl.col("generation") == generation)
        return here[column].to_numpy().reshape(shape).T

    real = values(chosen[0], "real_density")
    top = float(max(real.max(), *(values(i, "density").max() for i in chosen)))
    _map(axes[0, 0], x, y, real, top, "real law")
    for ax, generation in zip(axes[0, 1:], chosen, strict=True):
        _map(ax, x, y, values(generation, "density"), top, f"generation {generation}")
        ax.contour(x, y, real, 3, colors=_REAL, linewidths=0.4, alpha=0.6)
    axes[0, 0].set_ylabel("$y$")
    return figure


def _map(ax: Axes, x: np.ndarray, y: np.ndarray, z: np.ndarray, top: float, title: str) -> None:
    ax.pcolormesh(x, y, z, cmap="viridis", vmin=0, vmax=top, rasterized=True)
    ax.set(title=title, xlabel="$x$", aspect="equal")
    ax.grid(visible=False)
