r"""Bounds on the rounding error of a float evaluation of an expression.

The tree is walked with pairs of a value and a first-order bound on its error, unit roundoff
:math:`u = 2^{-53}` per operation: errors of a sum add, a product's are :math:`|p| e_q + |q| e_p`,
a function's are seen by moving its arguments by four of their errors. A comparison of two values
closer than their errors is undecided, which makes the error infinite.

References: N. J. Higham, Accuracy and Stability of Numerical Algorithms, SIAM 2002, section 3.3
(running error analysis).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Or

from bounds.evaluate import primitive
from bounds.notation import Notation, symbol_of
from bounds.prepared import prepared, small_complement
from bounds.values import FloatArray

__all__ = ["is_sure", "roundoff"]

_ACCURACY = 1e-10

_UNIT = 2.0**-53
_OF_FUNCTIONS = 64 * _UNIT
"""Relative error of a special function of SciPy at an exact argument."""
_TINY, _LAST_PLACE = 2.0**-1022, 2.0**-1074
_MOVED = 4
_BLOCK = 1 << 20


class _Near(NamedTuple):
    """A float and a bound on its distance from the exact value."""

    value: FloatArray
    error: FloatArray


_Environment = Mapping[Any, FloatArray]


def roundoff(expression: sp.Expr, values: Mapping[str, FloatArray]) -> FloatArray:
    """Return a bound on the error of the float value of ``expression``; NaN or inf if unknown.

    Args:
        expression: in the symbols of the notation.
        values: by word, as for :func:`bounds.evaluate.compiled`, taken as exact.
    """
    expression = prepared(expression)
    entries = {symbol_of(node): node for node in _leaves(expression)}
    known = {node: values[entry.word] for entry, node in entries.items() if entry is not None}
    known[_CELL] = values.get("cell", np.asarray(1.0))
    with np.errstate(all="ignore"):
        return np.asarray(_near(expression, known).error)


def is_sure(expression: sp.Expr, values: Mapping[str, FloatArray], found: FloatArray) -> np.ndarray:
    """Return where rounding has left ten digits of ``found``, or where it is infinite.

    Args:
        expression: of which ``found`` are the float values.
        values: by word, as for :func:`roundoff`.
        found: the values.
    """
    error = roundoff(expression, values)
    with np.errstate(all="ignore"):
        return np.asarray((error <= _ACCURACY * np.abs(found) + _TINY) | np.isinf(found))


_CELL = sp.Dummy("cell")


def _leaves(expression: sp.Expr) -> set[Any]:
    heads = {node.base for node in expression.atoms(sp.Indexed)}
    heads |= {node.func for node in expression.atoms(AppliedUndef)}
    return heads | set(expression.free_symbols - {base.label for base in heads if _is_base(base)})


def _is_base(head: Any) -> bool:
    return isinstance(head, sp.IndexedBase)


def _near(node: Any, env: _Environment) -> _Near:
    for kind, rule in _RULES:
        if isinstance(node, kind):
            return rule(node, env)
    return _function(node, env)


def _number(node: Any, env: _Environment) -> _Near:
    value = float(node)
    is_exact = node.is_Rational and sp.Rational(value) == node
    return _Near(np.asarray(value), np.asarray(0.0 if is_exact else abs(value) * _UNIT))


def _symbol(node: Any, env: _Environment) -> _Near:
    return _Near(env[node], np.zeros(()))


def _entry(node: Any, env: _Environment) -> _Near:
    return _Near(env[node.base if isinstance(node, sp.Indexed) else node.func], np.zeros(()))


def _add(node: Any, env: _Environment) -> _Near:
    return reduce(_plus, (_near(term, env) for term in node.args))


def _plus(p: _Near, q: _Near) -> _Near:
    value = p.value + q.value
    return _Near(value, p.error + q.error + np.abs(value) * _UNIT)


def _mul(node: Any, env: _Environment) -> _Near:
    return reduce(_times, (_near(factor, env) for factor in node.args))


def _times(p: _Near, q: _Near) -> _Near:
    value = p.value * q.value
    error = np.abs(p.value) * q.error + np.abs(q.value) * p.error + p.error * q.error
    return _Near(value, error + np.abs(value) * _UNIT + _underflow(value))


def _underflow(value: FloatArray) -> FloatArray:
    return np.where(np.abs(value) < _TINY, _LAST_PLACE, 0.0)


def _pow(node: Any, env: _Environment) -> _Near:
    exponent = _near(node.exp, env)
    complement = small_complement(node)
    if complement is not None:
        gap = _near(complement, env)
        if (gap.value < _NEAR_ONE).all():
            return _applied(_by_complement, [gap, exponent])
    return _applied(np.power, [_near(node.base, env), exponent])


_NEAR_ONE = 0.25


def _by_complement(gap: FloatArray, exponent: FloatArray) -> FloatArray:
    return np.asarray(np.exp(exponent * np.log1p(-gap)))


_LEAST = {"gamma": 0, "loggamma": 0, "polygamma": 0, "zeta": 0, "factorial": -1}
"""Open lower ends of the last argument; below them floats give numbers where balls give none."""


def _function(node: Any, env: _Environment) -> _Near:
    """Numbers among the arguments stay where they are: an order, a branch."""
    moving = [argument for argument in node.args if not argument.is_number]
    symbols = sp.symbols(f"u:{len(moving)}")
    operation = primitive(node.func(*_put(node.args, symbols)), *symbols)
    near = _applied(operation, [_near(part, env) for part in moving])
    least = _LEAST.get(type(node).__name__)
    if least is None or not moving:
        return near
    inside = _near(node.args[-1], env).value > least
    return _Near(near.value, np.where(inside, near.error, np.nan))


def _put(arguments: Any, symbols: Any) -> list[Any]:
    remaining = iter(symbols)
    return [part if part.is_number else next(remaining) for part in arguments]


def _applied(function: Callable[..., Any], arguments: list[_Near]) -> _Near:
    values = [argument.value for argument in arguments]
    value = np.asarray(function(*values), dtype=float)
    error = np.abs(value) * _OF_FUNCTIONS + _underflow(value)
    for place, argument in enumerate(arguments):
        if np.any(argument.error):
            error = error + _moved(function, values, place, argument, value)
    return _Near(value, error)


def _moved(
    function: Callable[..., Any],
    values: list[FloatArray],
    place: int,
    argument: _Near,
    value: FloatArray,
) -> FloatArray:
    """Largest change of the function's value as one argument moves."""
    step = _MOVED * argument.error
    ends = (argument.value - step, argument.value + step)
    moved = [function(*values[:place], end, *values[place + 1 :]) for end in ends]
    return np.maximum(np.abs(moved[0] - value), np.abs(moved[1] - value))


