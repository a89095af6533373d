"""R8: the rate in n of kernel-density loops, one generation and several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import bounds
from bounds import cycles
from drawing.canvas import curve, legend_below, panels, plain_ticks
from drawing.style import SERIES, generation_look
from empirics import Experiment, Result
from empirics.targets import Target
from paper_figures.curves import numbered, tv_with_limits
from paper_figures.spec import (
    FigureSpec,
    Generations,
    Positive,
    Replicates,
    Share,
    Sizes,
    tidy,
)
from paper_figures.words import factor, law, percent
from verify import along
from verify.settings import RING, THREE_MODES, kde

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """Kernel-density loops of several sizes on the line and in the plane."""

    sizes: Sizes = (100, 1000, 10_000, 100_000, 1_000_000)
    replicates: Replicates = 64
    plane_sizes: Sizes = (1000, 10_000, 100_000)
    plane_replicates: Replicates = 6
    generations: Generations = 5
    share: Share = 0.3
    bandwidth: Positive = 0.55
    plane_bandwidth: Positive = 0.45
    target: Target = THREE_MODES
    plane_target: Target = RING


def _sizes(start: float, end: float, count: int) -> tuple[int, ...]:
    return tuple(int(n) for n in np.geomspace(start, end, count))


_LARGE = 1000

_QUICK = Parameters()
_PAPER = Parameters(
    sizes=_sizes(1e2, 1e7, 11),
    replicates=400,
    plane_sizes=_sizes(1e3, 1e6, 7),
    plane_replicates=32,
)

_DIMENSIONS = (1, 2)


def _experiments(p: Parameters) -> dict[str, Experiment]:
    kinds = {
        1: (p.target, p.bandwidth, p.sizes, p.replicates),
        2: (p.plane_target, p.plane_bandwidth, p.plane_sizes, p.plane_replicates),
    }
    return {
        f"{d} {n}": kde(
            target, bandwidth, cycles.fresh_real(n=n, share=p.share), p.generations, runs
        )
        for d, (target, bandwidth, sizes, runs) in kinds.items()
        for n in sizes
    }


def _tabulate(results: Mapping[str, Result], p: Parameters) -> pl.DataFrame:
    rows = []
    for result in results.values():
        e = result.experiment
        panel, n = f"d = {e.target.dimension}", [float(e.cycle.n)]
        mean, low, high = tv_with_limits(result)
        upper = along(bounds.get("kde-sandwich"), e).value
        for i in (1, p.generations):
            at = slice(i - 1, i)
            rows.append(tidy(panel, f"measured {i}", n, mean[at], low[at], high[at]))
            rows.append(tidy(panel, f"upper {i}", n, upper[at]))
    frame = pl.concat(rows)
    return pl.concat([frame, *(_slope(frame, d) for d in _DIMENSIONS)])


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
    for ax, dimension in zip(axes[0], _DIMENSIONS, strict=True):
        here = frame.filter(pl.col("panel") == f"d = {dimension}")
        for i in numbered(here, "measured"):
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
    large = points.filter(pl.col("x") >= _from(points["x"].to_list()))
    return float(np.polyfit(np.log(large["x"]), np.log(large["y"]), 1)[0])


def _from(sizes: Sequence[float]) -> float:
    """The size from which on the slope is fitted: 1000, or the least where few are larger."""
    return _LARGE if sum(size >= _LARGE for size in sizes) > 1 else min(sizes)


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    line, plane = (_slopes(table, d) for d in _DIMENSIONS)
    return (
        f"Mean TV against the points per generation (fresh real share {percent(p.share)}, bandwidth"
        f" c n^(-1/(d+4)), c = {p.bandwidth:g} and {p.plane_bandwidth:g}) for {law(p.target)} on"
        f" the line and {law(p.plane_target)}, with the upper side of the sandwich, within"
        f" {factor(_tightness(table))} of it. Numbers at the right are fitted slopes, {line} on the"
        f" line (n >= {_from(p.sizes)}) and {plane} in the plane (n >= {_from(p.plane_sizes)}); the"
        f" proved one-generation rate is -2/(d+4), -0.40 and -0.33. The paper's claim that TV is"
        f" controlled by large enough training sets."
    )


def _slopes(table: pl.DataFrame, dimension: int) -> str:
    here = table.filter(pl.col("panel") == f"d = {dimension}")
    found = [
        _fitted_slope(here.filter(pl.col("series") == f"measured {i}"))
        for i in numbered(here, "measured")
    ]
    return ", ".join(f"{slope:.2f}" for slope in found)


def _tightness(table: pl.DataFrame) -> np.ndarray:
    one, other = (
        table.filter(pl.col("series").str.starts_with(kind)).with_columns(
            pl.col("series").str.split(" ").list.last()
        )
        for kind in ("upper", "measured")
    )
    both = one.join(other, on=["panel", "series", "x"], suffix="_measured")
    return (both["y"] / both["y_measured"]).to_numpy()


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    return (
        f"In logarithms measured TV of generations 1 and {p.generations} against the number of"
        f" points has slopes {_slopes(table, 1)} on the line and {_slopes(table, 2)} in the plane;"
        f" the upper side of the sandwich is within {factor(_tightness(table))} of it."
    )


FIGURE = FigureSpec(
    name="R8",
    title="Rate of kernel-density loops",
    caption=_caption,
    alt=_alt,
    paper=True,
    claims=("rate-in-size",),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
