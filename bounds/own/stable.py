r"""Own expressions rewritten where their textbook form loses all digits near an end of a range.

.. math:: 1 - (1-u)^v = u\,\mathrm{GeometricDepth}(u, v), \qquad 1 - e^{-u} =
   \mathrm{OneMinusExp}(u).

Printing turns both back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from bounds.calculus.signs import is_nonnegative
from bounds.functions import GeometricDepth, OneMinusExp

__all__ = ["stable"]


def stable(expression: sp.Expr) -> sp.Expr:
    """Return an equal expression in which ``1 - (1-u)^v`` and ``1 - exp(-u)`` keep their digits.

    Rewritten where ``0 <= u <= 1`` and the integer ``v >= 0``, or ``u >= 0``, hold for all values
    of the symbols.
    """
    return expression.replace(lambda node: node.is_Add, _rewritten)


def _rewritten(total: sp.Expr) -> sp.Expr:
    terms = sp.Add.make_args(total)
    for term in terms:
        for factor, form in _stable_forms(term):
            rest = total - term - factor
            if len(sp.Add.make_args(rest)) < len(terms) - 1 or rest == 0:
                return _rewritten(rest) + form
    return total


def _stable_forms(term: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """Yield ``c`` and a form of ``c + term`` for terms ``-c (1-u)^v`` and ``-c exp(-u)``."""
    parts = sp.Mul.make_args(term)
    for i, power in enumerate(parts):
        form = _complement(power)
        if form is not None:
            factor = -sp.Mul(*parts[:i], *parts[i + 1 :])
            yield factor, factor * form


def _complement(power: Any) -> sp.Expr | None:
    """Return ``1 - power`` in a form that keeps its digits, if there is one."""
    if isinstance(power, sp.exp):
        return OneMinusExp(-power.args[0]) if is_nonnegative(-power.args[0]) else None
    if not power.is_Pow or power.exp.is_number or power.exp.is_integer is not True:
        return None
    gap = sp.together(1 - power.base)
    if is_nonnegative(gap) and is_nonnegative(power.base) and is_nonnegative(power.exp):
        return gap * GeometricDepth(gap, power.exp)
    return None
