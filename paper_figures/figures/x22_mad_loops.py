"""X22: the three loops of MAD times the sampling bias: diversity and quality by generation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl
from matplotlib.figure import Figure

import bounds
from bounds import cycles
from bounds.cycles import DataCycle
from drawing.canvas import curve, generations_below, legend_below, panels
from drawing.style import SERIES, Look
from empirics import Result
from empirics.closed_form import NormalFit
from empirics.operators import Shrinking
from paper_figures.diffusion import interval
from paper_figures.spec import FigureSpec, no_experiments, tidy

__all__ = ["FIGURE"]

_N, _STEPS, _RUNS = 500, 15, 60
_BIASES = {
    0.8: Look(r"$\ell = 0.8$", "#0072B2", "", "o"),
    1.0: Look(r"$\ell = 1$", "#000000", "", "s"),
    1.1: Look(r"$\ell = 1.1$", "#D55E00", "", "^"),
}
_LOOPS: dict[str, DataCycle] = {
    "full synthetic": cycles.full_synthetic(n=_N),
    "fixed real data": cycles.real_plus_synthetic(n=_N, lam=1, data="reused"),
    "fresh real data": cycles.fresh_real(n=_N, share=0.5),
}


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
    del results
    rows = []
    x = np.arange(1, _STEPS + 1)
    for loop, cycle in _LOOPS.items():
        for bias in _BIASES:
            found = NormalFit(
                cycle=cycle,
                generations=_STEPS,
                replicates=_RUNS,
                between=None if bias == 1 else Shrinking(bias),
            ).measure()
            for what, numbers in (("variance", found.variance), ("TV", found.tv)):
                mean, low, high = np.array([interval(column) for column in numbers.T]).T
                rows.append(tidy(f"{what}, {loop}", f"measured {bias:g}", x, mean, low, high))
            rows.append(tidy(f"variance, {loop}", f"exact {bias:g}", x, _exact(loop, bias)))
    return pl.concat(rows)


def _exact(loop: str, bias: float) -> np.ndarray:
    """Variance without sampling error; kept real data has the weight of a fresh share."""
    words = {"generation": np.arange(1, _STEPS + 1), "sampling_bias": bias}
    if loop == "full synthetic":
        return np.asarray(bounds.get("mad-variance").evaluate(**words))
    return np.asarray(bounds.get("mad-variance-fresh").evaluate(share=0.5, **words))


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(2, len(_LOOPS), ratio=0.72, sharex=True)
    for column, loop in zip(axes.T, _LOOPS, strict=True):
        for ax, what in zip(column, ("variance", "TV"), strict=True):
            here = frame.filter(pl.col("panel") == f"{what}, {loop}")
            for bias, look in _BIASES.items():
                exact = here.filter(pl.col("series") == f"exact {bias:g}")
                if not exact.is_empty():
                    curve(ax, exact, replace(look, line="-", marker="", label=""), label=None)
                curve(ax, here.filter(pl.col("series") == f"measured {bias:g}"), look)
        column[0].set_title(loop)
        column[0].axhline(1.0, color=SERIES["reference"].colour, linewidth=0.7, linestyle="--")
        is_synthetic = loop == "full synthetic"
        column[0].set_ylim(*((0, 5) if is_synthetic else (0.7, 1.3)))
        column[1].set_ylim(0, 0.7 if is_synthetic else 0.07)
    axes[0, 0].set_ylabel("mean variance")
    axes[1, 0].set_ylabel("mean TV")
    axes[0, 0].plot([], [], color="#555555", label="variance without sampling error")
    generations_below(*axes[1])
    legend_below(figure, [axes[0, 0]], 4)
    return figure


FIGURE = FigureSpec(
    name="X22",
    title="MAD's three loops and the sampling bias",
    caption=(
        "Normal laws fitted to their own samples, which are moved towards the model's mean"
        " (sampling bias ell < 1), taken as they are, or moved away from it (ell > 1). Columns:"
        " full synthetic data; one kept set of 500 real points beside as many synthetic ones; fresh"
        " real data in their place (both on another scale). Top: mean variance (diversity) over 60"
        " runs with 95 % intervals; lines are the catalogue's values without sampling error."
        " Bottom: exact TV (quality). Without real data a bias takes variance away, or adds it,"
        " geometrically; real data, fresh or kept, stop that at a level. The loops of Alemohammad"
        " et al., ICLR 2024."
    ),
    alt=(
        "Six panels over fifteen generations: with full synthetic data variance goes to zero or"
        " grows to four, and TV past one half; with real data variance settles between 0.8 and 1.15"
        " and TV below 0.05 within a few generations."
    ),
    paper=False,
    claims=(),
    experiments=no_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
