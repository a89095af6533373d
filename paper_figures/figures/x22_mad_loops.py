"""X22: the three loops of MAD times the sampling bias: diversity and quality by generation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import bounds
from bounds import cycles
from bounds.cycles import DataCycle
from drawing.canvas import curve, generations_below, legend_below, panels
from drawing.style import SERIES, Look, colours
from empirics.closed_form import NormalFit
from empirics.means import mean_with_limits
from empirics.operators import Shrinking
from empirics.runs import Runs
from paper_figures.curves import named
from paper_figures.spec import Count, FigureSpec, Generations, Positive, Replicates, tidy
from paper_figures.words import generation_list, range_of

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """Normal laws fitted to their own samples, alone or beside lambda-fold fewer real points."""

    n: Count = 500
    lam: Positive = 1.0
    generations: Generations = 15
    replicates: Replicates = 60
    biases: tuple[Positive, ...] = (0.8, 1.0, 1.1)

    @property
    def share(self) -> float:
        """Of real points, where there are any."""
        return 1 / (1 + self.lam)


_QUICK, _PAPER = Parameters(), Parameters(replicates=1000)

_SYNTHETIC = "full synthetic"


def _cycles(p: Parameters) -> dict[str, DataCycle]:
    return {
        _SYNTHETIC: cycles.full_synthetic(n=p.n),
        "fixed real data": cycles.real_plus_synthetic(n=p.n, lam=p.lam, data="reused"),
        "fresh real data": cycles.fresh_real(n=p.n, share=p.share),
    }


def _experiments(p: Parameters) -> dict[str, NormalFit]:
    return {
        f"{loop} {bias}": NormalFit(
            cycle=cycle,
            generations=p.generations,
            replicates=p.replicates,
            between=None if bias == 1 else Shrinking(bias),
        )
        for loop, cycle in _cycles(p).items()
        for bias in p.biases
    }


def _tabulate(results: Mapping[str, Any], p: Parameters) -> pl.DataFrame:
    rows = []
    x = np.arange(1, p.generations + 1)
    for loop in _cycles(p):
        for bias in p.biases:
            runs: Runs = results[f"{loop} {bias}"]
            for what, numbers in (("variance", runs.recorded["variance"]), ("TV", runs.tv)):
                mean, low, high = np.array([mean_with_limits(column) for column in numbers.T]).T
                rows.append(tidy(f"{what}, {loop}", f"measured {bias:g}", x, mean, low, high))
            rows.append(tidy(f"variance, {loop}", f"exact {bias:g}", x, _exact(loop, bias, p)))
    return pl.concat(rows)


def _exact(loop: str, bias: float, p: Parameters) -> np.ndarray:
    """Variance without sampling error; kept real data has the weight of a fresh share."""
    words = {"generation": np.arange(1, p.generations + 1), "sampling_bias": bias}
    if loop == _SYNTHETIC:
        return np.asarray(bounds.get("mad-variance").evaluate(**words))
    return np.asarray(bounds.get("mad-variance-fresh").evaluate(share=p.share, **words))


def _draw(frame: pl.DataFrame) -> Figure:
    names = [name.partition(", ")[2] for name in frame["panel"].unique(maintain_order=True)]
    loops, biases = list(dict.fromkeys(names)), list(dict.fromkeys(named(frame, "measured")))
    looks = {
        bias: Look(rf"$\ell = {bias}$", colour, "", marker)
        for bias, colour, marker in zip(biases, colours(len(biases)), cycle("os^Dv"), strict=False)
    }
    figure, axes = panels(2, len(loops), ratio=0.72, sharex=True)
    for column, loop in zip(axes.T, loops, strict=True):
        for ax, what in zip(column, ("variance", "TV"), strict=True):
            here = frame.filter(pl.col("panel") == f"{what}, {loop}")
            for bias, look in looks.items():
                exact = here.filter(pl.col("series") == f"exact {bias}")
                if not exact.is_empty():
                    curve(ax, exact, replace(look, line="-", marker="", label=""), label=None)
                curve(ax, here.filter(pl.col("series") == f"measured {bias}"), look)
        column[0].set_title(loop)
        column[0].axhline(1.0, color=SERIES["reference"].colour, linewidth=0.7, linestyle="--")
        for ax in column:
            ax.set_ylim(bottom=None if ax is column[0] and loop != _SYNTHETIC else 0)
    for row in axes:
        _share_limits(*row[1:])
    axes[0, 0].set_ylabel("mean variance")
    axes[1, 0].set_ylabel("mean TV")
    axes[0, 0].plot([], [], color="#555555", label="variance without sampling error")
    generations_below(*axes[1])
    legend_below(figure, [axes[0, 0]], 4)
    return figure


def _share_limits(*axes: Axes) -> None:
    """The loops with real data on one scale."""
    low, high = np.array([ax.get_ylim() for ax in axes]).T
    for ax in axes:
        ax.set_ylim(low.min(), high.max())


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    biases = generation_list([f"{bias:g}" for bias in p.biases])
    return (
        f"Normal laws fitted to their own samples, which are moved towards the model's mean"
        f" (sampling bias ell < 1), taken as they are, or moved away from it (ell > 1): ell ="
        f" {biases}. Columns: full synthetic data; one kept set of {p.n} real points, with"
        f" {p.lam:g} synthetic for each of them; fresh real data in their place (both on another"
        f" scale). Top: mean variance (diversity) over {p.replicates} runs with 95 % intervals;"
        f" lines are the catalogue's values without sampling error, from which the means are at"
        f" most {_off(table)} away. Bottom: exact TV (quality). In generation {p.generations} the"
        f" variance is {_end(table, 'variance', _SYNTHETIC)} without real data,"
        f" {_end(table, 'variance', 'fixed real data')} with kept and"
        f" {_end(table, 'variance', 'fresh real data')} with fresh real data. The loops of"
        f" Alemohammad et al., ICLR 2024."
    )


def _off(table: pl.DataFrame) -> str:
    """The largest relative distance of a mean variance from its line."""
    measured, exact = (
        table.filter(pl.col("series").str.starts_with(kind))
        .with_columns(pl.col("series").str.split(" ").list.last())
        .select("panel", "series", "x", "y")
        for kind in ("measured ", "exact ")
    )
    both = measured.join(exact, on=["panel", "series", "x"], suffix="_exact")
    off = np.abs(both["y"].to_numpy() / both["y_exact"].to_numpy() - 1).max()
    return f"{100 * off:.2g} %"


def _end(table: pl.DataFrame, what: str, loop: str) -> str:
    """The means of the last generation, over the biases."""
    rows = table.filter(
        pl.col("panel") == f"{what}, {loop}",
        pl.col("series").str.starts_with("measured "),
        pl.col("x") == pl.col("x").max(),
    )
    return range_of(rows["y"].to_numpy())


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    return (
        f"Six panels over {p.generations} generations. With full synthetic data the variance comes"
        f" to {_end(table, 'variance', _SYNTHETIC)} and TV to {_end(table, 'TV', _SYNTHETIC)}; with"
        f" kept real data to {_end(table, 'variance', 'fixed real data')} and"
        f" {_end(table, 'TV', 'fixed real data')}; with fresh real data to"
        f" {_end(table, 'variance', 'fresh real data')} and {_end(table, 'TV', 'fresh real data')}."
    )


FIGURE = FigureSpec(
    name="X22",
    title="MAD's three loops and the sampling bias",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=(),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
