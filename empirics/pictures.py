"""Pictures of a finished run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from drawing.canvas import in_look, legend_below, panels
from drawing.loops import loop_axes, measured, runs_behind
from drawing.table import tidy
from empirics.errors import InputError
from empirics.means import mean_with_limits

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["measured_table", "plot_frame"]

_FEW = 30
"""Runs up to which each is drawn: Student's interval says little about so few."""
_LIMITS = ("tv_low", "tv_high")


def measured_table(frame: pl.DataFrame) -> pl.DataFrame:
    """Mean TV of every generation with its 95 % interval, as a table to be drawn.

    Where ``tv`` is null, as for models that only sample, the series ``limit`` has the mean of the
    certified lower limits, with the mean upper limits.

    Args:
        frame: columns ``replicate, generation, tv, tv_error``, or ``tv_low, tv_high``.
    """
    steps = np.sort(frame["generation"].unique().to_numpy())
    if frame["tv"].null_count() == len(frame):
        if not set(_LIMITS) <= set(frame.columns):
            raise InputError("tv: is null in every row, and there are no limits; nothing to draw")
        low, high = (_matrix(frame, name).mean(axis=0) for name in _LIMITS)
        return tidy("", "limit", steps, low, low, high)
    tv, error = _matrix(frame, "tv"), np.nan_to_num(_matrix(frame, "tv_error"))
    return tidy("", "measured", steps, *mean_with_limits(tv, error))


def _matrix(frame: pl.DataFrame, column: str) -> np.ndarray:
    ordered = frame.sort("replicate", "generation")
    values = ordered[column].cast(pl.Float64).to_numpy()
    return values.reshape(-1, frame["generation"].n_unique())


@in_look
def plot_frame(frame: pl.DataFrame) -> Figure:
    """Measured TV of every generation: mean, interval, and single runs where they are few."""
    figure, axes = panels(1, 1, ratio=0.45)
    ax, table = axes[0, 0], measured_table(frame)
    shown = table
    if table["series"][0] == "measured" and frame["replicate"].n_unique() <= _FEW:
        tv = _matrix(frame, "tv")
        runs_behind(ax, tv)
        shown = pl.concat([table, tidy("", "runs", tv.ravel(), tv.ravel())])
    measured(ax, table)
    loop_axes(ax, shown)
    legend_below(figure, [ax], 2)
    return figure
