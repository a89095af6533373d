"""X11: the reverse SDE's law against the probability-flow ODE's, same networks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from bounds import cycles
from drawing.canvas import curve, legend_below, panels
from empirics import Experiment, Result
from empirics.models import Diffusion
from empirics.targets import Target
from paper_figures.diffusion import LOOKS, at_sizes, loop, power
from paper_figures.spec import Count, FigureSpec, Positive, Replicates
from paper_figures.words import apart, law, ratios
from verify.settings import STANDARD

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """One generation by training time, from the reverse SDE and the probability-flow ODE."""

    sizes: tuple[Count, Count] = (1000, 100_000)
    times: Count = 6
    longest: Positive = 1e6
    replicates: Replicates = 4
    width: Count = 64
    target: Target = STANDARD


_QUICK, _PAPER = Parameters(), Parameters(times=13, replicates=24, width=256)


def _experiments(p: Parameters) -> dict[str, Experiment]:
    return {
        f"{n} {sampler} {tau:.6g}": loop(
            cycles.full_synthetic(n=n),
            Diffusion(width=p.width, training_time=float(tau), sampler=sampler),
            p.replicates,
            1,
            p.target,
        )
        for n in p.sizes
        for sampler in ("sde", "ode")
        for tau in np.geomspace(10, p.longest, p.times)
    }


def _tabulate(results: Mapping[str, Result], p: Parameters) -> pl.DataFrame:
    del p
    rows = []
    for name, result in results.items():
        n, sampler, tau = name.split()
        rows.append(at_sizes(n, sampler, float(tau), result, "tv"))
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 2, ratio=0.8, sharey=True)
    for ax, n in zip(axes[0], frame["panel"].unique(maintain_order=True), strict=True):
        for sampler in ("sde", "ode"):
            here = (pl.col("panel") == n) & (pl.col("series") == sampler)
            rows = frame.filter(here).sort("x")
            curve(ax, rows, LOOKS[sampler], linestyle="", label=None)
            curve(ax, rows, LOOKS[sampler])
        ax.set(title=f"$n={power(int(n))}$", xscale="log", yscale="log")
        ax.set_xlabel(r"training time $\tau$")
    axes[0, 0].set_ylabel("mean TV to the real law")
    legend_below(figure, axes[0], 2)
    return figure


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    late = table.filter(pl.col("x") >= p.longest / 100)
    return (
        f"TV of one generation by training time, for the two laws that one trained score of"
        f" {p.width} features generates: of the reverse SDE, of which the bounds speak, and of the"
        f" probability-flow ODE (95 % intervals, {law(p.target)}). The ODE's TV is"
        f" {apart(ratios(table, 'ode', 'sde'))} the SDE's, and from time {p.longest / 100:g} on"
        f" {apart(ratios(late, 'ode', 'sde'))}. Beyond the paper."
    )


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    small, large = (apart(ratios(table, "ode", "sde", panel=str(n))) for n in p.sizes)
    return (
        f"Two panels against training time: the TV of the probability-flow ODE's law is {small}"
        f" that of the reverse SDE's with {p.sizes[0]} points, and {large} with {p.sizes[1]}."
    )


FIGURE = FigureSpec(
    name="X11",
    title="SDE law against ODE law",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=(),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
