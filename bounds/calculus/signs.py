"""Signs that hold on the whole range of every symbol, proved by substitution.

Each symbol is written in nonnegative unknowns that sweep its range (``n = 1 + m``,
``gamma = t / (1 + t)``); a quotient whose expanded numerator and denominator have nonnegative
coefficients only is then nonnegative. Ends of a closed range are reached as limits.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from bounds.notation import Notation, symbol_of

__all__ = ["is_nonnegative", "is_positive", "swept"]


@cache
def swept(symbol: sp.Symbol | sp.Indexed) -> sp.Expr:
    """Return the range of a symbol or an entry of a sequence in a nonnegative unknown."""
    entry = symbol_of(symbol.base if isinstance(symbol, sp.Indexed) else symbol)
    if entry is None:
        return _of_assumptions(symbol)
    if np.isfinite(entry.maximum) and np.isfinite(entry.minimum):
        strict = entry.open_minimum and entry.open_maximum
        t = sp.Dummy("t", positive=True) if strict else sp.Dummy("t", nonnegative=True)
        return sp.nsimplify(entry.minimum) + _width(entry) * t / (1 + t)
    if np.isfinite(entry.minimum):
        return sp.nsimplify(entry.minimum) + _unknown(entry.open_minimum)
    return sp.Dummy("x", real=True)


def _of_assumptions(symbol: sp.Symbol) -> sp.Expr:
    if symbol.is_integer and symbol.is_positive:
        return 1 + _unknown(strict=False)
    return _unknown(strict=True) if symbol.is_positive else symbol


def _unknown(strict: bool) -> sp.Dummy:
    return sp.Dummy("t", positive=True) if strict else sp.Dummy("t", nonnegative=True)


def _width(entry: Notation) -> sp.Expr:
    return sp.nsimplify(entry.maximum) - sp.nsimplify(entry.minimum)


def is_nonnegative(expression: sp.Expr) -> bool:
    """Whether ``expression >= 0`` is proved for all values of its symbols."""
    return _proved(expression, strict=False)


def is_positive(expression: sp.Expr) -> bool:
    """Whether ``expression > 0`` is proved for all values inside the ranges of its symbols."""
    return _proved(expression, strict=True)


@cache
def _proved(expression: sp.Expr, strict: bool) -> bool:
    known = expression.is_positive if strict else expression.is_nonnegative
    return bool(known) or any(
        rule(expression, strict)
        for rule in (_by_parts, _one_minus_power, _power_minus_one, _by_sweep)
    )


def _one_minus_power(expression: Any, strict: bool) -> bool:
    """``1 - u^e >= 0`` for ``0 <= u <= 1`` and ``e >= 0``; strict for ``u < 1`` and ``e > 0``."""
    base, exponent = (1 - expression).as_base_exp()
    if exponent == 1:
        return False
    return _proved(base, False) and _proved(1 - base, strict) and _proved(exponent, strict)


def _power_minus_one(expression: Any, strict: bool) -> bool:
    """``b^e - 1 >= 0`` for ``b >= 1`` and ``e >= 0``; strict for ``b > 1`` and ``e > 0``."""
    base, exponent = (1 + expression).as_base_exp()
    if exponent == 1:
        return False
    return _proved(base - 1, strict) and _proved(exponent, strict)


def _by_parts(expression: Any, strict: bool) -> bool:
    name = type(expression).__name__
    if expression.is_Mul or name in _LIKE_THEIR_ARGUMENTS:
        return all(_proved(part, strict) for part in expression.args)
    if expression.is_Add:
        return all(_proved(part, False) for part in expression.args) and (
            not strict or any(_proved(part, True) for part in expression.args)
        )
    if isinstance(expression, sp.Pow):
        return _proved(expression.base, strict)
    if isinstance(expression, sp.Sum | sp.Integral) and not strict:
        return _proved(expression.function, False)
    return _by_function(name, expression.args, strict)


_LIKE_THEIR_ARGUMENTS = frozenset(
    ["harmonic", "GeometricDepth", "erf", "atan", "OneMinusExp", "Max", "Min", "ceiling"]
)


def _by_function(name: str, arguments: Any, strict: bool) -> bool:
    if name == "log":
        return _proved(arguments[0] - 1, strict)
    if name == "LogMinusDigamma":
        return _proved(arguments[0] - arguments[1], False)
    return name in ("exp", "erfc") or (name == "Abs" and not strict)


def _by_sweep(expression: Any, strict: bool) -> bool:
    if expression.atoms(sp.Function, sp.Sum, sp.Integral):
        return False
    entries = {node: swept(node) for node in expression.atoms(sp.Indexed)}
    plain = expression.xreplace(entries)
    free = [s for s in plain.free_symbols if isinstance(s, sp.Symbol) and symbol_of(s)]
    over = sp.together(plain.xreplace({symbol: swept(symbol) for symbol in free}))
    return all(_known(sp.expand(part), strict) for part in sp.fraction(over))


def _known(part: sp.Expr, strict: bool) -> bool:
    return bool(part.is_positive if strict else part.is_nonnegative)
