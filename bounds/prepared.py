r"""An expression in the forms in which floats keep their digits; its value is the same.

.. math:: \frac{\Gamma(u + m - d)}{\Gamma(u)} = \frac{\Gamma(u + m)}{\Gamma(u)}
   \frac{\Gamma(u + m - d)}{\Gamma(u + m)}, \qquad
   \sum_{k=K}^{M} c\,q^{s k + t} = c\,q^{s K + t} \sum_{i=0}^{M-K} q^{s i},

and a product to the power of a count is told to be one.

The printers and the count of rounding errors take expressions so; what is displayed, asked and
enclosed is the bound's own expression.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import sympy as sp

from bounds.calculus.signs import is_nonnegative
from bounds.functions import GammaQuotient, GeometricSum, TwofoldPower
from bounds.notation import symbol_of

__all__ = ["Powers", "as_powers", "prepared", "small_complement"]

_LARGEST_SHIFT, _LEAST = 3, 2
_UNIT = 1.0


class Powers(NamedTuple):
    """``constant * base ** (step * index + offset)``."""

    constant: sp.Expr
    base: sp.Expr
    step: sp.Rational
    offset: sp.Expr


@cache
def prepared(expression: sp.Expr) -> sp.Expr:
    """Return an equal expression that floats compute to their last digits but for a few units."""
    found = expression
    if found.has(sp.loggamma):
        found = found.replace(sp.exp, _of_gammas)
    found = found.replace(lambda node: isinstance(node, sp.Sum), _of_powers)
    return found.replace(_is_rounded_power, lambda power: TwofoldPower(*power.args))


def as_powers(function: sp.Expr, index: sp.Symbol) -> Powers | None:
    """Return the parts of the term of a geometric sum; ``None`` where it is none.

    Args:
        function: the summand.
        index: the summation index.
    """
    constant, power = sp.powsimp(function).as_independent(index, as_Add=False)
    if not power.is_Pow or index in power.base.free_symbols or not is_nonnegative(power.base):
        return None
    step = power.exp.diff(index)
    if not (step.is_Rational and step > 0):
        return None
    return Powers(constant, power.base, step, sp.expand(power.exp - step * index))


def small_complement(expr: sp.Pow) -> sp.Expr | None:
    """Return ``1 - base`` where it is a product: a ``base`` near one would lose its digits."""
    if expr.exp.is_number or not expr.base.free_symbols:
        return None
    complement = sp.together(1 - expr.base)
    is_product = not sp.fraction(complement)[0].is_Add
    return complement if is_product and complement.is_nonnegative else None


def _of_powers(node: sp.Sum) -> sp.Expr:
    *inner, (index, lower, upper) = node.limits
    found = None if inner or upper is sp.oo else as_powers(node.function, index)
    if found is None or not (lower.is_integer and upper.is_integer):
        return node
    first = found.base ** sp.expand(found.step * lower + found.offset)
    return found.constant * first * GeometricSum(found.base, found.step, upper - lower + 1)


def _is_rounded_power(node: Any) -> bool:
    """Whether a count is the exponent of a product or quotient, which is rounded before."""
    if not (node.is_Pow and node.base.is_Mul) or node.exp.is_number:
        return False
    if small_complement(node) is not None or not node.exp.is_integer:
        return False
    return all(map(is_nonnegative, node.args))


def _of_gammas(exponent: sp.Expr) -> sp.Expr:
    """``exp`` of an exponent, whose log gammas are taken together in pairs."""
    rest, factors = exponent, sp.Integer(1)
    for sign in (1, -1):
        for near, far in _pairs(exponent, sign):
            quotient = _quotient(near.args[0], far.args[0])
            if quotient is not None and rest.has(near) and rest.has(far):
                rest -= sign * (near - far)
                factors *= quotient**sign
    return sp.exp(rest) * factors


def _pairs(exponent: sp.Expr, sign: int) -> list[tuple[sp.Expr, sp.Expr]]:
    """Log gammas of this sign with those of the other one."""
    gammas = sorted(exponent.atoms(sp.loggamma), key=str)
    terms = {side: [t for t in gammas if exponent.coeff(t) == side] for side in (sign, -sign)}
    return [(near, far) for near in terms[sign] for far in terms[-sign]]


def _quotient(near: Any, far: Any) -> sp.Expr | None:
    """``Gamma(near) / Gamma(far)`` where ``near`` is ``far`` plus an integer less a share."""
    gap = near - far
    shift = sp.Integer(0) + gap.as_coeff_Add()[0]
    share = shift - gap
    if not (share.is_Symbol and _is_share(share) and shift.is_Integer):
        return None
    if not (0 <= shift <= _LARGEST_SHIFT and is_nonnegative(far + shift - _LEAST)):
        return None
    return sp.rf(far, shift) * GammaQuotient(far + shift, share)


def _is_share(symbol: sp.Symbol) -> bool:
    entry = symbol_of(symbol)
    return entry is not None and entry.minimum >= 0 and entry.maximum <= _UNIT
