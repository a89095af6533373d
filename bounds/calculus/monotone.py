"""Monotonicity by composition: a proof by structure, valid on the whole range of every symbol.

A sum of rising terms rises, a product of nonnegative rising factors rises, a falling power of a
rising base falls, the geometric depth falls in the share and rises in the generation, and so on.
What the rules do not decide may be decided by the sign of a derivative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from functools import cache
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from bounds.calculus.signs import is_nonnegative

__all__ = ["Direction", "depends", "direction"]


class Direction(Enum):
    """The direction of a value as a parameter grows, in the wide sense."""

    CONSTANT = "does not depend on"
    RISING = "does not fall in"
    FALLING = "does not rise in"
    UNKNOWN = "undecided in"

    def flipped(self) -> Direction:
        """Return the direction of the negative."""
        return _FLIPPED.get(self, self)


_FLIPPED = {Direction.RISING: Direction.FALLING, Direction.FALLING: Direction.RISING}
_RISING_FUNCTIONS = frozenset(
    ("exp", "log", "erf", "atan", "tanh", "sinh", "asinh", "harmonic", "OneMinusExp")
) | frozenset(("ceiling", "floor", "Max", "Min"))
_FALLING_FUNCTIONS = frozenset(["erfc"])


@cache
def direction(expression: sp.Expr, symbol: Any) -> Direction:
    """Return the proved direction of ``expression`` in ``symbol``, over the ranges of all symbols.

    Args:
        expression: a bound's expression, numbers substituted or not.
        symbol: a symbol, sequence or function of the notation; a sequence rises if no entry falls.
    """
    if not depends(expression, symbol):
        return Direction.CONSTANT
    if expression == symbol or _head(expression) == symbol:
        return Direction.RISING
    found = _by_rule(expression, symbol)
    return _by_derivative(expression, symbol) if found is Direction.UNKNOWN else found


def depends(expression: Any, symbol: Any) -> bool:
    """Whether a symbol, a sequence or a function of the notation occurs in ``expression``."""
    if isinstance(symbol, sp.Symbol):
        return symbol in expression.free_symbols
    return any(_head(node) == symbol for node in expression.atoms(sp.Indexed, AppliedUndef))


def _head(node: Any) -> Any:
    if isinstance(node, sp.Indexed):
        return node.base
    return node.func if isinstance(node, AppliedUndef) else None


def _by_rule(expression: Any, symbol: sp.Symbol) -> Direction:
    for kind, rule in _RULES:
        if isinstance(expression, kind):
            return rule(expression, symbol)
    name = type(expression).__name__
    if name in _RISING_FUNCTIONS:
        return _joint(direction(argument, symbol) for argument in expression.args)
    if name in _FALLING_FUNCTIONS:
        return direction(expression.args[0], symbol).flipped()
    return _special(name, expression, symbol)


def _special(name: str, expression: Any, symbol: sp.Symbol) -> Direction:
    if name == "GeometricDepth":
        share, count = (direction(argument, symbol) for argument in expression.args)
        return _joint([share.flipped(), count])
    if name == "LogMinusDigamma":
        above, inner = (direction(argument, symbol) for argument in expression.args)
        return _joint([above, inner.flipped()])
    if name == "polygamma" and expression.args[0] == 0:
        return direction(expression.args[1], symbol)
    if name == "Abs" and is_nonnegative(expression.args[0]):
        return direction(expression.args[0], symbol)
    return Direction.UNKNOWN


def _joint(parts: Iterable[Direction]) -> Direction:
    moving = {part for part in parts if part is not Direction.CONSTANT}
    if not moving:
        return Direction.CONSTANT
    return moving.pop() if len(moving) == 1 else Direction.UNKNOWN


def _add(expression: sp.Add, symbol: sp.Symbol) -> Direction:
    return _joint(direction(term, symbol) for term in expression.args)


def _mul(expression: sp.Mul, symbol: sp.Symbol) -> Direction:
    constant = sp.Mul(*(f for f in expression.args if not depends(f, symbol)))
    factors = [f for f in expression.args if depends(f, symbol)]
    if len(factors) > 1 and not all(is_nonnegative(factor) for factor in factors):
        return Direction.UNKNOWN
    joint = _joint(direction(factor, symbol) for factor in factors)
    return _scaled(joint, constant)


def _scaled(joint: Direction, constant: sp.Expr) -> Direction:
    if is_nonnegative(constant):
        return joint
    return joint.flipped() if is_nonnegative(-constant) else Direction.UNKNOWN


def _pow(expression: sp.Pow, symbol: sp.Symbol) -> Direction:
    base, exponent = expression.as_base_exp()
    if not is_nonnegative(base):
        return Direction.UNKNOWN
    if not depends(exponent, symbol):
        return _scaled(direction(base, symbol), exponent)
    if depends(base, symbol):
        return Direction.UNKNOWN
    inner = direction(exponent, symbol)
    if is_nonnegative(base - 1):
        return inner
    return inner.flipped() if is_nonnegative(1 - base) else Direction.UNKNOWN


def _sum(expression: sp.Sum, symbol: sp.Symbol) -> Direction:
    if len(expression.limits) != 1:
        return Direction.UNKNOWN
    _, lower, upper = expression.limits[0]
    of_term = direction(expression.function, symbol)
    if not depends(lower, symbol) and not depends(upper, symbol):
        return of_term
    grows = direction(upper, symbol) is Direction.RISING and not depends(lower, symbol)
    if not grows or not is_nonnegative(expression.function):
        return Direction.UNKNOWN
    return _joint([of_term, Direction.RISING])


def _integral(expression: sp.Integral, symbol: sp.Symbol) -> Direction:
    return direction(expression.function, symbol)


_RULES: tuple[tuple[Any, Callable[[Any, sp.Symbol], Direction]], ...] = (
    (sp.Add, _add),
    (sp.Mul, _mul),
    (sp.Pow, _pow),
    (sp.Sum, _sum),
    (sp.Integral, _integral),
)


_NOT_RATIONAL = (sp.Function, sp.Sum, sp.Integral, sp.Indexed, sp.Piecewise)


def _by_derivative(expression: sp.Expr, symbol: sp.Symbol) -> Direction:
    """The sign of the derivative in a real variable that runs over the same range."""
    is_plain = isinstance(symbol, sp.Symbol) and not expression.atoms(*_NOT_RATIONAL)
    if not is_plain:
        return Direction.UNKNOWN
    slope = sp.together(expression.diff(symbol))
    if is_nonnegative(slope):
        return Direction.RISING
    return Direction.FALLING if is_nonnegative(-slope) else Direction.UNKNOWN
