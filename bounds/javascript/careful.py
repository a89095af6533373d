"""The printer of own bounds: every number goes with its rounding error, by ``roundoff.js``."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Or

from bounds.evaluate import has_integral, notations_in
from bounds.functions import GeometricSum, TwofoldPower
from bounds.javascript.printer import FUNCTIONS, Printer
from bounds.prepared import prepared, small_complement

__all__ = ["careful_function_of"]

_LEAST = {"gamma": 0, "loggamma": 0, "polygamma": 0, "zeta": 0, "factorial": -1}
"""Open lower ends of the last argument; below them floats give numbers where balls give none."""


def careful_function_of(expression: sp.Expr) -> str:
    """Return JavaScript as :func:`bounds.javascript.function_of` does, of an own expression.

    Where rounding may have cost the value's digits, it is NaN. The function needs ``runtime`` of
    ``runtime.js`` and ``near`` of ``roundoff.js``.

    Raises:
        UnprintableError: the expression has a part that the page cannot compute.
    """
    words = [entry.word for entry in notations_in(expression)]
    words += ["cell"] * has_integral(expression)
    body = _Careful({"order": None}).doprint(prepared(expression))
    taken = f"{{ {', '.join(words)} }}" if words else ""
    return f"({taken}) => near.sure({body})"


class _Careful(Printer):
    def _print_Symbol(self, expr: sp.Symbol) -> str:  # noqa: N802
        return f"near.of({super()._print_Symbol(expr)})"

    def _print_Indexed(self, expr: sp.Indexed) -> str:  # noqa: N802
        return f"near.of({super()._print_Indexed(expr)})"

    def _on_grid(self, expr: Any) -> str:
        return f"near.of({super()._on_grid(expr)})"

    def _number(self, expr: Any) -> str:
        value = float(expr)
        is_exact = expr.is_Rational and sp.Rational(value) == expr
        return f"near.of({value!r})" if is_exact else f"near.of({value!r}, {abs(value) * 2**-53!r})"

    def _print_Add(self, expr: sp.Add, order: Any = None) -> str:  # noqa: N802
        return self._call("near.add", *expr.args)

    def _print_Mul(self, expr: sp.Mul) -> str:  # noqa: N802
        return self._call("near.multiply", *expr.args)

    def _print_Pow(self, expr: sp.Pow) -> str:  # noqa: N802
        complement = small_complement(expr)
        if complement is None:
            return self._applied("runtime.power", expr.base, expr.exp)
        return self._applied("runtime.powerNearOne", expr.base, complement, expr.exp)

    def _print_sqrt(self, expr: sp.Expr) -> str:
        return self._print_Pow(expr)

    def _print_GeometricSum(self, expr: GeometricSum) -> str:  # noqa: N802
        base, *rest = expr.args
        return self._applied("runtime.geometricSum", base, sp.Integer(0), *rest)

    def _print_TwofoldPower(self, expr: TwofoldPower) -> str:  # noqa: N802
        return self._applied("runtime.power", *expr.args)

    def _print_known(self, expr: sp.Function) -> str:
        name = type(expr).__name__
        function = FUNCTIONS[name]
        if name in _LEAST:
            function = f"near.above({_LEAST[name]}, {function})"
        return self._applied(function, *expr.args)

    def _applied(self, function: str, *arguments: sp.Expr) -> str:
        shown = ", ".join(str(self._print(argument)) for argument in arguments)
        return f"near.call({function}, {shown})"

    def _nested(self, function: str, expr: sp.Expr) -> str:
        shown = ", ".join(str(self._print(argument)) for argument in expr.args)
        return f"near.extreme({function}, {shown})"

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:  # noqa: N802
        shown = str(self._print(expr.args[-1].expr))
        for value, condition in reversed(expr.args[:-1]):
            holds, one = self._condition(condition), self._print(value)
            shown = f"near.choose({holds}, () => {one}, () => {shown})"
        return shown

    def _condition(self, node: Any) -> str:
        if isinstance(node, And | Or):
            pick = "Math.min" if isinstance(node, And) else "Math.max"
            return f"{pick}({', '.join(map(self._condition, node.args))})"
        if not isinstance(node, Relational):
            return str(int(bool(node)))
        relation = node.rel_op
        return f'near.holds("{relation}", {self._print(node.lhs)}, {self._print(node.rhs)})'

    _runtime_sums = "near"
    _print_Integer = _print_Rational = _print_Float = _number  # noqa: N815
    _print_One = _print_Zero = _print_NegativeOne = _print_Half = _number  # noqa: N815
    _print_NumberSymbol = _print_Exp1 = _print_Pi = _number  # noqa: N815
