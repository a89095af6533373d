"""The range and starting value of an axis or slider of a word; other values may be given."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from math import isfinite
from typing import Any

from bounds.notation import NOTATION, Notation

__all__ = ["Spacing", "Span", "span_of", "spans"]


class Spacing(StrEnum):
    """The spacing of values along a slider.

    ``ZERO_LOG``: the left end is zero, the rest logarithmic.
    """

    LINEAR = "linear"
    LOG = "log"
    ZERO_LOG = "zero-log"


@dataclass(frozen=True)
class Span:
    """The ends of a slider, its start, its scale; a zero-logarithmic one rises from ``low``."""

    low: float
    high: float
    start: float
    scale: Spacing


_OWN = {
    "n": Span(10, 1e7, 10_000, Spacing.LOG),
    "generation": Span(1, 100, 10, Spacing.LINEAR),
    "horizon": Span(1, 1000, 100, Spacing.LOG),
    "share": Span(0, 1, 0.1, Spacing.LINEAR),
    "lam": Span(0.01, 1000, 1, Spacing.ZERO_LOG),
    "delta": Span(1e-6, 0.5, 0.05, Spacing.LOG),
    "target_error": Span(1e-3, 0.9, 0.1, Spacing.LOG),
    "dimension": Span(1, 20, 1, Spacing.LINEAR),
    "components": Span(1, 20, 3, Spacing.LINEAR),
    "bandwidth": Span(0.01, 10, 0.25, Spacing.LOG),
    "smoothness": Span(0.1, 2, 1, Spacing.LINEAR),
    "training_time": Span(0.1, 1e5, 100, Spacing.LOG),
    "neurons": Span(1, 1e6, 1000, Spacing.LOG),
    "collision_probability": Span(0.001, 1, 0.1, Spacing.LOG),
    "support_size": Span(2, 1e4, 20, Spacing.LOG),
    "budget": Span(10, 1e9, 100_000, Spacing.LOG),
    "mean_shift": Span(0, 6, 1, Spacing.LINEAR),
    "separation": Span(0.1, 10, 1.5, Spacing.LOG),
    "growth": Span(0, 4, 1, Spacing.LINEAR),
}
_INSET = 0.01
_START = 0.1
"""Start of words that may be any number from zero on: errors and distances are small."""


def spans() -> dict[str, dict[str, Any]]:
    """Return the span of every word, as data for JSON; sequences have that of one entry."""
    return {word: asdict(span_of(entry)) for word, entry in NOTATION.items()}


def span_of(entry: Notation) -> Span:
    """Return the span of a word of the notation, inside its range."""
    if entry.word in _OWN:
        return _OWN[entry.word]
    default = None if entry.default is None else float(entry.default)
    if isfinite(entry.maximum):
        return _of_interval(entry, default)
    if entry.integer:
        return Span(entry.minimum, 1e6, default or 100, Spacing.LOG)
    if entry.minimum == 0 and entry.open_minimum:
        return Span(1e-3, 1e3, default or 1, Spacing.LOG)
    return Span(1e-3, 1e3, default or _START, Spacing.ZERO_LOG)


def _of_interval(entry: Notation, default: float | None) -> Span:
    width = entry.maximum - entry.minimum
    low = entry.minimum + _INSET * width * entry.open_minimum
    high = entry.maximum - _INSET * width * entry.open_maximum
    return Span(low, high, low + _START * width if default is None else default, Spacing.LINEAR)
