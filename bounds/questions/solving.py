"""Which values of a parameter keep a bound below a target, with both sides of each end certified.

Where the bound is known to rise or fall in the parameter, the answer is a half-line found by
bisection; where it rises and then falls, two half-lines around its peak. Every comparison with the
target is decided by an enclosure, never by a float.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy as sp

from bounds.audit.composition import Direction
from bounds.audit.shapes import Shape, shape_of
from bounds.enclosure import Enclosure
from bounds.errors import ParameterError
from bounds.notation import Notation
from bounds.questions.bracketing import Line, first_change
from bounds.questions.words import scalar_entry, substituted

if TYPE_CHECKING:
    from bounds.bound import Bound

__all__ = ["Answer", "End", "Solution", "solve"]


class Answer(StrEnum):
    """Which kind of set keeps the bound below the target."""

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
        return self.at_meets.upper <= target < self.at_fails.lower


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
    """

    bound: str
    parameter: str
    target: Fraction
    answer: Answer
    ends: tuple[End, ...]
    because: str

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

    def check(self) -> bool:
        """Whether every end is certified on both sides."""
        return all(end.check(self.target) for end in self.ends)


def solve(
    bound: Bound, parameter: str, at_most: Any, params: Mapping[str, Any], *, width: Any = None
) -> Solution:
    """Solve a bound for one parameter; see :meth:`Bound.solve`."""
    from bounds.certified.exact import as_fraction
    from bounds.certified.given import refuse_unknown

    entry = scalar_entry(bound, parameter)
    if parameter in params:
        raise ParameterError(f"{parameter}: cannot be both given and solved for")
    refuse_unknown(bound, params)
    target = _number("at_most", at_most)
    precise = None if width is None else _number("width", width)
    shape = shape_of(bound, entry, _scalar_expression(bound, params), params)
    line = Line(bound, entry, {w: _kept(v, as_fraction) for w, v in params.items()}, target)
    return _Solver(bound, entry, line, shape, precise).solution()


def _kept(value: Any, as_fraction: Any) -> Any:
    try:
        return as_fraction(value)
    except ValueError:
        return value


def _scalar_expression(bound: Bound, params: Mapping[str, Any]) -> sp.Expr:
    numbers = {e.word for e in bound.symbols if not (e.is_sequence or e.is_function)}
    return substituted(bound, {w: v for w, v in params.items() if w in numbers})


def _number(word: str, value: Any) -> Fraction:
    from bounds.certified.exact import as_fraction

    try:
        number = as_fraction(value)
    except ValueError as error:
        raise ParameterError(f"{word} = {error}: must be a number") from None
    if word == "width" and number <= 0:
        raise ParameterError(f"width = {value}: must be a number > 0")
    return number


@dataclass(frozen=True)
class _Solver:
    bound: Bound
    entry: Notation
    line: Line
    shape: Shape
    width: Fraction | None

    def solution(self) -> Solution:
        if self.shape.peak is not None:
            return self._around(self.shape.peak)
        if self.shape.direction is Direction.CONSTANT:
            return self._answer(Answer.ALWAYS if self.line.meets(self.line.start) else Answer.NEVER)
        falling = self.shape.direction is Direction.FALLING
        return self._half_line(wanted_at_start=not falling)

    def _half_line(self, wanted_at_start: bool) -> Solution:
        """A bound that rises meets the target from the start on, one that falls from some value."""
        line = self.line
        if line.closed_start and line.meets(line.start) != wanted_at_start:
            return self._answer(Answer.NEVER if wanted_at_start else Answer.ALWAYS)
        change = first_change(line, line.start, wanted_at_start, self.width)
        if change is None:
            return self._endless(wanted_at_start)
        kind = Answer.LARGEST if wanted_at_start else Answer.SMALLEST
        return self._answer(kind, self._end(*change))

    def _endless(self, met_so_far: bool) -> Solution:
        """No change was found on the whole line: so it stays, which a limit must confirm."""
        beyond = self.line.at_end(self.bound)
        if beyond is None:
            raise ParameterError(
                f"{self.entry.word}: {self.bound.title!r} was on one side of the target as far as"
                f" {self.line.furthest}, and no limit beyond was found"
            )
        if beyond != met_so_far:
            raise ParameterError(
                f"{self.entry.word}: {self.bound.title!r} reaches the target only beyond"
                f" {self.line.furthest}"
            )
        return self._answer(Answer.ALWAYS if met_so_far else Answer.NEVER)

    def _around(self, peak: Enclosure) -> Solution:
        line = self.line
        if line.meets_within(peak):
            return self._answer(Answer.ALWAYS)
        before, after = line.meets(line.start), line.clears(peak.upper)
        left = first_change(line, line.start, True, self.width, peak.lower) if before else None
        right = first_change(line, peak.upper, False, self.width) if after else None
        ends = tuple(self._end(*change) for change in (left, right) if change is not None)
        kinds = {(True, True): Answer.OUTSIDE, (True, False): Answer.LARGEST}
        kinds |= {(False, True): Answer.SMALLEST, (False, False): Answer.NEVER}
        return self._answer(kinds[left is not None, right is not None], *ends)

    def _end(self, meets: Fraction, fails: Fraction) -> End:
        return End(meets, fails, *(self.line.decided(value) for value in (meets, fails)))

    def _answer(self, answer: Answer, *ends: End) -> Solution:
        return Solution(
            self.bound.name, self.entry.word, self.line.target, answer, ends, self.shape.because
        )


def _shown(value: Fraction) -> str:
    from bounds.certified.exact import shown

    if value.denominator == 1:
        return str(value.numerator) if abs(value) < 10**15 else shown(value, 6)
    return shown(value, 10)
