"""From a bound's one expression to a JavaScript function of its words."""

from __future__ import annotations

from functools import reduce
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Or
from sympy.printing.jscode import JavascriptCodePrinter

from bounds.evaluate import TwofoldNames, has_integral, notations_in, twofold
from bounds.functions import GeometricSum, TwofoldPower
from bounds.notation import k, symbol_of, x
from bounds.own.accepted import INDEX_NAMES
from bounds.prepared import prepared, small_complement

__all__ = ["UnprintableError", "careful_function_of", "function_of"]

_RUNTIME = {
    "GammaQuotient": "gammaQuotient",
    "GeometricDepth": "geometricDepth",
    "LambertW": "lambertW",
    "LogMinusDigamma": "logMinusDigamma",
    "OneMinusExp": "oneMinusExp",
    "erf": "erf",
    "erfc": "erfc",
    "factorial": "factorial",
    "gamma": "gamma",
    "harmonic": "harmonic",
    "loggamma": "logGamma",
    "polygamma": "polygamma",
    "zeta": "zeta",
}
"""SymPy's functions that ``runtime.js`` supplies."""
_MATH = (
    "Abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "exp",
    "floor",
    "log",
    "sign",
    "sin",
    "sinh",
    "tan",
    "tanh",
)
_FUNCTIONS = {
    **{name: f"Math.{name.lower()}" for name in _MATH},
    "ceiling": "Math.ceil",
    **{name: f"runtime.{function}" for name, function in _RUNTIME.items()},
}
_TWOFOLD = TwofoldNames(
    "runtime.exactly", "runtime.twofoldPlus", "runtime.twofoldTimes", "runtime.twofoldInverse"
)
_HALF = sp.Rational(1, 2)
_LEAST = {"gamma": 0, "loggamma": 0, "polygamma": 0, "zeta": 0, "factorial": -1}
"""Open lower ends of the last argument; below them floats give numbers where balls give none."""


class UnprintableError(NotImplementedError):
    """An expression that has no JavaScript; the message says what in it."""


def function_of(expression: sp.Expr) -> str:
    """Return a JavaScript arrow function of the words of ``expression``, given by name.

    A sequence is an array (or a number, for all ``k``), a function of ``x`` an array on a grid;
    ``cell`` is the volume of a grid cell. The function needs ``runtime`` of ``runtime.js``.

    Raises:
        UnprintableError: the expression has a function or a form that the page cannot compute.
        ParameterError: a symbol that :mod:`bounds.notation` does not have.
    """
    return _function(expression, _printed(_Printer, expression))


def careful_function_of(expression: sp.Expr) -> str:
    """Return JavaScript as :func:`bounds.javascript.function_of` does, of an own expression.

    Every number goes with its rounding error: where rounding may have cost the value's digits, it
    is NaN. The function needs ``runtime`` of ``runtime.js`` and ``near`` of ``roundoff.js``.

    Raises:
        UnprintableError: the expression has a part that the page cannot compute.
    """
    return _function(expression, f"near.sure({_printed(_Careful, expression)})")


def _function(expression: sp.Expr, body: str) -> str:
    words = [entry.word for entry in notations_in(expression)]
    words += ["cell"] * has_integral(expression)
    taken = f"{{ {', '.join(words)} }}" if words else ""
    return f"({taken}) => {body}"


def _printed(printer: type[_Printer], expression: sp.Expr) -> str:
    return str(printer({"order": None}).doprint(prepared(expression)))


