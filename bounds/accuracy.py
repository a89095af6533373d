"""Float values held against certified ones, which replace them where digits were lost.

A single point is always compared: an enclosure costs as much as the float formula does. Of an array
only the points are compared at which a parameter is far out or the value is no normal number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from bounds.enclosure import Enclosure, EnclosureError, enclose
from bounds.errors import ParameterError
from bounds.evaluate import compiled, has_integral
from bounds.notation import Notation
from bounds.values import FloatArray

if TYPE_CHECKING:
    from bounds.bound import Bound

__all__ = ["UNITS", "accurate", "most_bits"]

UNITS = 4
"""How far a value may be from the certified one, in units of 2^-52 of its size."""
_BITS = 64
_MOST_BITS, _MOST_BITS_OF_SUMS = 4096, 512
"""How far the precision goes; a long sum would take seconds beyond."""
_UNIT, _LEAST = Fraction(1, 2**52), Fraction(1, 2**1074)
_MOST_TERMS = 1000
_SMALL, _LARGE = 1e-5, 1e9
_NORMAL = float(np.finfo(np.float64).tiny)

_Values = Mapping[str, FloatArray]


def accurate(bound: Bound, values: _Values) -> FloatArray:
    """Return the float values of ``bound``, and the certified one where they are ``UNITS`` away.

    What cannot be enclosed, such as an integral over a grid or a long sum, stays as it is.

    Args:
        bound: the bound.
        values: the value of each of its words.
    """
    formula = compiled(bound.expression)
    if has_integral(bound.expression) or _is_long(bound, values):
        return formula(**values)
    with np.errstate(divide="ignore", invalid="ignore"):  # such points are enclosed
        found = formula(**values)
    if not found.ndim:
        return np.asarray(_nearest(bound, {w: v.tolist() for w, v in values.items()}, float(found)))
    doubtful = np.flatnonzero(_is_doubtful(bound, values, found))
    return _with_certified(bound, values, found, doubtful) if doubtful.size else found


def _with_certified(bound: Bound, values: _Values, found: FloatArray, at: Any) -> FloatArray:
    result, rows = found.copy(), _rows(bound, values, found)
    for i in at:
        point = {word: row[i].tolist() for word, row in rows.items()}
        result.flat[i] = _nearest(bound, point, found.flat[i])
    return result


def _is_long(bound: Bound, values: _Values) -> bool:
    """Whether there are sums of so many terms that adding balls would take long."""
    ends = [np.max(values[w], initial=0) for w in ("generation", "components") if w in values]
    return bool(max(ends, default=0) > _MOST_TERMS) and _adds_terms(bound.expression)


@cache
def _adds_terms(expression: sp.Expr) -> bool:
    """Whether there is a sum without a closed form."""
    from bounds.certified.sums import is_power_sum

    sums = expression.atoms(sp.Sum)
    return not all(is_power_sum(node.function, node.limits[0][0]) for node in sums)


def _is_doubtful(bound: Bound, values: _Values, found: FloatArray) -> np.ndarray:
    size = np.abs(found)
    doubtful = ~((size >= _NORMAL) & (size < np.inf))
    for entry in bound.symbols:
        far = _is_far_out(entry, values[entry.word])
        doubtful |= far.any(axis=-1) if entry.is_sequence and far.ndim else far
    return doubtful


def _is_far_out(entry: Notation, value: FloatArray) -> np.ndarray:
    size, room = np.abs(value), np.abs(entry.maximum - value)
    close = ((size < _SMALL) & (size > 0)) | ((room < _SMALL) & (room > 0))
    return np.asarray(close | (size > _LARGE))


def _rows(bound: Bound, values: _Values, found: FloatArray) -> dict[str, FloatArray]:
    """Every word's values, one row for each entry of ``found``."""
    rows = {}
    for entry in bound.symbols:
        value = values[entry.word]
        own = value.shape[-1:] if entry.is_sequence else ()
        rows[entry.word] = np.broadcast_to(value, (*found.shape, *own)).reshape(found.size, *own)
    return rows


def _nearest(bound: Bound, point: Mapping[str, Any], found: float) -> float:
    try:
        known = enclose(bound, point, precision=_BITS, most_bits=most_bits(bound))
    except (ParameterError, EnclosureError):
        return found
    return found if _is_near(found, known) else _rounded(known)


def most_bits(bound: Bound) -> int:
    """Return the working precision up to which a value is compared."""
    return _MOST_BITS_OF_SUMS if bound.expression.has(sp.Sum) else _MOST_BITS


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
