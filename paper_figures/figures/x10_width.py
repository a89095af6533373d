"""X10: what the width of the network buys, with infinite and finite data."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from matplotlib.figure import Figure

from bounds import cycles
from empirics import Experiment, Result
from empirics.models import BestTv, Diffusion
from paper_figures.diffusion import TWO, at_sizes, loop
from paper_figures.spec import FigureSpec
from paper_figures.style import Look, curve, legend_below, panels
from verify.scale import Scale

__all__ = ["FIGURE"]

_CASES = {
    "tanh inf": Look(r"tanh, $n=\infty$", "#0072B2", "-", "o"),
    "relu inf": Look(r"ReLU (the paper's network), $n=\infty$", "#B2182B", "-", "s"),
    "tanh 1000": Look(r"tanh, $n=10^3$", "#56B4E9", "--", "^"),
    "tanh 100000": Look(r"tanh, $n=10^5$", "#009E73", "--", "D"),
}


def _experiments(scale: Scale) -> dict[str, Experiment]:
    paper = scale is Scale.PAPER
    out = {}
    for case in _CASES:
        preset, n = case.split()
        most = 512 if paper else (64 if preset == "relu" else 128)
        for width in (w for w in (8, 16, 32, 64, 128, 256, 512) if w <= most):
            model = Diffusion(width=width, preset=preset, training_time=BestTv())
            if n == "inf":
                cycle = cycles.full_synthetic(n=1)
                out[f"{case} {width}"] = loop(cycle, model, 1, 1, TWO, "population")
            else:
                cycle = cycles.full_synthetic(n=int(n))
                out[f"{case} {width}"] = loop(cycle, model, 64 if paper else 12, 1, TWO)
    return out


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
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


FIGURE = FigureSpec(
    name="X10",
    title="Width of the score network",
    caption=(
        "TV of one generation at the best training time (an oracle) against the number of random"
        " features, two-mode mixture: the floor with infinite data, and with n points. With tanh"
        " features the floor falls faster than any rate seen in n, so that width is soon no limit;"
        " the paper's ReLU network needs far more units. Beyond the paper."
    ),
    alt=(
        "In logarithms TV falls with the width of the network: steeply for tanh features with"
        " infinite data, down to a floor for finite data, and much later for ReLU features."
    ),
    paper=False,
    claims=(),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
