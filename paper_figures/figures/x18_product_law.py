"""X18: the product law of accumulated data: how much diversity is left, for ever."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from matplotlib.figure import Figure

import bounds
from bounds import cycles
from drawing.canvas import curve, legend_below, panels, plain_ticks
from drawing.style import Look
from empirics import Result
from empirics.closed_form import Discrete
from paper_figures.diffusion import interval
from paper_figures.spec import FigureSpec, no_experiments, tidy

__all__ = ["FIGURE"]

_LETTERS = 20
_RUNS = 4000
_STEPS = 50
_POINTS = {2: "#E69F00", 4: "#009E73", 10: "#0072B2", 40: "#542788"}
_SHOWN = np.array([1, 2, 3, 5, 10, 20, 50])
_SIZES = np.unique(np.geomspace(2, 300, 24).round().astype(int))
_FAR = 5000
"""Generations that stand for all: n times what is lost later is less than 1/5000."""


def _limit(points: np.ndarray | float) -> np.ndarray:
    """``sin(pi / sqrt n) / (pi / sqrt n)``."""
    return np.asarray(np.sinc(1 / np.sqrt(points)))


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
    del results
    law = bounds.get("accumulation-product")
    x = np.arange(1, _STEPS + 1)
    rows = []
    for points in _POINTS:
        kept = np.asarray(law.evaluate(n=points, generation=x, collision_probability=1 / _LETTERS))
        whole = 1 - 1 / _LETTERS
        rows.append(tidy("left", f"exact {points}", x, kept / whole))
        rows.append(tidy("left", f"limit {points}", [1, _STEPS], [float(_limit(points))] * 2))
        rows.append(_measured(points, whole))
    lost = bounds.get("accumulation-product-mean")
    values = np.array([float(lost.evaluate(n=int(n), generation=_FAR)) for n in _SIZES])
    rows.append(tidy("constant", "product", _SIZES, _SIZES * values))
    rows.append(tidy("constant", "large", [2, _SIZES[-1]], [np.pi**2 / 6] * 2))
    return pl.concat(rows)


def _measured(points: int, whole: float) -> pl.DataFrame:
    """Mean diversity of simulated loops over the real one."""
    loop = Discrete(
        real=(1 / _LETTERS,) * _LETTERS,
        cycle=cycles.accumulating(n=points, data="reused"),
        generations=_STEPS,
        replicates=_RUNS,
        record=("diversity",),
    )
    found = loop.run().recorded["diversity"][:, _SHOWN - 1] / whole
    mean, low, high = np.array([interval(column) for column in found.T]).T
    return tidy("left", f"measured {points}", _SHOWN, mean, low, high)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 2, ratio=0.75)
    left, right = axes[0]
    for points, colour in _POINTS.items():
        look = Look(f"{points} points a generation", colour, "-", "o")
        part = {
            s: frame.filter(pl.col("series") == f"{s} {points}")
            for s in ("exact", "limit", "measured")
        }
        curve(left, part["exact"], look, marker="")
        curve(left, part["measured"], look, linestyle="", label=None)
        left.plot(part["limit"]["x"], part["limit"]["y"], "--", color=colour, linewidth=0.7)
    left.set(xscale="log", ylim=(0, 1.02), xlabel="generation", ylabel="diversity / real diversity")
    plain_ticks(left.xaxis, (1, 2, 5, 10, 20, 50))
    left.plot([], [], "o", color="#555555", label="simulated, 95 % interval")
    left.plot([], [], "--", color="#555555", linewidth=0.7, label="limit over all generations")
    product, large = (frame.filter(pl.col("series") == s) for s in ("product", "large"))
    curve(right, product, Look("exact", "#000000"), label=None)
    right.plot(large["x"], large["y"], ":", color="#000000", label=r"$\pi^2/6$, many points")
    right.set(xscale="log", ylim=(1, 1.7), xlabel="points a generation $n$")
    right.set_ylabel(r"$n$ $\times$ diversity lost")
    plain_ticks(right.xaxis, (2, 5, 10, 30, 100, 300))
    legend_below(figure, axes[0], 4)
    return figure


FIGURE = FigureSpec(
    name="X18",
    title="Accumulated data: the product law",
    caption=(
        "All data is kept and n points of the last model are added in every generation. Left: mean"
        f" diversity of the frequencies of {_LETTERS} letters over the real one: exact, the product"
        " of 1 - 1/(n k^2) (lines), its limit sin(pi/sqrt n)/(pi/sqrt n) (dashed), and"
        f" {_RUNS} simulated runs (points, 95 % intervals). The same product is what is left of the"
        " variance of a normal law fitted to all data. Right: n times what is lost for ever; the"
        " known constant pi^2/6 is its limit for many points, from below. Beyond the paper."
    ),
    alt=(
        "Left, four curves that fall and level off, at 0.36 for two points a generation and at 0.96"
        " for forty, with simulated points on them. Right, a curve that rises from 1.3 towards a"
        " dotted line at 1.64."
    ),
    paper=False,
    claims=("product-law",),
    experiments=no_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
