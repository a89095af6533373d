"""Words of captions and alternative texts, written from tables and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from empirics import targets
from empirics.targets import Target
from paper_figures.diffusion import TWO
from verify.settings import FIVE, RING, STANDARD, THREE_MODES

__all__ = [
    "apart",
    "course",
    "factor",
    "generation_list",
    "held",
    "law",
    "percent",
    "range_of",
    "ratios",
    "vacuous",
    "values",
]

_LAWS: list[tuple[Target, str]] = [
    (THREE_MODES, "a three-mode mixture"),
    (STANDARD, "a three-mode mixture"),
    (RING, "a ring of eight modes in the plane"),
    (FIVE, "five modes in the plane"),
    (TWO, "a two-mode mixture"),
    (targets.normal(), "N(0, 1)"),
]


def law(target: Target) -> str:
    """The name of a target."""
    known = [words for one, words in _LAWS if one == target]
    return known[0] if known else repr(target)


def values(table: pl.DataFrame, **where: Any) -> np.ndarray:
    """The heights of a curve, from left to right."""
    rows = table.filter(*(pl.col(name) == value for name, value in where.items()))
    return rows.sort("x")["y"].to_numpy()


def ratios(table: pl.DataFrame, upper: str, lower: str, **where: Any) -> np.ndarray:
    """Ratios of two curves at the places that both have, over all panels."""
    one, other = (
        table.filter(pl.col("series") == name, *(pl.col(k) == v for k, v in where.items()))
        for name in (upper, lower)
    )
    both = one.join(other, on=["panel", "x"], suffix="_lower")
    return (both["y"] / both["y_lower"]).to_numpy()


def factor(found: np.ndarray) -> str:
    """The largest of some ratios, rounded up: "1.3x"."""
    return f"{np.ceil(100 * found.max() - 1e-9) / 100:.3g}x"


def apart(found: np.ndarray) -> str:
    """From the least to the largest of some ratios: "1.4 to 2.1 times"."""
    low, high = f"{found.min():.2g}", f"{found.max():.2g}"
    return f"{low} times" if low == high else f"{low} to {high} times"


def range_of(found: np.ndarray) -> str:
    """From the least to the largest of some numbers: "0.05 to 0.24"."""
    low, high = f"{found.min():.2g}", f"{found.max():.2g}"
    return low if low == high else f"{low} to {high}"


def course(found: np.ndarray) -> str:
    """The course of a curve from its left end to its right one: "falls from 0.5 to 0.2"."""
    first, last = f"{found[0]:.2g}", f"{found[-1]:.2g}"
    if first == last:
        return f"stays at {first}" if np.ptp(found) <= 1e-3 * abs(found[0]) else f"ends at {last}"
    steps = np.diff(found)
    steady = "falls" if (steps <= 0).all() else "rises" if (steps >= 0).all() else "goes"
    return f"{steady} from {first} to {last}"


def held(table: pl.DataFrame, points: str = "measured", line: str = "exact") -> str:
    """The count of intervals that hold the line of their panel and number: "77 of 80"."""
    found: list[bool] = []
    of_points = table.filter(pl.col("series").str.starts_with(f"{points} "))
    for rows in of_points.partition_by("panel", "series", maintain_order=True):
        panel, series = rows["panel"][0], rows["series"][0].replace(points, line, 1)
        curve = table.filter(pl.col("panel") == panel, pl.col("series") == series).sort("x")
        at = np.interp(np.log(rows["x"]), np.log(curve["x"]), curve["y"])
        found += ((rows["low"].to_numpy() <= at) & (at <= rows["high"].to_numpy())).tolist()
    return f"{sum(found)} of {len(found)}"


def vacuous(table: pl.DataFrame, series: str, **where: Any) -> str:
    """From where on a curve says nothing: "vacuous from generation 13 on"."""
    rows = table.filter(pl.col("series") == series, *(pl.col(k) == v for k, v in where.items()))
    beyond = rows.filter(pl.col("y") >= 1)["x"]
    if beyond.is_empty():
        return "below one in every generation shown"
    return f"vacuous from generation {int(beyond.min())} on"  # type: ignore[arg-type]


def percent(share: float) -> str:
    """A share: "30 %"."""
    return f"{100 * share:g} %"


def generation_list(generations: Sequence[object]) -> str:
    """Numbers in a list: "1, 5 and 10"."""
    *first, last = map(str, generations)
    return f"{', '.join(first)} and {last}" if first else last
