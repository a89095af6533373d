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
from collections.abc import Callable, Mapping
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
from bounds.roundoff import is_sure
from bounds.statement import Statement
from bounds.values import BLOCK, FloatArray, extremes, plain

__all__ = ["UNITS", "evaluate", "evaluate_where_defined", "most_bits"]

UNITS = 4
"""Largest distance of a value from the certified one, in units of 2^-52 of its size."""
_BITS = 64
_MOST_BITS, _MOST_BITS_OF_POWER_SUMS, _MOST_BITS_OF_SUMS = 4096, 1024, 512
"""Largest precisions; a long sum would take seconds beyond."""
_UNIT, _LEAST = Fraction(1, 2**52), Fraction(1, 2**1074)
_NARROW = Fraction(1, 10**10)
"""Width of an enclosure whose middle is a value, relative to its size."""
_MOST_TERMS, _MOST_TERMS_OF_ONE = 1000, 20_000
"""Of sums whose values are compared, in an array and at a single point: half a second."""
_MOST_WATCHED, _MOST_WATCHED_SUMS = 1000, 20
"""Points of an array of an own bound that are enclosed; nobody knows how long one takes."""
_SMALL, _LARGE = 1e-5, 1e9
_NORMAL, _HUGE = float(np.finfo(np.float64).tiny), float(np.finfo(np.float64).max)

_Values = Mapping[str, FloatArray]
_Ends = Mapping[str, tuple[float, float] | None]


def evaluate(bound: Statement, params: Mapping[str, Any]) -> float | FloatArray:
    """Return the value of a bound; see :meth:`Bound.evaluate`."""
    request = bound.request(params)
    values = request.values()
    bound.refuse_unmet(values)
    found = _accurate(bound, values, request.extremes, _most_enclosed(bound))
    value: float | FloatArray = plain(_refuse_nan(bound, found, values))
    return value


def _refuse_nan(bound: Statement, value: FloatArray, values: _Values) -> FloatArray:
    """Return ``value``, the result at ``values``, unless an entry is no number.

    Raises:
        ParameterError: names the first point at which there is none.
    """
    absent = np.isnan(value)
    if not absent.any():
        return value
    several = {entry.word for entry in bound.symbols if entry.is_sequence or entry.is_function}
    at = int(np.flatnonzero(absent)[0])
    point = ", ".join(
        f"{word} = {np.broadcast_to(given, value.shape).flat[at]:.12g}"
        for word, given in values.items()
        if word not in several
    )
    raise ParameterError(
        f"{bound.title!r} has no value in floating point at {point or 'these parameters'}: a"
        " function is outside its range there, or digits run out; an enclosure, or bound.limit"
        " where it is 0/0, may tell"
    )


def evaluate_where_defined(bound: Statement, params: Mapping[str, Any]) -> FloatArray:
    """Return the value as :func:`evaluate` does, with NaN where it is no number.

    Of an own bound it is NaN also where floats do not tell: none of its points is enclosed.
    """
    request = bound.request(params)
    return _accurate(bound, request.values(), request.extremes, 0 if bound.watched else None)


def _most_enclosed(bound: Statement) -> int | None:
    if not bound.watched:
        return None
    return _MOST_WATCHED_SUMS if bound.expression.has(sp.Sum) else _MOST_WATCHED


def _accurate(bound: Statement, values: _Values, known: _Ends, most: int | None) -> FloatArray:
    found = kept = _floats(bound, values)
    if bound.watched:
        kept = np.where(is_sure(bound.expression, values, found), found, np.nan)
    doubtful = np.flatnonzero(_is_doubtful(bound, values, known, kept))[:most]
    if not doubtful.size:
        return kept
    if not found.ndim:
        single = {entry.word: values[entry.word].tolist() for entry in bound.symbols}
        return np.asarray(_nearest(bound, single, float(found)))
    is_given = any(np.may_share_memory(kept, value) for value in values.values())
    result, rows = kept.copy() if is_given else kept, _rows(bound, values, found)
    for at in doubtful:
        point = {word: row[at].tolist() for word, row in rows.items()}
        result.flat[at] = _nearest(bound, point, found.flat[at])
    return result


