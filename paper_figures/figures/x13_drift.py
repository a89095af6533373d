"""X13: how a law drifts - densities by generation of loops trained on their own samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bounds import cycles
from drawing.canvas import legend_below, panels
from drawing.style import shade
from empirics import Experiment, Result
from empirics.models import Diffusion, PowerTime
from empirics.targets import Target
from paper_figures.curves import named, numbered
from paper_figures.diffusion import loop
from paper_figures.spec import (
    Count,
    FigureSpec,
    Generation,
    Positive,
    Replicates,
    Share,
    tidy,
)
from paper_figures.words import generation_list, law, percent, range_of, values
from verify.settings import STANDARD, kde

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """Kernel-density and diffusion loops on their own samples, without and with real data.

    ``single`` runs of each generation are drawn beside the mean of all.
    """

    n: Count = 300
    generations: tuple[Generation, ...] = (1, 3, 6, 12)
    replicates: Replicates = 48
    single: Count = 6
    share: Share = 0.3
    bandwidth: Positive = 0.55
    width: Count = 64
    target: Target = STANDARD


_QUICK, _PAPER = Parameters(), Parameters(replicates=192)
_REAL = "real law"


def _experiments(p: Parameters) -> dict[str, Experiment]:
    model, last = Diffusion(width=p.width, training_time=PowerTime(0.5, 1.0)), max(p.generations)
    of_data = {
        "full synthetic": cycles.full_synthetic(n=p.n),
        f"fresh real share {percent(p.share)}": cycles.fresh_real(n=p.n, share=p.share),
    }
    out = {}
    for name, cycle in of_data.items():
        out[f"kernel density, {name}"] = kde(p.target, p.bandwidth, cycle, last, p.replicates)
        out[f"diffusion, {name}"] = loop(cycle, model, p.replicates, last, p.target)
    return out


def _tabulate(results: Mapping[str, Result], p: Parameters) -> pl.DataFrame:
    rows = []
    for panel, result in results.items():
        laws = result.laws
        assert laws is not None
        density = laws["density"].to_numpy().reshape(p.replicates, max(p.generations), -1)
        x = laws["x"].to_numpy()[: density.shape[2]]
        real, x, density = laws["real_density"].to_numpy()[: len(x)], x[::2], density[..., ::2]
        rows.append(tidy(panel, _REAL, x, real[::2]))
        for j in p.generations:
            here = density[:, j - 1]
            rows.append(tidy(panel, f"mean {j}", x, here.mean(axis=0)))
            single = range(min(p.single, p.replicates))
            rows += [tidy(panel, f"run {j} {r}", x, here[r]) for r in single]
    return pl.concat(rows)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(2, 2, ratio=0.55, sharex=True, sharey=True)
    names = frame["panel"].unique(maintain_order=True)
    for ax, panel in zip(axes.T.flat, names, strict=True):
        _draw_one(ax, frame.filter(pl.col("panel") == panel))
        ax.set(title=panel, ylim=(0, 1.4 * _highest(frame, _REAL)))
        ax.margins(x=0)
    for ax in axes[-1]:
        ax.set_xlabel("$x$")
    for ax in axes[:, 0]:
        ax.set_ylabel("density")
    legend_below(figure, [axes[0, 0]], 5)
    return figure


def _highest(frame: pl.DataFrame, series: str) -> float:
    return float(values(frame, series=series).max())


def _draw_one(ax: Axes, frame: pl.DataFrame) -> None:
    generations = numbered(frame, "mean")
    for i, j in enumerate(generations):
        colour = shade(0.85 * (1 - i / max(len(generations) - 1, 1)))
        for series in frame["series"].unique(maintain_order=True):
            rows = frame.filter(pl.col("series") == series)
            if series.startswith(f"run {j} "):
                ax.plot(rows["x"], rows["y"], color=colour, linewidth=0.4, alpha=0.4)
            elif series == f"mean {j}":
                label = f"generation {j}"
                ax.plot(rows["x"], rows["y"], color=colour, linewidth=1.4, label=label, zorder=4)
    real = frame.filter(pl.col("series") == _REAL)
    ax.plot(real["x"], real["y"], "--", color="#000000", label=_REAL, zorder=5)


def _off(table: pl.DataFrame, panel: str, series: str) -> float:
    """TV of a law to the real one, from the plotted densities."""
    here = table.filter(pl.col("panel") == panel)
    x, found = (values(here.with_columns(y=name), series=series) for name in ("x", "y"))
    real = values(here, series=_REAL)
    return float(0.5 * np.trapezoid(np.abs(found - real), x))


def _distances(table: pl.DataFrame, panel: str, generation: int) -> str:
    """Distances of a generation's mean and single runs from the real law."""
    kind = f"run {generation}"
    single = np.array([_off(table, panel, f"{kind} {r}") for r in named(table, kind)])
    mean = _off(table, panel, f"mean {generation}")
    return f"{mean:.2g} for {panel} (single runs {range_of(single)})"


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    last, panels_ = max(p.generations), table["panel"].unique(maintain_order=True)
    told = "; ".join(_distances(table, name, last) for name in panels_)
    return (
        f"Densities by generation of loops trained on n = {p.n} points of their own samples,"
        f" {law(p.target)}: kernel density estimates (bandwidth {p.bandwidth:g} n^(-1/5)) above,"
        f" diffusion models ({p.width} random tanh features, tau = n/2) below; thick: mean over"
        f" {p.replicates} runs, thin: {p.single} single runs of each generation. Without real data"
        f" (left) each kernel density estimate smooths once more, and diffusion models wander, each"
        f" run its own way; a fresh real share of {percent(p.share)} (right) holds them. TV of the"
        f" mean law of generation {last} to the real law: {told}."
    )


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    last, panels_ = max(p.generations), table["panel"].unique(maintain_order=True)
    told = "; ".join(f"{_off(table, name, f'mean {last}'):.2g} for {name}" for name in panels_)
    return (
        f"Four panels of densities in generations {generation_list(sorted(p.generations))}, darker"
        f" for later ones, beside the dashed real law. TV of the last mean law to it: {told}."
    )


FIGURE = FigureSpec(
    name="X13",
    title="How a law drifts",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=("diffusion-growth", "sandwich-below", "diffusion-clt"),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
    keep_laws=lambda p: p.replicates,
)
