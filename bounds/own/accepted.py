"""Own expressions checked before they become a bound: what every evaluator can do, or a refusal.

Floats, certified balls, JavaScript, print and audit accept the same expressions. What SymPy has
beyond them is refused in one line; a few forms are put into the one form that all of them know.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Or

from bounds.calculus.signs import is_nonnegative, is_positive
from bounds.errors import ParameterError, shortened
from bounds.notation import k, symbol_of, x
from bounds.own.grammar import CONSTANTS, FUNCTIONS, MOST_BITS

__all__ = ["INDEX_NAMES", "accepted"]

_MOST_NODES = 2000
INDEX_NAMES = ("k", "i", "l", "p", "u", "w")
"""Names of summation indices; the second ones are for sums in sums."""


def accepted(expression: Any) -> sp.Expr:
    """Return ``expression`` in the form that every evaluator knows.

    Args:
        expression: a SymPy expression in the notation's symbols.

    Raises:
        ParameterError: a part that some evaluator does not know.
    """
    if not isinstance(expression, sp.Expr):
        raise _refused(expression, "must be an expression of SymPy")
    if any(True for _ in islice(sp.preorder_traversal(expression), _MOST_NODES, None)):
        raise ParameterError(f"expression: has more than {_MOST_NODES} parts")
    return _Check((), False).of(expression)


class _Check:
    """One place in an expression: the indices of the sums around it, and whether in an integral."""

    def __init__(self, indices: tuple[sp.Symbol, ...], in_integral: bool) -> None:
        self._indices, self._in_integral = indices, in_integral

    def of(self, node: Any) -> Any:
        for kind, rule in _RULES:
            if isinstance(node, kind):
                return rule(self, node)
        raise _refused(node, f"{type(node).__name__} is not supported; {_SUPPORTED}")

    def parts(self, node: Any) -> Any:
        if node.is_Pow and node.base.is_negative and node.exp.is_integer is False:
            raise _refused(node, "is no real number")
        parts = tuple(map(self.of, node.args))
        return node if parts == node.args else node.func(*parts)

    def number(self, node: Any) -> Any:
        is_long = node.is_Rational and max(node.p.bit_length(), node.q.bit_length()) > MOST_BITS
        if is_long or not node.is_finite:
            raise _refused(node, f"must be a number of at most {MOST_BITS} bits")
        return node

    def constant(self, node: Any) -> Any:
        if node not in CONSTANTS.values():
            raise _refused(node, f"is not supported; the constants are {', '.join(CONSTANTS)}")
        return node

    def symbol(self, node: Any) -> Any:
        if node not in self._indices and symbol_of(node) is None:
            if node in (k, x):
                inside = "a sum over k" if node == k else "a function's place under an integral"
                raise _refused(node, f"stands outside {inside}")
            raise ParameterError(f"expression: {shortened(node)} not in bounds.notation.NOTATION")
        return node

    def entry(self, node: Any) -> Any:
        if symbol_of(node.base) is None:
            raise ParameterError(
                f"expression: {shortened(node.base)} not in bounds.notation.NOTATION"
            )
        if self._indices != (node.indices[-1],) or self._indices != (k,):
            raise _refused(
                node, "a sequence must stand in one sum over its last index, from 1 or later"
            )
        for index in node.indices[:-1]:
            self.symbol(index)
        return node

    def on_grid(self, node: Any) -> Any:
        if symbol_of(node.func) is None:
            raise ParameterError(
                f"expression: {shortened(node.func)} not in bounds.notation.NOTATION"
            )
        if not self._in_integral or node.args != (x,):
            raise _refused(node, "a function of x must stand in an integral over x, at x")
        return node

    def integral(self, node: Any) -> Any:
        if self._indices or self._in_integral or node.limits != sp.Tuple((x, -sp.oo, sp.oo)):
            raise _refused(node, "only one integral over x from -oo to oo is supported, in no sum")
        if not node.function.atoms(AppliedUndef) or node.function.has(sp.Sum):
            raise _refused(node, "must integrate functions of x of the notation, and no sums")
        return sp.Integral(_Check((), True).of(node.function), *node.limits)

    def function(self, node: Any) -> Any:
        name = type(node).__name__
        if name not in FUNCTIONS:
            raise _refused(node, f"{name} is not supported; {_SUPPORTED}")
        if name in _ARGUMENTS and not _ARGUMENTS[name][0](*node.args):
            raise _refused(node, _ARGUMENTS[name][1])
        return self.parts(node)

    def piecewise(self, node: Any) -> Any:
        if node.args[-1].cond is not sp.true:
            raise _refused(node, "must end with (value, True), a value for all other cases")
        pairs = [(self.of(value), self._condition(condition)) for value, condition in node.args]
        return sp.Piecewise(*pairs, evaluate=False)

    def _condition(self, node: Any) -> Any:
        if node in (sp.true, sp.false):
            return node
        if isinstance(node, And | Or):
            return node.func(*map(self._condition, node.args))
        if isinstance(node, Relational) and isinstance(node.lhs, sp.Expr):
            return node.func(self.of(node.lhs), self.of(node.rhs))
        raise _refused(node, "must be comparisons, joined by and, or")

    def sum(self, node: Any) -> Any:
        """A sum over several indices is checked as the sum of a sum, the last index outermost."""
        if self._in_integral:
            raise _refused(node, "a sum in an integral is not supported")
        *inner, (index, lower, upper) = node.limits
        body = sp.Sum(node.function, *inner) if inner else node.function
        if upper is sp.oo:
            return self._endless(node, body, index, lower)
        if not node.free_symbols:
            raise _refused(node, "a sum of numbers only; write the number")
        for limit in (lower, upper):
            if limit.is_integer is not True:
                raise _refused(node, f"its limit {limit} must be an integer")
        new = self._index(index, lower, node)
        inside = _Check((*self._indices, new), False)
        return sp.Sum(inside.of(body.xreplace({index: new})), (new, self.of(lower), self.of(upper)))

    def _index(self, index: sp.Symbol, lower: sp.Expr, node: sp.Sum) -> sp.Symbol:
        """The notation's ``k`` where the sum starts at one or later: it is known to be positive."""
        if is_nonnegative(lower - 1) and k not in self._indices:
            return k
        taken = {*map(str, self._indices), *map(str, node.free_symbols)}
        name = next((name for name in INDEX_NAMES if name not in taken), "")
        if not name:
            raise _refused(node, "sums are nested too deep")
        known = {"nonnegative": True} if is_nonnegative(lower) else {}
        return sp.Symbol(name, integer=True, **known)

    def _endless(self, node: Any, body: Any, index: sp.Symbol, lower: sp.Expr) -> Any:
        r""":math:`\sum_{k \ge m} c\,k^{-s} = c\,\zeta(s, m)`, for s > 1 and m >= 1."""
        constant, moving = sp.powsimp(body).as_independent(index, as_Add=False)
        base, exponent = moving.as_base_exp()
        is_power = base == index and index not in exponent.free_symbols
        if not is_power or not is_positive(-exponent - 1) or not is_nonnegative(lower - 1):
            raise _refused(
                node, "a sum without end is supported only of k^-s from 1 or later, s > 1 always"
            )
        return self.of(constant * sp.zeta(-exponent, lower))


