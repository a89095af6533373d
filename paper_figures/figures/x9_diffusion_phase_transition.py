"""X9: the phase transition as measured in diffusion loops, per protocol and training-time rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from bounds import cycles
from drawing.canvas import curve, legend_below, panels
from drawing.style import generation_look
from empirics import Experiment, Result
from empirics.means import mean_with_limits
from empirics.models import Diffusion, PowerTime, TrainingTime
from empirics.targets import Target
from paper_figures.curves import numbered
from paper_figures.diffusion import loop
from paper_figures.spec import Count, FigureSpec, Generations, Positive, Replicates, tidy
from paper_figures.words import generation_list, law
from verify.settings import STANDARD

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """Diffusion loops on ``n`` real points and ``lam n`` of the last model."""

    n: Count = 500
    generations: tuple[Generations, ...] = (2, 5, 10)
    replicates: Replicates = 32
    lam: tuple[Positive, ...] = tuple((2.0 ** np.array([-1, 1, 2.5, 4, 5.5, 7])).tolist())
    width: Count = 96
    time_share: Positive = 0.5
    target: Target = STANDARD

    @property
    def rules(self) -> dict[str, TrainingTime]:
        """Training times that agree on ``n`` points."""
        return {
            "linear": PowerTime(self.time_share, 1.0),
            "root": PowerTime(self.time_share * self.n**0.5, 0.5),
        }


_QUICK = Parameters()
_PAPER = Parameters(replicates=200, lam=tuple((2.0 ** np.arange(-1, 8)).tolist()), width=256)

_RULES = {"linear": r"$\tau\propto N$", "root": r"$\tau\propto N^{1/2}$"}
_PROTOCOLS = {"reused": "reused real data", "fresh": "fresh real data"}


def _experiments(p: Parameters) -> dict[str, Experiment]:
    return {
        f"{rule}|{data}|{lam:g}": loop(
            cycles.real_plus_synthetic(n=p.n, lam=float(lam), data=data),
            Diffusion(width=p.width, training_time=time),
            p.replicates,
            max(p.generations),
            p.target,
        )
        for rule, time in p.rules.items()
        for data in _PROTOCOLS
        for lam in p.lam
    }


def _tabulate(results: Mapping[str, Result], p: Parameters) -> pl.DataFrame:
    rows = []
    for name, result in results.items():
        rule, data, lam = name.split("|")
        tv = result.matrix("tv")
        for i in (1, *p.generations):
            mean, low, high = mean_with_limits(tv[:, i - 1])
            series = f"measured {i}"
            rows.append(tidy(f"{rule}|{data}", series, [float(lam)], [mean], [low], [high]))
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(2, 2, ratio=0.62, sharex=True, sharey="row")
    for row, (rule, words_of_rule) in zip(axes, _RULES.items(), strict=True):
        for ax, (data, words) in zip(row, _PROTOCOLS.items(), strict=True):
            here = frame.filter(pl.col("panel") == f"{rule}|{data}")
            first = here.filter(pl.col("series") == "measured 1")["y"].mean()
            ax.axhline(first, color="#7F7F7F", linewidth=0.8, linestyle="--", label="real only")
            shown = [i for i in numbered(here, "measured") if i > 1]
            for shift, i in zip(np.linspace(0.95, 1.05, len(shown)), shown, strict=True):
                points = here.filter(pl.col("series") == f"measured {i}").sort("x")
                points = points.with_columns(pl.col("x") * shift)  # so that intervals can be told
                curve(ax, points, generation_look(i), linestyle="", label=None)
                curve(ax, points, generation_look(i))
            ax.set(title=f"{words}, {words_of_rule}", xscale="log")
        row[0].set_ylabel("mean TV to the real law")
    for ax in axes[-1]:
        ax.set_xlabel(r"synthetic points per real point $\lambda$")
    legend_below(figure, axes.flat, 4)
    return figure


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    return (
        f"Mean TV of diffusion loops with {p.n} real and {p.n} lambda synthetic points of the last"
        f" model (N in all), with 95 % intervals, {law(p.target)}; both training-time rules,"
        f" {p.time_share:g} N and {p.time_share * p.n**0.5:.3g} N^(1/2), agree at lambda = 0"
        f" (dashed: generation 1, real data only). In generation {max(p.generations)} TV, with"
        f" lambda from {min(p.lam):g} to {max(p.lam):g}, {_courses(p, table)}. Beyond the paper,"
        f" which shows the transition for its bound."
    )


def _courses(p: Parameters, table: pl.DataFrame) -> str:
    """From where over which extremes the last generation's TV goes, under each protocol."""
    series, found = f"measured {max(p.generations)}", []
    for data, words in _PROTOCOLS.items():
        here = (pl.col("panel") == f"linear|{data}") & (pl.col("series") == series)
        y = table.filter(here).sort("x")["y"].to_numpy()
        found.append(
            f"starts at {y[0]:.2g}, stays within {y.min():.2g} and {y.max():.2g} and ends at"
            f" {y[-1]:.2g} with {words}"
        )
    return "; ".join(found)


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    return (
        f"Four panels with error bars: mean TV of generations {generation_list(p.generations)}"
        f" against synthetic points per real point: it {_courses(p, table)}."
    )


FIGURE = FigureSpec(
    name="X9",
    title="Phase transition of diffusion loops",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=("diffusion-transition",),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
