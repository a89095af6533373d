"""X2: fitting a normal mean, exactly: synthetic data helps fresh real data, hurts one kept set."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, ScalarFormatter
from scipy.optimize import minimize_scalar

import bounds
from bounds import cycles
from bounds.theorems import phase_transition_real_start
from drawing.canvas import curve, legend_below, panels
from drawing.style import generation_look
from empirics import Result
from empirics.closed_form import GaussianMean
from paper_figures.diffusion import interval
from paper_figures.spec import FigureSpec, no_experiments, tidy

__all__ = ["FIGURE"]

_N = 1000
_RUNS = 20_000
_GAMMA = 0.5
_GENERATIONS = (2, 3, 5, 10, 50)
_LAMBDA = np.geomspace(0.05, 2000, 160)
_MEASURED = 4.0 ** np.arange(-2, 6)
_EXACT = {"fresh": "gaussian-mean-fresh-tv", "reused": "gaussian-mean-reused-tv"}
_TITLES = {
    "fresh": "truth, fresh real data",
    "reused": "truth, one real set kept",
    "bound": "bound, exponent 1/2",
}
_REACH = (np.log(1e-3), np.log(1e4))


def _exact(data: str, generation: int, lam: float | np.ndarray) -> np.ndarray:
    """Mean TV over its value without synthetic data."""
    bound = bounds.get(_EXACT[data])
    value, level = (bound.evaluate(n=_N, generation=generation, lam=at) for at in (lam, 0))
    return np.asarray(value / level)


def _bound(generation: int, lam: float | np.ndarray) -> np.ndarray:
    bound = bounds.get("phase-transition-real-start")
    words = {"n": _N, "generation": generation, "gamma": _GAMMA}
    return np.asarray(bound.evaluate(lam=lam, **words) / bound.evaluate(lam=0, **words))


def _turn(data: str, generation: int) -> float:
    """The ``lambda`` at which the exact curve turns: a dip of fresh data, a peak of kept data."""
    sign = 1 if data == "fresh" else -1
    found = minimize_scalar(
        lambda t: sign * float(_exact(data, generation, np.exp(t))),
        bounds=_REACH,
        options={"xatol": 1e-9},
    )
    return float(np.exp(found.x))


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
    del results
    rows = [_measured(data, float(lam)) for data in _EXACT for lam in _MEASURED]
    for i in _GENERATIONS:
        for data in _EXACT:
            at = np.array([_turn(data, i)])
            rows.append(tidy(data, f"exact {i}", _LAMBDA, _exact(data, i, _LAMBDA)))
            rows.append(tidy(data, f"turn {i}", at, _exact(data, i, at)))
        top = np.array([phase_transition_real_start.peak(i, _GAMMA)], dtype=float)
        rows.append(tidy("bound", f"exact {i}", _LAMBDA, _bound(i, _LAMBDA)))
        rows.append(tidy("bound", f"turn {i}", top, _bound(i, top)))
    return pl.concat(rows)


def _measured(data: str, lam: float) -> pl.DataFrame:
    """Means of simulated loops, over the exact level without synthetic data."""
    cycle = cycles.real_plus_synthetic(n=_N, lam=lam, data=data)
    loop = GaussianMean(cycle=cycle, generations=max(_GENERATIONS), replicates=_RUNS)
    runs, level = loop.run().tv, float(bounds.get(_EXACT[data]).evaluate(n=_N, generation=1, lam=0))
    rows = []
    for i in _GENERATIONS:
        mean, low, high = (value / level for value in interval(runs[:, i - 1]))
        rows.append(tidy(data, f"measured {i}", [lam], [mean], [low], [high]))
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 3, ratio=1.05)
    for ax, (panel, title) in zip(axes[0], _TITLES.items(), strict=True):
        here = frame.filter(pl.col("panel") == panel)
        for i in _GENERATIONS:
            look = generation_look(i)
            part = {s: here.filter(pl.col("series") == f"{s} {i}") for s in ("exact", "turn")}
            points = here.filter(pl.col("series") == f"measured {i}")
            curve(ax, part["exact"], look, marker="")
            ax.plot(part["turn"]["x"], part["turn"]["y"], "*", color=look.colour, markersize=6)
            if not points.is_empty():
                curve(ax, points, look, linestyle="", label=None)
        ax.axhline(1.0, color="#7F7F7F", linewidth=0.7, linestyle="--")
        ax.set(title=title, xscale="log", yscale="log")
        ax.set_xlabel(r"synthetic points per real point $\lambda$")
        ax.yaxis.set_major_formatter(ScalarFormatter())
        ax.yaxis.set_minor_formatter(NullFormatter())
    axes[0, 0].set_yticks([0.7, 0.8, 0.9, 1.0])
    axes[0, 1].set_yticks([1.0, 1.1, 1.2])
    axes[0, 2].set_yticks([1, 2, 3, 4, 5])
    axes[0, 0].set_ylabel("mean TV / real data only")
    axes[0, 2].plot([], [], "o", color="#555555", label="simulated, 95 % interval")
    axes[0, 2].plot([], [], "*", color="#555555", markersize=6, label=r"turning point $\lambda^*$")
    legend_below(figure, axes[0], 4)
    return figure


FIGURE = FigureSpec(
    name="X2",
    title="Normal mean: dip, bump and bound",
    caption=(
        "Loops that fit the mean of a normal law of known variance on n = 1000 real points and"
        " lambda n of the last model; mean TV relative to real data only. Lines are exact, points"
        " are 20000 simulated runs with 95 % intervals, stars mark where a curve turns. Left: with"
        " fresh real points in every generation synthetic data helps, down to sqrt(1/2), and the"
        " gain is lost again. Middle: with one real set kept it hurts, by up to sqrt(3/2), and TV"
        " returns: the phase transition itself, in closed form. Right (another scale): the bound,"
        " which adds errors up, rises under either protocol and much higher. Beyond the paper."
    ),
    alt=(
        "Three panels against synthetic points per real point: curves that dip below one and come"
        " back, curves that rise to at most 1.22 and come back, and bound curves that rise to"
        " about five. Simulated points lie on the exact curves."
    ),
    paper=False,
    claims=("gaussian-mean",),
    experiments=no_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
