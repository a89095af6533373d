"""X20: five operators between the generations, measured TV and the recursion past them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from matplotlib.figure import Figure

import bounds
from bounds import cycles
from drawing.canvas import curve, generations_below, legend_below, panels
from drawing.style import SERIES
from empirics import Experiment, Result
from empirics.passing import terms_of
from empirics.targets import Target
from paper_figures.curves import measured
from paper_figures.spec import Count, FigureSpec, Generations, Positive, Replicates, Share, tidy
from paper_figures.words import apart, law, percent, range_of, ratios, values
from verify import check
from verify.settings import OPERATORS, THREE_MODES, kde

__all__ = ["FIGURE"]

_BOUND = "operator-recursion"
_TITLES = {
    "noise": "noise, sd 0.2",
    "shrinking": r"biased sampling, $\ell = 0.8$",
    "tilt": "tilt towards 0.5",
    "best of two": "best of two, half the points",
    "best 80 %": "the best 80 % kept",
}


@dataclass(frozen=True)
class Parameters:
    """A loop on fresh data with a real share, and the same past five operators."""

    n: Count = 1000
    generations: Generations = 8
    replicates: Replicates = 100
    share: Share = 0.3
    bandwidth: Positive = 0.55
    target: Target = THREE_MODES


_QUICK, _PAPER = Parameters(), Parameters(replicates=1000)


def _experiments(p: Parameters) -> dict[str, Experiment]:
    cycle = cycles.fresh_real(n=p.n, share=p.share)
    plain = kde(p.target, p.bandwidth, cycle, p.generations, p.replicates)
    return {"none": plain, **{n: replace(plain, between=o) for n, o in OPERATORS.items()}}


def _tabulate(results: Mapping[str, Result], p: Parameters) -> pl.DataFrame:
    del p
    rows = []
    for panel in OPERATORS:
        result = results[panel]
        x = np.arange(1, result.experiment.generations + 1)
        values = [row.bound for row in check(bounds.get(_BOUND), result, controls=()).rows]
        terms = terms_of(result.experiment)
        rows += [
            tidy(panel, _BOUND, x, values),
            measured(panel, result),
            measured(panel, results["none"]).with_columns(pl.lit("plain").alias("series")),
            tidy(panel, "constant", [0], [float(terms.constants[0])]),
        ]
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, len(_TITLES), ratio=1.25, sharey=True)
    for ax, (panel, title) in zip(axes[0], _TITLES.items(), strict=True):
        here = frame.filter(pl.col("panel") == panel)
        part = {s: here.filter(pl.col("series") == s) for s in ("constant", _BOUND, "plain")}
        curve(ax, part[_BOUND], replace(SERIES["kde-recursion"], label="recursion past it"))
        curve(ax, part["plain"], replace(SERIES["reference"], label="measured without", line=":"))
        curve(ax, here.filter(pl.col("series") == "measured"), SERIES["measured"])
        constant = part["constant"]["y"][0]
        ax.set_title(f"{title}\n$\\Lambda$ = {constant:.3g}", fontsize=7)
        ax.set(yscale="log", ylim=(0.03, 4))
        ax.axhspan(1.0, 4.0, color="#7F7F7F", alpha=0.12, linewidth=0)
    axes[0, 0].set_ylabel("TV to the real law")
    generations_below(*axes[0])
    legend_below(figure, [axes[0, 0]], 3)
    return figure


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    return (
        f"Kernel-density loops on {law(p.target)} with a fresh real share of {percent(p.share)}"
        f" (n = {p.n}) whose samples pass an operator before anyone trains on them. Black: measured"
        f" mean TV with its 95 % interval; dotted: the same loop with plain samples; dashed: the"
        f" mean over the runs of the recursion past the operator, which counts its constant Lambda"
        f" and how far it moves the real law, {apart(ratios(table, _BOUND, 'measured'))} the mean"
        f" TV. Grey: vacuous, TV is at most 1. Lambda, by which the recursion multiplies every"
        f" earlier error, is {_constants(table)}. Beyond the paper."
    )


def _constants(table: pl.DataFrame) -> str:
    found = {name: values(table, panel=name, series="constant")[0] for name in OPERATORS}
    return ", ".join(f"{constant:.3g} for {name}" for name, constant in found.items())


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    found = range_of(values(table, series="measured"))
    return (
        f"Five panels over {p.generations} generations: measured TV, {found}, and dashed bounds,"
        f" {apart(ratios(table, _BOUND, 'measured'))} as high."
    )


FIGURE = FigureSpec(
    name="X20",
    title="Five operators between the generations",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=("past-operators",),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
