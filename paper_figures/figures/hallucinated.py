"""Mass where real data is scarce, by generation of diffusion and kernel density loops."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from empirics import Experiment, Result
from paper_figures.diffusion import interval
from paper_figures.spec import FigureSpec, tidy
from paper_figures.style import CYCLES, Look, curve, generations_below, legend_below, panels
from verify.scale import Scale
from verify.settings import LEVEL, hallucinating

__all__ = ["FIGURE"]

_TITLES = {"diffusion": "diffusion models", "kde": "kernel density estimates"}
_BOUND = Look("bound: TV + real mass there", "#555555", ":")
_SHOWN = ("full synthetic", "fresh real 30 %", "accumulating")


def _experiments(scale: Scale) -> dict[str, Experiment]:
    return hallucinating(scale)


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
    rows = []
    for name, result in results.items():
        panel, _, cycle = name.partition(", ")
        mass, own = result.matrix("hallucinated"), result.matrix("hallucinated_real")
        x = np.arange(1, mass.shape[1] + 1)
        mean, low, high = np.array([interval(column) for column in mass.T]).T
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


FIGURE = FigureSpec(
    name="hallucinated",
    title="Mass between the modes",
    caption=(
        "Mean mass of each generation where the density of the real law, three modes far apart, is"
        f" below {LEVEL:g}: what Aithal et al. (2024) call hallucination by mode interpolation,"
        " computed on the grid without samples (n = 1000; bands: 95 % intervals). Dotted: its"
        " bound, the TV to the real law plus that law's own mass there (grey). Trained on their own"
        " output models put more and more mass between the modes; real data holds it. Beyond the"
        " paper."
    ),
    alt=(
        "Two panels by generation: mass between the modes rises with full synthetic data, less with"
        " accumulated data and levels off with a fresh real share; each stays below its dotted"
        " bound."
    ),
    paper=False,
    claims=("hallucinated-mass",),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
