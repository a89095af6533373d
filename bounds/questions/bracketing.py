"""Where a certified comparison changes along a parameter: doubling, then bisection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from bounds.enclosure import Enclosure, EnclosureError
from bounds.errors import ParameterError
from bounds.functions import textbook
from bounds.notation import Notation
from bounds.questions.words import scalars, substituted

if TYPE_CHECKING:
    from bounds.bound import Bound

__all__ = ["Line", "first_change"]

_PRECISIONS = (53, 128, 512)
_MOST_DOUBLINGS = 2048
_RELATIVE = Fraction(1, 2**40)
_TINY = Fraction(1, 2**1000)


@dataclass(frozen=True)
class Line:
    """A bound along one parameter, compared with a target.

    Args:
        bound: the bound.
        entry: the parameter.
        params: the other words.
        target: what the bound is compared with.
    """

    bound: Bound
    entry: Notation
    params: Mapping[str, Any]
    target: Fraction

    @property
    def start(self) -> Fraction:
        """The lower end of the range."""
        return Fraction(self.entry.minimum)

    @property
    def closed_start(self) -> bool:
        """Whether the lower end belongs to the range."""
        return not self.entry.open_minimum

    @property
    def furthest(self) -> str:
        """How far the search goes, in words."""
        top = self.entry.maximum
        return f"{top:g}" if np.isfinite(top) else f"2^{_MOST_DOUBLINGS}"

    def decided(self, value: Fraction | Enclosure) -> Enclosure:
        """Return an enclosure narrow enough to tell the value from the target.

        Raises:
            EnclosureError: the two could not be told apart.
        """
        for precision in _PRECISIONS:
            found = self.bound.enclose(
                precision=precision, **{**self.params, self.entry.word: value}
            )
            if found.is_at_most(self.target) is not None:
                return found
        if isinstance(value, Fraction) and self._is_equal(value):
            return Enclosure(self.target, self.target, _PRECISIONS[-1])
        raise EnclosureError(
            f"{self.entry.word} = {value}: the value could not be told from the target"
            f" {self.target} at {_PRECISIONS[-1]} bits"
        )

    def _is_equal(self, value: Fraction) -> bool:
        """Whether the value is the target exactly, which no enclosure shows."""
        known = {e.word: e.default for e in scalars(self.bound) if e.default is not None}
        known |= {**self.params, self.entry.word: value}
        try:
            exact = textbook(substituted(self.bound, known))
        except ParameterError:
            return False
        target = sp.Rational(self.target.numerator, self.target.denominator)
        return bool(sp.simplify(sp.powsimp(exact, force=False) - target) == 0)

    def meets(self, value: Fraction) -> bool:
        """Whether the bound is at most the target at this value."""
        return bool(self.decided(value).is_at_most(self.target))

    def meets_within(self, values: Enclosure) -> bool:
        """Whether the bound is at most the target on a whole interval around its peak."""
        return bool(self.decided(values).is_at_most(self.target))

    def clears(self, value: Fraction) -> bool:
        """Whether the bound falls to the target somewhere beyond ``value``."""
        beyond = self.at_end(self.bound, strictly=True)
        return self.meets(value * 2**_MOST_DOUBLINGS) if beyond is None else beyond

    def at_end(self, bound: Bound, *, strictly: bool = False) -> bool | None:
        """Whether the limit at the upper end is at most (or below) the target."""
        from bounds.certified.walk import walk
        from bounds.enclosure import enclose_expression
        from bounds.questions.limits import limit

        numbers = {entry.word: entry.default for entry in scalars(bound)} | dict(self.params)
        given = {w: v for w, v in numbers.items() if v is not None and w != self.entry.word}
        top = self.entry.maximum
        try:
            value = limit(bound, self.entry.word, top if np.isfinite(top) else "oo", given)
        except ValueError:
            return None
        if value in (sp.oo, -sp.oo):
            return bool(value == -sp.oo)
        if value.free_symbols - {s for node in value.atoms(sp.Sum) for s in node.bound_symbols}:
            return None
        walk(value)
        found = enclose_expression(value, precision=256)
        return found.upper < self.target if strictly else found.is_at_most(self.target)


def first_change(
    line: Line, start: Fraction, met: bool, width: Fraction | None, stop: Fraction | None = None
) -> tuple[Fraction, Fraction] | None:
    """Return neighbours (meets, fails) where ``line`` leaves the state it has after ``start``.

    Args:
        line: the comparison.
        start: where the search starts; it may be an open end.
        met: whether the target is met near ``start``.
        width: how far apart real neighbours may be; ``None``: 2^-40 of their size.
        stop: where the state is known to have changed.
    """
    bracket = _bracket(line, start, met, stop)
    if bracket is None:
        return None
    same, other = _bisected(line, *bracket, met=met, width=width)
    return (same, other) if met else (other, same)


def _bracket(
    line: Line, start: Fraction, met: bool, stop: Fraction | None
) -> tuple[Fraction, Fraction] | None:
    if stop is not None:
        return start, stop
    if np.isfinite(line.entry.maximum):
        return _inside(line, start, met)
    return _doubled(line, start, met)


def _doubled(line: Line, start: Fraction, met: bool) -> tuple[Fraction, Fraction] | None:
    same, step = start, Fraction(1)
    if line.entry.open_minimum and start == line.start:
        same = _halved(line, start, met)
    for _ in range(_MOST_DOUBLINGS):
        if line.meets(same + step) != met:
            return same, same + step
        same, step = same + step, 2 * step
    return None


def _inside(line: Line, start: Fraction, met: bool) -> tuple[Fraction, Fraction] | None:
    """Bracket a change in a bounded range, whose ends may be open."""
    end = Fraction(line.entry.maximum)
    same = _halved(line, start, met) if line.entry.open_minimum else start
    if not line.entry.open_maximum:
        return (same, end) if line.meets(end) != met else None
    for power in range(1, 64):
        value = end - (end - start) / 2**power
        if value > same and line.meets(value) != met:
            return same, value
    return None


def _halved(line: Line, start: Fraction, met: bool) -> Fraction:
    """A value near an open end at which the state is the one near that end."""
    for power in range(0, _MOST_DOUBLINGS, 8):
        value = start + Fraction(1, 2 ** (power + 1))
        if line.meets(value) == met:
            return value
    return start + Fraction(1, 2**_MOST_DOUBLINGS)


def _bisected(
    line: Line, same: Fraction, other: Fraction, *, met: bool, width: Fraction | None
) -> tuple[Fraction, Fraction]:
    while not _is_close(line, same, other, width):
        middle = (same + other) / 2
        if line.entry.integer:
            middle = Fraction((same + other) // 2)
        if line.meets(middle) == met:
            same = middle
        else:
            other = middle
    return same, other


def _is_close(line: Line, same: Fraction, other: Fraction, width: Fraction | None) -> bool:
    gap = abs(other - same)
    if line.entry.integer:
        return gap <= 1
    return gap <= (max(abs(other), _TINY) * _RELATIVE if width is None else width)
