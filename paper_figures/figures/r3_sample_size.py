"""R3: how many points per generation the paper-form bound asks for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from matplotlib.figure import Figure

import bounds
from drawing.canvas import curve, legend_below, panels
from drawing.style import CYCLES, SERIES
from empirics import Result
from paper_figures.spec import FigureSpec, no_experiments, tidy

__all__ = ["FIGURE"]

_GAMMA = 0.25
_GENERATIONS = np.unique(np.geomspace(1, 100, 25).round().astype(int))
_CASES = {
    "full synthetic": ("full-synthetic", {}),
    "fresh real 10 %": ("fresh-real", {"share": "1/10"}),
    "fresh real 50 %": ("fresh-real", {"share": "1/2"}),
    "balanced": ("balanced", {}),
    "accumulating": ("accumulating", {}),
}


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
    del results
    rows = []
    for series, (name, params) in _CASES.items():
        # The bound is n^(-gamma) times its value at n = 1, so this is its exact inverse in n.
        at_one = bounds.get(name).evaluate(n=1, generation=_GENERATIONS, gamma=_GAMMA, **params)
        rows.append(tidy("required", series, _GENERATIONS, at_one ** (1 / _GAMMA)))
    return pl.concat([*rows, tidy("slope", "reference", [4, 100], [4.0**4 * 6, 100.0**4 * 6])])


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 1, ratio=0.42)
    ax = axes[0, 0]
    for series, look in CYCLES.items():
        rows = frame.filter(pl.col("series") == series)
        if not rows.is_empty():
            curve(ax, rows, look)
    curve(ax, frame.filter(pl.col("panel") == "slope"), SERIES["reference"])
    ax.text(11, 11.0**4 * 14, "slope 4", color=SERIES["reference"].colour, fontsize=7, ha="right")
    ax.set(
        xlabel="generation $i$ at which the bound is to hold",
        ylabel=r"required $n$, in units of $(C/\varepsilon)^4$",
        xscale="log",
        yscale="log",
    )
    legend_below(figure, [ax], 5)
    return figure


FIGURE = FigureSpec(
    name="R3",
    title="Sample size that the paper-form bound requires",
    caption=(
        "Points per generation for which the paper-form bound (exponent 1/4) stays below a target"
        " epsilon at generation i. Full synthetic data needs n to grow like the fourth power of i;"
        " a fresh real share caps the requirement, accumulated data bounds it. The paper's claim"
        " that TV is controlled if training sets or shares of real data are large enough."
    ),
    alt=(
        "In logarithms the required sample size of full synthetic data is a straight line of"
        " slope four; those of a fresh real share level off, balanced data's grows slowly,"
        " accumulating data's is bounded."
    ),
    paper=True,
    claims=(),
    experiments=no_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
