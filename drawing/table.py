"""The table that every picture is drawn from: one row per plotted point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

__all__ = ["series_of", "tidy"]


def tidy(
    panel: str,
    series: str,
    x: Sequence | np.ndarray,
    y: Sequence | np.ndarray,
    low: Sequence | np.ndarray | None = None,
    high: Sequence | np.ndarray | None = None,
) -> pl.DataFrame:
    """One curve as rows ``panel, series, x, y, low, high``."""
    empty = np.full(len(x), np.nan)
    columns = {
        "x": x,
        "y": y,
        "low": empty if low is None else low,
        "high": empty if high is None else high,
    }
    numbers = {name: np.asarray(values, dtype=float) for name, values in columns.items()}
    labels = {"panel": [panel] * len(x), "series": [series] * len(x)}
    return pl.DataFrame({**labels, **numbers})


def series_of(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The curves of a table by name, in their order."""
    names = frame["series"].unique(maintain_order=True)
    return {name: frame.filter(pl.col("series") == name) for name in names}