_SUPPORTED = "supported are + - * / and powers, Sum, Integral over x, Piecewise, " + ", ".join(
    FUNCTIONS
)

_RULES: tuple[tuple[Any, Callable[[_Check, Any], Any]], ...] = (
    (sp.Number, _Check.number),
    (sp.NumberSymbol, _Check.constant),
    (sp.Symbol, _Check.symbol),
    (sp.Indexed, _Check.entry),
    (AppliedUndef, _Check.on_grid),
    (sp.Add | sp.Mul | sp.Pow, _Check.parts),
    (sp.Sum, _Check.sum),
    (sp.Integral, _Check.integral),
    (sp.Piecewise, _Check.piecewise),
    (sp.Function | sp.Max | sp.Min, _Check.function),
)


_ONE = sp.Integer(1)


def _is_count(value: sp.Expr) -> bool:
    return value.is_integer is True and is_nonnegative(value)


def _is_order(order: sp.Expr) -> bool:
    return bool(order.is_Integer and 0 <= order <= 20)


def _are_counted(count: sp.Expr, order: sp.Expr = _ONE) -> bool:
    return _is_count(count) and is_nonnegative(order)


def _are_depth(share: sp.Expr, count: sp.Expr) -> bool:
    return is_nonnegative(share) and is_nonnegative(1 - share) and _is_count(count)


_ARGUMENTS: dict[str, tuple[Callable[..., bool], str]] = {
    "harmonic": (_are_counted, "needs a count that is an integer >= 0, and an order >= 0"),
    "polygamma": (lambda order, value: _is_order(order), "needs an order in 0, 1, ..., 20"),
    "LambertW": (lambda value, branch=0: branch in (0, -1), "has the real branches 0 and -1 only"),
    "GeometricDepth": (_are_depth, "needs a share in [0, 1] and a count that is an integer >= 0"),
}


def _refused(node: Any, reason: str) -> ParameterError:
    return ParameterError(f"expression: {shortened(node)}: {reason}")
