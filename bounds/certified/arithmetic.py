"""Powers and comparisons of values that are exact rationals or balls.

A value is an ``fmpq`` where it is known exactly, else an ``arb`` ball that contains it. A ball that
is not finite says "not decided at this precision"; the caller raises the precision.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq, fmpz

from bounds.errors import ParameterError

__all__ = [
    "ONE",
    "UNDECIDED",
    "ZERO",
    "Value",
    "ball",
    "cut",
    "fmpq_of",
    "hull",
    "power",
    "refuse",
    "sign",
]

Value = Any
"""``fmpq`` or ``arb``."""

ZERO, ONE = fmpq(0), fmpq(1)
UNDECIDED = arb("nan")
_LONGEST = 2048
"""Bits up to which a rational is carried exactly."""


def fmpq_of(value: Fraction | int) -> fmpq:
    """Return a Python rational as a flint rational."""
    return fmpq(value.numerator, value.denominator)


def ball(value: Value) -> arb:
    """Return ``value`` as a ball at the working precision."""
    return value if isinstance(value, arb) else arb(value)


def cut(value: Value) -> Value:
    """Return a long rational as a ball, anything else as it is."""
    is_long = isinstance(value, fmpq) and value.height_bits() > _LONGEST
    return arb(value) if is_long else value


def hull(low: Value, high: Value) -> arb:
    """Return a ball around the interval from ``low`` to ``high``."""
    return ball(low).union(ball(high))


def refuse(function: str, value: Value) -> ParameterError:
    """Return the error for a value at which ``function`` is not a real number."""
    return ParameterError(f"{function} of {_shown(value)} is not a real number")


def sign(value: Value) -> int | None:
    """Return -1, 0 or 1, or ``None`` where the ball does not tell."""
    if value > 0:
        return 1
    if value < 0:
        return -1
    is_zero = value == 0 if isinstance(value, fmpq) else value.is_zero()
    return 0 if is_zero else None


def power(base: Value, exponent: Value) -> Value:
    """Return ``base ** exponent``; ``0 ** 0`` is one."""
    if isinstance(exponent, fmpq):
        if exponent.q == 1:
            return _integer_power(base, int(exponent.p))
        if isinstance(base, fmpq):
            root = _rational_power(base, exponent)
            if root is not None:
                return root
    return _real_power(base, exponent)


def _integer_power(base: Value, count: int) -> Value:
    if count == 0:
        return ONE
    if count < 0 and sign(base) == 0:
        raise refuse("1/x", base)
    if isinstance(base, fmpq):
        if base.height_bits() * abs(count) <= _LONGEST:
            return base**count
        base = arb(base)
    return base ** fmpz(count)


def _rational_power(base: fmpq, exponent: fmpq) -> fmpq | None:
    """Return the exact value where the root is rational, so that ties can be decided."""
    order = int(exponent.q)
    if base <= 0 or order > _LONGEST:
        return None
    roots = [number.root(order) for number in (base.p, base.q)]
    if any(r**order != number for r, number in zip(roots, (base.p, base.q), strict=True)):
        return None
    return cut(_integer_power(fmpq(*roots), int(exponent.p)))


def _real_power(base: Value, exponent: Value) -> Value:
    of_base, of_exponent = sign(base), sign(exponent)
    if of_base == 1:
        return ball(base) ** ball(exponent)
    if of_base == -1 or (of_base == 0 and of_exponent == -1):
        raise refuse("real power", base)
    if of_exponent == 0:
        return ONE
    if of_exponent != 1:
        return UNDECIDED
    if of_base == 0:
        return ZERO
    return hull(ZERO, base.upper() ** ball(exponent))


def _shown(value: Value) -> str:
    return str(value) if isinstance(value, fmpq) else str(value.str(max(5, ctx.dps // 4)))
