"""R7: measured TV of kernel-density loops inside their proved bounds."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from matplotlib.figure import Figure

from bounds import cycles
from empirics import Experiment, Result
from paper_figures.curves import bound_curves, measured, run_bounds
from paper_figures.spec import FigureSpec
from paper_figures.style import SERIES, curve, generations_below, legend_below, panels, plain_ticks
from verify.scale import Scale
from verify.settings import sandwich, seeded

__all__ = ["FIGURE"]

_MEANS = ("kde-sandwich", "kde-sandwich-lower", "kde-clt", "kde-recursion")
_RUNS = ("kde-high-probability-single", "kde-high-probability")
_PANELS = {
    "full synthetic": "full synthetic",
    "fresh real share 30 %": "fresh real 30 %",
    "balanced": "balanced",
    "accumulating": "accumulating",
    "30 %, data reused": "30 %, reused",
    "ring in 2-D, 30 %": "2-D, 30 %",
}
"""Panels, and what the claims call their loops."""


def _experiments(scale: Scale) -> dict[str, Experiment]:
    """Loops of the claims that the figure shows, in one store with them."""
    known = sandwich(scale)
    return {panel: seeded(known[name]) for panel, name in _PANELS.items()}


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
    rows = []
    for panel, result in results.items():
        fresh = result.experiment.cycle.data == cycles.Protocol.FRESH
        means = _MEANS if fresh else _MEANS[:3]
        rows.append(bound_curves(panel, result.experiment, means))
        if fresh:
            rows.append(run_bounds(panel, result, _RUNS))
        rows.append(measured(panel, result))
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(2, 3, ratio=0.8, sharey=True)
    for ax, panel in zip(axes.flat, frame["panel"].unique(maintain_order=True), strict=True):
        here = frame.filter(pl.col("panel") == panel)
        lower, upper = (
            here.filter(pl.col("series") == s) for s in ("kde-sandwich-lower", "kde-sandwich")
        )
        ax.fill_between(
            lower["x"], lower["y"], upper["y"], color="#0072B2", alpha=0.12, linewidth=0
        )
        for series in (*_MEANS, *_RUNS, "measured"):
            rows = here.filter(pl.col("series") == series)
            if not rows.is_empty():
                curve(ax, rows, SERIES[series])
        ax.set(title=panel, yscale="log", ylim=(0.02, 3))
    plain_ticks(axes[0, 0].yaxis, (0.02, 0.05, 0.1, 0.2, 0.5, 1))
    generations_below(*axes.flat)
    for ax in axes[:, 0]:
        ax.set_ylabel("TV to the real law")
    legend_below(figure, axes.flat, 3)
    return figure


FIGURE = FigureSpec(
    name="R7",
    title="Kernel-density loops under their bounds",
    caption=(
        "Mean TV to the real law over the generations of kernel-density loops: three-mode mixture"
        " on the line (n = 1000, bandwidth 0.55 n^(-1/5)) and a ring of eight modes in the plane"
        " (n = 4000, bandwidth 0.45 n^(-1/6)). The measured means lie inside the certified"
        " sandwich, whose upper side is within 1.3x; the CLT prediction runs through them. The"
        " recursion that adds errors up, and the high-probability bounds built on it (mean over"
        " the runs; delta = 0.05), lose the cancellation of independent errors. The paper's claim"
        " on kernel density estimation, that mixed data limits the propagation of errors."
    ),
    alt=(
        "Six panels over the generations: measured TV lies in a narrow shaded band, the certified"
        " sandwich, with the prediction through it; the recursion and the high-probability bounds"
        " lie several times higher."
    ),
    paper=True,
    claims=(
        "one-step",
        "sandwich-above",
        "sandwich-below",
        "clt",
        "mean-recursion",
        "each-generation",
        "all-generations",
    ),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
