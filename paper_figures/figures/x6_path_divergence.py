"""X6: how much of the path divergence the generated law shows, by the shape of the score error."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from drawing.canvas import curve, legend_below, panels, plain_ticks
from drawing.style import Look
from empirics import Result
from empirics.diffusion.accuracy import LOOP
from empirics.diffusion.cell_laws import divergence_to_tv
from empirics.diffusion.path import PathTerms, path_terms
from empirics.diffusion.process import OrnsteinUhlenbeck, noised_score
from paper_figures.spec import FigureSpec, no_experiments, tidy
from verify.settings import STANDARD

__all__ = ["FIGURE"]

_SIZES = np.geomspace(0.05, 1.6, 6)
_SHAPES: dict[str, tuple[Look, Callable[[np.ndarray, float], np.ndarray]]] = {
    "drift": (Look("constant: $e^{-t}$", "#B2182B", "-", "o"), lambda x, t: np.exp(-t) + 0 * x),
    "spread": (Look("linear: $e^{-t}x$", "#E69F00", "-", "s"), lambda x, t: np.exp(-t) * x),
    "ripple": (
        Look(r"ripple in space: $e^{-t}\sin 4x$", "#009E73", "-", "^"),
        lambda x, t: np.exp(-t) * np.sin(4 * x),
    ),
    "flicker": (
        Look(r"flicker in time: $e^{-t}\cos 12t$", "#542788", "-", "D"),
        lambda x, t: np.exp(-t) * np.cos(12 * t) + 0 * x,
    ),
}


def _terms(shape: Callable[[np.ndarray, float], np.ndarray], size: float) -> PathTerms:
    process = OrnsteinUhlenbeck()

    def score(x: np.ndarray, t: float) -> np.ndarray:
        return noised_score(STANDARD, t, x, process) + size * shape(x, t)

    return path_terms(STANDARD, process, score, LOOP)


def _tabulate(results: Mapping[str, Result]) -> pl.DataFrame:
    del results
    rows = []
    for name, (_, shape) in _SHAPES.items():
        terms = [_terms(shape, float(size)) for size in _SIZES]
        bound = np.array([t.bound for t in terms])
        rows.append(tidy("kl", name, bound, [t.kl for t in terms]))
        rows.append(tidy("tv", name, divergence_to_tv(bound), [t.tv for t in terms]))
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 2, ratio=0.85)
    for ax, panel in zip(axes[0], ("kl", "tv"), strict=True):
        here = frame.filter(pl.col("panel") == panel)
        for name, (look, _) in _SHAPES.items():
            curve(ax, here.filter(pl.col("series") == name), look)
        ends = np.array([here["x"].min(), here["x"].max()], dtype=float)
        ax.plot(ends, ends, color="#7F7F7F", linestyle="--", label="bound attained")
        ax.set(xscale="log", yscale="log")
    axes[0, 0].set(xlabel="path KL (Girsanov)", ylabel="KL of the generated law")
    axes[0, 1].set(xlabel="TV bound from path KL", ylabel="TV of the generated law")
    plain_ticks(axes[0, 1].xaxis, (0.02, 0.05, 0.1, 0.2, 0.5))
    legend_below(figure, axes[0], 3)
    return figure


FIGURE = FigureSpec(
    name="X6",
    title="Path divergence and the law's own",
    caption=(
        "True scores of a three-mode mixture with an error of growing size and four shapes."
        " Girsanov's bound (dashed: attained) counts every error alike; the generated law shows"
        " most of a constant or linear error, little of one that ripples in space, and hardly"
        " anything of one that changes sign in time. Beyond the paper."
    ),
    alt=(
        "In logarithms, four lines below a dashed diagonal: constant and linear score errors"
        " nearly on it, one that ripples in space below, one that flickers in time far below."
    ),
    paper=False,
    claims=("diffusion-bounds",),
    experiments=no_experiments,
    tabulate=_tabulate,
    draw=_draw,
)