def _sum(node: Any, env: _Environment) -> _Near:
    *inner, (index, lower, upper) = node.limits
    body = sp.Sum(node.function, *inner) if inner else node.function
    first, last = (np.rint(_near(limit, env).value) for limit in (lower, upper))
    known = np.isfinite(first) & np.isfinite(last)
    first, last = np.where(known, first, 1.0), np.where(known, last, 0.0)
    start, stop = int(np.min(first)), int(np.max(last))
    wide = {head: value if _has_axis(head) else value[..., None] for head, value in env.items()}
    total = _Near(np.zeros(()), np.zeros(()))
    for low in range(start, stop + 1, _BLOCK):
        ks = np.arange(float(low), min(low + _BLOCK, stop + 1.0))
        part = {head: _cut(head, value, low, ks.size) for head, value in wide.items()}
        terms = _near(body, {**part, index: ks})
        inside = (ks >= first[..., None]) & (ks <= last[..., None])
        total = _plus(total, _added_up(terms, inside))
    return _Near(total.value, np.where(known, total.error, np.nan))


def _has_axis(head: Any) -> bool:
    return _is_base(head)


def _cut(head: Any, value: FloatArray, low: int, count: int) -> FloatArray:
    is_long = _is_base(head) and value.ndim > 0
    return value[..., low - 1 : low - 1 + count] if is_long else value


def _added_up(terms: _Near, inside: np.ndarray) -> _Near:
    value = np.where(inside, terms.value, 0.0)
    error = np.where(inside, terms.error, 0.0).sum(axis=-1)
    rounded = np.abs(value).sum(axis=-1) * np.log2(value.shape[-1] + 1) * _UNIT
    return _Near(value.sum(axis=-1), error + rounded)


def _integral(node: Any, env: _Environment) -> _Near:
    wide = {head: value if _is_on_grid(head) else value[..., None] for head, value in env.items()}
    terms = _near(node.function, wide)
    whole = _added_up(terms, np.ones(terms.value.shape, dtype=bool))
    return _times(whole, _Near(env[_CELL], np.zeros(())))


def _is_on_grid(head: Any) -> bool:
    entry = symbol_of(head)
    return isinstance(entry, Notation) and entry.is_function


def _piecewise(node: Any, env: _Environment) -> _Near:
    chosen = _near(node.args[-1].expr, env)
    for value, condition in reversed(node.args[:-1]):
        holds, here = _holds(condition, env), _near(value, env)
        error = np.where(holds > 0, here.error, chosen.error)
        chosen = _Near(
            np.where(holds > 0, here.value, chosen.value), np.where(np.isnan(holds), np.inf, error)
        )
    return chosen


def _holds(node: Any, env: _Environment) -> FloatArray:
    """One or zero as a condition holds or not, NaN where rounding may have decided it."""
    if isinstance(node, And | Or):
        parts = [_holds(part, env) for part in node.args]
        return np.asarray(reduce(np.minimum if isinstance(node, And) else np.maximum, parts))
    if not isinstance(node, Relational):
        return np.asarray(float(bool(node)))
    p, q = _near(node.lhs, env), _near(node.rhs, env)
    error, gap = p.error + q.error, p.value - q.value
    decided = primitive(node.func(*_SIDES), *_SIDES)(p.value, q.value)
    return np.where((np.abs(gap) <= error) & (error > 0), np.nan, np.asarray(decided, dtype=float))


_SIDES = sp.symbols("p q", real=True)


def _extreme(node: Any, env: _Environment) -> _Near:
    parts = [_near(part, env) for part in node.args]
    pick = np.maximum if isinstance(node, sp.Max) else np.minimum
    return _Near(
        np.asarray(reduce(pick, [part.value for part in parts])),
        np.asarray(reduce(np.maximum, [part.error for part in parts])),
    )


_RULES: tuple[tuple[Any, Callable[[Any, _Environment], _Near]], ...] = (
    (sp.Number | sp.NumberSymbol, _number),
    (sp.Symbol, _symbol),
    (sp.Indexed | AppliedUndef, _entry),
    (sp.Add, _add),
    (sp.Mul, _mul),
    (sp.Pow, _pow),
    (sp.Sum, _sum),
    (sp.Integral, _integral),
    (sp.Piecewise, _piecewise),
    (sp.Max | sp.Min, _extreme),
)
