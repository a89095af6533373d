"""X21: the real share that pays for an operator, measured and proved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from msgspec import Meta

import bounds
from drawing.canvas import curve, panels
from drawing.style import Look
from empirics.closed_form import Discrete
from empirics.runs import Runs
from paper_figures.curves import numbered
from paper_figures.spec import FigureSpec, Places, Replicates, Share, tidy
from paper_figures.words import course, range_of, values
from verify.claims.selection_threshold import RARE, selected

__all__ = ["FIGURE"]


_Late = Annotated[int, Meta(ge=2, le=1000)]


@dataclass(frozen=True)
class Parameters:
    """Loops in which a rare letter is selected, for a grid of real shares and constants.

    ``level`` is the mean TV above which selection counts as out of control.
    """

    shares: Places = 13
    constants: Places = 10
    largest: Annotated[float, Meta(gt=1.2, le=100)] = 3.9
    generations: tuple[_Late, ...] = (30, 120)
    replicates: Replicates = 4
    level: Share = 0.05

    @property
    def grid(self) -> tuple[list[float], list[float]]:
        """Real shares and constants of the operator."""
        return _round(_SHARES, self.shares), _round((_LEAST, self.largest), self.constants)


_SHARES, _LEAST = (0.05, 0.95), 1.2


def _round(ends: tuple[float, float], count: int) -> list[float]:
    return np.round(np.linspace(*ends, count), 3).tolist()


_QUICK, _PAPER = Parameters(), Parameters(shares=25, constants=19, replicates=16)


def _experiments(p: Parameters) -> dict[str, Discrete]:
    shares, constants = p.grid
    return {
        f"{share} {constant}": selected(share, 1 / constant, max(p.generations), p.replicates)
        for constant in constants
        for share in shares
    }


def _tabulate(results: Mapping[str, Any], p: Parameters) -> pl.DataFrame:
    shares, constants = p.grid
    rows, generations = [], sorted(p.generations)
    frontiers: dict[int, list[float]] = {j: [] for j in generations}
    for constant in constants:
        tv = np.array([_tv(results[f"{share} {constant}"], generations) for share in shares])
        rows.append(tidy("map", f"{constant:g}", shares, tv[:, -1]))
        for j, column in zip(generations, tv.T, strict=True):
            frontiers[j].append(_crossing(shares, column, p.level))
    fine = np.linspace(constants[0], constants[-1], 55)
    proved = bounds.get("operator-stability").evaluate(operator_constant=fine)
    rows.append(tidy("frontier", "proved", fine, np.asarray(proved)))
    rows += [tidy("frontier", f"crossed {j}", constants, at) for j, at in frontiers.items()]
    return pl.concat([*rows, tidy("level", "level", [0], [p.level])])


def _tv(runs: Runs, generations: list[int]) -> np.ndarray:
    """Mean TV of the chosen generations."""
    return np.asarray(runs.tv.mean(axis=0)[np.array(generations) - 1])


def _crossing(shares: list[float], tv: np.ndarray, level: float) -> float:
    """The share at which the logarithm of TV crosses the level, by interpolation."""
    size = np.log(np.maximum(tv, 1e-12))
    above = np.flatnonzero(tv > level)
    if not len(above) or above[-1] + 1 == len(tv):
        return float("nan")
    i = int(above[-1])
    part = (size[i] - np.log(level)) / (size[i] - size[i + 1])
    return float(shares[i] + part * (shares[i + 1] - shares[i]))


def _draw(frame: pl.DataFrame) -> Figure:
    figure, axes = panels(1, 1, ratio=0.55)
    ax = axes[0, 0]
    cells = frame.filter(pl.col("panel") == "map").partition_by("series", maintain_order=True)
    constants = [float(row["series"][0]) for row in cells]
    shown = ax.pcolormesh(
        cells[0]["x"],
        constants,
        np.array([row["y"].to_numpy() for row in cells]),
        cmap="cividis",
        norm=LogNorm(1e-5, 1),
        rasterized=True,
    )
    _draw_frontiers(ax, frame)
    ax.grid(visible=False)
    ax.set(xlabel="share of fresh real data $a$", ylabel=r"constant of the operator $\Lambda$")
    bar = figure.colorbar(shown, ax=ax, pad=0.02)
    bar.set_label(f"mean TV of generation {numbered(frame, 'crossed')[-1]}")
    assert bar.solids is not None
    bar.solids.set_rasterized(True)
    return figure


def _draw_frontiers(ax: Axes, frame: pl.DataFrame) -> None:
    (level,) = values(frame, panel="level")
    generations = numbered(frame, "crossed")
    greys = np.linspace(0, 1, len(generations)) if len(generations) > 1 else [1.0]
    looks = {"proved": Look("proved: $1 - 1/\\Lambda$", "white", "-")} | {
        f"crossed {j}": Look(f"TV crosses {level:g} in generation {j}", f"{grey:g}", "", "o")
        for j, grey in zip(generations, greys, strict=True)
    }
    for series, look in looks.items():
        part = frame.filter(pl.col("series") == series).select(
            pl.col("y").alias("x"), pl.col("x").alias("y"), "low", "high"
        )
        edge = "white" if look.colour == "0" else "black"
        curve(ax, part, look, markeredgecolor=edge, markeredgewidth=0.6)
    legend = ax.legend(loc="lower right", fontsize=6.5, facecolor="#555555", framealpha=0.9)
    for text in legend.get_texts():
        text.set_color("white")


def _caption(p: Parameters, table: pl.DataFrame) -> str:
    last = max(p.generations)
    return (
        f"Loops that resample two letters (a million points), of which a rare one (real mass"
        f" {RARE:g}) is selected: the best 1/Lambda of the samples is kept in every generation,"
        f" beside a share a of fresh real data. Colour: mean TV of generation {last} in"
        f" {p.replicates} runs. White line: the proved threshold 1 - 1/Lambda, above which the"
        f" recursion stays bounded. Dots: where the measured mean TV crosses {p.level:g}:"
        f" {'; '.join(_below(table, j) for j in sorted(p.generations))}. Beyond the paper."
    )


def _below(table: pl.DataFrame, generation: int) -> str:
    """The gap below the proved threshold at which TV crosses the level in a generation."""
    found = table.filter(pl.col("series") == f"crossed {generation}", pl.col("y").is_not_nan())
    if found.is_empty():
        return f"in generation {generation} at no share shown"
    gaps = (1 - 1 / found["x"] - found["y"]).to_numpy()
    low, high = f"{abs(gaps.min()):.2g}", f"{abs(gaps.max()):.2g}"
    if gaps.min() < 0 < gaps.max():
        return f"in generation {generation} from {high} below it to {low} above it"
    side = "below" if gaps.max() > 0 else "above"
    return f"in generation {generation} {' to '.join(sorted({low, high}))} {side} it"


def _alt(p: Parameters, table: pl.DataFrame) -> str:
    del p
    proved = values(table, series="proved")
    return (
        f"A heat map of TV over real share and operator constant, {range_of(_of_map(table))}, with"
        f" a curve that {course(proved)}. Measured dots:"
        f" {'; '.join(_below(table, j) for j in numbered(table, 'crossed'))}."
    )


def _of_map(table: pl.DataFrame) -> np.ndarray:
    return table.filter(pl.col("panel") == "map")["y"].to_numpy()


FIGURE = FigureSpec(
    name="X21",
    title="The real share that pays for an operator",
    caption=_caption,
    alt=_alt,
    paper=False,
    claims=("selection-threshold",),
    experiments=_experiments,
    tabulate=_tabulate,
    draw=_draw,
    scales=(_QUICK, _PAPER),
)
