"""From an expression to a function that returns its exact value or a ball around it.

The tree is walked once per expression and turned into nested closures; numbers of the expression
stay rational, so no float ever enters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import sympy as sp
from flint import arb, fmpq
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Or

from bounds.certified.arithmetic import Value, cut, fmpq_of, hull, power, sign
from bounds.certified.exact import as_fraction
from bounds.certified.special import FUNCTIONS
from bounds.certified.sums import total
from bounds.errors import ParameterError

__all__ = ["Environment", "Node", "walk"]

Environment = Mapping[Any, Any]
"""Values of symbols; a sequence's values stand under its ``IndexedBase``, as a tuple."""

Node = Callable[[Environment], Value]

_CONSTANTS: dict[Any, Callable[[], arb]] = {
    sp.pi: arb.pi,
    sp.E: arb.const_e,
    sp.EulerGamma: arb.const_euler,
    sp.Catalan: arb.const_catalan,
    sp.GoldenRatio: lambda: (1 + arb(5).sqrt()) / 2,
}


@cache
def walk(expression: sp.Expr) -> Node:
    """Return ``expression`` as a function of its symbols' exact values or balls.

    Raises:
        ParameterError: a part has no certified evaluation, such as an integral over a grid.
    """
    if expression.is_Rational or expression.is_Float:
        return _constant(fmpq_of(as_fraction(expression)))
    if expression in _CONSTANTS:
        return _known(_CONSTANTS[expression])
    for kind, rule in _RULES:
        if isinstance(expression, kind):
            return rule(expression)
    return _function(expression)


def _constant(value: fmpq) -> Node:
    return lambda env: value


def _known(constant: Callable[[], arb]) -> Node:
    return lambda env: constant()


def _symbol(expression: sp.Symbol) -> Node:
    def look_up(env: Environment) -> Value:
        return env[expression]

    return look_up


def _indexed(expression: sp.Indexed) -> Node:
    base, index = expression.base, walk(expression.args[-1])

    def entry(env: Environment) -> Value:
        return env[base](int(index(env).p))

    return entry


def _add(expression: sp.Add) -> Node:
    first, *rest = [walk(term) for term in expression.args]

    def add(env: Environment) -> Value:
        value = first(env)
        for term in rest:
            value = value + term(env)
        return cut(value)

    return add


def _mul(expression: sp.Mul) -> Node:
    first, *rest = [walk(factor) for factor in expression.args]

    def multiply(env: Environment) -> Value:
        value = first(env)
        for factor in rest:
            value = value * factor(env)
        return cut(value)

    return multiply


def _pow(expression: sp.Pow) -> Node:
    base, exponent = map(walk, expression.as_base_exp())
    return lambda env: power(base(env), exponent(env))


def _sum(expression: sp.Sum) -> Node:
    *inner, (index, lower, upper) = expression.limits
    body = sp.Sum(expression.function, *inner) if inner else expression.function
    first = walk(lower)
    last = None if upper is sp.oo else walk(upper)
    run = total(body, index, walk)

    def add_up(env: Environment) -> Value:
        return run(env, first(env), None if last is None else last(env))

    return add_up


def _piecewise(expression: sp.Piecewise) -> Node:
    branches = [(walk(value), _condition(test)) for value, test in expression.args]

    def choose(env: Environment) -> Value:
        possible: list[Value] = []
        for value, holds in branches:
            decided = holds(env)
            if decided is not False:
                possible.append(value(env))
            if decided:
                break
        result = possible[0]
        for other in possible[1:]:
            result = hull(result, other)
        return result

    return choose


def _condition(test: Any) -> Callable[[Environment], bool | None]:
    if test in (sp.true, sp.false):
        return lambda env: bool(test)
    if isinstance(test, And | Or):
        return _joined([_condition(part) for part in test.args], decisive=isinstance(test, Or))
    if not isinstance(test, Relational):
        raise ParameterError(f"{test}: only comparisons are certified as a condition")
    difference = walk(test.lhs - test.rhs)
    accepted = _ACCEPTED[type(test)]

    def holds(env: Environment) -> bool | None:
        of_difference = sign(difference(env))
        return None if of_difference is None else of_difference in accepted

    return holds


def _joined(
    parts: list[Callable[[Environment], bool | None]], decisive: bool
) -> Callable[[Environment], bool | None]:
    """``or`` is decided by one true part, ``and`` by one false part."""

    def holds(env: Environment) -> bool | None:
        seen = [part(env) for part in parts]
        if decisive in seen:
            return decisive
        return None if None in seen else not decisive

    return holds


_ACCEPTED: dict[type, tuple[int, ...]] = {
    sp.StrictGreaterThan: (1,),
    sp.GreaterThan: (0, 1),
    sp.StrictLessThan: (-1,),
    sp.LessThan: (-1, 0),
    sp.Equality: (0,),
    sp.Unequality: (-1, 1),
}


def _integral(expression: sp.Integral) -> Node:
    raise ParameterError(
        f"{expression.function.func.__name__} under an integral over"
        f" {expression.limits[0][0]}: a quadrature on a grid is not certified"
    )


def _unknown(expression: sp.Expr) -> Node:
    raise ParameterError(f"{expression}: a function on a grid is not certified")


def _function(expression: sp.Expr) -> Node:
    name = type(expression).__name__
    if name in FUNCTIONS:
        return _call(FUNCTIONS[name], [walk(argument) for argument in expression.args])
    written_out = expression.doit()
    if written_out == expression:
        raise ParameterError(f"{name}: has no certified evaluation")
    return walk(written_out)


def _call(function: Callable[..., Value], arguments: list[Node]) -> Node:
    if len(arguments) == 1:
        (argument,) = arguments
        return lambda env: function(argument(env))
    return lambda env: function(*(argument(env) for argument in arguments))


_RULES: tuple[tuple[Any, Callable[[Any], Node]], ...] = (
    (sp.Symbol, _symbol),
    (sp.Indexed, _indexed),
    (sp.Add, _add),
    (sp.Mul, _mul),
    (sp.Pow, _pow),
    (sp.Sum, _sum),
    (sp.Piecewise, _piecewise),
    (sp.Integral, _integral),
    (AppliedUndef, _unknown),
)
