"""The shape of a bound along one parameter: its direction or its one peak, with the evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp

from bounds.calculus.certificates import Located
from bounds.calculus.monotone import Direction, direction
from bounds.certified.exact import as_fraction
from bounds.enclosure import Enclosure
from bounds.errors import ParameterError
from bounds.notation import NOTATION, Notation, lam
from bounds.statement import Statement

__all__ = ["Shape", "shape_of"]

Peak = Callable[[int, Fraction], Located]
_PEAK_BITS = 53
_EXPECTED = {
    "n": Direction.FALLING,
    "share": Direction.FALLING,
    "generation": Direction.RISING,
    "horizon": Direction.RISING,
    "constant": Direction.RISING,
}


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


def shape_of(
    bound: Statement, entry: Notation, expression: sp.Expr, params: Mapping[str, Any]
) -> Shape:
    """Return how ``bound`` answers to one word.

    Args:
        bound: the bound.
        entry: the word's notation.
        expression: the bound's expression with the given numbers put in.
        params: the other words' values.

    Raises:
        ParameterError: neither proved nor usual for this word.
    """
    found = direction(expression, entry.symbol)
    if found is Direction.UNKNOWN:
        found = _known_direction(bound, entry.word)
    if found is not Direction.UNKNOWN:
        return Shape(found, f"the bound {found.value} {entry.word} (proved)")
    known = bound.own_lemmas
    find = known.peak if known and entry.symbol == lam else None
    return _usual(bound, entry) if find is None else _with_peak(bound, find, params)


def _known_direction(bound: Statement, word: str) -> Direction:
    """The direction in ``word`` that a lemma settles, if its certificate checks."""
    if bound.own_lemmas and word == "generation":
        for lemma in bound.own_lemmas.write(bound.expression):
            if lemma.moves and lemma.moves[0] == word and lemma.certificate.check():
                return lemma.moves[1]
    return Direction.UNKNOWN


def _usual(bound: Statement, entry: Notation) -> Shape:
    usual = _EXPECTED.get(entry.word)
    if usual is None:
        raise ParameterError(
            f"{entry.word}: whether {bound.title!r} rises or falls in it is not known, so one"
            " crossing would not answer the question"
        )
    return Shape(usual, f"assumed, not proved: the bound {usual.value} {entry.word}")


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
