"""X19: the best weight of real data by the ratio of synthetic points; at one to one, the golden."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from matplotlib.figure import Figure

import bounds
from bounds.cycles.weighted_real import WeightedReal
from drawing.canvas import curve, legend_below, panels, plain_ticks
from drawing.style import Look
from empirics import Result
from empirics.closed_form import GaussianMean
from paper_figures.diffusion import interval
from paper_figures.spec import FigureSpec, no_experiments, tidy

__all__ = ["FIGURE"]

_N = 1000
_RUNS = 40_000
_LONG = 20
"""Generations after which the exact ratio is close to its limit at all weights shown."""
_LAMBDA = np.geomspace(0.05, 200, 160)
_WEIGHTS = np.linspace(0.1, 0.98, 90)
_MEASURED = np.array([0.2, 0.35, 0.5, 0.618, 0.75, 0.9])
_RATIOS = {0.25: "#56B4E9", 1.0: "#0072B2", 8.0: "#542788"}
_LOOKS = {"best": Look("best weight", "#000000"), "natural": Look("share", "#7F7F7F", "--")}


def _ratio(weight: float | np.ndarray, lam: float) -> np.ndarray:
    """Variance of the fitted mean after many generations over that of one sample's mean."""
    bound = bounds.get("gaussian-mean-weighted")
    return np.asarray(bound.evaluate(generation=_LONG, share=weight, lam=lam))


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
    del results
    best = bounds.get("best-real-weight")
    golden = float(best.evaluate(lam=1))
    rows = [
        tidy("weight", "best", _LAMBDA, np.asarray(best.evaluate(lam=_LAMBDA))),
        tidy("weight", "natural", _LAMBDA, 1 / (1 + _LAMBDA)),
        tidy("weight", "golden", [1.0], [golden]),
    ]
    for lam in _RATIOS:
        at = float(best.evaluate(lam=lam))
        rows.append(tidy("ratio", f"exact {lam:g}", _WEIGHTS, _ratio(_WEIGHTS, lam)))
        rows.append(tidy("ratio", f"best {lam:g}", [at], [float(_ratio(at, lam))]))
        share = 1 / (1 + lam)
        if share > _WEIGHTS[0]:
            rows.append(tidy("ratio", f"natural {lam:g}", [share], [float(_ratio(share, lam))]))
        rows += [_simulated(float(weight), lam) for weight in _MEASURED]
    return pl.concat(rows)


def _simulated(weight: float, lam: float) -> pl.DataFrame:
    """The mean TV of simulated loops as a variance ratio, by the exact relation of the two."""
    cycle = WeightedReal(n=_N, share=weight, lam=lam)
    seed = int(1000 * (weight + lam))
    runs = GaussianMean(cycle=cycle, generations=_LONG, replicates=_RUNS, seed=seed).run()
    found = (_N * (2 * np.tan(np.pi * t / 2)) ** 2 for t in interval(runs.tv[:, -1]))
    mean, low, high = found
    return tidy("ratio", f"measured {lam:g}", [weight], [mean], [low], [high])


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 2, ratio=0.75)
    left, right = axes[0]
    for series, look in _LOOKS.items():
        curve(left, frame.filter(pl.col("series") == series), look, label=None)
    golden = frame.filter(pl.col("series") == "golden")
    left.plot(golden["x"], golden["y"], "*", color="#000000", markersize=8)
    text = f"golden ratio {golden['y'][0]:.3f}"
    left.annotate(text, (1, golden["y"][0]), (6, 4), textcoords="offset points", fontsize=7)
    left.annotate("best weight", (30, 0.17), (2, 6), textcoords="offset points", fontsize=7)
    left.annotate("share of the points", (0.06, 0.3), fontsize=7, color="#7F7F7F")
    left.set(xscale="log", ylim=(0, 1), ylabel="weight of the real points")
    left.set_xlabel(r"synthetic points per real point $\lambda$")
    plain_ticks(left.xaxis, (0.1, 1, 10, 100))
    for lam, colour in _RATIOS.items():
        look = Look(rf"$\lambda={lam:g}$", colour, "-", "o")
        part = {
            s: frame.filter(pl.col("series") == f"{s} {lam:g}")
            for s in ("exact", "best", "natural", "measured")
        }
        curve(right, part["exact"], look, marker="")
        curve(right, part["measured"], look, linestyle="", label=None)
        right.plot(part["best"]["x"], part["best"]["y"], "*", color=colour, markersize=8)
        right.plot(
            part["natural"]["x"],
            part["natural"]["y"],
            "D",
            color=colour,
            markerfacecolor="white",
            markersize=5,
        )
    right.set(xlabel="weight of the real points", ylabel="variance / that of one sample")
    right.set(xlim=(0.05, 1), ylim=(0, 2.2))
    right.plot([], [], "*", color="#555555", markersize=8, label="best weight")
    right.plot(
        [],
        [],
        "D",
        color="#555555",
        markerfacecolor="white",
        markersize=5,
        label="share of the points",
    )
    right.plot([], [], "o", color="#555555", label="simulated, 95 % interval")
    legend_below(figure, axes[0], 4)
    return figure


FIGURE = FigureSpec(
    name="X19",
    title="The best weight of real data",
    caption=(
        "Fitting a normal mean to n real points and lambda n points of the last model, both drawn"
        " anew in every generation and weighted. Left: the weight of the real points with which the"
        " fitted mean varies least in the long run, 2 / (1 + sqrt(1 + 4 lambda)), against the share"
        " of the points that are real; the star marks the golden ratio. Right: the variance after"
        f" {_LONG} generations, exact (lines) and from the TV of {_RUNS} simulated runs (n = 1000;"
        " points, 95 % intervals); at its least it is the best weight itself. Beyond the paper."
    ),
    alt=(
        "Left, the best weight falls from one to below a tenth as synthetic points are added, and"
        " passes 0.618 at one to one, always above the share of real points. Right, three curves"
        " with one minimum each, marked by a star; simulated points lie on them."
    ),
    paper=False,
    claims=("gaussian-mean",),
    experiments=no_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
