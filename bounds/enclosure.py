"""Values with certainty: an interval proved to contain a bound's value, as narrow as asked."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from time import perf_counter
from typing import Any

from flint import ctx, fmpq

from bounds.certified.arithmetic import fmpq_of
from bounds.certified.exact import (
    LARGEST,
    MOST_EXPONENT,
    SMALLEST,
    Enclosure,
    EnclosureError,
    End,
    as_fraction,
    number_of,
    rounded,
)
from bounds.certified.given import exact_parameters, plain_numbers
from bounds.certified.walk import walk
from bounds.errors import ParameterError
from bounds.statement import Statement

__all__ = ["Enclosure", "EnclosureError", "enclose", "enclose_expression", "enclose_formula"]

_GUARD_BITS = 24
_MOST_BITS = 1 << 15
_SECONDS = 1.0
"""An evaluation that took longer is not repeated at twice the precision."""


def enclose(bound: Statement, params: Mapping[str, Any], **wanted: Any) -> Enclosure:
    """Return an interval proved to contain the value of ``bound``; see :meth:`Bound.enclose`.

    Raises:
        ParameterError: also where a hypothesis between the words fails.
    """
    bound.refuse_unmet(plain_numbers(params))
    return enclose_formula(bound, params, **wanted)


def enclose_formula(
    bound: Statement,
    params: Mapping[str, Any],
    *,
    width: Any = None,
    rel_width: Any = None,
    precision: int = 53,
    most_bits: int = _MOST_BITS,
) -> Enclosure:
    """Return an interval proved to contain what the formula of ``bound`` gives.

    Hypotheses between the words are not asked, so that a search may pass where they fail.

    Args:
        bound: the bound.
        params: the value of each word.
        width, rel_width, precision: as there.
        most_bits: the working precision is doubled up to this, or four times ``precision``, and no
            more once an evaluation takes a second.
    """
    given = exact_parameters(bound, params)
    node = walk(bound.expression)
    goal = _goal(width, rel_width, precision)
    return _refined(lambda: node(given()), goal, precision, bound.title, most_bits)


def enclose_expression(
    expression: Any, values: Mapping[Any, Any] | None = None, *, precision: int = 53
) -> Enclosure:
    """Return an interval proved to contain a SymPy expression.

    Args:
        expression: with no symbol that ``values`` does not give.
        values: exact numbers by symbol.
        precision: bits of relative accuracy.
    """
    known = {symbol: fmpq_of(as_fraction(v)) for symbol, v in (values or {}).items()}
    node = walk(expression)
    return _refined(lambda: node(known), _goal(None, None, precision), precision, str(expression))


_Goal = Callable[[Enclosure], bool]


@dataclass(frozen=True)
class _Wanted:
    met: _Goal
    required: bool


def _goal(width: Any, rel_width: Any, precision: int) -> _Wanted:
    if width is not None and rel_width is not None:
        raise ParameterError("width, rel_width: give one of them")
    if width is not None:
        absolute = number_of("width", width, positive=True)
        return _Wanted(lambda e: e.width <= absolute, required=True)
    if rel_width is None:
        relative, required = Fraction(1, 2 ** (_bits(precision) - 1)), False
    else:
        relative, required = number_of("rel_width", rel_width, positive=True), True
    return _Wanted(lambda e: _is_relative(e, relative, required), required=required)


def _is_relative(found: Enclosure, relative: Fraction, required: bool) -> bool:
    if not required and (found.width <= SMALLEST or found.is_huge):
        return True
    if not found.is_finite:
        return False
    return found.width <= relative * min(abs(found.lower), abs(found.upper))


def _bits(precision: Any) -> int:
    if not isinstance(precision, int) or isinstance(precision, bool) or precision < 2:
        raise ParameterError(f"precision = {precision!r}: must be an integer >= 2, in bits")
    return precision


def _refined(
    evaluate: Callable[[], Any],
    goal: _Wanted,
    precision: int,
    title: str,
    most_bits: int = _MOST_BITS,
) -> Enclosure:
    """Double the working precision until the goal is met, or the budget is spent."""
    bits, best, last = _bits(precision) + _GUARD_BITS, None, max(most_bits, 4 * precision)
    while True:
        start = perf_counter()
        with ctx.workprec(bits):
            found = _enclosure(evaluate(), bits)
        best = found or best
        if found is not None and goal.met(found):
            return found
        is_huge = found is not None and found.is_huge
        if is_huge or 2 * bits > last or perf_counter() - start > _SECONDS:
            break
        bits *= 2
    if best is None or goal.required or not (best.is_finite or best.is_huge):
        raise EnclosureError(f"{title}: {_reached(best)} at {bits} bits; ask for less")
    return best


def _reached(best: Enclosure | None) -> str:
    if best is None or not (best.is_finite or best.is_huge):
        return "no finite interval"
    return "a value beyond 2^16384" if best.is_huge else f"width {_shown(best.width)}"


def _shown(width: End) -> str:
    return f"{rounded(width, math.inf):.3g}"


def _enclosure(value: Any, bits: int) -> Enclosure | None:
    if isinstance(value, fmpq):
        exact = Fraction(int(value.p), int(value.q))
        return Enclosure(exact, exact, bits)
    if not value.is_finite():
        return None
    low, high = _dyadic(value.lower(), is_lower=True), _dyadic(value.upper(), is_lower=False)
    return Enclosure(low, high, bits)


def _dyadic(end: Any, *, is_lower: bool) -> End:
    """The exact end; a number beyond ``2^16384`` or below its inverse is moved outward to that."""
    mantissa, exponent = map(int, end.man_exp())
    size = exponent + mantissa.bit_length()
    outward = (mantissa < 0) == is_lower
    if mantissa and abs(size) > MOST_EXPONENT:
        ends = (LARGEST, math.inf) if size > 0 else (Fraction(0), SMALLEST)
        return -ends[outward] if mantissa < 0 else ends[outward]
    return Fraction(mantissa << exponent) if exponent >= 0 else Fraction(mantissa, 1 << -exponent)
