"""Whether two expressions are one: by expansion and simplification, after a look at numbers."""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.functions import textbook

__all__ = ["advanced", "is_zero"]


def is_zero(expression: sp.Expr) -> bool:
    """Whether an expression is identically zero, by expansion and simplification."""
    for form in (lambda e: e, textbook, sp.expand, _expanded, sp.simplify, _gathered):
        expression = form(expression)
        if expression == 0:
            return True
    return False


def advanced(expression: sp.Expr, symbol: sp.Symbol) -> sp.Expr:
    """Return ``expression`` with ``symbol + 1`` for ``symbol``; sums and harmonics lose a term."""
    moved = expression.subs(symbol, symbol + 1)
    moved = moved.replace(sp.harmonic, lambda *args: sp.expand_func(sp.harmonic(*args)))
    return moved.replace(sp.Sum, lambda body, limits: _without_last(body, limits, symbol))


def _without_last(body: sp.Expr, limits: Any, symbol: sp.Symbol) -> sp.Expr:
    index, lower, upper = limits
    if symbol not in upper.free_symbols:
        return sp.Sum(body, limits)
    return sp.Sum(body, (index, lower, upper - 1)) + body.subs(index, upper)


def _expanded(expression: sp.Expr) -> sp.Expr:
    return sp.expand(sp.powsimp(sp.expand(sp.expand_power_exp(expression)), combine="exp"))


def _gathered(expression: sp.Expr) -> sp.Expr:
    return sp.simplify(sp.expand_power_base(sp.together(expression)))
