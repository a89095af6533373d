"""Values of a parameter that keep a bound below a target, both sides of each end certified.

Where the bound is known to rise or fall in the parameter, the answer is a half-line found by
bisection; where it rises and then falls, two half-lines around its peak. Every comparison with the
target is decided by an enclosure, never by a float.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

import sympy as sp

from bounds.calculus.certificates import Located
from bounds.calculus.monotone import Direction, direction
from bounds.certified.exact import as_fraction, number_of, shown
from bounds.certified.given import plain_numbers, refuse_unknown
from bounds.enclosure import Enclosure
from bounds.errors import ParameterError
from bounds.html import html_table
from bounds.notation import NOTATION, Notation, lam
from bounds.questions.bracketing import Extreme, Line, bisected, bracketed, moves_seen, near_start
from bounds.questions.words import demanded, manageable, scalar_entry, substituted
from bounds.statement import Statement

__all__ = ["Answer", "End", "Solution", "solve"]

Peak = Callable[[int, Fraction], Located]
_PEAK_BITS = 53
_EXPECTED = {
    "n": Direction.FALLING,
    "share": Direction.FALLING,
    "generation": Direction.RISING,
    "horizon": Direction.RISING,
    "constant": Direction.RISING,
}


class Answer(StrEnum):
    """The kind of set that keeps the bound below the target."""

    SMALLEST = "this value and larger ones"
    LARGEST = "this value and smaller ones"
    OUTSIDE = "up to the first value, and again from the second"
    ALWAYS = "every value"
    NEVER = "no value"


@dataclass(frozen=True)
class End:
    """One end of the answer, certified on both sides.

    Args:
        meets: a value of the parameter at which the bound is at most the target.
        fails: a neighbouring value at which it is above.
        at_meets, at_fails: the enclosures that show it.
    """

    meets: Fraction
    fails: Fraction
    at_meets: Enclosure
    at_fails: Enclosure

    def check(self, target: Fraction) -> bool:
        """Whether the enclosures show what the end claims."""
        return bool(self.at_meets.upper <= target < self.at_fails.lower)


@dataclass(frozen=True)
class Solution:
    """The answer to "which values of a parameter keep the bound at or below a target?".

    Args:
        bound: name of the bound.
        parameter: the word solved for.
        target: the target, exact.
        answer: which kind of set.
        ends: its certified ends, in rising order.
        because: the property that makes the ends the whole answer, and whether it is proved.
        extremes: the values at the ends of the range which show that there are no further ends.
    """

    bound: str
    parameter: str
    target: Fraction
    answer: Answer
    ends: tuple[End, ...]
    because: str
    extremes: tuple[Extreme, ...] = ()

    @property
    def value(self) -> Fraction | None:
        """The smallest or largest value that was certified to meet the target; the first end."""
        return self.ends[0].meets if self.ends else None

    @property
    def allowed(self) -> str:
        """The set in words."""
        shown = [_shown(end.meets) for end in self.ends]
        return {
            Answer.SMALLEST: "{0} {1} or more",
            Answer.LARGEST: "{0} {1} or less",
            Answer.OUTSIDE: "{0} {1} or less, and again {2} or more",
            Answer.ALWAYS: "every {0}",
            Answer.NEVER: "no {0}",
        }[self.answer].format(self.parameter, *shown)

    def __str__(self) -> str:
        target = _shown(self.target)
        return f"{self.allowed} keeps {self.bound} at or below {target}; {self.because}"

    def _repr_html_(self) -> str:
        row = (self.allowed, self.bound, f"at or below {_shown(self.target)}")
        return html_table(("values", "keep the bound", "where"), [row], notes=[self.because])

    def check(self) -> bool:
        """Whether every end is certified on both sides, and what has none by its extremes."""
        inside = self.answer is Answer.ALWAYS
        shown = (e.is_at_most if inside else e.is_above for e in self.extremes)
        is_complete = bool(self.ends or self.extremes)
        ends = all(end.check(self.target) for end in self.ends)
        return is_complete and ends and all(check(self.target) for check in shown)


def solve(
    bound: Statement, parameter: str, at_most: Any, params: Mapping[str, Any], *, width: Any = None
) -> Solution:
    """Solve a bound for one parameter; see :meth:`Bound.solve`."""
    entry = scalar_entry(bound, parameter)
    if parameter in params:
        raise ParameterError(f"{parameter}: cannot be both given and solved for")
    refuse_unknown(bound, params)
    bound.refuse_unmet(plain_numbers(params))
    entry = demanded(bound, entry, params)
    target = number_of("at_most", at_most)
    precise = None if width is None else number_of("width", width, positive=True)
    line = Line(bound, entry, {w: _kept(v) for w, v in params.items()}, target)
    shape = _shape_of(line, _scalar_expression(bound, params), params)
    return _Solver(bound, entry, line, shape, precise).solution()


def _kept(value: Any) -> Any:
    try:
        return as_fraction(value)
    except ValueError:
        return value


def _scalar_expression(bound: Statement, params: Mapping[str, Any]) -> sp.Expr:
    """The expression with the numbers put in that do not make it long."""
    numbers = {e.word for e in bound.symbols if not (e.is_sequence or e.is_function)}
    given = {w: v for w, v in params.items() if w in numbers}
    return substituted(bound, manageable(bound, given)[0])


@dataclass(frozen=True)
class _Solver:
    bound: Statement
    entry: Notation
    line: Line
    shape: Shape
    width: Fraction | None

    def solution(self) -> Solution:
        """Return the answer, which has checked itself."""
        found = self._found()
        if not found.check():
            raise ParameterError(
                f"{self.entry.word}: an answer for {self.bound.title!r} was found, but it did not"
                " check itself"
            )
        return found

    def _found(self) -> Solution:
        if self.shape.peak is not None:
            return self._around(self.shape.peak)
        if self.shape.direction is Direction.CONSTANT:
            everywhere = Extreme(self.line.decided(self.line.inner))
            return self._without_ends(self.line.meets(self.line.inner), everywhere)
        falling = self.shape.direction is Direction.FALLING
        return self._half_line(wanted_at_start=not falling)

    def _half_line(self, wanted_at_start: bool) -> Solution:
        """A bound that rises meets the target from the start on, one that falls from some value."""
        start = near_start(self.line, wanted_at_start)
        if isinstance(start, Extreme):
            return self._without_ends(not wanted_at_start, start)
        change = bracketed(self.line, start, wanted_at_start)
        if isinstance(change, Extreme):
            return self._without_ends(wanted_at_start, change)
        kind = Answer.LARGEST if wanted_at_start else Answer.SMALLEST
        return self._answer(kind, self._end(*change, met=wanted_at_start))

    def _without_ends(self, met: bool, *extremes: Extreme) -> Solution:
        return self._answer(Answer.ALWAYS if met else Answer.NEVER, extremes=extremes)

    def _around(self, peak: Enclosure) -> Solution:
        line = self.line
        at_peak = line.decided(peak)
        if at_peak.is_at_most(line.target):
            return self._without_ends(True, Extreme(at_peak))
        before, after = Extreme(line.decided(line.start)), self._beyond()
        left = right = None
        if before.is_at_most(line.target):
            left = self._end(line.start, Fraction(peak.lower), met=True)
        if not after.is_above(line.target):
            right = self._right_of(Fraction(peak.upper))
        ends = [end for end in (left, right) if end is not None]
        extremes = [e for e, end in ((before, left), (after, right)) if end is None]
        kinds = {(True, True): Answer.OUTSIDE, (True, False): Answer.LARGEST}
        kinds |= {(False, True): Answer.SMALLEST, (False, False): Answer.NEVER}
        kind = kinds[left is not None, right is not None]
        return self._answer(kind, *ends, extremes=tuple(extremes))

    def _beyond(self) -> Extreme:
        found = self.line.top_limit()
        if found is None:
            raise ParameterError(
                f"{self.entry.word}: no limit of {self.bound.title!r} beyond its peak was found"
            )
        return found

    def _right_of(self, peak: Fraction) -> End:
        change = bracketed(self.line, peak, False)
        if isinstance(change, Extreme):
            raise ParameterError(
                f"{self.entry.word}: {self.bound.title!r} was not seen to fall to the target again"
            )
        return self._end(*change, met=False)

    def _end(self, same: Fraction, other: Fraction, *, met: bool) -> End:
        values = bisected(self.line, same, other, met=met, width=self.width)
        return End(*values, *map(self.line.decided, values))

    def _answer(self, answer: Answer, *ends: End, extremes: tuple[Extreme, ...] = ()) -> Solution:
        target, because = self.line.target, self.shape.because
        return Solution(self.bound.name, self.entry.word, target, answer, ends, because, extremes)


def _shown(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator) if abs(value) < 10**15 else shown(value, 6)
    return shown(value, 10)


@dataclass(frozen=True)
class Shape:
    """A bound along one parameter.

    Args:
        direction: rising, falling or constant; unknown where there is a peak.
        because: what this rests on, in words.
        peak: encloses the one maximiser before which the bound rises and after which it falls.
    """

    direction: Direction
    because: str
    peak: Enclosure | None = None


def _shape_of(line: Line, expression: sp.Expr, params: Mapping[str, Any]) -> Shape:
    """Return how a bound answers to one word.

    Args:
        line: the bound along the word.
        expression: the bound's expression with the given numbers put in.
        params: the other words' values.

    Raises:
        ParameterError: neither proved nor usual for this word, or it rises and falls in it.
    """
    bound, entry = line.bound, line.entry
    found = direction(expression, entry.symbol)
    if found is Direction.UNKNOWN:
        found = _known_direction(bound, entry.word)
    if found is not Direction.UNKNOWN:
        return Shape(found, f"the bound {found.value} {entry.word} (proved)")
    known = bound.own_lemmas
    find = known.peak if known and entry.symbol == lam else None
    return _usual(line) if find is None else _with_peak(bound, find, params)


def _known_direction(bound: Statement, word: str) -> Direction:
    """The direction in ``word`` that a lemma settles, if its certificate checks."""
    if bound.own_lemmas and word == "generation":
        for lemma in bound.own_lemmas.write(bound.expression):
            if lemma.moves and lemma.moves[0] == word and lemma.certificate.check():
                return lemma.moves[1]
    return Direction.UNKNOWN


def _usual(line: Line) -> Shape:
    """What is usual for the word, unless values along it go the other way."""
    word, title = line.entry.word, line.bound.title
    usual = _EXPECTED.get(word)
    if usual is None:
        raise ParameterError(
            f"{word}: whether {title!r} rises or falls in it is not known, so one"
            " crossing would not answer the question"
        )
    seen = moves_seen(line)
    if len(seen) > 1:
        raise ParameterError(
            f"{word}: {title!r} rises and falls in it at these parameters, so one crossing would"
            " not answer the question"
        )
    (way,) = seen or {usual}
    return Shape(way, f"assumed, not proved: the bound {way.value} {word}")


def _with_peak(bound: Statement, find: Peak, params: Mapping[str, Any]) -> Shape:
    if "generation" not in params:
        raise ParameterError(f"generation: missing, needed by {bound.title!r}")
    exponent = as_fraction(params.get("gamma", NOTATION["gamma"].default))
    try:
        found = find(int(as_fraction(params["generation"])), exponent)
    except (ArithmeticError, ValueError):
        raise ParameterError(
            f"generation: the peak of {bound.title!r} in lam was not found; it is too far out"
        ) from None
    return Shape(
        Direction.UNKNOWN,
        f"the bound rises in lam up to one peak at {float(found.low):.6g}, then falls (proved)",
        Enclosure(found.low, found.high, _PEAK_BITS),
    )
