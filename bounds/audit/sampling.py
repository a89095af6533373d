"""Random parameters of any bound, many at once, spread over the scales of every range."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from bounds.notation import Notation
from bounds.statement import Statement
from bounds.values import FloatArray

__all__ = ["at", "sample"]

_ENTRIES = 8
_GRID = 9
_LATEST = 60
_LARGEST = {"generation": _LATEST, "horizon": 100, "dimension": 20, "components": _ENTRIES}
_MOST, _LONGEST_SUM = 1e7, 100
_SMALLEST, _TOP = 1e-3, 1e4
_AT_AN_END = 0.1


def sample(bound: Statement, count: int, generator: np.random.Generator) -> dict[str, FloatArray]:
    """Return ``count`` random values for every parameter, consistent with each other.

    Counts and unbounded numbers are spread over powers of ten, bounded ones evenly and towards
    both ends; an end that belongs to the range comes up one time in ten. Sequences have eight
    entries, and generations then do not exceed eight.
    """
    short = any(entry.is_sequence for entry in bound.symbols)
    ends = {s for node in bound.expression.atoms(sp.Sum) for s in _of_limits(node)}
    values = {
        e.word: np.minimum(drawn, _LONGEST_SUM) if e.symbol in ends else drawn
        for e in bound.symbols
        for drawn in [_values(e, count, short, generator)]
    }
    if "cell" in bound.parameters:
        values["cell"] = generator.uniform(1e-3, 1.0, count)
    if {"support_size", "collision_probability"} <= values.keys():
        least = 1 / values["support_size"]
        values["collision_probability"] = least + (1 - least) * generator.uniform(0, 1, count)
    if {"generation", "horizon"} <= values.keys():
        values["horizon"] = np.maximum(values["horizon"], values["generation"])
    return values


def at(values: dict[str, FloatArray], index: int, bound: Statement) -> dict[str, Any]:
    """Return one of the sampled points as plain numbers and lists."""
    whole = {entry.word for entry in bound.symbols if entry.integer}
    return {
        word: (value[index].astype(int) if word in whole else value[index]).tolist()
        for word, value in values.items()
    }


def _of_limits(node: sp.Sum) -> set[sp.Symbol]:
    return {s for _, *ends in node.limits for end in ends for s in end.free_symbols}


def _values(entry: Notation, count: int, short: bool, generator: np.random.Generator) -> FloatArray:
    shape: tuple[int, ...] = (count,)
    if entry.is_sequence:
        shape = (count, _ENTRIES)
    if entry.is_function:
        return generator.uniform(max(entry.minimum, -1.0), 1.0, (count, _GRID))
    if entry.integer:
        return _whole(entry, shape, short, generator)
    drawn = _real(entry, shape, generator)
    return _with_ends(entry, drawn, generator)


def _whole(
    entry: Notation, shape: tuple[int, ...], short: bool, generator: np.random.Generator
) -> FloatArray:
    low = entry.minimum if np.isfinite(entry.minimum) else 0.0
    high = min(_LARGEST.get(entry.word, _MOST), entry.maximum)
    if short and entry.word in ("generation", "horizon"):
        high = _ENTRIES
    power = generator.uniform(0, np.log10(high - low + 1), shape)
    return np.minimum(np.floor(low - 1 + 10**power), high).clip(low)


def _real(entry: Notation, shape: tuple[int, ...], generator: np.random.Generator) -> FloatArray:
    if np.isfinite(entry.maximum) and np.isfinite(entry.minimum):
        inside = generator.beta(0.7, 0.7, shape).clip(_SMALLEST, 1 - _SMALLEST)
        return entry.minimum + (entry.maximum - entry.minimum) * inside
    size = 10 ** generator.uniform(np.log10(_SMALLEST), np.log10(_TOP), shape)
    if np.isfinite(entry.minimum):
        return entry.minimum + size
    return size * generator.choice([-1.0, 1.0], shape)


def _with_ends(entry: Notation, drawn: FloatArray, generator: np.random.Generator) -> FloatArray:
    for end, is_open in ((entry.minimum, entry.open_minimum), (entry.maximum, entry.open_maximum)):
        if np.isfinite(end) and not is_open:
            drawn = np.where(generator.uniform(size=drawn.shape) < _AT_AN_END, end, drawn)
    return drawn