def _floats(bound: Statement, values: _Values) -> FloatArray:
    """The float formula; NaN at a single point whose sums only their closed forms reach."""
    formula, shape = compiled(bound.expression), _shape_of_points(bound, values)
    if math.prod(shape) > BLOCK:
        return _in_blocks(formula, values, shape)
    try:
        return formula(**values)
    except TooLongError:
        is_one = not any(np.ndim(value) for value in values.values())
        if not is_one or bound.watched or _adds_terms(bound.expression):
            raise
        return np.asarray(np.nan)


def _shape_of_points(bound: Statement, values: _Values) -> tuple[int, ...]:
    """The shape that all arrays have, where each value is computed of its own point alone."""
    shapes = {value.shape for value in values.values() if value.ndim}
    if len(shapes) != 1 or bound.expression.has(sp.Sum, sp.Integral):
        return ()
    return shapes.pop()


def _in_blocks(
    formula: Callable[..., FloatArray], values: _Values, shape: tuple[int, ...]
) -> FloatArray:
    found = np.empty(math.prod(shape))
    flat = {word: value.reshape(-1) if value.ndim else value for word, value in values.items()}
    for start in range(0, found.size, BLOCK):
        part = slice(start, start + BLOCK)
        found[part] = formula(**{w: v[part] if v.ndim else v for w, v in flat.items()})
    return found.reshape(shape)


def _is_doubtful(bound: Statement, values: _Values, known: _Ends, kept: FloatArray) -> np.ndarray:
    if has_integral(bound.expression):
        return np.zeros(kept.shape, dtype=bool)
    if _terms(bound, values) > (_MOST_TERMS if kept.ndim else _MOST_TERMS_OF_ONE):
        return np.isnan(kept) & bound.watched
    if not kept.ndim:
        return np.asarray(True)
    return ~np.isfinite(kept) if bound.watched else _is_far_out(bound, values, known, kept)


def _terms(bound: Statement, values: _Values) -> float:
    """Number of terms of the longest sum without a closed form; adding balls is slow."""
    if not _adds_terms(bound.expression):
        return 0.0
    ends = [np.max(values[w], initial=0) for w in ("generation", "components") if w in values]
    return float(max(ends, default=0))


@cache
def _adds_terms(expression: sp.Expr) -> bool:
    """Whether there is a sum without a closed form."""
    sums = expression.atoms(sp.Sum)
    return not all(is_closed(node.function, node.limits[0][0]) for node in sums)


def _is_far_out(bound: Statement, values: _Values, known: _Ends, found: FloatArray) -> np.ndarray:
    far = [_is_extreme(e, values[e.word], known.get(e.word)) for e in bound.symbols]
    if not _lies_between(extremes(found), _NORMAL, _HUGE):
        size = np.abs(found)
        far.append(~((size >= _NORMAL) & (size < np.inf)))
    return _any_of(far, found.shape)


def _is_extreme(
    entry: Notation, value: FloatArray, ends: tuple[float, float] | None = None
) -> np.ndarray:
    least, most = _SMALL, min(_LARGE, entry.maximum - 2 * _SMALL)
    if _lies_between(ends or extremes(value), least, most):
        return np.asarray(False)
    far = np.asarray((value < least) | (value > most))  # these are looked at closely
    size, room = np.abs(value[far]), np.abs(entry.maximum - value[far])
    close = ((size < _SMALL) & (size > 0)) | ((room < _SMALL) & (room > 0))
    far[far] = close | (size > _LARGE)
    return np.asarray(far.any(axis=-1)) if entry.is_sequence and far.ndim else far


def _any_of(masks: list[np.ndarray], shape: tuple[int, ...]) -> np.ndarray:
    found = [mask for mask in masks if mask.any()]
    return reduce(np.logical_or, found, np.zeros(shape, dtype=bool))


def _lies_between(ends: tuple[float, float] | None, least: float, most: float) -> bool:
    """Whether all of an array does, which its ends tell faster than a look at every value."""
    return ends is not None and ends[0] >= least and ends[1] <= most


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
