"""R1: the loop - what each model learns from, its ancestry, and whose errors reach it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

import bounds
from bounds import cycles
from bounds.cycles import DataCycle
from bounds.propagation import paper_errors
from drawing.canvas import panels
from drawing.style import CYCLES
from empirics import Result
from paper_figures.spec import FigureSpec, no_experiments, tidy

__all__ = ["FIGURE"]

_MODELS = 6
_SHADES = mpl.colormaps["Blues"]
_CASES: dict[str, DataCycle] = {
    "full synthetic": cycles.full_synthetic(n=1),
    "fresh real 30 %": cycles.fresh_real(n=1, share="3/10"),
    "balanced": cycles.balanced(n=1),
    "accumulating": cycles.accumulating(n=1),
}


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
    del results
    return pl.concat([_of_cycle(series, cycle) for series, cycle in _CASES.items()])


def _of_cycle(series: str, cycle: DataCycle) -> pl.DataFrame:
    G = bounds.influence(cycle, _MODELS)
    W = cycle.weight_matrix(_MODELS)
    rows = []
    for j in range(1, _MODELS + 1):
        taken = G[-1, j - 1] * W[j - 1, :j]
        rows.append(tidy(f"W {j}", series, np.arange(j), W[j - 1, :j]))
        rows.append(tidy(f"G {j}", series, np.arange(1, j + 1), G[j - 1, :j]))
        rows.append(tidy(f"ancestry {j}", series, np.arange(j), taken))
    models = np.arange(1, _MODELS + 1)
    bound = bounds.propagate(cycle, paper_errors(cycle, _MODELS))
    sizes = cycle.sizes(_MODELS) / cycle.size(1)
    return pl.concat(
        [*rows, tidy("size", series, models, sizes), tidy("sum", series, models, bound)]
    )


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(3, len(_CASES), ratio=0.9, gridspec_kw={"height_ratios": (0.85, 1, 1)})
    for column, series in zip(axes.T, _CASES, strict=True):
        here = frame.filter(pl.col("series") == series)
        column[0].set_title(CYCLES[series].label)
        _draw_ancestry(column[0], here)
        shown = _draw_heat(column[1], here, "W", 0)
        _draw_heat(column[2], here, "G", 1)
        total = here.filter(pl.col("panel") == "sum")["y"][-1]
        column[2].set_xlabel(f"of model $k$\nbound: {total:.2f} $C n^{{-1/4}}$")
        column[1].set_xlabel("from model $k$ (0: real)")
    axes[0, 0].set_ylabel(f"ancestry of\nmodel {_MODELS}")
    axes[1, 0].set_ylabel("weights $W$:\nmodel $j$ learns")
    axes[2, 0].set_ylabel("influence $G$:\nmodel $j$ inherits")
    bar = figure.colorbar(shown, ax=axes, shrink=0.5, aspect=30, pad=0.02)
    bar.set_label("weight; probability of a visit")
    assert bar.solids is not None
    bar.solids.set_rasterized(True)
    return figure


def _draw_heat(ax: Axes, here: pl.DataFrame, what: str, first: int) -> mpl.image.AxesImage:
    cells = np.full((_MODELS, _MODELS), np.nan)
    for j in range(1, _MODELS + 1):
        rows = here.filter(pl.col("panel") == f"{what} {j}")
        cells[j - 1, rows["x"].cast(int).to_numpy() - first] = rows["y"]
    ends = (first - 0.5, first + _MODELS - 0.5, _MODELS + 0.5, 0.5)
    ax.grid(visible=False)
    ax.set(xticks=range(first, first + _MODELS), yticks=range(1, _MODELS + 1))
    ax.tick_params(length=0)
    return ax.imshow(cells, cmap=_SHADES, vmin=0, vmax=1, extent=ends, interpolation="nearest")


def _draw_ancestry(ax: Axes, here: pl.DataFrame) -> None:
    """Models on a line; an arc is as wide as it is likely that the walk from the last takes it."""
    for j in range(1, _MODELS + 1):
        arcs = here.filter((pl.col("panel") == f"ancestry {j}") & (pl.col("y") > 0))
        for k, probability in zip(arcs["x"], arcs["y"], strict=True):
            _draw_arc(ax, j, k, probability)
    visits = here.filter(pl.col("panel") == f"G {_MODELS}")["y"].to_numpy()
    sizes = here.filter(pl.col("panel") == "size")["y"].to_numpy()
    nodes: dict[str, Any] = {"zorder": 4, "edgecolors": "black", "linewidths": 0.5}
    ax.scatter(range(1, _MODELS + 1), [0] * _MODELS, 16 * sizes, _SHADES(visits), **nodes)
    ax.scatter([0], [0], 26, "white", marker="s", **nodes)
    ax.set(xlim=(-0.7, _MODELS + 0.9), ylim=(-0.6, 3.4), yticks=[], xticks=range(_MODELS + 1))
    ax.grid(visible=False)
    ax.tick_params(length=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)


def _draw_arc(ax: Axes, start: float, end: float, probability: float) -> None:
    top = 0.7 * (start - end)
    path = Path([(start, 0), (start, top), (end, top), (end, 0)], [1, 4, 4, 4])
    width = 3.2 * probability
    ax.add_patch(PathPatch(path, fill=False, linewidth=width, edgecolor="#555555", alpha=0.75))


FIGURE = FigureSpec(
    name="R1",
    title="The loop: weights, ancestry, influence",
    caption=(
        "Four data cycles over six models. Top: the ancestry of a point of model 6. Going back"
        " from each model to the law its training point was drawn from, an arc is as wide as it is"
        " likely to be taken; a disc's colour is the probability that the model is visited, its"
        " area the size of the training set; the square is real data. Middle: the mixing weights."
        " Bottom: influence G = (I - W)^-1, whose entries are those visiting probabilities, and by"
        " which the error-propagation bound of the paper's form weights one-step errors; under it"
        " the bound of model 6 for errors C n_k^(-1/4). Balanced and accumulating data differ in"
        " sizes only."
    ),
    alt=(
        "Arc diagrams and heat maps for four data cycles. With full synthetic data every model"
        " descends from all before it and the influence matrix is one everywhere below the"
        " diagonal; a real share makes it fade with the distance, equal weights make old models"
        " count by their number only."
    ),
    paper=True,
    claims=("error-propagation",),
    experiments=no_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