class _Printer(JavascriptCodePrinter):  # type: ignore[misc]  # SymPy is untyped
    """JavaScript in which sums, integrals, powers and special functions are calls to the runtime.

    Operations come in the order of the NumPy printer, so results differ in last digits only.
    """

    _runtime_sums = "runtime"

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self._indices: list[sp.Symbol] = []

    def _print_Symbol(self, expr: sp.Symbol) -> str:  # noqa: N802
        entry = symbol_of(expr)
        return str(expr) if entry is None and expr in self._indices else _word(expr)

    def _print_Indexed(self, expr: sp.Indexed) -> str:  # noqa: N802
        if expr.indices[-1] != k:
            raise UnprintableError(f"{expr}: the last index must be k of a sum")
        word = _word(expr.base)
        return f'runtime.at("{word}", {word}, k)'

    def _print_Sum(self, expr: sp.Sum) -> str:  # noqa: N802
        *inner, (index, lower, upper) = expr.limits
        if str(index) not in INDEX_NAMES:
            raise UnprintableError(f"{expr}: an index must be one of {', '.join(INDEX_NAMES)}")
        body = sp.Sum(expr.function, *inner) if inner else expr.function
        limits = f"{self._print(lower)}, {self._print(upper)}"
        self._indices.append(index)
        term = self._print(body)
        self._indices.pop()
        return f"{self._runtime_sums}.sum({limits}, ({index}) => {term})"

    def _print_Integral(self, expr: sp.Integral) -> str:  # noqa: N802
        words = sorted({_word(node.func) for node in expr.function.atoms(AppliedUndef)})
        grids = f"[{', '.join(words)}]"
        return f"{self._runtime_sums}.integral({grids}, cell, (i) => {self._print(expr.function)})"

    def _print_Pow(self, expr: sp.Pow) -> str:  # noqa: N802
        complement = small_complement(expr)
        if complement is not None:
            return self._call("runtime.powerNearOne", expr.base, complement, expr.exp)
        if expr.exp == _HALF:
            return self._call("Math.sqrt", expr.base)
        if expr.exp == -_HALF:
            return f"1/{self._call('Math.sqrt', expr.base)}"
        if expr.exp == -1:
            return f"1/{self.parenthesize(expr.base, sp.printing.precedence.PRECEDENCE['Pow'])}"
        return self._call("runtime.power", expr.base, expr.exp)

    def _print_Max(self, expr: sp.Max) -> str:  # noqa: N802
        return self._nested("Math.max", expr)

    def _print_Min(self, expr: sp.Min) -> str:  # noqa: N802
        return self._nested("Math.min", expr)

    def _nested(self, function: str, expr: sp.Expr) -> str:
        arguments = [str(self._print(argument)) for argument in expr.args]
        return reduce(lambda p, q: f"{function}({p}, {q})", arguments)

    def _print_Function(self, expr: sp.Function) -> str:  # noqa: N802
        if isinstance(expr, AppliedUndef):
            return self._on_grid(expr)
        name = type(expr).__name__
        if name not in _FUNCTIONS:
            raise UnprintableError(f"{expr}: the page has no function {name}")
        return self._print_known(expr)

    def _print_GeometricSum(self, expr: GeometricSum) -> str:  # noqa: N802
        base, *rest = expr.args
        shown = ", ".join(str(self._print(part)) for part in rest)
        return f"runtime.geometricSum(...{twofold(base, self._print, _TWOFOLD)}, {shown})"

    def _print_TwofoldPower(self, expr: TwofoldPower) -> str:  # noqa: N802
        base, count = expr.args
        shown = twofold(base, self._print, _TWOFOLD)
        return f"runtime.twofoldPower(...{shown}, {self._print(count)})"

    def _print_known(self, expr: sp.Function) -> str:
        return self._call(_FUNCTIONS[type(expr).__name__], *expr.args)

    def _print_exp(self, expr: sp.exp) -> str:
        return self._print_known(expr)

    def _on_grid(self, expr: AppliedUndef) -> str:
        if expr.args[-1] != x:
            raise UnprintableError(f"{expr}: the last argument must be x of an integral")
        return f"{_word(expr.func)}[i]"

    def _call(self, function: str, *arguments: sp.Expr) -> str:
        return f"{function}({', '.join(str(self._print(a)) for a in arguments)})"

    def _print_Float(self, expr: sp.Float) -> str:  # noqa: N802
        return repr(float(expr))

    def _print_NumberSymbol(self, expr: sp.Expr) -> str:  # noqa: N802
        return repr(float(expr))

    def _print_Exp1(self, expr: sp.Expr) -> str:  # noqa: N802
        del expr
        return "Math.E"

    def _print_Pi(self, expr: sp.Expr) -> str:  # noqa: N802
        del expr
        return "Math.PI"

    def _print_not_supported(self, expr: Any) -> str:
        raise UnprintableError(f"{expr}: the page cannot compute {type(expr).__name__}")

    # SymPy's dispatch looks functions up by their own names before ``_print_Function``.
    _print_Abs = _print_sign = _print_floor = _print_ceiling = _print_Function  # noqa: N815
    emptyPrinter = _print_not_supported  # noqa: N815


def _word(symbol: Any) -> str:
    entry = symbol_of(symbol)
    if entry is None:
        raise UnprintableError(f"{symbol}: not in bounds.notation.NOTATION")
    return entry.word


class _Careful(_Printer):
    """The printer of own bounds, in whose sums and products rounding errors add up."""

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
        function = _FUNCTIONS[name]
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
