"""The parameters of one certified evaluation, exact and in range."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from fractions import Fraction
from math import isfinite
from typing import Any

import sympy as sp
from flint import fmpq

from bounds.certified.arithmetic import Value, fmpq_of, hull
from bounds.certified.exact import Enclosure, as_fraction, shown
from bounds.certified.walk import walk
from bounds.errors import ParameterError, shortened
from bounds.notation import Notation
from bounds.statement import Statement
from bounds.values import is_listed

__all__ = ["Given", "exact_parameters", "plain_numbers", "refuse_unknown"]

Given = Callable[[], dict[Any, Any]]
"""Gives every symbol's value at the working precision of the moment."""

_Maker = Callable[[], Any]


def exact_parameters(bound: Statement, params: Mapping[str, Any]) -> Given:
    """Return the values of the symbols of ``bound``, taken exactly.

    Args:
        bound: whose words the parameters are.
        params: a number for each word without default: int, Fraction, ``"1/4"``, ``"0.1"``
            (a decimal), a float (the binary fraction it is), an exact SymPy number, or an
            ``Enclosure``; for a sequence a list of these, ``k = 1, 2, ...``, or one for all ``k``.

    Raises:
        ParameterError: a parameter is unknown, missing, an array, or out of range.
    """
    _refuse_functions(bound)
    refuse_unknown(bound, params)
    makers = {entry.symbol: _maker(bound, entry, params) for entry in bound.symbols}
    return lambda: {symbol: make() for symbol, make in makers.items()}


def plain_numbers(params: Mapping[str, Any]) -> dict[str, float]:
    """Return those of ``params`` that are single numbers a float can hold."""
    numbers = {}
    for word, value in params.items():
        with suppress(ValueError, OverflowError):
            numbers[word] = float(as_fraction(value))
    return numbers


def _refuse_functions(bound: Statement) -> None:
    for entry in bound.symbols:
        if entry.is_function:
            raise ParameterError(
                f"{entry.word}: {bound.title!r} integrates it over a grid; a quadrature is not"
                " certified"
            )


def refuse_unknown(bound: Statement, params: Mapping[str, Any]) -> None:
    """Refuse a word that the expression of ``bound`` does not have."""
    words = [entry.word for entry in bound.symbols]
    if any(word not in words for word in params):
        bound.defaults(**{w: v for w, v in params.items() if w not in words})
        extra = next(word for word in params if word not in words)
        raise ParameterError(
            f"{extra}: {bound.title!r} computes other words from it in floating point; a certified"
            f" value needs them exactly: {', '.join(words)}"
        )


def _maker(bound: Statement, entry: Notation, params: Mapping[str, Any]) -> _Maker:
    if entry.word in params:
        value = params[entry.word]
    elif entry.default is not None:
        value = entry.default
    else:
        raise ParameterError(f"{entry.word}: missing, needed by {bound.title!r}")
    return (_sequence if entry.is_sequence else _one)(entry, value, bound.title)


def _sequence(entry: Notation, values: Any, title: str) -> _Maker:
    if is_listed(values):
        makers = [_one(entry, value, title) for value in values]
        return lambda: _entries(entry.word, [make() for make in makers])
    one = _one(entry, values, title)
    return lambda: _same(one())


def _entries(word: str, values: list[Value]) -> Callable[[int], Value]:
    def at(k: int) -> Value:
        if not 1 <= k <= len(values):
            raise ParameterError(f"{word}: has {len(values)} entries, entry {k} is needed")
        return values[k - 1]

    return at


def _same(value: Value) -> Callable[[int], Value]:
    return lambda k: value


def _one(entry: Notation, value: Any, title: str) -> _Maker:
    if type(value) is float and isfinite(value):  # nearly always
        _refuse_outside(entry, value, title)
        held = fmpq(*value.as_integer_ratio())
        return lambda: held
    if isinstance(value, Enclosure):
        return _interval(entry, value, title)
    if isinstance(value, sp.Expr) and value.is_number and not value.is_Rational:
        return _closed_form(entry, value, title)
    if is_listed(value):
        raise entry.refusal(f"a list of {len(value)}", title)
    try:
        fraction = as_fraction(value)
    except ValueError as error:
        raise entry.refusal(str(error), title) from None
    _refuse_outside(entry, fraction, title)
    exact = fmpq_of(fraction)
    return lambda: exact


def _interval(entry: Notation, value: Enclosure, title: str) -> _Maker:
    if not value.is_finite:
        raise entry.refusal(str(value), title)
    ends = Fraction(value.lower), Fraction(value.upper)
    for end in ends:
        _refuse_outside(entry, end, title)
    low, high = map(fmpq_of, ends)
    return lambda: low if low == high else hull(low, high)


def _closed_form(entry: Notation, value: sp.Expr, title: str) -> _Maker:
    try:
        about = Fraction(float(value))
    except (OverflowError, TypeError, ValueError):
        raise entry.refusal(shortened(value), title) from None
    _refuse_outside(entry, about, title)
    node = walk(value)
    return lambda: node({})


def _refuse_outside(entry: Notation, value: Fraction | float, title: str) -> None:
    above = value > entry.minimum if entry.open_minimum else value >= entry.minimum
    below = value < entry.maximum if entry.open_maximum else value <= entry.maximum
    if not (above and below) or (entry.integer and value % 1):
        raise entry.refusal(shown(Fraction(value)), title)
