"""R2: the paper-form bound against the generation, for every data cycle."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from matplotlib.figure import Figure

import bounds
from bounds import cycles
from bounds.propagation import paper_errors
from drawing.canvas import curve, legend_below, panels, plain_ticks
from drawing.style import CYCLES
from empirics import Result
from paper_figures.spec import FigureSpec, Scale, no_experiments, tidy
from paper_figures.words import apart, values

__all__ = ["FIGURE"]

_N = 1000
_LAST = 50
_MARKED = np.array([1, 2, 3, 5, 8, 12, 18, 27, 38, 50])
_CASES = {
    "full synthetic": ("full-synthetic", cycles.full_synthetic(n=_N), {}),
    "fresh real 10 %": ("fresh-real", cycles.fresh_real(n=_N, share="1/10"), {"share": "1/10"}),
    "fresh real 50 %": ("fresh-real", cycles.fresh_real(n=_N, share="1/2"), {"share": "1/2"}),
    "balanced": ("balanced", cycles.balanced(n=_N), {}),
    "accumulating": ("accumulating", cycles.accumulating(n=_N), {}),
}


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
    del results
    x = np.arange(1, _LAST + 1)
    unit = float(_N) ** 0.25
    rows = []
    for series, (name, cycle, params) in _CASES.items():
        closed = bounds.get(name).evaluate(n=_N, generation=x, **params) * unit
        recursion = bounds.propagate(cycle, paper_errors(cycle, _LAST)) * unit
        rows.append(tidy("closed form", series, x, closed))
        rows.append(tidy("recursion", series, _MARKED, recursion[_MARKED - 1]))
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 1, ratio=0.42)
    ax = axes[0, 0]
    for series, look in CYCLES.items():
        rows = frame.filter(pl.col("series") == series)
        if rows.is_empty():
            continue
        curve(ax, rows.filter(pl.col("panel") == "closed form"), look, marker="")
        marked = rows.filter(pl.col("panel") == "recursion")
        ax.plot(marked["x"], marked["y"], look.marker, color=look.colour, markerfacecolor="white")
    ax.plot([], [], "o", color="#555555", markerfacecolor="white", label="recursion")
    ax.set(
        xlabel="generation $i$",
        ylabel=r"bound on TV, in units of $C n^{-1/4}$",
        yscale="log",
        xlim=(0, _LAST + 1),
    )
    plain_ticks(ax.yaxis, (1, 2, 5, 10, 20, 50))
    legend_below(figure, [ax], 3)
    return figure


def _alt(scale: Scale, table: pl.DataFrame) -> str:
    del scale
    last = {name: values(table, panel="closed form", series=name)[-1] for name in _CASES}
    told = ", ".join(f"{value:.3g} with {name} data" for name, value in last.items())
    return (
        f"Five curves over {_LAST} generations, in units of the one-step rate: at the end {told}."
        f" Recursion markers are {apart(_markers(table))} as high as the lines."
    )


def _markers(table: pl.DataFrame) -> np.ndarray:
    """The recursion over the closed form, where both are."""
    lines, markers = (table.filter(pl.col("panel") == p) for p in ("closed form", "recursion"))
    both = markers.join(lines, on=["series", "x"], suffix="_line")
    return (both["y"] / both["y_line"]).to_numpy()


FIGURE = FigureSpec(
    name="R2",
    title="Paper-form bound by generation",
    caption=(
        "The bound of Fu et al. with exponent 1/4 and its constant left free, for every data cycle:"
        " lines are the closed forms, open markers the error-propagation recursion. Full synthetic"
        " data adds one error per generation; a fresh real share a levels off at 1/a; balanced data"
        " grows like the harmonic numbers; accumulated data stays bounded. The paper's claim of"
        " bounds under various mixed training scenarios."
    ),
    alt=_alt,
    paper=True,
    claims=(),
    experiments=no_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
