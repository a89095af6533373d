"""X19: the best weight of real data by the ratio of synthetic points; at one to one, the golden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from matplotlib.figure import Figure

import bounds
from bounds.cycles.weighted_real import WeightedReal
from drawing.canvas import curve, legend_below, panels, plain_ticks
from drawing.style import Look, colours
from empirics.closed_form import GaussianMean
from empirics.means import mean_with_limits
from empirics.runs import Runs
from paper_figures.curves import named
from paper_figures.spec import Count, FigureSpec, Generations, Positive, Replicates, Share, tidy
from paper_figures.words import apart, course, held, ratios, values

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """Loops that fit a normal mean to weighted real and synthetic points."""

    n: Count = 1000
    generations: Generations = 20
    ratios: tuple[Positive, ...] = (0.25, 1.0, 8.0)
    weights: tuple[Share, ...] = (0.2, 0.35, 0.5, 0.618, 0.75, 0.9)
    replicates: Replicates = 40_000


_QUICK, _PAPER = Parameters(), Parameters(replicates=200_000)

_LAMBDA = np.geomspace(0.05, 200, 160)
_ENDS, _PLACES = (0.1, 0.98), 90
_HIGH = 2.2
"""Of the axis: curves go to infinity with the share of unweighted data."""
_LOOKS = {"best": Look("best weight", "#000000"), "natural": Look("share", "#7F7F7F", "--")}


def _experiments(p: Parameters) -> dict[str, GaussianMean]:
    return {
        f"{weight} {lam}": GaussianMean(
            cycle=WeightedReal(n=p.n, share=weight, lam=lam),
            generations=p.generations,
            replicates=p.replicates,
            seed=int(1000 * (weight + lam)),
        )
        for lam in p.ratios
        for weight in p.weights
    }


def _ratio(weight: float | np.ndarray, lam: float, generation: int) -> np.ndarray:
    """Variance of the fitted mean after some generations over that of one sample's mean."""
    bound = bounds.get("gaussian-mean-weighted")
    return np.asarray(bound.evaluate(generation=generation, share=weight, lam=lam))


def _tabulate(results: Mapping[str, Any], p: Parameters) -> pl.DataFrame:
    best = bounds.get("best-real-weight")
    golden = float(best.evaluate(lam=1))
    rows = [
        tidy("weight", "best", _LAMBDA, np.asarray(best.evaluate(lam=_LAMBDA))),
        tidy("weight", "natural", _LAMBDA, 1 / (1 + _LAMBDA)),
        tidy("weight", "golden", [1.0], [golden]),
    ]
    last = p.generations
    weights = np.linspace(min(_ENDS[0], *p.weights), max(_ENDS[1], *p.weights), _PLACES)
    for lam in p.ratios:
        at, share = float(best.evaluate(lam=lam)), 1 / (1 + lam)
        rows.append(tidy("ratio", f"exact {lam:g}", weights, _ratio(weights, lam, last)))
        rows.append(tidy("ratio", f"best {lam:g}", [at], [float(_ratio(at, lam, last))]))
        if share > weights[0]:
            there = [float(_ratio(share, lam, last))]
            rows.append(tidy("ratio", f"natural {lam:g}", [share], there))
        rows += [_simulated(w, lam, results[f"{w} {lam}"], p.n) for w in p.weights]
    return pl.concat(rows)


def _simulated(weight: float, lam: float, runs: Runs, n: int) -> pl.DataFrame:
    """The mean TV of simulated loops as a variance ratio, by the exact relation of the two."""
    found = (n * (2 * np.tan(np.pi * t / 2)) ** 2 for t in mean_with_limits(runs.tv[:, -1]))
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
    ratios = named(frame, "exact")
    for lam, colour in zip(ratios, colours(len(ratios)), strict=True):
        look = Look(rf"$\lambda={lam}$", colour, "-", "o")
        part = {
            s: frame.filter(pl.col("series") == f"{s} {lam}")
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
    right.set(xlim=(0.05, 1), ylim=(0, _HIGH))
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


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    return (
        f"Fitting a normal mean to n real points and lambda n points of the last model, both drawn"
        f" anew in every generation and weighted. Left: the weight of the real points with which"
        f" the fitted mean varies least in the long run, 2 / (1 + sqrt(1 + 4 lambda)),"
        f" {apart(ratios(table, 'best', 'natural'))} the share of the points that are real; the"
        f" star marks the golden ratio. Right: the variance after {p.generations} generations,"
        f" exact (lines) and from the TV of {p.replicates} simulated runs (n = {p.n}; points;"
        f" {held(table)} intervals of 95 % hold the line); in the long run it is at its least the"
        f" best weight itself. Beyond the paper."
    )


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    (golden,) = values(table, series="golden")
    least = ", ".join(f"{values(table, series=f'best {lam:g}')[0]:.2g}" for lam in p.ratios)
    return (
        f"Left, the best weight {course(values(table, series='best'))} as synthetic points are"
        f" added, and passes {golden:.3f} at one to one. Right, curves of the variance with one"
        f" minimum each, marked by a star: {least}; {held(table)} intervals of simulated points"
        f" hold them."
    )


FIGURE = FigureSpec(
    name="X19",
    title="The best weight of real data",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=("gaussian-mean",),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
