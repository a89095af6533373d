r"""Certified sums over generations: term by term, or by zeta functions where the range is long.

.. math:: \sum_{k=K}^{M} k^{-s} = \zeta(s, K) - \zeta(s, M+1), \qquad
   \sum_{k=K}^{M} \frac{k^{-s}}{k+1} = \sum_{m \ge 0} (-1)^m
   \bigl[\zeta(s+1+m, K) - \zeta(s+1+m, M+1)\bigr].

and for ``s`` so near one that :math:`k^{1-s}` is one to all digits, by digamma functions. The
second series alternates with decreasing terms for ``K >= 2``, so what is left out is smaller
than the first term left out. ``M`` may be infinite where the sum converges. A geometric sum is the
quotient of two differences of one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from flint import arb, ctx, fmpq

from bounds.certified.arithmetic import ONE, UNDECIDED, ZERO, Value, ball, hull, sign
from bounds.errors import ParameterError
from bounds.prepared import as_powers

__all__ = ["is_closed", "total"]

_LONG = 512
_MOST_TERMS = 10**6
_MOST_SUMS = 10**3

Total = Callable[[Any, Value, Value | None], Value]
_Form = Callable[[Any, int, int | None], Value | None]
"""A closed form; ``None`` where it does not tell."""


Walk = Callable[[sp.Expr], Any]
"""Turns an expression into its certified evaluation; :func:`bounds.certified.walk.walk`."""


def total(function: sp.Expr, index: sp.Symbol, walk: Walk) -> Total:
    """Return the sum of ``function`` over ``index`` as a function of symbols and limits.

    Args:
        function: the summand.
        index: the summation index.
        walk: builds an expression's certified evaluation.
    """
    one = walk(function)
    form = _zeta_form(function, index, walk) or _geometric_form(function, index, walk)
    most = _MOST_SUMS if function.has(sp.Sum) else _MOST_TERMS

    def run(env: Any, lower: Value, upper: Value | None) -> Value:
        first, last = _whole(lower, function), None if upper is None else _whole(upper, function)
        if last is not None and last - first < _LONG:
            return _term_by_term(one, env, index, first, last)
        closed = None if form is None else form(env, first, last)
        if closed is not None:
            return closed
        if last is None or last - first >= most:
            raise ParameterError(f"sum over {index}: more than {most} terms of {function}")
        return _term_by_term(one, env, index, first, last)

    return run


def _whole(limit: Value, function: sp.Expr) -> int:
    if not (isinstance(limit, fmpq) and limit.q == 1):
        raise ParameterError(f"sum of {function}: a limit is not a known integer")
    return int(limit.p)


def _term_by_term(term: Any, env: Any, index: sp.Symbol, first: int, last: int) -> Value:
    inner = dict(env)
    value: Value = ZERO
    for k in range(first, last + 1):
        inner[index] = fmpq(k)
        added = term(inner)
        value = ball(value) + added if isinstance(added, arb) else value + added
        if isinstance(value, fmpq) and value.height_bits() > _LONG:
            value = arb(value)
    return value


def _geometric_form(function: sp.Expr, index: sp.Symbol, walk: Walk) -> _Form | None:
    found = as_powers(function, index)
    if found is None:
        return None
    term, ratio = walk(function), walk(found.base**found.step)

    def run(env: Any, first: int, last: int | None) -> Value | None:
        if last is None:
            return None
        start = term({**env, index: fmpq(first)})
        return start * _geometric(ratio(env), last - first + 1)

    return run


def _geometric(ratio: Value, count: int) -> Value:
    """``sum_{i < count} ratio^i``, which rises with ``ratio >= 0``."""
    if isinstance(ratio, fmpq):
        return _depth(ratio, count)
    low, high = ratio.lower(), ratio.upper()
    return hull(_depth(low if low > 0 else ZERO, count), _depth(high, count))


def _depth(ratio: Value, count: int) -> Value:
    excess = ratio - ONE
    where = sign(excess)
    if where == 0:
        return fmpq(count)
    if sign(ratio) == 0:
        return ONE
    return (fmpq(count) * ball(excess).log1p()).expm1() / excess if where else UNDECIDED


def _zeta_form(function: sp.Expr, index: sp.Symbol, walk: Walk) -> _Form | None:
    """Return the closed form where the summand is ``c k^-s`` or ``c k^-s / (k + 1)``."""
    found = _as_power(function, index)
    if found is None:
        return None
    tail, constant, exponent = found
    return _by_zeta(tail, walk(constant), walk(-exponent), walk(function), index)


def is_closed(function: sp.Expr, index: sp.Symbol) -> bool:
    """Whether the sum of ``function`` over ``index`` has a closed form, however long it is."""
    return any(form(function, index) is not None for form in (_as_power, as_powers))


def _as_power(function: sp.Expr, index: sp.Symbol) -> tuple[Any, sp.Expr, sp.Expr] | None:
    for rest, tail in ((function, _power_tail), (function * (index + 1), _ratio_tail)):
        constant, dependent = sp.powsimp(rest).as_independent(index, as_Add=False)
        base, exponent = dependent.as_base_exp()
        if base == index and index not in exponent.free_symbols:
            return tail, constant, exponent
    return None


def _by_zeta(tail: Any, constant: Any, exponent: Any, term: Any, index: sp.Symbol) -> _Form:
    def run(env: Any, first: int, last: int | None) -> Value:
        start = max(first, 32 + ctx.prec // 4)
        if last is not None and last <= start:
            return _term_by_term(term, env, index, first, last)
        head = _term_by_term(term, env, index, first, start - 1)
        return ball(head) + ball(constant(env)) * tail(exponent(env), start, last)

    return run


def _power_tail(power: Value, first: int, last: int | None) -> arb:
    s = ball(power)
    if last is None:
        if sign(s - 1) != 1:
            raise ParameterError(f"sum of k^-s without end: needs s > 1, s = {s}")
        return s.zeta(arb(first))
    start, stop = arb(first), arb(last) + 1
    excess = ball(power - ONE) * stop.log()
    if abs(excess) < arb(2) ** -ctx.prec:  # the two zeta functions would cancel
        return (stop.digamma() - start.digamma()) * (-excess).exp().union(excess.exp())
    return s.zeta(start) - s.zeta(stop)


def _ratio_tail(s: Value, first: int, last: int | None) -> arb:
    if last is None and sign(s) != 1:
        raise ParameterError(f"sum of k^-s/(k+1) without end: needs s > 0, s = {s}")
    value, m = arb(0), 0
    while True:
        block = _power_tail(s + 1 + m, first, last)
        if block < arb(2) ** (-ctx.prec) * abs(value) or m > ctx.prec:
            return value + arb(0, 1) * abs(block)
        value += -block if m % 2 else block
        m += 1
