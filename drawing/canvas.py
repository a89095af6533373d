"""Axes in the project's look, and what is drawn on them: curves, legends, zones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np
import polars as pl

from drawing.style import Look, figure_size, settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

__all__ = [
    "curve",
    "generations_below",
    "in_look",
    "legend_below",
    "panels",
    "plain_ticks",
    "round_ticks",
    "scale_of_tv",
    "vacuous_zone",
]

_P = ParamSpec("_P")
_R = TypeVar("_R")
_FEW = 20
"""Intervals up to which each has caps; more of them would touch."""
_WIDE = 8.0
"""Ratio of the largest to the smallest value from which an axis is logarithmic."""
_VACUOUS = 1.0
_LEAST_ZONE = 0.14
"""Of an axis: a line of words is as high in the smallest panels."""
_ZONE = "#7F7F7F"


def in_look(draw: Callable[_P, _R]) -> Callable[_P, _R]:
    """A drawing function that runs under the project's settings, whatever the user's are."""

    @wraps(draw)
    def drawn(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        import matplotlib as mpl

        with mpl.rc_context(settings()):
            return draw(*args, **kwargs)

    return drawn


def panels(
    rows: int, columns: int, ratio: float = 0.75, **kwargs: Any
) -> tuple[Figure, np.ndarray]:
    """A page-wide figure with a grid of axes, always a 2-D array; draw it under ``in_look``."""
    from drawing.picture import Picture

    figure = Picture(figsize=figure_size(rows, columns, ratio), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **kwargs)


def generations_below(*axes: Axes) -> None:
    """Label the x axis as generations, with whole numbers."""
    from matplotlib.ticker import MaxNLocator

    for ax in axes:
        ax.set_xlabel("generation")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def plain_ticks(axis: Axis, ticks: Sequence[float]) -> None:
    """A few plain numbers, where a logarithmic axis spans too little for powers of ten."""
    axis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.set_ticks([], minor=True)


def round_ticks(axis: Axis) -> None:
    """Round numbers at equal distances, where a logarithmic axis spans less than a decade."""
    from matplotlib.ticker import MaxNLocator

    low, high = sorted(axis.get_view_interval())
    ticks = MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    plain_ticks(axis, [round(float(tick), 10) for tick in ticks if low <= tick <= high])


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


def scale_of_tv(axes: Axes, values: np.ndarray) -> None:
    """A logarithmic axis where positive values differ much, else one from zero."""
    finite = values[np.isfinite(values)]
    if finite.size and finite.min() > 0 and finite.max() > _WIDE * finite.min():
        axes.set_yscale("log")
        axes.set_ylim(finite.min() / 1.3, finite.max() * 1.3)
        _ticks_between(axes)
    elif finite.size:
        axes.set_ylim(0, finite.max() * 1.15 or 1.0)


def _ticks_between(axes: Axes) -> None:
    low, high = axes.get_ylim()
    steps = [m * 10.0**e for e in range(-12, 13) for m in (1, 2, 5)]
    shown = [tick for tick in steps if low <= tick <= high]
    if len(shown) <= 10:
        plain_ticks(axes.yaxis, shown)


def vacuous_zone(axes: Axes) -> None:
    """Shade where a bound says nothing, if the axis reaches there; call it after all curves.

    Where the axis hardly reaches there it is made longer, so that the words stand in the zone.
    """
    low, high = axes.get_ylim()
    if high <= _VACUOUS:
        return
    scale = axes.yaxis.get_transform()
    bottom, edge = scale.transform([low, _VACUOUS])
    roomy = scale.inverted().transform([bottom + (edge - bottom) / (1 - _LEAST_ZONE)])[0]
    high = max(high, float(roomy))
    axes.axhspan(_VACUOUS, high, color=_ZONE, alpha=0.12, linewidth=0)
    axes.set_ylim(low, high)
    where = axes.get_yaxis_transform()
    style: dict[str, Any] = {"fontsize": 7, "color": "#555555", "va": "bottom"}
    axes.annotate(
        "vacuous: TV is at most 1",
        (0.015, _VACUOUS),
        xytext=(0, 2),
        textcoords="offset points",
        xycoords=where,
        **style,
    )
