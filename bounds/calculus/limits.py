"""Exact limits of an expression in one of its symbols."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from bounds.calculus.leading import leading, tendency
from bounds.functions import textbook
from bounds.notation import Notation, symbol_of

__all__ = ["limit_by_rules", "limit_of"]

_MOST_SAMPLES = 8
_CLOSE = sp.Float("1e-9")
_WHY = (NotImplementedError, ValueError, TypeError, RecursionError, AttributeError)


def limit_of(expression: sp.Expr, entry: Notation, to: sp.Expr) -> sp.Expr | None:
    """Return the limit of ``expression``, by rules or else by SymPy; ``None`` if none was found."""
    found = limit_by_rules(expression, entry, to)
    return _by_sympy(expression, entry, to) if found is None else found


def limit_by_rules(expression: sp.Expr, entry: Notation, to: sp.Expr) -> sp.Expr | None:
    """Return the limit by leading terms, or by continuity; ``None`` where these do not tell."""
    return (_at_infinity if to is sp.oo else _at_a_point)(expression, entry, to)


def _at_infinity(expression: sp.Expr, entry: Notation, to: sp.Expr) -> sp.Expr | None:
    del to
    x = entry.symbol
    term = leading(expression, x)
    goes = None if term is None else tendency(term, x)
    if term is None or goes is None:
        return None
    return {-1: sp.Integer(0), 0: term, 1: sp.oo}[goes]


def _at_a_point(expression: sp.Expr, entry: Notation, to: sp.Expr) -> sp.Expr | None:
    """The value, where there is one: the functions used are continuous."""
    if not expression.has(sp.Piecewise, sp.ceiling, sp.floor):
        value = expression.subs(entry.symbol, to)
        value = textbook(value.replace(_is_empty, lambda node: sp.Integer(0)))
        if not _is_odd(value) and not value.atoms(sp.Pow) & _zero_powers(value):
            return value
    return None


def _is_empty(node: Any) -> bool:
    return isinstance(node, sp.Sum) and (node.limits[0][2] < node.limits[0][1]) == sp.true


def _zero_powers(value: sp.Expr) -> set[sp.Expr]:
    return {node for node in value.atoms(sp.Pow) if node.base == 0}


def _is_odd(value: sp.Expr) -> bool:
    return bool(
        value.has(sp.Limit, sp.nan, sp.zoo, sp.I, sp.AccumBounds, sp.Piecewise, sp.sign)
        or (value.has(sp.oo) and not value.has(sp.Sum, sp.Integral) and value is not sp.oo)
    )


def _by_sympy(expression: sp.Expr, entry: Notation, to: sp.Expr) -> sp.Expr | None:
    signed, back = _with_signs(textbook(expression), entry.symbol)
    x = sp.Dummy("x", positive=True) if to is sp.oo or entry.minimum >= 0 else sp.Dummy("x")
    try:
        value = sp.limit(signed.xreplace({entry.symbol: x}), x, to, _side(entry, to))
        result = sp.powsimp(sp.simplify(value.xreplace(back)), combine="exp")
    except _WHY:
        return None
    if _is_odd(result) or result.has(x):
        return None
    along = textbook(expression).xreplace({entry.symbol: x})
    return result if _is_same_at_samples(along, x, to, _side(entry, to), result) else None


def _is_same_at_samples(
    along: sp.Expr, x: sp.Symbol, to: sp.Expr, side: str, found: sp.Expr
) -> bool:
    """Whether the limit is the same with numbers for the other symbols, some large, some small.

    SymPy takes a sign that it does not know, such as that of ``h - s`` in ``exp((s - h) n)``, for
    one of the two; what it finds then holds on a part of the range only.
    """
    others = sorted((s for s in along.free_symbols - {x} if symbol_of(s)), key=str)
    for pattern in range(min(2 ** len(others), _MOST_SAMPLES)):
        numbers = {s: _sample(s, i, pattern >> (i % 3) & 1) for i, s in enumerate(others)}
        try:
            at_numbers = sp.limit(along.xreplace(numbers), x, to, side)
        except _WHY:
            continue
        if not _is_same(at_numbers, found.xreplace(numbers)):
            return False
    return True


def _sample(symbol: sp.Symbol, place: int, large: int) -> sp.Expr:
    entry = symbol_of(symbol)
    assert entry is not None
    if np.isfinite(entry.maximum):
        width = sp.nsimplify(entry.maximum) - sp.nsimplify(entry.minimum)
        inside = sp.Rational(place + 1, place + 2) if large else sp.Rational(1, place + 3)
        return sp.nsimplify(entry.minimum) + width * inside
    least = sp.nsimplify(entry.minimum) if np.isfinite(entry.minimum) else sp.Integer(0)
    if entry.integer:
        return least + (place + 3 if large else place)
    return least + (place + 2 if large else sp.Rational(1, place + 2))


def _is_same(p: sp.Expr, q: sp.Expr) -> bool:
    if p == q or p.has(sp.Limit):
        return True
    if not (p.is_finite and q.is_finite):
        return False
    return bool(abs(sp.N(p - q)) <= _CLOSE * (1 + abs(sp.N(q))))


def _side(entry: Notation, to: sp.Expr) -> str:
    return "-" if to is sp.oo or to == entry.maximum else "+"


def _with_signs(expression: sp.Expr, moving: sp.Symbol) -> tuple[sp.Expr, dict[Any, sp.Expr]]:
    """Write symbols of an open interval (0, 1) as ``1 / (1 + t)``, so that signs are known."""
    forward, back = {}, {}
    for symbol in expression.free_symbols - {moving}:
        entry = symbol_of(symbol)
        if entry is not None and (entry.minimum, entry.maximum) == (0, 1):
            t = sp.Dummy("t", positive=True)
            forward[symbol], back[t] = 1 / (1 + t), 1 / symbol - 1
    return expression.xreplace(forward), back
