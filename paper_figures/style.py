"""One look for all figures: the same colour for the same thing, on a colour-blind-safe palette."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from tueplots import figsizes, fontsizes

__all__ = [
    "CYCLES",
    "LOOK",
    "SERIES",
    "Look",
    "curve",
    "generation_look",
    "generations_below",
    "legend_below",
    "panels",
    "plain_ticks",
]


@dataclass(frozen=True)
class Look:
    """How a series is drawn and what the legend calls it."""

    label: str
    colour: str
    line: str = "-"
    marker: str = ""


SERIES = {
    "measured": Look("measured mean TV, 95 % interval", "#000000", "", "o"),
    "kde-sandwich": Look("sandwich, upper side", "#0072B2"),
    "kde-sandwich-lower": Look("sandwich, lower side", "#56B4E9"),
    "kde-clt": Look("CLT prediction", "#000000", ":"),
    "kde-recursion": Look("recursion, explicit one-step errors", "#D55E00", "--"),
    "kde-high-probability-single": Look("one generation, 95 % of runs", "#CC79A7", "-."),
    "kde-high-probability": Look("all generations, 95 % of runs", "#CC79A7", (0, (1, 1))),  # type: ignore[arg-type]
    "paper-form": Look("paper-form rate, $n^{-1/4}$", "#7F7F7F", (0, (5, 1, 1, 1, 1, 1))),  # type: ignore[arg-type]
    "reference": Look("", "#7F7F7F", "--"),
}

CYCLES = {
    "full synthetic": Look("full synthetic", "#B2182B", "-", "o"),
    "fresh real 10 %": Look("fresh real share 10 %", "#E69F00", "-", "s"),
    "fresh real 30 %": Look("fresh real share 30 %", "#E69F00", "--", "s"),
    "fresh real 50 %": Look("fresh real share 50 %", "#E69F00", ":", "s"),
    "balanced": Look("balanced", "#009E73", "-", "^"),
    "accumulating": Look("accumulating", "#542788", "-", "D"),
}

LOOK = {
    **fontsizes.icml2024(),
    "axes.grid": True,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.4,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.2,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "paper_figures",
}
"""Settings under which every figure is drawn and saved."""

_SHADES = {1: 0.8, 2: 0.64, 3: 0.48, 5: 0.32, 10: 0.16, 20: 0.0, 50: 0.0}
"""Places in viridis; no figure shows more than one generation from 20 on."""


_FEW = 20
"""Intervals up to which each has caps; more of them would touch."""


def generation_look(generation: int) -> Look:
    """Darker for later generations."""
    colour = mpl.colors.to_hex(mpl.colormaps["viridis"](_SHADES[generation]))
    return Look(f"generation {generation}", colour, "-", "o")


def panels(
    rows: int, columns: int, ratio: float = 0.75, **kwargs: Any
) -> tuple[Figure, np.ndarray]:
    """A page-wide figure with a grid of axes, always a 2-D array; draw it under ``LOOK``."""
    sizes = figsizes.icml2024_full(nrows=rows, ncols=columns, height_to_width_ratio=ratio)
    # A Figure of its own, not pyplot's: nothing global, nothing to close.
    figure = Figure(figsize=sizes["figure.figsize"], layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **kwargs)


def generations_below(*axes: Axes) -> None:
    """Label the x axis as generations, with whole numbers."""
    for ax in axes:
        ax.set_xlabel("generation")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def plain_ticks(axis: Axis, ticks: Sequence[float]) -> None:
    """A few plain numbers, where a logarithmic axis spans too little for powers of ten."""
    axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_ticks([], minor=True)


def curve(axes: Axes, rows: pl.DataFrame, look: Look, **kwargs: Any) -> None:
    """Draw one series; with limits as a band under a line or as bars at markers."""
    x, y, low, high = (rows[name].to_numpy() for name in ("x", "y", "low", "high"))
    look_of = {"color": look.colour, "linestyle": look.line, "marker": look.marker}
    style = {**look_of, "label": look.label, **kwargs}
    if style["linestyle"] == "" and np.isfinite(low).all() and len(low):
        bars = np.maximum([y - low, high - y], 0.0)
        caps = 1.5 if len(x) <= _FEW else 0
        axes.errorbar(x, y, yerr=bars, capsize=caps, elinewidth=0.7, zorder=5, **style)
        return
    axes.plot(x, y, **style)


def legend_below(figure: Figure, axes: Iterable[Axes], columns: int) -> None:
    """One legend for all axes, under them."""
    entries: dict[str, Any] = {}
    for one in axes:
        handles, labels = one.get_legend_handles_labels()
        entries.update(dict(zip(labels, handles, strict=True)))
    figure.legend(
        entries.values(),
        entries.keys(),
        loc="outside lower center",
        ncols=columns,
        fontsize=6.5,
        frameon=False,
    )
