"""X21: the real share that pays for an operator, measured and proved."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

import bounds
from drawing.canvas import curve, panels
from drawing.style import Look
from empirics import Result
from paper_figures.spec import FigureSpec, no_experiments, tidy
from verify.claims.selection_threshold import RARE, selected

__all__ = ["FIGURE"]

_SHARES = np.round(np.arange(0.05, 1.0, 0.075), 3)
_CONSTANTS = np.round(np.arange(1.2, 4.0, 0.3), 3)
_GENERATIONS = (30, 120)
_RUNS = 4
_LARGE = 0.05
"""Mean TV above which selection counts as out of control; the real law itself moves by less."""


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
    del results
    rows = []
    frontiers: dict[int, list[float]] = {j: [] for j in _GENERATIONS}
    for constant in _CONSTANTS.tolist():
        tv = np.array([_tv(share, constant) for share in _SHARES.tolist()])
        rows.append(tidy("map", f"{constant:g}", _SHARES, tv[:, -1]))
        for j, column in zip(_GENERATIONS, tv.T, strict=True):
            frontiers[j].append(_crossing(column))
    fine = np.linspace(_CONSTANTS[0], _CONSTANTS[-1], 55)
    proved = bounds.get("operator-stability").evaluate(operator_constant=fine)
    rows.append(tidy("frontier", "proved", fine, np.asarray(proved)))
    rows += [tidy("frontier", f"{j}", _CONSTANTS, found) for j, found in frontiers.items()]
    return pl.concat(rows)


def _tv(share: float, constant: float) -> np.ndarray:
    """Mean TV of the chosen generations."""
    loop = selected(share, 1 / constant, max(_GENERATIONS), _RUNS)
    return np.asarray(loop.run().tv.mean(axis=0)[np.array(_GENERATIONS) - 1])


def _crossing(tv: np.ndarray) -> float:
    """The share at which the logarithm of TV crosses the level, by interpolation."""
    size = np.log(np.maximum(tv, 1e-12))
    above = np.flatnonzero(tv > _LARGE)
    if not len(above) or above[-1] + 1 == len(tv):
        return float("nan")
    i = int(above[-1])
    part = (size[i] - np.log(_LARGE)) / (size[i] - size[i + 1])
    return float(_SHARES[i] + part * (_SHARES[i + 1] - _SHARES[i]))


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 1, ratio=0.55)
    ax = axes[0, 0]
    cells = np.array(
        [frame.filter(pl.col("series") == f"{c:g}")["y"].to_numpy() for c in _CONSTANTS.tolist()]
    )
    shown = ax.pcolormesh(
        _SHARES, _CONSTANTS, cells, cmap="cividis", norm=LogNorm(1e-5, 1), rasterized=True
    )
    here = frame.filter(pl.col("panel") == "frontier")
    looks = {
        "proved": Look("proved: $1 - 1/\\Lambda$", "white", "-"),
        "30": Look("TV crosses 0.05 in generation 30", "black", "", "o"),
        "120": Look("TV crosses 0.05 in generation 120", "white", "", "o"),
    }
    for series, look in looks.items():
        part = here.filter(pl.col("series") == series).select(
            pl.col("y").alias("x"), pl.col("x").alias("y"), "low", "high"
        )
        edge = "white" if look.colour == "black" else "black"
        curve(ax, part, look, markeredgecolor=edge, markeredgewidth=0.6)
    ax.grid(visible=False)
    ax.set(xlabel="share of fresh real data $a$", ylabel=r"constant of the operator $\Lambda$")
    legend = ax.legend(loc="lower right", fontsize=6.5, facecolor="#555555", framealpha=0.9)
    for text in legend.get_texts():
        text.set_color("white")
    bar = figure.colorbar(shown, ax=ax, pad=0.02)
    bar.set_label(f"mean TV of generation {max(_GENERATIONS)}")
    assert bar.solids is not None
    bar.solids.set_rasterized(True)
    return figure


FIGURE = FigureSpec(
    name="X21",
    title="The real share that pays for an operator",
    caption=(
        f"Loops that resample two letters (a million points), of which a rare one (real mass"
        f" {RARE:g}) is selected: the best 1/Lambda of the samples is kept in every generation,"
        " beside a share a of fresh real data. Colour: mean TV of generation 120. White line: the"
        " proved threshold 1 - 1/Lambda, above which the recursion stays bounded. Dots: where the"
        " measured mean TV crosses 0.05. Below the threshold the rare letter takes over, later the"
        " closer to it, so that the measured frontier moves up to the proved one; above it the real"
        " data keeps the letter in check. Beyond the paper."
    ),
    alt=(
        "A heat map of TV over real share and operator constant: bright above a curve that rises"
        " from share 0.17 at constant 1.2 to 0.74 at 3.9, dark below it; measured dots lie on or"
        " just left of the curve."
    ),
    paper=False,
    claims=("selection-threshold",),
    experiments=no_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
