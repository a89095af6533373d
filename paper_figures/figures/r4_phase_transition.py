"""R4: the bound's rise and fall in the amount of synthetic data, for both starts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from matplotlib.figure import Figure

import bounds
from bounds.theorems import phase_transition, phase_transition_real_start
from drawing.canvas import curve, legend_below, panels
from drawing.style import generation_look
from empirics import Result
from paper_figures.spec import FigureSpec, no_experiments, tidy

__all__ = ["FIGURE"]

_GAMMA = 0.25
_N = 1000
_GENERATIONS = (1, 2, 5, 10, 20)
_LAMBDA = np.geomspace(0.05, 3e5, 400)
_STARTS = {
    "phase-transition": (phase_transition, r"generation 1 on $(1+\lambda)n$ real points"),
    "phase-transition-real-start": (
        phase_transition_real_start,
        r"generation 1 on the $n$ real points",
    ),
}


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
    del results
    rows = []
    for name, (module, _) in _STARTS.items():
        for i in _GENERATIONS:
            rows.append(tidy(name, f"generation {i}", _LAMBDA, _height(name, i, _LAMBDA)))
            peak = module.peak(i, _GAMMA)
            if peak is not None:
                at = np.array([peak])
                rows.append(tidy(name, f"peak {i}", at, _height(name, i, at)))
    for i in _GENERATIONS[2:]:
        at = np.array([phase_transition.peak_asymptote(i, _GAMMA)])
        rows.append(
            tidy("phase-transition", f"asymptote {i}", at, _height("phase-transition", i, at))
        )
    return pl.concat(rows)


def _height(name: str, generation: int, lam: np.ndarray) -> np.ndarray:
    """The bound relative to its value without synthetic data."""
    bound = bounds.get(name)
    words = {"n": _N, "generation": generation, "gamma": _GAMMA}
    return np.asarray(bound.evaluate(lam=lam, **words) / bound.evaluate(lam=0, **words))


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 2, ratio=0.85, sharey=True)
    for ax, (name, (_, title)) in zip(axes[0], _STARTS.items(), strict=True):
        here = frame.filter(pl.col("panel") == name)
        for i in _GENERATIONS:
            look = generation_look(i)
            curve(ax, here.filter(pl.col("series") == f"generation {i}"), look, marker="")
            top = here.filter(pl.col("series") == f"peak {i}")
            ax.plot(top["x"], top["y"], "o", color=look.colour, zorder=4)
            tick = here.filter(pl.col("series") == f"asymptote {i}")
            ax.plot(tick["x"], tick["y"], "|", color="black", markersize=9, zorder=5)
        ax.axhline(1.0, color="#7F7F7F", linewidth=0.7, linestyle="--")
        ax.set(title=title, xscale="log", yscale="log", ylim=(0.05, 12))
        ax.set_xlabel(r"synthetic points per real point $\lambda$")
    axes[0, 0].plot([], [], "o", color="#555555", label=r"peak $\lambda^*$ (root of its slope)")
    axes[0, 0].plot([], [], "|", color="black", markersize=9, label=r"asymptote $i/c+b$")
    axes[0, 0].set_ylabel("bound / bound without synthetic data")
    legend_below(figure, axes[0], 4)
    return figure


FIGURE = FigureSpec(
    name="R4",
    title="Phase transition of the bound",
    caption=(
        "The paper-form bound (exponent 1/4) relative to its value with real data only. Left: with"
        " (1 + lambda) n real points in generation 1, as the paper's bound assumes, it rises, peaks"
        " at lambda* and falls to zero. Right: with the n real points that exist, it rises and"
        " returns to the real-only value, never below. Dots are the exact peaks, ticks their"
        " asymptote. The paper's claim: beyond a threshold the initial ascent turns into a decline."
    ),
    alt=(
        "Two panels of curves against synthetic points per real point, each rising to a marked"
        " peak and falling: on the left to zero, on the right back to the value without synthetic"
        " data."
    ),
    paper=True,
    claims=(),
    experiments=no_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
