"""The parameters of a question: known words, exact numbers, symbols for what is left open."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from bounds.certified.exact import as_fraction
from bounds.errors import ParameterError
from bounds.functions import GeometricDepth, LogMinusDigamma
from bounds.notation import Notation
from bounds.statement import Statement
from bounds.suggest import did_you_mean

__all__ = ["manageable", "scalar_entry", "scalars", "substituted"]

_WRITTEN_OUT = (sp.harmonic, sp.gamma, sp.loggamma, sp.factorial, sp.zeta, sp.polygamma)
"""SymPy gives exact values of these, of any length."""
_LARGEST_PART = 8
"""Of a number that may stand in an exponent: its numerator and denominator."""


def scalars(bound: Statement) -> tuple[Notation, ...]:
    """Return the notation of the words of ``bound`` that are single numbers."""
    return tuple(entry for entry in bound.symbols if not (entry.is_sequence or entry.is_function))


def scalar_entry(bound: Statement, word: str) -> Notation:
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


def substituted(bound: Statement, params: Mapping[str, Any]) -> sp.Expr:
    """Return the bound's expression with the numbers of ``params`` put in, exactly.

    Raises:
        ParameterError: an unknown word, a sequence, or a value out of range.
    """
    values = {}
    for word, value in params.items():
        entry = scalar_entry(bound, word)
        values[entry.symbol] = _exact(entry, value, bound.title)
    return bound.expression.subs(values)


def manageable(
    bound: Statement, params: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[sp.Symbol, Any]]:
    """Return the numbers that may be put into the expression, and by symbol those that stay out.

    SymPy writes powers, factorials and harmonic numbers out digit by digit, which may take for ever
    where they are large; what stays a symbol is still proved or found for its whole range.

    Args:
        bound: the bound.
        params: words with their numbers; sequences are left out.
    """
    known, left = {}, {}
    written_out = _in_powers(bound.expression)
    for entry in scalars(bound):
        if entry.word not in params:
            continue
        value = params[entry.word]
        if entry.symbol in written_out and not _is_short(value):
            left[entry.symbol] = value
        else:
            known[entry.word] = value
    return known, left


@cache
def _in_powers(expression: sp.Expr) -> frozenset[sp.Symbol]:
    """The symbols in exponents, in limits of sums and in functions that are written out."""
    parts = [node.exp for node in expression.atoms(sp.Pow)]
    parts += [node.args[1] for node in expression.atoms(GeometricDepth)]
    parts += [end for node in expression.atoms(sp.Sum) for end in node.limits[0][1:]]
    parts += expression.atoms(LogMinusDigamma, *_WRITTEN_OUT)
    return frozenset(s for part in parts for s in part.free_symbols)


def _is_short(value: Any) -> bool:

    try:
        fraction = as_fraction(value)
    except ValueError:
        return True  # refused where it is put in
    return max(abs(fraction.numerator), fraction.denominator) <= _LARGEST_PART


def _exact(entry: Notation, value: Any, title: str) -> sp.Rational:

    if np.ndim(value):
        entry.expect_one(value, title)
    entry.expect(str(value) if isinstance(value, str) else value, title)
    fraction = as_fraction(value)
    return sp.Rational(fraction.numerator, fraction.denominator)
