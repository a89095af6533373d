"""X1: the phase transition as measured in kernel-density loops, per protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from matplotlib.figure import Figure

import bounds
from bounds import cycles
from bounds.cycles import DataCycle
from drawing.canvas import curve, legend_below, panels
from drawing.style import generation_look
from empirics import Experiment, Result, targets
from empirics.models import Kde, PowerRule
from empirics.targets import Target
from paper_figures.curves import numbered, tv_with_limits
from paper_figures.spec import Count, FigureSpec, Generations, Positive, Replicates, tidy
from paper_figures.words import generation_list, law
from verify import along

__all__ = ["FIGURE"]


_NORMAL = targets.normal()


@dataclass(frozen=True)
class Parameters:
    """Loops on ``n`` real points and ``lam n`` of the last model, bandwidth ``c N^(-1/5)``."""

    n: Count = 500
    generations: tuple[Generations, ...] = (2, 5, 10, 20)
    replicates: Replicates = 64
    lam: tuple[Positive, ...] = tuple((2.0 ** np.arange(-2, 9.5, 1.5)).tolist())
    bandwidth: Positive = 1.06
    target: Target = _NORMAL


_QUICK = Parameters()
_PAPER = Parameters(replicates=1000, lam=tuple((2.0 ** np.arange(-2, 9.5, 0.5)).tolist()))

_PLACES = 23
_PROTOCOLS = ("fresh real data", r"fresh, generation 1 on $(1+\lambda)n$", "reused real data")


def _cycle(n: int, protocol: str, lam: float) -> DataCycle:
    data = "reused" if protocol == _PROTOCOLS[2] else "fresh"
    start = protocol != _PROTOCOLS[1]
    return cycles.real_plus_synthetic(n=n, lam=lam, real_start=start, data=data)


def _experiment(p: Parameters, protocol: str, lam: float, replicates: int) -> Experiment:
    return Experiment(
        target=p.target,
        model=Kde(PowerRule(p.bandwidth)),
        cycle=_cycle(p.n, protocol, lam),
        generations=max(p.generations),
        replicates=replicates,
    )


def _experiments(p: Parameters) -> dict[str, Experiment]:
    return {
        f"{protocol} {lam:g}": _experiment(p, protocol, float(lam), p.replicates)
        for protocol in _PROTOCOLS
        for lam in p.lam
    }


def _tabulate(results: Mapping[str, Result], p: Parameters) -> pl.DataFrame:
    rows = []
    for name, result in results.items():
        panel, _, lam = name.rpartition(" ")
        mean, low, high = tv_with_limits(result)
        for i in p.generations:
            at = slice(i - 1, i)
            rows.append(tidy(panel, f"measured {i}", [float(lam)], mean[at], low[at], high[at]))
    for protocol in _PROTOCOLS:
        places = np.geomspace(min(p.lam), max(p.lam), _PLACES)
        predicted = np.array([_predicted(p, protocol, float(lam)) for lam in places])
        for i in p.generations:
            rows.append(tidy(protocol, f"predicted {i}", places, predicted[:, i - 1]))
    return pl.concat(rows)


def _predicted(p: Parameters, protocol: str, lam: float) -> np.ndarray:
    return along(bounds.get("kde-clt"), _experiment(p, protocol, lam, replicates=1)).value


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 3, ratio=1.05, sharey=True)
    for ax, panel in zip(axes[0], _PROTOCOLS, strict=True):
        here = frame.filter(pl.col("panel") == panel)
        for i in numbered(here, "measured"):
            look = generation_look(i)
            curve(
                ax, here.filter(pl.col("series") == f"predicted {i}"), look, marker="", label=None
            )
            curve(ax, here.filter(pl.col("series") == f"measured {i}"), look, linestyle="")
        ax.set(title=panel, xscale="log", xlabel=r"synthetic points per real point $\lambda$")
    axes[0, 0].plot([], [], "-", color="#555555", label="CLT prediction")
    axes[0, 0].set_ylabel("mean TV to the real law")
    legend_below(figure, axes[0], 5)
    return figure


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    last = max(p.generations)
    real, granted, reused = (_course(table, panel, last) for panel in _PROTOCOLS)
    return (
        f"Mean TV of kernel-density loops on {law(p.target)} with {p.n} real points and"
        f" {p.n} lambda synthetic points of the last model (bandwidth {p.bandwidth:g}"
        f" N^(-1/5)), with 95 % intervals; lines are the CLT prediction. In generation"
        f" {last} TV {real} with fresh real data; if generation 1 is granted (1 + lambda) n"
        f" real points, it {granted}; with reused real data it {reused}. Beyond the"
        f" paper, which shows the transition for its bound."
    )


def _course(table: pl.DataFrame, panel: str, generation: int) -> str:
    """The course of the predicted curve: its start, its largest value, its end."""
    here = table.filter(
        (pl.col("panel") == panel) & (pl.col("series") == f"predicted {generation}")
    ).sort("x")
    y, x = here["y"].to_numpy(), here["x"].to_numpy()
    at = int(y.argmax())
    if 0 < at < len(y) - 1:
        return (
            f"rises from {y[0]:.2g} to {y[at]:.2g} at lambda = {x[at]:.2g} and ends at {y[-1]:.2g}"
        )
    return f"goes from {y[0]:.2g} to {y[-1]:.2g} without a peak between"


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    last = max(p.generations)
    return (
        f"Three panels: mean TV against synthetic points per real point, in generations"
        f" {generation_list(p.generations)}. With fresh real data that of generation {last}"
        f" {_course(table, _PROTOCOLS[0], last)}."
    )


FIGURE = FigureSpec(
    name="X1",
    title="Phase transition, measured",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=("rise-and-fall", "peak-position"),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
