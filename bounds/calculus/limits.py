"""Exact limits of an expression in one of its symbols, and its leading term at infinity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from bounds.calculus.signs import is_nonnegative, is_positive
from bounds.functions import textbook
from bounds.notation import Notation, symbol_of

__all__ = ["leading", "limit_by_rules", "limit_of", "tendency"]

_MOST_SAMPLES = 8
_CLOSE = sp.Float("1e-9")
_WHY = (NotImplementedError, ValueError, TypeError, RecursionError, AttributeError)


def limit_of(expression: sp.Expr, entry: Notation, to: sp.Expr) -> sp.Expr | None:
    """Return the limit of ``expression``, by rules or else by SymPy; ``None`` if none was found."""
    found = limit_by_rules(expression, entry, to)
    return _by_sympy(expression, entry, to) if found is None else found


def limit_by_rules(expression: sp.Expr, entry: Notation, to: sp.Expr) -> sp.Expr | None:
    """Return the limit by leading terms, or by continuity; ``None`` where these do not tell."""
    return (_at_infinity if to is sp.oo else _at_a_point)(expression, entry, to)


def _at_infinity(expression: sp.Expr, entry: Notation, to: sp.Expr) -> sp.Expr | None:
    del to
    x = entry.symbol
    term = leading(expression, x)
    goes = None if term is None else tendency(term, x)
    if term is None or goes is None:
        return None
    return {-1: sp.Integer(0), 0: term, 1: sp.oo}[goes]


def _at_a_point(expression: sp.Expr, entry: Notation, to: sp.Expr) -> sp.Expr | None:
    """The value, where there is one: the functions used are continuous."""
    if not expression.has(sp.Piecewise, sp.ceiling, sp.floor):
        value = expression.subs(entry.symbol, to)
        value = textbook(value.replace(_is_empty, lambda node: sp.Integer(0)))
        if not _is_odd(value) and not value.atoms(sp.Pow) & _zero_powers(value):
            return value
    return None


def _is_empty(node: Any) -> bool:
    return isinstance(node, sp.Sum) and (node.limits[0][2] < node.limits[0][1]) == sp.true


def _zero_powers(value: sp.Expr) -> set[sp.Expr]:
    return {node for node in value.atoms(sp.Pow) if node.base == 0}


def _is_odd(value: sp.Expr) -> bool:
    return bool(
        value.has(sp.Limit, sp.nan, sp.zoo, sp.I, sp.AccumBounds, sp.Piecewise, sp.sign)
        or (value.has(sp.oo) and not value.has(sp.Sum, sp.Integral) and value is not sp.oo)
    )


def _by_sympy(expression: sp.Expr, entry: Notation, to: sp.Expr) -> sp.Expr | None:
    signed, back = _with_signs(textbook(expression), entry.symbol)
    x = sp.Dummy("x", positive=True) if to is sp.oo or entry.minimum >= 0 else sp.Dummy("x")
    try:
        value = sp.limit(signed.xreplace({entry.symbol: x}), x, to, _side(entry, to))
        result = sp.powsimp(sp.simplify(value.xreplace(back)), combine="exp")
    except _WHY:
        return None
    if _is_odd(result) or result.has(x):
        return None
    along = textbook(expression).xreplace({entry.symbol: x})
    return result if _is_same_at_samples(along, x, to, _side(entry, to), result) else None


def _is_same_at_samples(
    along: sp.Expr, x: sp.Symbol, to: sp.Expr, side: str, found: sp.Expr
) -> bool:
    """Whether the limit is the same with numbers for the other symbols, some large, some small.

    SymPy takes a sign that it does not know, such as that of ``h - s`` in ``exp((s - h) n)``, for
    one of the two; what it finds then holds on a part of the range only.
    """
    others = sorted((s for s in along.free_symbols - {x} if symbol_of(s)), key=str)
    for pattern in range(min(2 ** len(others), _MOST_SAMPLES)):
        numbers = {s: _sample(s, i, pattern >> (i % 3) & 1) for i, s in enumerate(others)}
        try:
            at_numbers = sp.limit(along.xreplace(numbers), x, to, side)
        except _WHY:
            continue
        if not _is_same(at_numbers, found.xreplace(numbers)):
            return False
    return True


def _sample(symbol: sp.Symbol, place: int, large: int) -> sp.Expr:
    entry = symbol_of(symbol)
    assert entry is not None
    if np.isfinite(entry.maximum):
        width = sp.nsimplify(entry.maximum) - sp.nsimplify(entry.minimum)
        inside = sp.Rational(place + 1, place + 2) if large else sp.Rational(1, place + 3)
        return sp.nsimplify(entry.minimum) + width * inside
    least = sp.nsimplify(entry.minimum) if np.isfinite(entry.minimum) else sp.Integer(0)
    if entry.integer:
        return least + (place + 3 if large else place)
    return least + (place + 2 if large else sp.Rational(1, place + 2))


def _is_same(p: sp.Expr, q: sp.Expr) -> bool:
    if p == q or p.has(sp.Limit):
        return True
    if not (p.is_finite and q.is_finite):
        return False
    return bool(abs(sp.N(p - q)) <= _CLOSE * (1 + abs(sp.N(q))))


def _side(entry: Notation, to: sp.Expr) -> str:
    return "-" if to is sp.oo or to == entry.maximum else "+"


def _with_signs(expression: sp.Expr, moving: sp.Symbol) -> tuple[sp.Expr, dict[Any, sp.Expr]]:
    """Write symbols of an open interval (0, 1) as ``1 / (1 + t)``, so that signs are known."""
    forward, back = {}, {}
    for symbol in expression.free_symbols - {moving}:
        entry = symbol_of(symbol)
        if entry is not None and (entry.minimum, entry.maximum) == (0, 1):
            t = sp.Dummy("t", positive=True)
            forward[symbol], back[t] = 1 / (1 + t), 1 / symbol - 1
    return expression.xreplace(forward), back


def leading(expression: Any, x: sp.Symbol) -> sp.Expr | None:
    """Return a simpler expression whose quotient with ``expression`` tends to one, if one is found.

    Args:
        expression: in ``x`` and other symbols, taken inside their ranges.
        x: the symbol that goes to infinity.
    """
    if x not in expression.free_symbols or expression == x:
        return expression
    if isinstance(expression, sp.Add):
        return _of_sum(expression, x)
    if isinstance(expression, sp.Mul):
        parts = [leading(factor, x) for factor in expression.args]
        return None if None in parts else sp.powsimp(sp.Mul(*parts), combine="exp")
    if isinstance(expression, sp.Pow):
        base, exponent = expression.as_base_exp()
        return _of_power(base, exponent, x)
    if isinstance(expression, sp.Sum):
        return _of_series(expression, x)
    rule = _FUNCTIONS.get(type(expression).__name__)
    return None if rule is None else rule(expression, x)


def tendency(term: sp.Expr, x: sp.Symbol) -> int | None:
    """Return 1, 0 or -1 as ``term`` grows, tends to a constant or vanishes; else ``None``."""
    return _compare(term, sp.Integer(1), x) if is_nonnegative(term) else None


def _of_power(base: sp.Expr, exponent: sp.Expr, x: sp.Symbol) -> sp.Expr | None:
    if x not in exponent.free_symbols:
        part = leading(base, x)
        return None if part is None or part == 0 else part**exponent
    return base**exponent if x not in base.free_symbols else None


def _of_sum(expression: sp.Add, x: sp.Symbol) -> sp.Expr | None:
    parts = [leading(term, x) for term in expression.args]
    if any(part is None for part in parts):
        return None
    total = sp.Integer(0)
    best: list[sp.Expr] = []
    for part in parts:
        above = _compare(part, best[0], x) if best else 1
        if above is None:
            return None
        if above >= 0:
            best = [*best, part] if above == 0 else [part]
    total = sp.simplify(sum(best, total)) if len(best) > 1 else best[0]
    return None if total == 0 else total


def _compare(p: sp.Expr, q: sp.Expr, x: sp.Symbol) -> int | None:
    """Return 1, 0 or -1 as p grows faster than, like, or slower than q; ``None`` if unknown."""
    growth = sp.powsimp(p / q, combine="exp").as_independent(x, as_Add=False)[1]
    signs = [_tends(factor, x) for factor in sp.Mul.make_args(growth)]
    if any(s is None for s in signs):
        return None
    moving = [s for s in signs if s is not None and s[1]]
    top = {sign for rank, sign in moving if rank == max(rank for rank, _ in moving)}
    return (top.pop() if top else 0) if len(top) < 2 else None  # 3^x 2^-x: ranks do not tell


def _tends(factor: sp.Expr, x: sp.Symbol) -> tuple[int, int] | None:
    """Return (rank, sign): rank 2 an exponential, 1 a power, 0 a logarithm; sign its direction."""
    base, exponent = factor.as_base_exp()
    if factor == 1:
        return (0, 0)
    if base == x and x not in exponent.free_symbols:
        return _signed(1, exponent)
    if isinstance(base, sp.log) and x not in exponent.free_symbols:
        return _signed(0, exponent)
    if x not in exponent.free_symbols and exponent != 1:
        return _raised(_tends(base.as_independent(x, as_Add=False)[1], x), exponent)
    if x not in base.free_symbols:
        slope = leading(exponent, x)
        to_zero = is_positive(1 - base)
        if slope is not None and (to_zero or is_positive(base - 1)):
            up = _signed(2, slope.coeff(x) if slope.coeff(x) != 0 else slope)
            return None if up is None else (2, -up[1] if to_zero else up[1])
    return None


def _raised(inner: tuple[int, int] | None, exponent: sp.Expr) -> tuple[int, int] | None:
    of_exponent = None if inner is None else _signed(inner[0], exponent)
    if inner is None or of_exponent is None:
        return None
    return inner[0], inner[1] * of_exponent[1]


def _signed(rank: int, value: sp.Expr) -> tuple[int, int] | None:
    if value == 0:
        return (rank, 0)
    if is_positive(value):
        return (rank, 1)
    return (rank, -1) if is_positive(-value) else None


def _of_series(expression: sp.Sum, x: sp.Symbol) -> sp.Expr | None:
    """Known growth of ``sum_k c k^p`` to an end that grows: a constant, a logarithm, a power."""
    (index, lower, upper), *more = expression.limits
    end, term = leading(upper, x), leading(expression.function, index)
    if more or end is None or term is None or x in expression.function.free_symbols:
        return None
    constant, moving = term.as_independent(index, as_Add=False)
    base, power = moving.as_base_exp()
    if moving != 1 and (base != index or index in power.free_symbols):
        return None
    power = sp.Integer(0) if moving == 1 else power
    if is_positive(-1 - power):
        return sp.Sum(expression.function, (index, lower, sp.oo))
    if power == -1:
        return constant * sp.log(x)
    return constant * end ** (power + 1) / (power + 1) if is_positive(power + 1) else None


def _of_depth(expression: Any, x: sp.Symbol) -> sp.Expr | None:
    share, count = expression.args
    if x not in share.free_symbols:
        return 1 / share if is_nonnegative(share) and not share.is_zero else None
    small = leading(share, x)
    if x in count.free_symbols or small is None:
        return None
    return count if _compare(small, sp.Integer(1), x) == -1 else None


def _of_log(expression: Any, x: sp.Symbol) -> sp.Expr | None:
    part = leading(expression.args[0], x)
    if part is None:
        return None
    base, exponent = part.as_independent(x, as_Add=False)[1].as_base_exp()
    return exponent * sp.log(x) if base == x else None


def _of_harmonic(expression: Any, x: sp.Symbol) -> sp.Expr | None:
    return sp.log(x) if len(expression.args) == 1 and leading(expression.args[0], x) else None


def _saturating(slope: sp.Expr, ceiling: sp.Expr) -> Callable[[Any, sp.Symbol], sp.Expr | None]:
    """A function that is ``slope * y`` for small ``y`` and tends to ``ceiling`` for large ones."""

    def rule(expression: Any, x: sp.Symbol) -> sp.Expr | None:
        part = leading(expression.args[0], x)
        if part is None:
            return None
        compared = _compare(part, sp.Integer(1), x)
        if compared == 0:
            return None if x in part.free_symbols else expression.func(part)
        return {-1: slope * part, 1: ceiling}.get(compared) if compared else None

    return rule


def _of_exponential(expression: Any, x: sp.Symbol) -> sp.Expr | None:
    part = leading(expression.args[0], x)
    if part is None:
        return None
    return sp.Integer(1) if _compare(part, sp.Integer(1), x) == -1 else None


def _of_least(expression: Any, x: sp.Symbol) -> sp.Expr | None:
    """The slowest of nonnegative terms; the least of those that are equally slow."""
    parts = [leading(argument, x) for argument in expression.args]
    if any(part is None or not is_nonnegative(part) for part in parts):
        return None
    least = [parts[0]]
    for part in parts[1:]:
        compared = _compare(part, least[0], x)
        if compared is None:
            return None
        if compared <= 0:
            least = [*least, part] if compared == 0 else [part]
    return sp.Min(*least)


_FUNCTIONS = {
    "Min": _of_least,
    "OneMinusExp": _saturating(sp.Integer(1), sp.Integer(1)),
    "atan": _saturating(sp.Integer(1), sp.pi / 2),
    "GeometricDepth": _of_depth,
    "log": _of_log,
    "harmonic": _of_harmonic,
    "erf": _saturating(2 / sp.sqrt(sp.pi), sp.Integer(1)),
    "exp": _of_exponential,
}
