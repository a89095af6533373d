"""A bound's values: floats, and certified numbers where floats may have lost their digits.

There is one way for all bounds. The float formula gives every value; where it is doubtful an
enclosure is asked, whose middle replaces a float that is ``UNITS`` away. A single point is always
doubtful: an enclosure costs as much as the float formula does. Of an array those points are at
which a parameter is far out or the value is no normal number; of a bound of a user's own, those at
which rounding may have cost ten digits (:mod:`bounds.roundoff`). What can neither be enclosed nor
be trusted to ten digits is NaN, which :func:`evaluate` refuses by name. Sums of more than 20,000
terms at a single point, of more than 1000 in an array, are not compared unless they have a closed
form: their floats keep their digits (:mod:`bounds.prepared`). A single point whose sum is too long
for floats has the value of its closed form, if there is one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import cache, reduce
from typing import Any

import numpy as np
import sympy as sp

from bounds.certified.sums import is_closed
from bounds.enclosure import Enclosure, EnclosureError, enclose_formula
from bounds.errors import ParameterError
from bounds.evaluate import TooLongError, compiled, has_integral
from bounds.notation import Notation
from bounds.parameters import refuse_nan
from bounds.roundoff import is_sure
from bounds.statement import Statement
from bounds.values import FloatArray, plain

__all__ = ["UNITS", "evaluate", "evaluate_where_defined", "most_bits"]

UNITS = 4
"""How far a value may be from the certified one, in units of 2^-52 of its size."""
_BITS = 64
_MOST_BITS, _MOST_BITS_OF_POWER_SUMS, _MOST_BITS_OF_SUMS = 4096, 1024, 512
"""How far the precision goes; a long sum would take seconds beyond."""
_UNIT, _LEAST = Fraction(1, 2**52), Fraction(1, 2**1074)
_NARROW = Fraction(1, 10**10)
"""Width of an enclosure whose middle is a value, relative to its size."""
_MOST_TERMS, _MOST_TERMS_OF_ONE = 1000, 20_000
"""Of sums whose values are compared, in an array and at a single point: half a second."""
_MOST_WATCHED, _MOST_WATCHED_SUMS = 1000, 20
"""Points of an array of an own bound that are enclosed; nobody knows how long one takes."""
_SMALL, _LARGE = 1e-5, 1e9
_BLOCK = 1 << 16
"""Points computed at a time: their arrays stay in the processor's cache."""
_NORMAL, _HUGE = float(np.finfo(np.float64).tiny), float(np.finfo(np.float64).max)

_Values = Mapping[str, FloatArray]


def evaluate(bound: Statement, params: Mapping[str, Any]) -> float | FloatArray:
    """Return the value of a bound; see :meth:`Bound.evaluate`."""
    values = bound.request(params).values()
    bound.refuse_unmet(values)
    found = _accurate(bound, values, _most_enclosed(bound))
    value: float | FloatArray = plain(refuse_nan(found, values, bound.title))
    return value


def evaluate_where_defined(bound: Statement, params: Mapping[str, Any]) -> FloatArray:
    """Return the value as :func:`evaluate` does, with NaN where it is no number.

    Of an own bound it is NaN also where floats do not tell: none of its points is enclosed.
    """
    values = bound.request(params).values()
    return _accurate(bound, values, 0 if bound.watched else None)


def _most_enclosed(bound: Statement) -> int | None:
    if not bound.watched:
        return None
    return _MOST_WATCHED_SUMS if bound.expression.has(sp.Sum) else _MOST_WATCHED


def _accurate(bound: Statement, values: _Values, most: int | None) -> FloatArray:
    shape = _shape_of_points(bound, values)
    if math.prod(shape) <= _BLOCK:
        return _accurate_at(bound, values, most)
    found = np.empty(math.prod(shape))
    flat = {word: value.reshape(-1) if value.ndim else value for word, value in values.items()}
    for start in range(0, found.size, _BLOCK):
        part = slice(start, start + _BLOCK)
        block = {word: value[part] if value.ndim else value for word, value in flat.items()}
        found[part] = _accurate_at(bound, block, most)
    return found.reshape(shape)


def _shape_of_points(bound: Statement, values: _Values) -> tuple[int, ...]:
    """The shape that all arrays have, where each value is computed of its own point alone."""
    shapes = {value.shape for value in values.values() if value.ndim}
    if len(shapes) != 1 or bound.watched or bound.expression.has(sp.Sum, sp.Integral):
        return ()
    return shapes.pop()


def _accurate_at(bound: Statement, values: _Values, most: int | None) -> FloatArray:
    found = kept = _floats(bound, values)
    if bound.watched:
        kept = np.where(is_sure(bound.expression, values, found), found, np.nan)
    doubtful = np.flatnonzero(_is_doubtful(bound, values, kept))[:most]
    if not doubtful.size:
        return kept
    if not found.ndim:
        single = {entry.word: values[entry.word].tolist() for entry in bound.symbols}
        return np.asarray(_nearest(bound, single, float(found)))
    result, rows = kept.copy(), _rows(bound, values, found)
    for at in doubtful:
        point = {word: row[at].tolist() for word, row in rows.items()}
        result.flat[at] = _nearest(bound, point, found.flat[at])
    return result


