"""Values with certainty: an interval proved to contain a bound's value, as narrow as asked."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from bounds.errors import ParameterError, UserError

if TYPE_CHECKING:
    from bounds.bound import Bound

__all__ = ["Enclosure", "EnclosureError", "enclose", "enclose_expression"]

_GUARD_BITS = 24
_MOST_BITS = 1 << 15
_SMALLEST_EXPONENT = 1 << 14
_SMALLEST = Fraction(1, 1 << _SMALLEST_EXPONENT)


class EnclosureError(UserError):
    """A value could not be enclosed as narrowly as asked."""


@dataclass(frozen=True)
class Enclosure:
    """A closed interval that is proved to contain a real number.

    Args:
        lower, upper: the ends, exact.
        precision_bits: the working precision at which it was found.
    """

    lower: Fraction
    upper: Fraction
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
    def width(self) -> Fraction:
        """Upper end minus lower end."""
        return self.upper - self.lower

    @property
    def middle(self) -> Fraction:
        """The middle of the interval."""
        return (self.lower + self.upper) / 2

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
) -> Enclosure:
    """Return an interval proved to contain the value of ``bound``; see :meth:`Bound.enclose`."""
    from bounds.certified.given import exact_parameters
    from bounds.certified.walk import walk

    given = exact_parameters(bound, params)
    node = walk(bound.expression)
    goal = _goal(width, rel_width, precision)
    return _refined(lambda: node(given()), goal, precision, bound.title)


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
    if not required and found.width <= _SMALLEST:
        return True
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


def _refined(evaluate: Callable[[], Any], goal: _Wanted, precision: int, title: str) -> Enclosure:
    """Double the working precision until the goal is met."""
    from flint import ctx

    bits, best = _bits(precision) + _GUARD_BITS, None
    while bits <= max(_MOST_BITS, 4 * precision):
        with ctx.workprec(bits):
            found = _enclosure(evaluate(), bits)
        best = found or best
        if found is not None and goal.met(found):
            return found
        bits *= 2
    if best is None or goal.required:
        reached = "no finite interval" if best is None else f"width {float(best.width):.3g}"
        raise EnclosureError(f"{title}: {reached} at {bits // 2} bits; ask for less")
    return best


def _enclosure(value: Any, bits: int) -> Enclosure | None:
    from flint import fmpq

    if isinstance(value, fmpq):
        exact = Fraction(int(value.p), int(value.q))
        return Enclosure(exact, exact, bits)
    if not value.is_finite():
        return None
    low, high = _dyadic(value.lower(), is_lower=True), _dyadic(value.upper(), is_lower=False)
    return Enclosure(low, high, bits)


def _dyadic(end: Any, *, is_lower: bool) -> Fraction:
    """The exact end; outward to zero or ``2^-16384`` where it is smaller than that."""
    mantissa, exponent = map(int, end.man_exp())
    if mantissa and exponent + mantissa.bit_length() < -_SMALLEST_EXPONENT:
        outward = (mantissa < 0) == is_lower
        size = _SMALLEST if outward else Fraction(0)
        return -size if mantissa < 0 else size
    return Fraction(mantissa << exponent) if exponent >= 0 else Fraction(mantissa, 1 << -exponent)


def _rounded(value: Fraction, towards: float) -> float:
    try:
        nearest = float(value)
    except OverflowError:
        nearest = math.inf if value > 0 else -math.inf
    if math.isinf(nearest):
        past = (nearest > 0) == (towards > 0)
        return nearest if past else math.copysign(float.fromhex("0x1.fffffffffffffp+1023"), nearest)
    is_inside = nearest > value if towards < 0 else nearest < value
    return math.nextafter(nearest, towards) if is_inside else nearest
