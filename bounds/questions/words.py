"""The parameters of a question: known words, their ranges, exact numbers, open symbols."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import sympy as sp

from bounds.certified.exact import as_fraction, number_of
from bounds.errors import ParameterError, did_you_mean, refuse_other
from bounds.functions import GeometricDepth, LogMinusDigamma
from bounds.notation import Notation
from bounds.statement import Statement
from bounds.values import is_listed

__all__ = ["demanded", "manageable", "scalar_entry", "scalars", "substituted"]

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
    refuse_other("parameter", word, str, "a text")
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
    if is_listed(value):
        raise entry.refusal(f"a list of {len(value)}", title)
    entry.expect(str(value) if isinstance(value, str) else value, title)
    fraction = as_fraction(value)
    return sp.Rational(fraction.numerator, fraction.denominator)


def demanded(bound: Statement, entry: Notation, params: Mapping[str, Any]) -> Notation:
    """Return the notation of a parameter with the range in which the hypotheses can hold.

    A hypothesis such as ``S >= 1/K`` cuts the range of either word once the other has a value.

    Args:
        bound: the bound.
        entry: one of its numbers.
        params: values of the other words.
    """
    defaults = {e.word: e.default for e in scalars(bound) if e.default is not None}
    known = {w: v for w, v in (defaults | dict(params)).items() if w != entry.word}
    for relation in bound.relations:
        if entry.word in relation.words <= known.keys() | {entry.word}:
            others = {
                e.symbol: sp.Rational(number_of(e.word, known[e.word]))
                for e in scalars(bound)
                if e.word in relation.words - {entry.word}
            }
            entry = _cut(entry, relation.formula.subs(others))
    return entry


def _cut(entry: Notation, demand: sp.Basic) -> Notation:
    line = sp.Dummy(real=True)
    ends = (_end(entry.minimum), _end(entry.maximum))
    range_ = sp.Interval(*ends, entry.open_minimum, entry.open_maximum)
    left = range_ & demand.subs(entry.symbol, line).as_set()
    if not isinstance(left, sp.Interval):  # nothing is left, and evaluation says so
        return entry
    minimum = _inwards(left.start, entry.integer, math.inf)
    maximum = _inwards(left.end, entry.integer, -math.inf)
    return replace(
        entry,
        minimum=minimum,
        maximum=maximum,
        open_minimum=bool(left.left_open) and _end(minimum) == left.start,
        open_maximum=bool(left.right_open) and _end(maximum) == left.end,
    )


def _end(value: Any) -> sp.Expr:
    if isinstance(value, float) and math.isinf(value):
        return sp.oo if value > 0 else -sp.oo
    return sp.Rational(as_fraction(value))


def _inwards(end: sp.Expr, integer: bool, towards: float) -> float:
    """The end as a float; where it has none, the next one inside the range."""
    if end.is_infinite:
        return float(end)
    if integer:
        end = sp.ceiling(end) if towards > 0 else sp.floor(end)
    found = float(end)
    outside = _end(found) < end if towards > 0 else _end(found) > end
    return math.nextafter(found, towards) if outside else found
