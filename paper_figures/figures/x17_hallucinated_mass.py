"""X17: mass where real data is scarce, by generation of diffusion and kernel density loops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from drawing.canvas import curve, generations_below, legend_below, panels
from drawing.style import CYCLES, Look
from empirics import Experiment, Result
from empirics.means import mean_with_limits
from paper_figures.spec import Count, FigureSpec, Generations, Replicates, tidy
from paper_figures.words import apart, range_of, ratios, values
from verify.settings import LEVEL, apart_loops

__all__ = ["FIGURE"]

_TITLES = {"diffusion": "diffusion models", "kde": "kernel density estimates"}
_BOUND = Look("bound: TV + real mass there", "#555555", ":")
_SHOWN = ("full synthetic", "fresh real 30 %", "accumulating")


@dataclass(frozen=True)
class Parameters:
    """Loops on three modes far apart, of diffusion models and kernel density estimates."""

    n: Count = 1000
    width: Count = 64
    generations: Generations = 5
    replicates: Replicates = 32
    kde_generations: Generations = 8
    kde_replicates: Replicates = 200


_QUICK = Parameters()
_PAPER = Parameters(
    width=256, generations=12, replicates=64, kde_generations=12, kde_replicates=2000
)


def _experiments(p: Parameters) -> dict[str, Experiment]:
    kde_runs = (p.kde_generations, p.kde_replicates)
    return apart_loops(p.n, p.width, (p.generations, p.replicates), kde_runs)


def _tabulate(results: Mapping[str, Result], p: Parameters) -> pl.DataFrame:
    del p
    rows = []
    for name, result in results.items():
        panel, _, cycle = name.partition(", ")
        mass, own = result.matrix("hallucinated"), result.matrix("hallucinated_real")
        x = np.arange(1, mass.shape[1] + 1)
        mean, low, high = np.array([mean_with_limits(column) for column in mass.T]).T
        rows.append(tidy(panel, cycle, x, mean, low, high))
        rows.append(tidy(panel, f"bound {cycle}", x, (result.matrix("tv") + own).mean(axis=0)))
        rows.append(tidy(panel, "real", x, own.mean(axis=0)))
    return pl.concat(rows).unique(maintain_order=True)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 2, ratio=0.8)
    for ax, (panel, title) in zip(axes[0], _TITLES.items(), strict=True):
        here = frame.filter(pl.col("panel") == panel)
        for cycle in _SHOWN:
            look = CYCLES[cycle]
            curve(ax, here.filter(pl.col("series") == cycle), look)
            bound = here.filter(pl.col("series") == f"bound {cycle}")
            ax.plot(bound["x"], bound["y"], _BOUND.line, color=look.colour)
        real = here.filter(pl.col("series") == "real").unique("x", keep="first").sort("x")
        ax.plot(real["x"], real["y"], color="#7F7F7F", linewidth=0.7, label="real law's own mass")
        ax.set(title=title, ylim=(0, None))
    axes[0, 0].plot([], [], _BOUND.line, color=_BOUND.colour, label=_BOUND.label)
    axes[0, 0].set_ylabel("mass where real data is scarce")
    generations_below(*axes[0])
    legend_below(figure, axes[0], 3)
    return figure


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    return (
        "Mean mass of each generation where the density of the real law, three modes far apart, is"
        f" below {LEVEL:g}: what Aithal et al. (2024) call hallucination by mode interpolation,"
        f" computed on the grid without samples (n = {p.n}; 95 % intervals). Dotted: its bound, the"
        f" TV to the real law plus that law's own mass there (grey). On full synthetic data it is"
        f" {_of(table, 'full synthetic')} over the generations of diffusion models, with a fresh"
        f" real share {_of(table, 'fresh real 30 %')}. Beyond the paper."
    )


def _of(table: pl.DataFrame, series: str) -> str:
    return range_of(values(table, panel="diffusion", series=series))


def _bounded(table: pl.DataFrame) -> str:
    found = [ratios(table, f"bound {cycle}", cycle) for cycle in _SHOWN]
    return f"{apart(np.concatenate(found))} as high"


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    return (
        f"Two panels by generation, up to {max(p.generations, p.kde_generations)}: mass between the"
        f" modes, {_of(table, 'full synthetic')} with full synthetic data and"
        f" {_of(table, 'fresh real 30 %')} with a fresh real share; the dotted bounds are"
        f" {_bounded(table)}."
    )


FIGURE = FigureSpec(
    name="X17",
    title="Mass between the modes",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=("hallucinated-mass",),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
