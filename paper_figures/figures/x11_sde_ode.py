"""X11: the reverse SDE's law against the probability-flow ODE's, same networks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from bounds import cycles
from empirics import Experiment, Result
from empirics.models import Diffusion
from paper_figures.diffusion import LOOKS, at_sizes, loop
from paper_figures.spec import FigureSpec
from paper_figures.style import curve, legend_below, panels
from verify.scale import Scale

__all__ = ["FIGURE"]

_SIZES = (1000, 100_000)


def _experiments(scale: Scale) -> dict[str, Experiment]:
    paper = scale is Scale.PAPER
    width, runs = (256, 24) if paper else (64, 4)
    return {
        f"{n} {sampler} {tau:.6g}": loop(
            cycles.full_synthetic(n=n),
            Diffusion(width=width, training_time=float(tau), sampler=sampler),
            runs,
        )
        for n in _SIZES
        for sampler in ("sde", "ode")
        for tau in np.geomspace(10, 1e6, 13 if paper else 6)
    }


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
    rows = []
    for name, result in results.items():
        n, sampler, tau = name.split()
        rows.append(at_sizes(n, sampler, float(tau), result, "tv"))
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 2, ratio=0.8, sharey=True)
    for ax, n in zip(axes[0], _SIZES, strict=True):
        for sampler in ("sde", "ode"):
            here = (pl.col("panel") == str(n)) & (pl.col("series") == sampler)
            rows = frame.filter(here).sort("x")
            curve(ax, rows, LOOKS[sampler], linestyle="", label=None)
            curve(ax, rows, LOOKS[sampler])
        ax.set(title=f"$n=10^{int(np.log10(n))}$", xscale="log", yscale="log")
        ax.set_xlabel(r"training time $\tau$")
    axes[0, 0].set_ylabel("mean TV to the real law")
    legend_below(figure, axes[0], 2)
    return figure


FIGURE = FigureSpec(
    name="X11",
    title="SDE law against ODE law",
    caption=(
        "TV of one generation by training time, for the two laws that one trained score generates:"
        " of the reverse SDE, of which the bounds speak, and of the probability-flow ODE (95 %"
        " intervals, three-mode mixture). They differ by as much as the TV itself once training"
        " goes on; noise in sampling repairs part of the score's error. Beyond the paper."
    ),
    alt=(
        "Two panels against training time: the TV of the probability-flow ODE's law lies above"
        " that of the reverse SDE's, more so with more data."
    ),
    paper=False,
    claims=(),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
