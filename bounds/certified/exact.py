"""Exact numbers: as users write them, and as ends of an interval proved to contain a number.

``0.1`` is taken as its binary fraction, ``"0.1"`` as 1/10.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from math import log10
from numbers import Rational, Real
from typing import Any

import numpy as np
import sympy as sp

from bounds.errors import ParameterError, UserError, shortened
from bounds.html import html_table
from bounds.values import fraction_of

__all__ = [
    "LARGEST",
    "MOST_EXPONENT",
    "SMALLEST",
    "Enclosure",
    "EnclosureError",
    "End",
    "as_fraction",
    "number_of",
    "rounded",
    "shown",
]

MOST_EXPONENT = 1 << 14
SMALLEST, LARGEST = Fraction(1, 1 << MOST_EXPONENT), Fraction(1 << MOST_EXPONENT)
"""Ends are moved outward to these, and beyond the larger one to infinity."""

End = Any
"""An end of an interval: a ``Fraction``, or an infinite float."""


def as_fraction(value: Any) -> Fraction:
    """Return the rational number that ``value`` is.

    Args:
        value: an int, ``Fraction``, float (the binary fraction it is), text such as ``"1/4"`` or
            ``"0.1"`` (the decimal it says), or a NumPy or rational SymPy number.

    Raises:
        ValueError: no finite rational number; the message is the offending entry alone.
    """
    try:
        return _converted(value)
    except (ValueError, TypeError, OverflowError):
        raise ValueError(shortened(value)) from None


def number_of(word: str, value: Any, *, positive: bool = False) -> Fraction:
    """Return the rational number that is given for a word.

    Raises:
        ParameterError: no number, or none above zero where one must be.
    """
    required = f"must be a number{' > 0' if positive else ''}"
    try:
        number = as_fraction(value)
    except ValueError as error:
        raise ParameterError(f"{word} = {error}: {required}") from None
    if positive and number <= 0:
        raise ParameterError(f"{word} = {value}: {required}")
    return number


def _converted(value: Any) -> Fraction:
    if isinstance(value, bool | np.bool_):
        raise TypeError
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return _converted(value.item())
    if isinstance(value, np.integer):
        return Fraction(int(value))
    if isinstance(value, str):
        return fraction_of(value)
    if isinstance(value, Rational):
        return Fraction(value)
    if isinstance(value, sp.Expr):
        return _of_sympy(value)
    if isinstance(value, Real | np.floating):
        return Fraction(float(value))
    raise TypeError


def _of_sympy(value: sp.Expr) -> Fraction:
    if isinstance(value, sp.Float):
        sign, mantissa, exponent, _ = value._mpf_
        return Fraction(-mantissa if sign else mantissa) * Fraction(2) ** exponent
    if isinstance(value, sp.Rational):
        return Fraction(int(value.p), int(value.q))
    raise TypeError


def shown(value: Fraction, digits: int = 12) -> str:
    """Return ``value`` in a few digits, beyond the range of floats too."""
    try:
        near = float(value)
    except OverflowError:
        near = 0.0
    if near or not value:
        return f"{near:.{digits}g}"
    bits = value.numerator.bit_length() - value.denominator.bit_length()
    return f"{'-' if value < 0 else ''}1e{round(bits * log10(2))} or so"


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

    def _repr_html_(self) -> str:
        row = (repr(self.low), repr(self.high), f"{float(self.width):.3g}")
        return html_table(("at least", "at most", "width"), [row])

    def __contains__(self, value: Any) -> bool:
        return self.lower <= as_fraction(value) <= self.upper

    @property
    def low(self) -> float:
        """The lower end, rounded down to a float."""
        return rounded(self.lower, -math.inf)

    @property
    def high(self) -> float:
        """The upper end, rounded up to a float."""
        return rounded(self.upper, math.inf)

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
        return self.lower >= LARGEST or self.upper <= -LARGEST

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


def rounded(value: End, towards: float) -> float:
    """Return the float nearest to an end on the side of ``towards``, an infinity."""
    try:
        nearest = float(value)
    except OverflowError:
        nearest = math.inf if value > 0 else -math.inf
    if math.isinf(nearest):
        past = (nearest > 0) == (towards > 0)
        return nearest if past else math.copysign(float.fromhex("0x1.fffffffffffffp+1023"), nearest)
    is_inside = nearest > value if towards < 0 else nearest < value
    return math.nextafter(nearest, towards) if is_inside else nearest
