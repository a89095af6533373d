"""Calculus of powers: where a product of powers has a given value, where a sum of two is least.

SymPy's ``solve`` finds the same in a second each (the tests compare); this takes milliseconds.
"""

from __future__ import annotations

import sympy as sp

__all__ = ["least_of_two_powers", "log_ratio", "root_of_power"]


def root_of_power(expression: sp.Expr, variable: sp.Symbol, value: sp.Expr) -> sp.Expr:
    r"""Return the solution of ``expression = value`` for :math:`A x^p`: :math:`(value/A)^{1/p}`."""
    return _root(expression.subs(variable, 1), _exponent(expression, variable), value)


def least_of_two_powers(
    rising: sp.Expr, falling: sp.Expr, variable: sp.Symbol
) -> tuple[sp.Expr, sp.Expr]:
    r"""Return where :math:`A x^p + B x^{-q}` is least, and its value there.

    The derivative vanishes where :math:`p A x^p = q B x^{-q}`, so the sum there is
    :math:`(1 + p/q) A x^p`.

    Args:
        rising, falling: the two powers.
        variable: x, positive.
    """
    up, down = _exponent(rising, variable), _exponent(falling, variable)
    where = _root((rising / falling).subs(variable, 1), up - down, -down / up)
    return where, (1 - up / down) * rising.subs(variable, where)


def log_ratio(left: sp.Expr, right: sp.Expr) -> sp.Expr:
    """Return the logarithm of a quotient of products of positive powers, written out."""
    return sp.expand_log(sp.log(sp.powdenest(left / right, force=True)), force=True)


def _exponent(expression: sp.Expr, variable: sp.Symbol) -> sp.Expr:
    """Return the exponent p of :math:`A x^p`: ``x`` times its derivative over itself."""
    power = expression.as_independent(variable, as_Add=False)[1]
    exponent = variable * power.diff(variable) / power
    return sp.cancel(exponent) if exponent.has(variable) else exponent


def _root(factor: sp.Expr, power: sp.Expr, value: sp.Expr) -> sp.Expr:
    if power.could_extract_minus_sign():
        return (factor / value) ** (-1 / power)
    return (value / factor) ** (1 / power)
