"""R8: the rate in n of kernel-density loops, one generation and several."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import bounds
from bounds import cycles
from empirics import Experiment, Result
from paper_figures.curves import mean_with_limits
from paper_figures.spec import FigureSpec, tidy
from paper_figures.style import SERIES, curve, generation_look, legend_below, panels, plain_ticks
from verify import along
from verify.scale import Scale
from verify.settings import RING, THREE_MODES, kde

__all__ = ["FIGURE"]

_GENERATIONS = (1, 5)
_TARGETS = {1: (THREE_MODES, 0.55), 2: (RING, 0.45)}
_SHARE = 0.3


def _experiments(scale: Scale) -> dict[str, Experiment]:
    paper = scale is Scale.PAPER
    sizes = {
        1: np.geomspace(1e2, 1e7 if paper else 1e6, 11 if paper else 5),
        2: np.geomspace(1e3, 1e6 if paper else 1e5, 7 if paper else 3),
    }
    runs = {1: 400 if paper else 64, 2: 32 if paper else 6}
    return {
        f"{d} {int(n)}": kde(
            *_TARGETS[d], cycles.fresh_real(n=int(n), share=_SHARE), max(_GENERATIONS), runs[d]
        )
        for d, ns in sizes.items()
        for n in ns
    }


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
    rows = []
    for result in results.values():
        e = result.experiment
        panel, n = f"d = {e.target.dimension}", [float(e.cycle.n)]
        mean, low, high = mean_with_limits(result)
        upper = along(bounds.get("kde-sandwich"), e).value
        for i in _GENERATIONS:
            at = slice(i - 1, i)
            rows.append(tidy(panel, f"measured {i}", n, mean[at], low[at], high[at]))
            rows.append(tidy(panel, f"upper {i}", n, upper[at]))
    frame = pl.concat(rows)
    return pl.concat([frame, *(_slope(frame, d) for d in _TARGETS)])


def _slope(frame: pl.DataFrame, dimension: int) -> pl.DataFrame:
    """A line of the proved slope through the largest size of generation 1."""
    first = frame.filter(
        (pl.col("panel") == f"d = {dimension}") & (pl.col("series") == "measured 1")
    )
    x, y = first["x"].to_numpy(), first["y"].to_numpy()
    line = 0.75 * y[-1] * (x / x[-1]) ** (-2 / (dimension + 4))
    return tidy(f"d = {dimension}", "slope", x, line)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 2, ratio=0.8)
    for ax, dimension in zip(axes[0], _TARGETS, strict=True):
        here = frame.filter(pl.col("panel") == f"d = {dimension}")
        for i in _GENERATIONS:
            _draw_generation(ax, here, i)
        slope = here.filter(pl.col("series") == "slope")
        curve(ax, slope, SERIES["reference"], label="proved slope $-2/(d+4)$")
        title = f"$d={dimension}$: proved slope {-2 / (dimension + 4):.2f}"
        ax.set(title=title, xscale="log", yscale="log", xlabel="points per generation $n$")
        ax.margins(x=0.12)
    plain_ticks(axes[0, 1].yaxis, (0.03, 0.05, 0.1, 0.2))
    axes[0, 0].set_ylabel("mean TV to the real law")
    legend_below(figure, axes[0], 3)
    return figure


def _draw_generation(ax: Axes, here: pl.DataFrame, generation: int) -> None:
    look = generation_look(generation)
    upper = here.filter(pl.col("series") == f"upper {generation}")
    curve(ax, upper, look, marker="", label=f"{look.label}: sandwich, upper side")
    points = here.filter(pl.col("series") == f"measured {generation}")
    curve(ax, points, look, linestyle="", label=f"{look.label}: measured")
    end = (points["x"][-1], points["y"][-1])
    slope = f"{_fitted_slope(points):.2f}"
    ax.annotate(
        slope, end, xytext=(4, 3), textcoords="offset points", fontsize=6.5, color=look.colour
    )


def _fitted_slope(points: pl.DataFrame) -> float:
    large = points.filter(pl.col("x") >= 1000)
    return float(np.polyfit(np.log(large["x"]), np.log(large["y"]), 1)[0])


FIGURE = FigureSpec(
    name="R8",
    title="Rate of kernel-density loops",
    caption=(
        "Mean TV against the points per generation (fresh real share 30 %, bandwidth"
        " c n^(-1/(d+4))) for a three-mode mixture on the line and a ring of eight modes in the"
        " plane, with the upper side of the sandwich. Numbers at the right are fitted slopes for"
        " n >= 1000; the proved one-generation rate is -2/(d+4), which the narrow modes of the"
        " ring reach only at larger sizes. The paper's claim that TV is controlled by large enough"
        " training sets."
    ),
    alt=(
        "In logarithms measured TV falls in straight lines with the number of points, just below"
        " the upper side of the sandwich and nearly parallel to a dashed line of the proved slope."
    ),
    paper=True,
    claims=("rate-in-size",),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
