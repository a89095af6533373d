"""The special functions of the walk: SymPy's name, flint's ball, the edges where one is exact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from flint import acb, arb, ctx, fmpq

from bounds.certified.arithmetic import (
    ONE,
    UNDECIDED,
    ZERO,
    Value,
    ball,
    hull,
    power,
    refuse,
    sign,
)

__all__ = ["FUNCTIONS"]

_SMALL_COUNT = 64
_MOST_WHOLE = fmpq(2**16384)
"""An integer beyond it is not written out."""


def _exp(x: Value) -> Value:
    return ONE if sign(x) == 0 else ball(x).exp()


def _log(x: Value) -> Value:
    if isinstance(x, fmpq) and x == 1:
        return ZERO
    return _on_positive("log", x, arb.log)


def _on_positive(name: str, x: Value, function: Callable[[arb], arb]) -> Value:
    where = sign(x)
    if where == 1:
        return function(ball(x))
    if where is None:
        return UNDECIDED
    raise refuse(name, x)


def _plain(function: Callable[[arb], arb]) -> Callable[[Value], Value]:
    return lambda x: function(ball(x))


def _zero_at_zero(function: Callable[[arb], arb]) -> Callable[[Value], Value]:
    return lambda x: ZERO if sign(x) == 0 else function(ball(x))


def _gamma(x: Value) -> Value:
    return _on_positive("gamma", x, arb.gamma)


def _loggamma(x: Value) -> Value:
    return _on_positive("loggamma", x, arb.lgamma)


def _digamma(x: Value) -> Value:
    return _on_positive("digamma", x, arb.digamma)


def _polygamma(order: Value, x: Value) -> Value:
    if sign(order) == 0:
        return _digamma(x)
    return _on_positive("polygamma", x, lambda y: acb(y).polygamma(acb(ball(order))).real)


def _zeta(s: Value, a: Value = ONE) -> Value:
    if isinstance(s, fmpq) and s == 1:
        raise refuse("zeta", s)
    if isinstance(a, fmpq) and a == 1:
        return ball(s).zeta()
    if isinstance(s, fmpq) and isinstance(a, fmpq) and a > 0:
        return _hurwitz(s, a, ctx.prec)
    return _on_positive("zeta", a, lambda y: ball(s).zeta(y))


@lru_cache(maxsize=256)
def _hurwitz(s: fmpq, a: fmpq, bits: int) -> arb:
    """At the working precision ``bits``; a search asks for the same values again and again."""
    del bits
    return ball(s).zeta(ball(a))


def _harmonic(count: Value, order: Value = ONE) -> Value:
    if sign(count) == 0:
        return ZERO
    first = isinstance(order, fmpq) and order == 1
    if first and isinstance(count, fmpq) and count.q == 1 and 0 < count <= _SMALL_COUNT:
        return fmpq.harmonic(int(count.p))
    if first:
        return _digamma(count + 1) + arb.const_euler()
    return _zeta(order) - _zeta(order, count + 1)


def _lambertw(x: Value, branch: Value = ZERO) -> Value:
    """W on the real line: branch 0 for ``x >= -1/e``, branch -1 for ``-1/e <= x < 0``.

    flint's ball is widened a little and accepted only if ``w exp(w) - x``, which is monotone on
    each branch, is seen to change its sign between the two ends.
    """
    if not (isinstance(branch, fmpq) and branch in (0, -1)):
        raise refuse("LambertW, branch", branch)
    which = int(branch.p)
    if sign(x) == 0 and which == 0:
        return ZERO
    if which == -1 and sign(x) in (0, 1):
        raise refuse("LambertW_{-1}", x)
    w = ball(x).lambertw(which)
    wide = w + (2 * w.rad() + 8 * abs(w) * arb(2) ** -ctx.prec) * arb(0, 1)
    return wide if w.is_finite() and _is_branch(wide, ball(x), which) else UNDECIDED


def _is_branch(w: arb, x: arb, branch: int) -> bool:
    low, high = w.lower(), w.upper()
    at_low, at_high = low * low.exp() - x, high * high.exp() - x
    if branch == 0:
        return bool(low >= -1 and at_low <= 0 <= at_high)
    return bool(high <= -1 and at_high <= 0 <= at_low)


def _absolute(x: Value) -> Value:
    return -x if x < 0 else x if x > 0 or sign(x) == 0 else abs(x)


def _largest(*values: Value) -> Value:
    result = values[0]
    for value in values[1:]:
        result = _larger(result, value)
    return result


def _larger(p: Value, q: Value) -> Value:
    if p >= q:
        return p
    return q if p <= q else ball(p).max(ball(q))


def _smallest(*values: Value) -> Value:
    return -_largest(*(-value for value in values))


def _ceiling(x: Value) -> Value:
    if isinstance(x, fmpq):
        return fmpq(x.ceil())
    if abs(x) > _MOST_WHOLE:
        return x + hull(ZERO, ONE)
    whole = x.ceil().unique_fmpz()
    return UNDECIDED if whole is None else fmpq(whole)


def _sign(x: Value) -> Value:
    known = sign(x)
    return hull(-ONE, ONE) if known is None else fmpq(known)


def _floor(x: Value) -> Value:
    return -_ceiling(-x)


def _geometric_depth(share: Value, count: Value) -> Value:
    r"""``(1 - (1-a)^j) / a`` with its limit j at ``a = 0``, and 0 at ``j = 0``."""
    if sign(count) == 0:
        return ZERO
    of_share = sign(share)
    if of_share == 0:
        return count
    if of_share is None:
        return _depth_near_zero(share, count)
    if isinstance(share, fmpq) and (share == 1 or _is_short(share, count)):
        return (ONE - power(ONE - share, count)) / share
    return _depth(ball(share), count)


def _is_short(share: fmpq, count: Value) -> bool:
    return isinstance(count, fmpq) and count.q == 1 and share.height_bits() * abs(count) <= 512


def _depth(share: arb, count: Value) -> arb:
    if share < 1:
        return -(ball(count) * (-share).log1p()).expm1() / share
    return (1 - ball(power(1 - share, count))) / share


def _depth_near_zero(share: arb, count: Value) -> arb:
    """The depth falls in the share, so its values at the ends of the ball enclose it."""
    top = share.upper()
    return hull(count, _depth(top, count)) if top < 1 else UNDECIDED


FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "exp": _exp,
        "log": _log,
        "erf": _zero_at_zero(arb.erf),
        "erfc": _plain(arb.erfc),
        "atan": _zero_at_zero(arb.atan),
        "asin": _zero_at_zero(arb.asin),
        "acos": _plain(arb.acos),
        "asinh": _zero_at_zero(arb.asinh),
        "acosh": _plain(arb.acosh),
        "atanh": _zero_at_zero(arb.atanh),
        "sin": _zero_at_zero(arb.sin),
        "tan": _zero_at_zero(arb.tan),
        "cos": _plain(arb.cos),
        "sinh": _zero_at_zero(arb.sinh),
        "cosh": _plain(arb.cosh),
        "tanh": _zero_at_zero(arb.tanh),
        "gamma": _gamma,
        "factorial": lambda x: _gamma(x + 1),
        "loggamma": _loggamma,
        "digamma": _digamma,
        "polygamma": _polygamma,
        "zeta": _zeta,
        "harmonic": _harmonic,
        "LambertW": _lambertw,
        "Abs": _absolute,
        "Max": _largest,
        "Min": _smallest,
        "sign": _sign,
        "ceiling": _ceiling,
        "floor": _floor,
        "GeometricDepth": _geometric_depth,
        "OneMinusExp": lambda x: ZERO if sign(x) == 0 else -(-ball(x)).expm1(),
    }
)
