"""X2: fitting a normal mean, exactly: synthetic data helps fresh real data, hurts one kept set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from scipy.optimize import minimize_scalar

import bounds
from bounds import cycles
from bounds.theorems import phase_transition_real_start
from drawing.canvas import curve, legend_below, panels, round_ticks
from drawing.style import generation_look
from empirics.closed_form import GaussianMean
from empirics.means import mean_with_limits
from empirics.runs import Runs
from paper_figures.curves import numbered
from paper_figures.spec import Count, FigureSpec, Generations, Positive, Replicates, tidy
from paper_figures.words import held, values

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """Loops that fit the mean of n real points and lambda n of the last model."""

    n: Count = 1000
    generations: tuple[Generations, ...] = (2, 3, 5, 10, 50)
    replicates: Replicates = 20_000
    lam: tuple[Positive, ...] = tuple(4.0**k for k in range(-2, 6))


_QUICK, _PAPER = Parameters(), Parameters(replicates=100_000)

_GAMMA = 0.5
_ENDS, _PLACES = (0.05, 2000), 160
_EXACT = {"fresh": "gaussian-mean-fresh-tv", "reused": "gaussian-mean-reused-tv"}
_TITLES = {
    "fresh": "truth, fresh real data",
    "reused": "truth, one real set kept",
    "bound": "bound, exponent 1/2",
}
_REACH = (np.log(1e-3), np.log(1e4))


def _experiments(p: Parameters) -> dict[str, GaussianMean]:
    return {
        f"{data} {lam}": GaussianMean(
            cycle=cycles.real_plus_synthetic(n=p.n, lam=lam, data=data),
            generations=max(p.generations),
            replicates=p.replicates,
        )
        for data in _EXACT
        for lam in p.lam
    }


def _exact(data: str, n: int, generation: int, lam: float | np.ndarray) -> np.ndarray:
    """Mean TV over its value without synthetic data."""
    bound = bounds.get(_EXACT[data])
    value, level = (bound.evaluate(n=n, generation=generation, lam=at) for at in (lam, 0))
    return np.asarray(value / level)


def _bound(n: int, generation: int, lam: float | np.ndarray) -> np.ndarray:
    bound = bounds.get("phase-transition-real-start")
    words = {"n": n, "generation": generation, "gamma": _GAMMA}
    return np.asarray(bound.evaluate(lam=lam, **words) / bound.evaluate(lam=0, **words))


def _turn(data: str, n: int, generation: int) -> float:
    """The ``lambda`` at which the exact curve turns: a dip of fresh data, a peak of kept data."""
    sign = 1 if data == "fresh" else -1
    found = minimize_scalar(
        lambda t: sign * float(_exact(data, n, generation, np.exp(t))),
        bounds=_REACH,
        options={"xatol": 1e-9},
    )
    return float(np.exp(found.x))


def _tabulate(results: Mapping[str, Any], p: Parameters) -> pl.DataFrame:
    rows = [_measured(data, lam, results, p) for data in _EXACT for lam in p.lam]
    lam = np.geomspace(min(_ENDS[0], *p.lam), max(_ENDS[1], *p.lam), _PLACES)
    for i in p.generations:
        for data in _EXACT:
            at = np.array([_turn(data, p.n, i)])
            rows.append(tidy(data, f"exact {i}", lam, _exact(data, p.n, i, lam)))
            rows.append(tidy(data, f"turn {i}", at, _exact(data, p.n, i, at)))
        top = np.array([phase_transition_real_start.peak(i, _GAMMA)], dtype=float)
        rows.append(tidy("bound", f"exact {i}", lam, _bound(p.n, i, lam)))
        rows.append(tidy("bound", f"turn {i}", top, _bound(p.n, i, top)))
    return pl.concat(rows)


def _measured(data: str, lam: float, results: Mapping[str, Any], p: Parameters) -> pl.DataFrame:
    """Means of simulated loops, over the exact level without synthetic data."""
    runs: Runs = results[f"{data} {lam}"]
    level = float(bounds.get(_EXACT[data]).evaluate(n=p.n, generation=1, lam=0))
    rows = []
    for i in p.generations:
        mean, low, high = (value / level for value in mean_with_limits(runs.tv[:, i - 1]))
        rows.append(tidy(data, f"measured {i}", [lam], [mean], [low], [high]))
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 3, ratio=1.05)
    for ax, (panel, title) in zip(axes[0], _TITLES.items(), strict=True):
        here = frame.filter(pl.col("panel") == panel)
        for i in numbered(frame, "exact"):
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
        round_ticks(ax.yaxis)
    axes[0, 0].set_ylabel("mean TV / real data only")
    axes[0, 2].plot([], [], "o", color="#555555", label="simulated, 95 % interval")
    axes[0, 2].plot([], [], "*", color="#555555", markersize=6, label=r"turning point $\lambda^*$")
    legend_below(figure, axes[0], 4)
    return figure


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    dip, bump, top = (_turns(table, panel) for panel in ("fresh", "reused", "bound"))
    return (
        f"Loops that fit the mean of a normal law of known variance on n = {p.n} real points and"
        f" lambda n of the last model; mean TV relative to real data only. Lines are exact, points"
        f" are {p.replicates} simulated runs with 95 % intervals, of which {held(table)} hold the"
        f" line, stars mark where a curve turns. Left: with fresh real points in every generation"
        f" synthetic data helps, down to {dip.min():.3g}, and the gain is lost again; the least"
        f" there can be is sqrt(1/2). Middle: with one real set kept it hurts, by up to"
        f" {bump.max():.3g}, at most sqrt(3/2), and TV returns: the phase transition itself, in"
        f" closed form. Right (another scale): the bound, which adds errors up, rises under either"
        f" protocol, up to {top.max():.3g}. Beyond the paper."
    )


def _turns(table: pl.DataFrame, panel: str) -> np.ndarray:
    return np.concatenate(
        [values(table, panel=panel, series=f"turn {i}") for i in numbered(table, "turn")]
    )


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    del p
    dip, bump, top = (_turns(table, panel) for panel in ("fresh", "reused", "bound"))
    return (
        f"Three panels against synthetic points per real point: curves that dip to {dip.min():.2g}"
        f" and come back, curves that rise to at most {bump.max():.3g} and come back, and bound"
        f" curves that rise to {top.max():.2g}. {held(table)} intervals of simulated points hold"
        f" the exact curve."
    )


FIGURE = FigureSpec(
    name="X2",
    title="Normal mean: dip, bump and bound",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=("gaussian-mean",),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
