"""Bracketing of the points where a certified comparison changes: doubling, then bisection."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from time import process_time
from typing import Any

import numpy as np
import sympy as sp

from bounds.calculus.limits import limit_by_rules
from bounds.calculus.monotone import Direction
from bounds.calculus.signs import is_positive
from bounds.enclosure import Enclosure, EnclosureError, enclose_expression, enclose_formula
from bounds.errors import ParameterError
from bounds.functions import textbook
from bounds.notation import Notation
from bounds.questions.limits import limit
from bounds.questions.words import manageable, scalars, substituted
from bounds.statement import Statement

__all__ = ["Extreme", "Line", "bisected", "bracketed", "moves_seen", "near_start"]

_PRECISIONS = (53, 128, 512)
_MOST_DOUBLINGS = 2048
_BEFORE_LIMIT = 64
"""Steps towards an end before its limit is asked for, which may take long to find."""
_WITHOUT_LIMIT = 256
"""Further steps if no limit is known."""
_RELATIVE = Fraction(1, 2**40)
_TINY = Fraction(1, 2 ** (_MOST_DOUBLINGS + 1))
_FAR = 2**9
_SECONDS = 60.0
"""Processor time that one question may take."""
_SIXTEENTHS = 16
_NEARING = range(5, 13)
"""Powers of two by which values near the ends of a finite range, beside its sixteenths."""
_TERMS = ("generation", "horizon", "components")
_DOUBLED, _DOUBLED_TERMS = range(-16, 49, 2), range(11)
"""Powers of two at which a half-line is looked at; where they count the terms of sums."""


@dataclass(frozen=True)
class Extreme:
    """The least or largest value along a parameter, at an end of its range.

    Args:
        value: encloses it.
        attained: whether it is the value at a point, and not only a limit.
    """

    value: Enclosure
    attained: bool = True

    def is_above(self, target: Fraction) -> bool:
        """Whether it shows that all values, where it is the least one, are above ``target``."""
        above = self.value.lower >= target if not self.attained else self.value.lower > target
        return bool(above)

    def is_at_most(self, target: Fraction) -> bool:
        """Whether it shows that no value, where it is the largest one, is above ``target``."""
        return bool(self.value.upper <= target)


@dataclass(frozen=True)
class Line:
    """A bound along one parameter, compared with a target.

    Args:
        bound: the bound.
        entry: the parameter.
        params: the other words.
        target: what the bound is compared with.
        until: the processor time at which the question is given up.
    """

    bound: Statement
    entry: Notation
    params: Mapping[str, Any]
    target: Fraction
    until: float = field(default_factory=lambda: process_time() + _SECONDS)

    @property
    def start(self) -> Fraction:
        """The lower end of the range."""
        return Fraction(self.entry.minimum)

    @property
    def closed_start(self) -> bool:
        """Whether the lower end belongs to the range."""
        return not self.entry.open_minimum

    @property
    def closed_top(self) -> bool:
        """Whether there is an upper end that belongs to the range."""
        return bool(np.isfinite(self.entry.maximum)) and not self.entry.open_maximum

    @property
    def inner(self) -> Fraction:
        """The lower end, or a value beside it where it does not belong to the range."""
        return self.start if self.closed_start else self.start + Fraction(1, 2)

    def decided(self, value: Fraction | Enclosure) -> Enclosure:
        """Return an enclosure narrow enough to tell the value from the target.

        Raises:
            EnclosureError: the two could not be told apart.
            ParameterError: the question has taken all the time that it may take.
        """
        self._refuse_late()
        for precision in _PRECISIONS:
            found = self._enclosed(value, precision)
            if found.is_at_most(self.target) is not None:
                return found
        if isinstance(value, Fraction) and self._is_equal(value):
            return Enclosure(self.target, self.target, _PRECISIONS[-1])
        raise EnclosureError(
            f"{self.entry.word} = {_short(value)}: the value could not be told from the target"
            f" {_short(self.target)} at {_PRECISIONS[-1]} bits"
        )

    def seen(self, value: Fraction) -> Enclosure | None:
        """Return an enclosure of the bound's value, ``None`` where there is none.

        Raises:
            ParameterError: the question has taken all the time that it may take.
        """
        self._refuse_late()
        try:
            return self._enclosed(value, _PRECISIONS[0])
        except (ParameterError, EnclosureError):
            return None

    def _enclosed(self, value: Fraction | Enclosure, precision: int) -> Enclosure:
        words = {**self.params, self.entry.word: value}
        return enclose_formula(self.bound, words, precision=precision)

    def _refuse_late(self) -> None:
        if process_time() > self.until:
            raise ParameterError(
                f"{self.entry.word}: no answer for {self.bound.title!r} within {_SECONDS:g} s of"
                " processor time"
            )

    def _is_equal(self, value: Fraction) -> bool:
        """Whether the value is the target exactly, which no enclosure shows."""
        known, left = manageable(self.bound, {**self._numbers, self.entry.word: value})
        if left:
            return False
        try:
            exact = textbook(substituted(self.bound, known))
        except ParameterError:
            return False
        return bool(sp.simplify(sp.powsimp(exact, force=False) - sp.Rational(self.target)) == 0)

    @property
    def _numbers(self) -> dict[str, Any]:
        defaults = {e.word: e.default for e in scalars(self.bound) if e.default is not None}
        return {w: v for w, v in (defaults | dict(self.params)).items() if w != self.entry.word}

    def meets(self, value: Fraction) -> bool:
        """Whether the bound is at most the target at this value."""
        return bool(self.decided(value).is_at_most(self.target))

    def top_limit(self) -> Extreme | None:
        """Return what the bound tends to at the upper end; ``None`` if no limit was found."""
        top = self.entry.maximum
        return self._limit(top if np.isfinite(top) else sp.oo)

    def start_limit(self) -> Extreme | None:
        """Return what the bound tends to at the lower end; ``None`` if no limit was found."""
        return self._limit(self.start)

    def _limit(self, to: Any) -> Extreme | None:
        known, left = manageable(self.bound, self._numbers)
        end = to if to is sp.oo else sp.Rational(Fraction(to))
        try:
            value = limit_by_rules(substituted(self.bound, known), self.entry, end)
            if value is None and not self.bound.expression.has(sp.Sum):  # SymPy would take long
                value = limit(self.bound, self.entry.word, to, known)
            if value is None:
                return None
            if value in (sp.oo, -sp.oo):
                end = math.inf if value > 0 else -math.inf
                return Extreme(Enclosure(end, end, 0), attained=False)
            return Extreme(enclose_expression(value, left, precision=256), attained=False)
        except (ValueError, KeyError, EnclosureError):
            return None

    def is_always_above(self) -> bool:
        """Whether the bound is proved to exceed the target on the whole range of every word."""
        known, _ = manageable(self.bound, self._numbers)
        return is_positive(substituted(self.bound, known) - sp.Rational(self.target))


def moves_seen(line: Line) -> frozenset[Direction]:
    """Return the directions in which enclosures show the bound to go between values of the range.

    Values are spread over the range; between them it may go otherwise.
    """
    found = [value for at in _spread(line) if (value := line.seen(at)) is not None]
    rises = any(a.upper < b.lower for a, b in itertools.pairwise(found))
    falls = any(a.lower > b.upper for a, b in itertools.pairwise(found))
    return frozenset(
        way for way, is_seen in ((Direction.RISING, rises), (Direction.FALLING, falls)) if is_seen
    )


def _spread(line: Line) -> list[Fraction]:
    """Values of the range in rising order, closer together near its ends."""
    low, top = line.start, line.entry.maximum
    if np.isfinite(top):
        near = {Fraction(1, 2**power) for power in _NEARING}
        even = {Fraction(i, _SIXTEENTHS) for i in range(_SIXTEENTHS + 1)}
        parts = even | near | {1 - part for part in near}
        values = {low + part * (Fraction(top) - low) for part in parts}
    else:
        powers = _DOUBLED_TERMS if line.entry.word in _TERMS else _DOUBLED
        values = {low} | {low + Fraction(2) ** power for power in powers}
    allowed = (v for v in values if v.denominator == 1 or not line.entry.integer)
    ends = {low: line.closed_start, top: line.closed_top}
    return sorted(value for value in allowed if ends.get(value, True))


def near_start(line: Line, met: bool) -> Fraction | Extreme:
    """Return a value near the lower end at which the target is met (or not, as ``met`` says).

    Where there is none, return the extreme at that end which shows it.

    Raises:
        ParameterError: neither was found.
    """
    if line.meets(line.inner) == met:
        return line.inner
    if line.closed_start:
        return Extreme(line.decided(line.start))
    found = _search(line, _towards_start(line), met, line.start_limit)
    return found[1] if isinstance(found, tuple) else found


def bracketed(line: Line, start: Fraction, met: bool) -> tuple[Fraction, Fraction] | Extreme:
    """Return neighbours between which the state that ``line`` has at ``start`` changes.

    Where it never changes, return the extreme at the upper end, which shows it.

    Args:
        line: the comparison.
        start: where the search starts.
        met: whether the target is met there.

    Raises:
        ParameterError: neither was found.
    """
    if line.closed_top:
        end = Fraction(line.entry.maximum)
        return (start, end) if line.meets(end) != met else Extreme(line.decided(end))
    found = _search(line, _towards_top(line, start), not met, line.top_limit)
    if not isinstance(found, tuple):
        return found
    return (start if found[0] is None else found[0], found[1])


def _towards_start(line: Line) -> Iterator[Fraction]:
    """Nearer and nearer to the lower end: by steps at first, then as fast as the exponent grows."""
    power = 8
    while power <= _MOST_DOUBLINGS:
        yield line.start + Fraction(1, 2 ** (power + 1))
        power = power + 8 if power < 8 * _BEFORE_LIMIT else 2 * power


def _towards_top(line: Line, start: Fraction) -> Iterator[Fraction]:
    if np.isfinite(line.entry.maximum):
        end = Fraction(line.entry.maximum)
        values = (end - (end - line.start) / 2**power for power in range(1, _BEFORE_LIMIT))
        yield from (value for value in values if value > start)
        return
    value, step = start, Fraction(1)
    for _ in range(_MOST_DOUBLINGS):
        value, step = value + step, 2 * step
        yield value


def _search(
    line: Line, values: Iterator[Fraction], wanted: bool, limit: Callable[[], Extreme | None]
) -> tuple[Fraction | None, Fraction] | Extreme:
    """Return the first of ``values`` with the wanted state and the one before, or the extreme."""
    near = list(itertools.islice(values, _BEFORE_LIMIT))
    found = _first(line, near, wanted)
    if isinstance(found, tuple):
        return found
    end = limit()
    if extreme := _shown_by(line, end, wanted):
        return extreme
    if found is None:
        far = values if end else itertools.islice(values, _WITHOUT_LIMIT)
        found = _first(line, itertools.chain(near[-1:], far), wanted)
    if isinstance(found, tuple):
        return found
    raise found or ParameterError(
        f"{line.entry.word}: {line.bound.title!r} was on one side of the target as far as the"
        " search went, and no limit beyond decides it"
    )


def _first(
    line: Line, values: Iterable[Fraction], wanted: bool
) -> tuple[Fraction | None, Fraction] | EnclosureError | None:
    """The first of ``values`` with the wanted state and the one before; why there is none."""
    before = None
    for value in values:
        try:
            if line.meets(value) == wanted:
                return before, value
        except EnclosureError as error:
            return error
        before = value
    return None


def _shown_by(line: Line, found: Extreme | None, wanted: bool) -> Extreme | None:
    """The limit, if it shows that the wanted state does not come."""
    if found is None:
        return None
    if not wanted:
        return found if found.is_at_most(line.target) else None
    if found.value.lower > line.target:
        return found
    is_open = found.is_above(line.target) and line.is_always_above()
    return found if is_open else None


def bisected(
    line: Line, same: Fraction, other: Fraction, *, met: bool, width: Fraction | None
) -> tuple[Fraction, Fraction]:
    """Return neighbours (meets, fails) between two values of different state.

    Args:
        line: the comparison.
        same, other: the values; they may be given in either order.
        met: whether the target is met at ``same``.
        width: how far apart real neighbours may be; ``None``: 2^-40 of their size.
    """
    while not _is_close(line, same, other, width):
        middle = _middle(line, same, other)
        if line.meets(middle) == met:
            same = middle
        else:
            other = middle
    return (same, other) if met else (other, same)


def _middle(line: Line, same: Fraction, other: Fraction) -> Fraction:
    """Halfway; between values of very different size, halfway in their exponents."""
    if line.entry.integer:
        return Fraction((same + other) // 2)
    low, high = sorted((same - line.start, other - line.start))
    if low > 0 and high > _FAR * low:
        power = (_exponent(low) + _exponent(high)) // 2
        return line.start + (Fraction(2**power) if power > 0 else Fraction(1, 2**-power))
    return (same + other) / 2


def _exponent(value: Fraction) -> int:
    return value.numerator.bit_length() - value.denominator.bit_length()


def _is_close(line: Line, same: Fraction, other: Fraction, width: Fraction | None) -> bool:
    gap = abs(other - same)
    if line.entry.integer:
        return gap <= 1
    return gap <= (max(abs(other), _TINY) * _RELATIVE if width is None else width)


def _short(value: Fraction | Enclosure) -> str:
    """A number in a message: exact where that is short."""
    text = str(value)
    if len(text) <= 30 or isinstance(value, Enclosure):
        return text
    return str(sp.Float(sp.Rational(value), 10))