def _floats(bound: Statement, values: _Values) -> FloatArray:
    """The float formula; NaN at a single point whose sums only their closed forms reach."""
    try:
        return compiled(bound.expression)(**values)
    except TooLongError:
        is_one = not any(np.ndim(value) for value in values.values())
        if not is_one or bound.watched or _adds_terms(bound.expression):
            raise
        return np.asarray(np.nan)


def _is_doubtful(bound: Statement, values: _Values, kept: FloatArray) -> np.ndarray:
    if has_integral(bound.expression):
        return np.zeros(kept.shape, dtype=bool)
    if _terms(bound, values) > (_MOST_TERMS if kept.ndim else _MOST_TERMS_OF_ONE):
        return np.isnan(kept) & bound.watched
    if not kept.ndim:
        return np.asarray(True)
    return ~np.isfinite(kept) if bound.watched else _is_far_out(bound, values, kept)


def _terms(bound: Statement, values: _Values) -> float:
    """How many terms the longest sum without a closed form has: adding balls takes long."""
    if not _adds_terms(bound.expression):
        return 0.0
    ends = [np.max(values[w], initial=0) for w in ("generation", "components") if w in values]
    return float(max(ends, default=0))


@cache
def _adds_terms(expression: sp.Expr) -> bool:
    """Whether there is a sum without a closed form."""
    sums = expression.atoms(sp.Sum)
    return not all(is_closed(node.function, node.limits[0][0]) for node in sums)


def _is_far_out(bound: Statement, values: _Values, found: FloatArray) -> np.ndarray:
    far = [_is_extreme(entry, values[entry.word]) for entry in bound.symbols]
    if not _lies_between(found, _NORMAL, _HUGE):
        size = np.abs(found)
        far.append(~((size >= _NORMAL) & (size < np.inf)))
    return _any_of(far, found.shape)


def _is_extreme(entry: Notation, value: FloatArray) -> np.ndarray:
    if _lies_between(value, _SMALL, min(_LARGE, entry.maximum - 2 * _SMALL)):
        return np.asarray(False)
    size, room = np.abs(value), np.abs(entry.maximum - value)
    close = ((size < _SMALL) & (size > 0)) | ((room < _SMALL) & (room > 0))
    far = np.asarray(close | (size > _LARGE))
    return np.asarray(far.any(axis=-1)) if entry.is_sequence and far.ndim else far


def _any_of(masks: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    found = [mask for mask in masks if mask.any()]
    return reduce(np.logical_or, found, np.zeros(shape, dtype=bool))


def _lies_between(values: FloatArray, least: float, most: float) -> bool:
    """Whether all do, which most arrays' ends tell faster than a look at every value."""
    return bool(values.size and values.min() >= least and values.max() <= most)


def _rows(bound: Statement, values: _Values, found: FloatArray) -> dict[str, FloatArray]:
    """Every word's values, one row for each entry of ``found``."""
    rows = {}
    for entry in bound.symbols:
        value = values[entry.word]
        own = value.shape[-1:] if entry.is_sequence or entry.is_function else ()
        rows[entry.word] = np.broadcast_to(value, (*found.shape, *own)).reshape(found.size, *own)
    return rows


def _nearest(bound: Statement, point: Mapping[str, Any], found: float) -> float:
    """The float where it is right, the certified value where it is not, NaN where none is known."""
    try:
        known = enclose_formula(bound, point, precision=_BITS, most_bits=most_bits(bound))
    except (ParameterError, EnclosureError):
        return found if _is_trusted(bound, point, found) else math.nan
    if not _is_narrow(known):
        return found if _is_trusted(bound, point, found) else math.nan
    return found if _is_near(found, known) else _rounded(known)


def most_bits(bound: Statement) -> int:
    """Return the working precision up to which a value is compared."""
    if not bound.expression.has(sp.Sum):
        return _MOST_BITS
    return _MOST_BITS_OF_SUMS if _adds_terms(bound.expression) else _MOST_BITS_OF_POWER_SUMS


def _is_trusted(bound: Statement, point: Mapping[str, Any], found: float) -> bool:
    """Whether a float that could not be compared is a number with ten digits."""
    values = {word: np.asarray(value, dtype=float) for word, value in point.items()}
    return math.isfinite(found) and bool(is_sure(bound.expression, values, np.asarray(found)))


def _is_narrow(known: Enclosure) -> bool:
    if not known.is_finite:
        return known.is_huge
    size = max(abs(known.lower), abs(known.upper))
    return bool(known.width <= _NARROW * size + _LEAST)


def _is_near(found: float, known: Enclosure) -> bool:
    if not math.isfinite(found):
        return known.low <= found <= known.high
    if not known.is_finite:
        return False
    nearest = min(max(Fraction(found), known.lower), known.upper)
    return abs(Fraction(found) - nearest) <= UNITS * max(_UNIT * abs(nearest), _LEAST)


def _rounded(known: Enclosure) -> float:
    try:
        return float(known.middle)
    except OverflowError:
        return math.copysign(math.inf, known.low)
