"""An expression from text, by a grammar of its own: no text is ever executed.

Python's :mod:`ast` only splits the text; every node of it must be one of the few kinds below, every
name one of the notation, a constant or a function of :mod:`bounds.own.grammar`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import sympy as sp

from bounds.errors import ParameterError, did_you_mean, shortened
from bounds.notation import NOTATION, x
from bounds.own.grammar import CONSTANTS, FUNCTIONS, functions, scalars, sequences
from bounds.parameters import OwnSymbol
from bounds.values import fraction_of

__all__ = ["expression_of"]

_LONGEST = 2000
_DEEPEST = 50
_LARGEST_EXPONENT = 1000
_LARGEST_ARGUMENT = 1000
_MOST_BITS = 4096
_MAGNITUDE = sp.Integer(10) ** 400
_UNDECIDED = (sp.Sum, sp.Integral, sp.Piecewise)

_Scope = Mapping[str, Any]
"""Indices of the sums around a part, by name."""


def expression_of(text: str, own: Mapping[str, OwnSymbol] | None = None) -> sp.Expr:
    """Return the expression that ``text`` writes in the notation's symbols or words.

    Args:
        text: such as ``"C*n**-gamma*Sum((1 - a)**k, (k, 0, j - 1))"``; ``^`` is a power, ``lambda``
            the symbol, a decimal such as ``0.1`` the number it says; at most 2000 characters.
        own: symbols of the user's own, by name; they come first.

    Raises:
        ParameterError: anything that is not of the grammar.
    """
    if len(text) > _LONGEST:
        raise ParameterError(f"expression: {len(text)} characters, must be at most {_LONGEST}")
    plain = re.sub(r"\blambda\b", "lam", _spoken(text).replace("^", "**")).strip()
    try:
        tree = ast.parse(plain, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ParameterError(f"expression = {shortened(text)}: is no expression") from None
    try:
        return _Reader(plain, own or {}).expression(tree, {}, 0)
    except (TypeError, ValueError, ArithmeticError, NotImplementedError) as error:
        if isinstance(error, ParameterError):
            raise
        raise ParameterError(f"expression = {shortened(text)}: SymPy refuses it") from None


def _spoken(text: str) -> str:
    """The text with words in the place of symbols such as ``chi^2`` and ``s_+``, no names."""
    for name, word in _words().items():
        text = re.sub(rf"\b{re.escape(name)}", word, text)
    return text


@cache
def _words() -> Mapping[str, str]:
    numbers = (e for e in NOTATION.values() if not (e.is_sequence or e.is_function))
    named = ((str(e.symbol), e.word) for e in numbers)
    return {name: word for name, word in named if not name.isidentifier()}


class _Reader:
    def __init__(self, text: str, own: Mapping[str, OwnSymbol]) -> None:
        self._text = text
        self._scalars = {**scalars(), **own}
        self._sequences, self._functions = sequences(), functions()

    def expression(self, node: ast.expr, scope: _Scope, depth: int) -> sp.Expr:
        read = self._read(node, scope, depth)
        if not isinstance(read, sp.Expr):
            raise self._refused(node, "must be a number")
        return _fitting(read)

    def _read(self, node: ast.expr, scope: _Scope, depth: int) -> Any:
        if depth > _DEEPEST:
            raise ParameterError(f"expression: nested more than {_DEEPEST} deep")
        readers: dict[type, Callable[..., Any]] = {
            ast.Constant: self._number,
            ast.Name: self._name,
            ast.UnaryOp: self._unary,
            ast.BinOp: self._binary,
            ast.Subscript: self._entry,
            ast.Call: self._call,
        }
        if type(node) not in readers:
            raise self._refused(node, f"{type(node).__name__} is not of the grammar")
        return readers[type(node)](node, scope, depth + 1)

    def _number(self, node: ast.Constant, scope: _Scope, depth: int) -> sp.Expr:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise self._refused(node, "must be a number")
        try:
            value = fraction_of(self._source(node))
        except ValueError as error:
            raise self._refused(node, str(error)) from None
        return sp.Rational(value.numerator, value.denominator)

    def _name(self, node: ast.Name, scope: _Scope, depth: int) -> sp.Expr:
        known = {**self._scalars, **CONSTANTS, **scope}
        if node.id not in known:
            raise ParameterError(
                f"expression: {shortened(node.id)} not in bounds.notation.NOTATION"
                f"{did_you_mean(node.id, known)}"
            )
        return known[node.id]

    def _unary(self, node: ast.UnaryOp, scope: _Scope, depth: int) -> sp.Expr:
        value = self.expression(node.operand, scope, depth)
        if isinstance(node.op, ast.UAdd | ast.USub):
            return -value if isinstance(node.op, ast.USub) else value
        raise self._refused(node, "only + and - stand before a number")

    def _binary(self, node: ast.BinOp, scope: _Scope, depth: int) -> sp.Expr:
        """One link after the other, so that a long sum is not nested deep."""
        links: list[tuple[Callable[..., Any], ast.expr]] = []
        first: ast.expr = node
        while isinstance(first, ast.BinOp):
            if type(first.op) not in _OPERATIONS:
                raise self._refused(first, f"{type(first.op).__name__} is not of the grammar")
            links.append((_OPERATIONS[type(first.op)], first.right))
            first = first.left
        value = self.expression(first, scope, depth)
        for operation, right in reversed(links):
            value = _fitting(operation(value, self.expression(right, scope, depth)))
        return value

    def _entry(self, node: ast.Subscript, scope: _Scope, depth: int) -> sp.Expr:
        name = node.value.id if isinstance(node.value, ast.Name) else ""
        if name not in self._sequences:
            raise self._refused(node, f"must be a sequence: {', '.join(self._sequences)}")
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return self._sequences[name][tuple(self.expression(p, scope, depth) for p in parts)]

    def _call(self, node: ast.Call, scope: _Scope, depth: int) -> sp.Expr:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if node.keywords or any(isinstance(part, ast.Starred) for part in node.args):
            raise self._refused(node, "takes plain arguments")
        special = {"Sum": self._sum, "Integral": self._integral, "Piecewise": self._piecewise}
        if name in special:
            return special[name](node, scope, depth)
        if name in self._functions and len(node.args) == 1 and name not in FUNCTIONS:
            return self._functions[name](self.expression(node.args[0], scope, depth))
        if name not in FUNCTIONS:
            known = (*FUNCTIONS, *special)
            raise self._refused(node, f"must be one of {', '.join(known)}")
        accepted = FUNCTIONS[name]
        if not accepted.fewest <= len(node.args) <= accepted.most:
            raise self._refused(
                node, f"{name} takes {accepted.fewest} to {accepted.most} arguments"
            )
        arguments = [self.expression(part, scope, depth) for part in node.args]
        return accepted.make(*map(_small, arguments))

    def _sum(self, node: ast.Call, scope: _Scope, depth: int) -> sp.Expr:
        body, *ranges = node.args or [node]
        if not ranges:
            raise self._refused(node, "must be Sum(term, (k, first, last))")
        limits: list[tuple[Any, Any, Any]] = []
        for part in reversed(ranges):  # the last one is the outermost
            index, lower, upper = self._range(part, scope, depth)
            limits.insert(0, (index, lower, upper))
            scope = {**scope, index.name: index}
        return sp.Sum(self.expression(body, scope, depth), *limits)

    def _range(self, part: ast.expr, scope: _Scope, depth: int) -> tuple[Any, Any, Any]:
        is_range = isinstance(part, ast.Tuple) and len(part.elts) == 3
        if not is_range or not isinstance(part.elts[0], ast.Name):  # type: ignore[attr-defined]
            raise self._refused(part, "must be (k, first, last)")
        name, lower, upper = part.elts  # type: ignore[attr-defined]
        outer = {**scope, "oo": sp.oo}
        limits = (self.expression(limit, outer, depth) for limit in (lower, upper))
        return (sp.Symbol(name.id, integer=True), *limits)

    def _integral(self, node: ast.Call, scope: _Scope, depth: int) -> sp.Expr:
        if len(node.args) != 2 or ast.unparse(node.args[1]) != "(x, -oo, oo)":
            raise self._refused(node, "must be Integral(term, (x, -oo, oo))")
        body = self.expression(node.args[0], {**scope, "x": x}, depth)
        return sp.Integral(body, (x, -sp.oo, sp.oo))

    def _piecewise(self, node: ast.Call, scope: _Scope, depth: int) -> sp.Expr:
        pairs = []
        for part in node.args:
            if not (isinstance(part, ast.Tuple) and len(part.elts) == 2):
                raise self._refused(part, "must be (value, condition)")
            value, condition = part.elts
            holds = self._condition(condition, scope, depth)
            pairs.append((self.expression(value, scope, depth), holds))
        return sp.Piecewise(*pairs, evaluate=False)

    def _condition(self, node: ast.expr, scope: _Scope, depth: int) -> Any:
        if depth > _DEEPEST:
            raise ParameterError(f"expression: nested more than {_DEEPEST} deep")
        if isinstance(node, ast.Constant) and isinstance(node.value, bool):
            return sp.true if node.value else sp.false
        joined = _joined(node)
        if joined is not None:
            junction, parts = joined
            return junction(*(self._condition(part, scope, depth + 1) for part in parts))
        return self._comparison(node, scope, depth)

    def _comparison(self, node: ast.expr, scope: _Scope, depth: int) -> Any:
        relations, parts = _compared(node)
        if not relations or None in relations:
            raise self._refused(node, "must be a comparison")
        sides = [_small(self.expression(part, scope, depth)) for part in parts]
        links = zip(relations, sides[:-1], sides[1:], strict=True)
        return sp.And(*(relation(p, q) for relation, p, q in links))

    def _source(self, node: ast.expr) -> str:
        return ast.get_source_segment(self._text, node) or type(node).__name__

    def _refused(self, node: ast.expr, reason: str) -> ParameterError:
        return ParameterError(f"expression: {shortened(self._source(node))}: {reason}")


def _power(base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    if exponent.is_number and not _magnitude(exponent) <= _LARGEST_EXPONENT:
        raise ParameterError(f"expression: an exponent is larger than {_LARGEST_EXPONENT}")
    if base == 0 and exponent.is_negative:
        raise ParameterError("expression: divides by zero")
    return base**exponent


def _quotient(p: sp.Expr, q: sp.Expr) -> sp.Expr:
    if q == 0:
        raise ParameterError("expression: divides by zero")
    return p / q


_OPERATIONS: dict[type, Callable[[sp.Expr, sp.Expr], sp.Expr]] = {
    ast.Add: lambda p, q: p + q,
    ast.Sub: lambda p, q: p - q,
    ast.Mult: lambda p, q: p * q,
    ast.Div: _quotient,
    ast.Pow: _power,
}
_JUNCTIONS: dict[type, Callable[..., Any]] = {
    ast.And: sp.And,
    ast.BitAnd: sp.And,
    ast.Or: sp.Or,
    ast.BitOr: sp.Or,
}
_NAMED_RELATIONS = {"Eq": sp.Eq, "Ne": sp.Ne}
_RELATIONS: dict[type, Callable[..., Any]] = {
    ast.Lt: sp.Lt,
    ast.LtE: sp.Le,
    ast.Gt: sp.Gt,
    ast.GtE: sp.Ge,
    ast.Eq: sp.Eq,
    ast.NotEq: sp.Ne,
}


def _joined(node: ast.expr) -> tuple[Callable[..., Any], list[ast.expr]] | None:
    """``and``, ``or``, ``&`` or ``|``, and what it joins."""
    if isinstance(node, ast.BoolOp):
        return _JUNCTIONS[type(node.op)], node.values
    if isinstance(node, ast.BinOp) and type(node.op) in _JUNCTIONS:
        return _JUNCTIONS[type(node.op)], [node.left, node.right]
    return None


def _compared(node: ast.expr) -> tuple[list[Any], list[ast.expr]]:
    """The relations and sides of ``p < q <= r``, or of ``Eq(p, q)`` as SymPy prints it."""
    if isinstance(node, ast.Compare):
        return [_RELATIONS.get(type(op)) for op in node.ops], [node.left, *node.comparators]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 2:
        return [_NAMED_RELATIONS.get(node.func.id)], node.args
    return [], []


def _small(argument: sp.Expr) -> sp.Expr:
    """Refuse a large number where SymPy would work it out: in a function or a comparison."""
    if argument.is_number and not _magnitude(argument) <= _LARGEST_ARGUMENT:
        raise ParameterError(
            f"expression: a number larger than {_LARGEST_ARGUMENT} in a function or a comparison"
        )
    return argument


def _magnitude(number: sp.Expr) -> sp.Expr:
    if number.has(*_UNDECIDED):
        raise ParameterError("expression: a sum or a choice of numbers only; write the number")
    return sp.Abs(number if number.is_Rational else number.evalf(5))


def _fitting(read: sp.Expr) -> sp.Expr:
    """Refuse a number that grew too long before anything more is made of it."""
    if read.has(sp.nan, sp.zoo, sp.I):
        raise ParameterError("expression: a part is no real number")
    bits = (max(r.p.bit_length(), r.q.bit_length()) for r in read.atoms(sp.Rational))
    is_plain = read.is_number and read not in (sp.oo, -sp.oo) and not read.has(*_UNDECIDED)
    is_large = is_plain and _magnitude(read) > _MAGNITUDE
    if max(bits, default=0) > _MOST_BITS or is_large:
        raise ParameterError("expression: a number is too large")
    return read
