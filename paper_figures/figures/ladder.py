"""The ladder of bounds on one axis: from the paper's rate to the sandwich and the measurement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from matplotlib.figure import Figure

import bounds
from bounds import cycles
from drawing.canvas import legend_below, panels
from drawing.loops import curves, loop_axes
from drawing.loops import measured as measured_points
from drawing.style import SERIES
from empirics import Experiment, Result
from empirics.targets import Target
from paper_figures.curves import bound_curves, measured
from paper_figures.spec import Count, FigureSpec, Generations, Positive, Replicates, tidy
from paper_figures.words import factor, law, range_of, ratios, vacuous, values
from verify import along
from verify.settings import THREE_MODES, kde

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """One loop of kernel density estimates with bandwidth ``bandwidth n^(-1/5)``."""

    n: Count = 1000
    generations: Generations = 20
    replicates: Replicates = 256
    bandwidth: Positive = 0.55
    target: Target = THREE_MODES

    def loop(self, n: int, generations: int, replicates: int) -> Experiment:
        """A loop of the same model on full synthetic data."""
        cycle = cycles.full_synthetic(n=n)
        return kde(self.target, self.bandwidth, cycle, generations, replicates)


_QUICK, _PAPER = Parameters(), Parameters(replicates=2000)

_PROVED = ("kde-recursion", "kde-sandwich", "kde-clt", "kde-sandwich-lower")
_SMALLEST = 10
_GAMMA = 0.25


def _experiments(p: Parameters) -> dict[str, Experiment]:
    return {"full synthetic": p.loop(p.n, p.generations, p.replicates)}


def _constant(p: Parameters) -> float:
    """Smallest C with ``C n^(-1/4)`` above the proved one-generation bound for all n >= 10.

    The proved bound falls faster than ``n^(-1/4)``, so the smallest size decides.
    """
    smallest = along(bounds.get("kde-one-step"), p.loop(_SMALLEST, 1, 1))
    return float(smallest.value[0] * _SMALLEST**_GAMMA)


def _tabulate(results: Mapping[str, Result], p: Parameters) -> pl.DataFrame:
    rows = []
    for panel, result in results.items():
        experiment = result.experiment
        x = np.arange(1, experiment.generations + 1)
        words = {"n": experiment.cycle.n, "gamma": _GAMMA, "constant": _constant(p)}
        rate = np.asarray(bounds.get("full-synthetic").evaluate(generation=x, **words))
        rows.append(tidy(panel, "paper-form", x, rate))
        rows.append(bound_curves(panel, experiment, _PROVED))
        rows.append(measured(panel, result))
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 1, ratio=0.5)
    ax = axes[0, 0]
    curves(ax, frame, {series: SERIES[series] for series in ("paper-form", *_PROVED)})
    measured_points(ax, frame.filter(pl.col("series") == "measured"))
    loop_axes(ax, frame)
    legend_below(figure, [ax], 3)
    return figure


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    return (
        f"One loop, all bounds: kernel density estimates trained on full synthetic data"
        f" ({law(p.target)}, n = {p.n}, bandwidth {p.bandwidth:g} n^(-1/5)). From above: the"
        f" paper-form rate with the smallest constant that covers one generation for all n >="
        f" {_SMALLEST}; the recursion with explicit one-step errors; the certified sandwich; the"
        f" CLT prediction; the measured mean with its 95 % interval. The recursion is"
        f" {vacuous(table, 'kde-recursion')}; the sandwich stays within"
        f" {factor(ratios(table, 'kde-sandwich', 'measured'))} of the measurement. The paper's"
        f" claim, and what is lost on the way to it."
    )


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    return (
        f"Over {p.generations} generations, from above: the paper-form rate,"
        f" {vacuous(table, 'paper-form')}, the recursion, {vacuous(table, 'kde-recursion')}, the"
        f" sandwich, and in it the measured mean TV, which goes from"
        f" {range_of(values(table, series='measured'))}."
    )


FIGURE = FigureSpec(
    name="ladder",
    title="The ladder of bounds",
    caption=_caption,
    alt=_alt,
    paper=True,
    claims=("sandwich-above", "sandwich-below", "clt", "mean-recursion"),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
