"""Values with certainty: an interval proved to contain a bound's value, as narrow as asked."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from time import perf_counter
from typing import TYPE_CHECKING, Any

from bounds.errors import ParameterError, UserError

if TYPE_CHECKING:
    from bounds.bound import Bound

__all__ = ["Enclosure", "EnclosureError", "enclose", "enclose_expression"]

_GUARD_BITS = 24
_MOST_BITS = 1 << 15
_SECONDS = 1.0
"""An evaluation that took longer is not repeated at twice the precision."""
_MOST_EXPONENT = 1 << 14
_SMALLEST, _LARGEST = Fraction(1, 1 << _MOST_EXPONENT), Fraction(1 << _MOST_EXPONENT)

End = Any
"""An end of an interval: a ``Fraction``, or an infinite float."""


class EnclosureError(UserError):
    """A value could not be enclosed as narrowly as asked."""


@dataclass(frozen=True)
class Enclosure:
    """A closed interval that is proved to contain a real number.

    Args:
        lower, upper: the ends, exact; infinite beyond ``2^16384``, where digits are of no use.
        precision_bits: the working precision at which it was found.
    """

    lower: End
    upper: End
    precision_bits: int

    def __str__(self) -> str:
        return f"[{self.low!r}, {self.high!r}]"

    def __contains__(self, value: Any) -> bool:
        from bounds.certified.exact import as_fraction

        return self.lower <= as_fraction(value) <= self.upper

    @property
    def low(self) -> float:
        """The lower end, rounded down to a float."""
        return _rounded(self.lower, -math.inf)

    @property
    def high(self) -> float:
        """The upper end, rounded up to a float."""
        return _rounded(self.upper, math.inf)

    @property
    def width(self) -> End:
        """Upper end minus lower end."""
        return self.upper - self.lower if self.is_finite else math.inf

    @property
    def is_finite(self) -> bool:
        """Whether both ends are finite."""
        return -math.inf < self.lower and self.upper < math.inf

    @property
    def is_huge(self) -> bool:
        """Whether the number is known to be beyond ``2^16384`` on one side of zero."""
        return self.lower >= _LARGEST or self.upper <= -_LARGEST

    @property
    def middle(self) -> End:
        """The middle of the interval; infinite where an end is."""
        if self.is_finite:
            return (self.lower + self.upper) / 2
        return self.upper if self.lower > 0 else self.lower

    def is_at_most(self, value: Fraction) -> bool | None:
        """Whether the number is ``<= value``; ``None`` where the interval does not tell."""
        if self.upper <= value:
            return True
        return False if self.lower > value else None


def enclose(
    bound: Bound,
    params: Mapping[str, Any],
    *,
    width: Any = None,
    rel_width: Any = None,
    precision: int = 53,
    most_bits: int = _MOST_BITS,
) -> Enclosure:
    """Return an interval proved to contain the value of ``bound``; see :meth:`Bound.enclose`.

    Args:
        bound: the bound.
        params: the value of each word.
        width, rel_width, precision: as there.
        most_bits: the working precision is doubled up to this, or four times ``precision``, and no
            more once an evaluation takes a second.
    """
    from bounds.certified.given import exact_parameters
    from bounds.certified.walk import walk

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
    from bounds.certified.arithmetic import fmpq_of
    from bounds.certified.exact import as_fraction
    from bounds.certified.walk import walk

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
        absolute = _positive("width", width)
        return _Wanted(lambda e: e.width <= absolute, required=True)
    if rel_width is None:
        relative, required = Fraction(1, 2 ** (_bits(precision) - 1)), False
    else:
        relative, required = _positive("rel_width", rel_width), True
    return _Wanted(lambda e: _is_relative(e, relative, required), required=required)


def _is_relative(found: Enclosure, relative: Fraction, required: bool) -> bool:
    if not required and (found.width <= _SMALLEST or found.is_huge):
        return True
    if not found.is_finite:
        return False
    return found.width <= relative * min(abs(found.lower), abs(found.upper))


def _positive(word: str, value: Any) -> Fraction:
    from bounds.certified.exact import as_fraction

    try:
        number = as_fraction(value)
    except ValueError as error:
        raise ParameterError(f"{word} = {error}: must be a number > 0") from None
    if number <= 0:
        raise ParameterError(f"{word} = {value}: must be a number > 0")
    return number


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
    from flint import ctx

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
    return f"{_rounded(width, math.inf):.3g}"


def _enclosure(value: Any, bits: int) -> Enclosure | None:
    from flint import fmpq

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
    if mantissa and abs(size) > _MOST_EXPONENT:
        ends = (_LARGEST, math.inf) if size > 0 else (Fraction(0), _SMALLEST)
        return -ends[outward] if mantissa < 0 else ends[outward]
    return Fraction(mantissa << exponent) if exponent >= 0 else Fraction(mantissa, 1 << -exponent)


def _rounded(value: End, towards: float) -> float:
    try:
        nearest = float(value)
    except OverflowError:
        nearest = math.inf if value > 0 else -math.inf
    if math.isinf(nearest):
        past = (nearest > 0) == (towards > 0)
        return nearest if past else math.copysign(float.fromhex("0x1.fffffffffffffp+1023"), nearest)
    is_inside = nearest > value if towards < 0 else nearest < value
    return math.nextafter(nearest, towards) if is_inside else nearest
