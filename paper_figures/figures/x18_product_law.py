"""X18: the product law of accumulated data: how much diversity is left, for ever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl
from matplotlib.figure import Figure

import bounds
from bounds import cycles
from drawing.canvas import curve, legend_below, panels, plain_ticks
from drawing.style import Look, colours
from empirics.closed_form import Discrete
from empirics.means import mean_with_limits
from empirics.runs import Runs
from paper_figures.curves import named
from paper_figures.spec import Count, FigureSpec, Generations, Places, Replicates, tidy
from paper_figures.words import course, generation_list, held, values

__all__ = ["FIGURE"]


@dataclass(frozen=True)
class Parameters:
    """Loops that keep all letters and add some of the last model in every generation."""

    points: tuple[Count, ...] = (2, 4, 10, 40)
    letters: Places = 20
    generations: Generations = 50
    replicates: Replicates = 4000


_QUICK, _PAPER = Parameters(), Parameters(replicates=40_000)

_SHOWN = (1, 2, 3, 5, 10, 20, 50)
_SIZES = np.unique(np.geomspace(2, 300, 24).round().astype(int))
_FAR = 5000
"""Generations that stand for all: n times what is lost later is less than 1/5000."""


def _limit(points: np.ndarray | float) -> np.ndarray:
    """``sin(pi / sqrt n) / (pi / sqrt n)``."""
    return np.asarray(np.sinc(1 / np.sqrt(points)))


def _experiments(p: Parameters) -> dict[str, Discrete]:
    return {
        f"{points}": Discrete(
            real=(1 / p.letters,) * p.letters,
            cycle=cycles.accumulating(n=points, data="reused"),
            generations=p.generations,
            replicates=p.replicates,
            record=("diversity",),
        )
        for points in p.points
    }


def _tabulate(results: Mapping[str, Any], p: Parameters) -> pl.DataFrame:
    law, steps, whole = bounds.get("accumulation-product"), p.generations, 1 - 1 / p.letters
    x = np.arange(1, steps + 1)
    rows = []
    for points in p.points:
        kept = np.asarray(law.evaluate(n=points, generation=x, collision_probability=1 / p.letters))
        rows.append(tidy("left", f"exact {points}", x, kept / whole))
        rows.append(tidy("left", f"limit {points}", [1, steps], [float(_limit(points))] * 2))
        rows.append(_measured(points, results[f"{points}"], whole))
    rows.append(tidy("constant", "product", _SIZES, _SIZES * _lost()))
    rows.append(tidy("constant", "large", [2, _SIZES[-1]], [np.pi**2 / 6] * 2))
    return pl.concat(rows)


@cache
def _lost() -> np.ndarray:
    """The diversity that is lost in the long run, the same for all parameters."""
    lost = bounds.get("accumulation-product-mean")
    return np.asarray(lost.evaluate(n=_SIZES, generation=_FAR))


def _measured(points: int, runs: Runs, whole: float) -> pl.DataFrame:
    """Mean diversity of simulated loops over the real one."""
    shown = np.array([j for j in _SHOWN if j < runs.generations] + [runs.generations])
    found = runs.recorded["diversity"][:, shown - 1] / whole
    mean, low, high = np.array([mean_with_limits(column) for column in found.T]).T
    return tidy("left", f"measured {points}", shown, mean, low, high)


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 2, ratio=0.75)
    left, right = axes[0]
    sizes = named(frame, "exact")
    for points, colour in zip(sizes, colours(len(sizes)), strict=True):
        look = Look(f"{points} points a generation", colour, "-", "o")
        part = {
            s: frame.filter(pl.col("series") == f"{s} {points}")
            for s in ("exact", "limit", "measured")
        }
        curve(left, part["exact"], look, marker="")
        curve(left, part["measured"], look, linestyle="", label=None)
        left.plot(part["limit"]["x"], part["limit"]["y"], "--", color=colour, linewidth=0.7)
    left.set(xscale="log", ylim=(0, 1.02), xlabel="generation", ylabel="diversity / real diversity")
    last = values(frame, panel="left", series=f"exact {sizes[0]}").size
    plain_ticks(left.xaxis, [j for j in (1, 2, 5, 10, 20, 50, 100) if j <= last])
    left.plot([], [], "o", color="#555555", label="simulated, 95 % interval")
    left.plot([], [], "--", color="#555555", linewidth=0.7, label="limit over all generations")
    product, large = (frame.filter(pl.col("series") == s) for s in ("product", "large"))
    curve(right, product, Look("exact", "#000000"), label=None)
    right.plot(large["x"], large["y"], ":", color="#000000", label=r"$\pi^2/6$, many points")
    right.set(xscale="log", ylim=(1, 1.7), xlabel="points a generation $n$")
    right.set_ylabel(r"$n$ $\times$ diversity lost")
    plain_ticks(right.xaxis, (2, 5, 10, 30, 100, 300))
    legend_below(figure, axes[0], 4)
    return figure


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    lost = values(table, series="product")
    return (
        f"All data is kept and n points of the last model are added in every generation. Left: mean"
        f" diversity of the frequencies of {p.letters} letters over the real one: exact, the"
        f" product of 1 - 1/(n k^2) (lines), its limit sin(pi/sqrt n)/(pi/sqrt n) (dashed), and"
        f" {p.replicates} simulated runs (points; {held(table)} intervals of 95 % hold the line)."
        f" The same product is what is left of the variance of a normal law fitted to all data."
        f" Right: n times what is lost for ever {course(lost)}; the known constant pi^2/6 is its"
        f" limit for many points. Beyond the paper."
    )


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    left = [f"{values(table, series=f'limit {n}')[0]:.2g}" for n in p.points]
    lost, large = (values(table, series=s) for s in ("product", "large"))
    return (
        f"Left, curves that fall and level off at {generation_list(left)} for"
        f" {generation_list(p.points)} points a generation; {held(table)} intervals of simulated"
        f" points hold them. Right, a curve that {course(lost)}, beside a dotted line at"
        f" {large[0]:.3g}."
    )


FIGURE = FigureSpec(
    name="X18",
    title="Accumulated data: the product law",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=("product-law",),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
