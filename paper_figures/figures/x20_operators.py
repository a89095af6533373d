"""X20: five operators between the generations, measured TV and the recursion past them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl
from matplotlib.figure import Figure

import bounds
from bounds import cycles
from empirics import Experiment, Result
from empirics.passing import terms_of
from paper_figures.curves import measured
from paper_figures.spec import FigureSpec, Scale, tidy
from paper_figures.style import SERIES, curve, generations_below, legend_below, panels
from verify import check
from verify.settings import OPERATORS, THREE_MODES, kde

__all__ = ["FIGURE"]

_SHARE = 0.3
_BOUND = "operator-recursion"
_TITLES = {
    "noise": "noise, sd 0.2",
    "shrinking": r"biased sampling, $\ell = 0.8$",
    "tilt": "tilt towards 0.5",
    "best of two": "best of two, half the points",
    "best 80 %": "the best 80 % kept",
}


def _experiments(scale: Scale) -> dict[str, Experiment]:
    cycle = cycles.fresh_real(n=1000, share=_SHARE)
    plain = kde(THREE_MODES, 0.55, cycle, 8, scale.pick(100, 1000))
    return {"none": plain, **{n: replace(plain, between=o) for n, o in OPERATORS.items()}}


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
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


FIGURE = FigureSpec(
    name="X20",
    title="Five operators between the generations",
    caption=(
        "Kernel-density loops on the three-mode mixture with a fresh real share of 30 % (n = 1000)"
        " whose samples pass an operator before anyone trains on them. Black: measured mean TV"
        " with its 95 % interval; dotted: the same loop with plain samples; dashed: the mean over"
        " the runs of the recursion past the operator, which counts its constant Lambda and how far"
        " it moves the real law. Grey: vacuous, TV is at most 1. Channels have Lambda = 1 and cost"
        " their bias only; selection multiplies every earlier error. Beyond the paper."
    ),
    alt=(
        "Five panels over eight generations: measured TV rises to between 0.1 and 0.4 under dashed"
        " bounds; the bounds of the two channels level off, those of selection grow past one."
    ),
    paper=False,
    claims=("past-operators",),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
