"""R7: measured TV of kernel-density loops inside their proved bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from matplotlib.figure import Figure

from bounds import cycles
from drawing.canvas import legend_below, panels
from drawing.loops import curves, loop_axes
from drawing.loops import measured as measured_points
from drawing.style import SERIES
from empirics import Experiment, Result
from empirics.targets import Target
from paper_figures.curves import DELTA, bound_curves, measured, refusals, run_bounds
from paper_figures.spec import Count, FigureSpec, Generations, Positive, Replicates, Share, tidy
from paper_figures.words import apart, factor, law, percent, ratios
from verify.settings import RING, THREE_MODES, kde, seeded

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """Kernel-density loops on the line and in the plane, bandwidths ``c n^(-1/(d+4))``."""

    n: Count = 1000
    generations: Generations = 6
    replicates: Replicates = 1000
    share: Share = 0.3
    bandwidth: Positive = 0.55
    target: Target = THREE_MODES
    plane_n: Count = 4000
    plane_generations: Generations = 3
    plane_replicates: Replicates = 180
    plane_bandwidth: Positive = 0.45
    plane_target: Target = RING
    delta: Share = DELTA


_QUICK = Parameters()
_PAPER = Parameters(generations=20, replicates=4000, plane_generations=10, plane_replicates=512)

_MEANS = ("kde-sandwich", "kde-sandwich-lower", "kde-clt", "kde-recursion")
_RUNS = ("kde-high-probability-single", "kde-high-probability")
_REFUSED = "the other bounds require "
"""Begins the names of rows that say why a panel lacks curves."""


def _experiments(p: Parameters) -> dict[str, Experiment]:
    """Loops of the claims that the figure shows, in one store with them."""
    share, reused = percent(p.share), cycles.Protocol.REUSED
    line = {
        "full synthetic": cycles.full_synthetic(n=p.n),
        f"fresh real share {share}": cycles.fresh_real(n=p.n, share=p.share),
        "balanced": cycles.balanced(n=p.n),
        "accumulating": cycles.accumulating(n=p.n),
        f"{share}, data reused": cycles.fresh_real(n=p.n, share=p.share, data=reused),
    }
    found = {
        panel: kde(p.target, p.bandwidth, cycle, p.generations, p.replicates)
        for panel, cycle in line.items()
    }
    plane = cycles.fresh_real(n=p.plane_n, share=p.share)
    how = (p.plane_target, p.plane_bandwidth, plane, p.plane_generations, p.plane_replicates)
    found[f"in the plane, {share}"] = kde(*how)
    return {panel: seeded(experiment) for panel, experiment in found.items()}


def _tabulate(results: Mapping[str, Result], p: Parameters) -> pl.DataFrame:
    rows = []
    for panel, result in results.items():
        refused = refusals(result.experiment, (*_MEANS, *_RUNS))
        means, runs = ([n for n in names if n not in refused] for names in (_MEANS, _RUNS))
        rows.append(bound_curves(panel, result.experiment, means))
        if runs:
            rows.append(run_bounds(panel, result, runs, p.delta))
        rows.append(measured(panel, result))
        for reason in sorted(set(refused.values())):
            rows.append(tidy(panel, f"{_REFUSED}{reason}", [1], [0]))
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(2, 3, ratio=0.8, sharey=True)
    numbers = frame.filter(~pl.col("series").str.starts_with(_REFUSED))
    for ax, panel in zip(axes.flat, frame["panel"].unique(maintain_order=True), strict=True):
        here = frame.filter(pl.col("panel") == panel)
        lower, upper = (
            here.filter(pl.col("series") == s) for s in ("kde-sandwich-lower", "kde-sandwich")
        )
        ax.fill_between(
            lower["x"], lower["y"], upper["y"], color="#0072B2", alpha=0.12, linewidth=0
        )
        curves(ax, here, {series: SERIES[series] for series in (*_MEANS, *_RUNS)})
        measured_points(ax, here.filter(pl.col("series") == "measured"))
        loop_axes(ax, numbers, "" if ax not in axes[:, 0] else "TV to the real law")
        ax.set_title(panel)
        why = "\n".join(_reasons(here)).replace(" require ", "\nrequire ")
        ax.annotate(why, (0.04, 0.9), xycoords="axes fraction", va="top", fontsize=6.5)
    legend_below(figure, axes.flat, 3)
    return figure


def _reasons(frame: pl.DataFrame) -> list[str]:
    """The reasons why curves are missing."""
    names = frame["series"].unique(maintain_order=True)
    return [name for name in names if name.startswith(_REFUSED)]


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    return (
        f"Mean TV to the real law over the generations of kernel-density loops: {law(p.target)}"
        f" (n = {p.n}, bandwidth {p.bandwidth:g} n^(-1/5)) and {law(p.plane_target)}"
        f" (n = {p.plane_n}, bandwidth {p.plane_bandwidth:g} n^(-1/6)). The upper side of the"
        f" certified sandwich is within {factor(ratios(table, 'kde-sandwich', 'measured'))} of the"
        f" measured means, its lower side {apart(ratios(table, 'measured', 'kde-sandwich-lower'))}"
        f" below them; the CLT prediction is"
        f" {apart(ratios(table, 'kde-clt', 'measured'))} the mean. The recursion that adds errors"
        f" up ({apart(ratios(table, 'kde-recursion', 'measured'))} the mean), and the"
        f" high-probability bounds built on it (mean over the runs; delta = {p.delta:g}), lose the"
        f" cancellation of independent errors.{_told_reasons(table)} The paper's claim on kernel"
        f" density estimation, that mixed data limits the propagation of errors."
    )


def _told_reasons(table: pl.DataFrame) -> str:
    where = table.filter(pl.col("series").str.starts_with(_REFUSED))
    return "".join(
        f" In '{panel}' they are not drawn: {why}." for panel, why, *_ in where.iter_rows()
    )


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    recursion = apart(ratios(table, "kde-recursion", "measured"))
    return (
        f"Six panels over up to {p.generations} generations: measured TV in a shaded band, the"
        f" certified sandwich, whose upper side is within"
        f" {factor(ratios(table, 'kde-sandwich', 'measured'))}, and the prediction; the recursion"
        f" lies {recursion} as high, the high-probability bounds"
        f" {apart(ratios(table, 'kde-high-probability', 'measured'))}."
    )


FIGURE = FigureSpec(
    name="R7",
    title="Kernel-density loops under their bounds",
    caption=_caption,
    alt=_alt,
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
    scales=(_QUICK, _PAPER),
)
