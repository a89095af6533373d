"""The range of a parameter, cut to what the hypotheses of a bound demand of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from bounds.certified.exact import as_fraction
from bounds.notation import Notation
from bounds.questions.words import scalars
from bounds.statement import Statement

__all__ = ["demanded"]


def demanded(bound: Statement, entry: Notation, params: Mapping[str, Any]) -> Notation:
    """Return the notation of a parameter with the range in which the hypotheses can hold.

    A hypothesis such as ``S >= 1/K`` cuts the range of either word once the other has a value.

    Args:
        bound: the bound.
        entry: one of its numbers.
        params: values of the other words.
    """
    defaults = {e.word: e.default for e in scalars(bound) if e.default is not None}
    known = {w: v for w, v in (defaults | dict(params)).items() if w != entry.word}
    for relation in bound.relations:
        if entry.word in relation.words <= known.keys() | {entry.word}:
            others = {
                e.symbol: _exact(known[e.word])
                for e in scalars(bound)
                if e.word in relation.words - {entry.word}
            }
            entry = _cut(entry, relation.formula.subs(others))
    return entry


def _cut(entry: Notation, demand: sp.Basic) -> Notation:
    line = sp.Dummy(real=True)
    ends = (_exact(entry.minimum), _exact(entry.maximum))
    range_ = sp.Interval(*ends, entry.open_minimum, entry.open_maximum)
    left = range_ & demand.subs(entry.symbol, line).as_set()
    if not isinstance(left, sp.Interval):  # nothing is left, and evaluation says so
        return entry
    minimum = _inwards(left.start, entry.integer, math.inf)
    maximum = _inwards(left.end, entry.integer, -math.inf)
    return replace(
        entry,
        minimum=minimum,
        maximum=maximum,
        open_minimum=bool(left.left_open) and _exact(minimum) == left.start,
        open_maximum=bool(left.right_open) and _exact(maximum) == left.end,
    )


def _exact(value: Any) -> sp.Expr:
    if isinstance(value, float) and math.isinf(value):
        return sp.oo if value > 0 else -sp.oo
    return sp.Rational(as_fraction(value))


def _inwards(end: sp.Expr, integer: bool, towards: float) -> float:
    """The end as a float; where it has none, the next one inside the range."""
    if end.is_infinite:
        return float(end)
    if integer:
        end = sp.ceiling(end) if towards > 0 else sp.floor(end)
    found = float(end)
    outside = _exact(found) < end if towards > 0 else _exact(found) > end
    return math.nextafter(found, towards) if outside else found
