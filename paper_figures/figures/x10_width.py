"""X10: what the width of the network buys, with infinite and finite data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from matplotlib.figure import Figure

from bounds import cycles
from drawing.canvas import curve, legend_below, panels
from drawing.style import Look
from empirics import Experiment, Result
from empirics.models import BestTv, Diffusion
from empirics.targets import Target
from paper_figures.diffusion import TWO, at_sizes, loop
from paper_figures.spec import Count, FigureSpec, Replicates
from paper_figures.words import course, law, range_of, values

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """One generation at the best training time, for networks of several widths."""

    widths: tuple[Count, ...] = (8, 16, 32, 64, 128)
    relu_widths: tuple[Count, ...] = (8, 16, 32, 64)
    replicates: Replicates = 12
    target: Target = TWO


_QUICK = Parameters()
_PAPER = Parameters(
    widths=(8, 16, 32, 64, 128, 256, 512),
    relu_widths=(8, 16, 32, 64, 128, 256, 512),
    replicates=64,
)

_CASES = {
    "tanh inf": Look(r"tanh, $n=\infty$", "#0072B2", "-", "o"),
    "relu inf": Look(r"ReLU (the paper's network), $n=\infty$", "#B2182B", "-", "s"),
    "tanh 1000": Look(r"tanh, $n=10^3$", "#56B4E9", "--", "^"),
    "tanh 100000": Look(r"tanh, $n=10^5$", "#009E73", "--", "D"),
}


def _experiments(p: Parameters) -> dict[str, Experiment]:
    out = {}
    for case in _CASES:
        preset, n = case.split()
        for width in p.relu_widths if preset == "relu" else p.widths:
            model = Diffusion(width=width, preset=preset, training_time=BestTv())
            if n == "inf":
                cycle = cycles.full_synthetic(n=1)
                out[f"{case} {width}"] = loop(cycle, model, 1, 1, p.target, "population")
            else:
                cycle = cycles.full_synthetic(n=int(n))
                out[f"{case} {width}"] = loop(cycle, model, p.replicates, 1, p.target)
    return out


def _tabulate(results: Mapping[str, Result], p: Parameters) -> pl.DataFrame:
    del p
    rows = []
    for name, result in results.items():
        case, _, width = name.rpartition(" ")
        rows.append(at_sizes("width", case, float(width), result, "tv"))
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 1, ratio=0.45)
    ax = axes[0, 0]
    for case, look in _CASES.items():
        rows = frame.filter(pl.col("series") == case).sort("x")
        if rows["low"].is_not_nan().all():
            curve(ax, rows, look, linestyle="", label=None)
        curve(ax, rows, look)
    ax.set(xscale="log", yscale="log", xlabel="width $m$", ylabel="TV at the best training time")
    ticks = sorted(set(frame["x"].to_list()))
    ax.set_xticks(ticks, [f"{int(m)}" for m in ticks])
    ax.minorticks_off()
    legend_below(figure, [ax], 2)
    return figure


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    tanh, relu = (values(table, series=name) for name in ("tanh inf", "relu inf"))
    return (
        f"TV of one generation at the best training time (an oracle) against the number of random"
        f" features, {law(p.target)}: the floor with infinite data, and with n points. With tanh"
        f" features the floor {course(tanh)} with {max(p.widths)} units, with the paper's ReLU"
        f" network it {course(relu)} with {max(p.relu_widths)}. Beyond the paper."
    )


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    del p
    return (
        f"In logarithms, TV against the width of the network: within"
        f" {range_of(values(table, series='tanh inf'))} for tanh features with infinite data,"
        f" {range_of(values(table, series='tanh 1000'))} with 1000 points, and"
        f" {range_of(values(table, series='relu inf'))} for ReLU features."
    )


FIGURE = FigureSpec(
    name="X10",
    title="Width of the score network",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=(),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
