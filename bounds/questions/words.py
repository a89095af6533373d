"""The parameters of a question: known words, exact numbers, symbols for what is left open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from bounds.errors import ParameterError
from bounds.notation import Notation
from bounds.suggest import did_you_mean

if TYPE_CHECKING:
    from bounds.bound import Bound

__all__ = ["scalar_entry", "scalars", "substituted"]


def scalars(bound: Bound) -> tuple[Notation, ...]:
    """Return the notation of the words of ``bound`` that are single numbers."""
    return tuple(entry for entry in bound.symbols if not (entry.is_sequence or entry.is_function))


def scalar_entry(bound: Bound, word: str) -> Notation:
    """Return the notation of ``word``, one of the bound's numbers.

    Raises:
        ParameterError: the bound has no such word, or it is a sequence or a function.
    """
    known = {entry.word: entry for entry in scalars(bound)}
    if word not in known:
        raise ParameterError(
            f"{word}: not a number in {bound.title!r}{did_you_mean(word, known)}; its numbers are"
            f" {', '.join(known) or 'none'}"
        )
    return known[word]


def substituted(bound: Bound, params: Mapping[str, Any]) -> sp.Expr:
    """Return the bound's expression with the numbers of ``params`` put in, exactly.

    Raises:
        ParameterError: an unknown word, a sequence, or a value out of range.
    """
    values = {}
    for word, value in params.items():
        entry = scalar_entry(bound, word)
        values[entry.symbol] = _exact(entry, value, bound.title)
    return bound.expression.subs(values)


def _exact(entry: Notation, value: Any, title: str) -> sp.Rational:
    from bounds.certified.exact import as_fraction

    if np.ndim(value):
        entry.expect_one(value, title)
    entry.expect(str(value) if isinstance(value, str) else value, title)
    fraction = as_fraction(value)
    return sp.Rational(fraction.numerator, fraction.denominator)
