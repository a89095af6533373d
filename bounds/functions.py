r"""Functions of the bounds whose textbook form loses digits or divides by zero.

They stand here as SymPy's, and as functions of floats. Expressions are rewritten either way:

.. math:: 1 - (1-u)^v = u\,\mathrm{GeometricDepth}(u, v), \qquad 1 - e^{-u} =
   \mathrm{OneMinusExp}(u).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy as sp

from bounds.calculus.signs import is_nonnegative
from bounds.values import FloatArray

__all__ = [
    "GammaQuotient",
    "GeometricDepth",
    "GeometricSum",
    "LogMinusDigamma",
    "OneMinusExp",
    "Twofold",
    "TwofoldPower",
    "exactly",
    "gamma_quotient",
    "geometric_sum",
    "stable",
    "textbook",
    "twofold_inverse",
    "twofold_plus",
    "twofold_power",
    "twofold_times",
]

Twofold = tuple[FloatArray, FloatArray]
"""A float, and what of the exact value rounding to it has left over."""

_SPLIT = 2.0**27 + 1.0
_SERIES_FROM = 16.0
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
"""B_2i / (2i (2i - 1))"""
_LOGARITHM_TERMS = 16
_NEAR_ONE = 0.5


class GeometricDepth(sp.Function):  # type: ignore[misc]  # SymPy is untyped
    r"""Mean number of models that a walk back to real data visits.

    .. math:: \sum_{k=0}^{j-1} (1-a)^k = \frac{1 - (1-a)^j}{a}, \qquad j \text{ if } a = 0.

    ``doit()`` returns the textbook form on the right; numbers are computed with full relative
    accuracy for every ``a`` in [0, 1].

    Derived: the proof of the entry ``fresh-real``.

    Args:
        a: share of real data, in [0, 1].
        j: number of generations, >= 0.
    """

    nargs = 2

    @classmethod
    def eval(cls, a: sp.Expr, j: sp.Expr) -> sp.Expr | None:
        """Simplify where ``a`` is 0 or 1, or ``j`` is 0 or 1."""
        if a == 0:
            return j
        if j == 0:
            return sp.S.Zero
        return sp.S.One if j == 1 or (a == 1 and j.is_positive) else None

    def doit(self, **hints: Any) -> sp.Expr:
        """Return the textbook form."""
        del hints
        a, j = self.args
        return (1 - sp.factor(1 - a) ** j) / a

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the derivative of the textbook form."""
        a, j = sp.Dummy("a"), sp.Dummy("j")
        form = ((1 - (1 - a) ** j) / a).diff((a, j)[argindex - 1])
        return form.xreplace({a: self.args[0], j: self.args[1]})

    def _eval_evalf(self, prec: int) -> sp.Expr:
        return self.doit()._eval_evalf(prec)


class OneMinusExp(sp.Function):  # type: ignore[misc]
    r""":math:`1 - e^{-x}`, with full relative accuracy for small ``x >= 0``."""

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        """Simplify where the argument is zero; keep the function elsewhere."""
        return sp.S.Zero if x.is_zero else None

    def doit(self, **hints: Any) -> sp.Expr:
        """Return the textbook form."""
        del hints
        return 1 - sp.exp(-self.args[0])

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return ``exp(-x)``."""
        del argindex
        return sp.exp(-self.args[0])

    def _eval_evalf(self, prec: int) -> sp.Expr:
        return self.doit()._eval_evalf(prec)


class LogMinusDigamma(sp.Function):  # type: ignore[misc]
    r""":math:`\log y - \psi(x)` for ``y >= x > 0``, accurate where the two nearly cancel."""

    nargs = 2

    def doit(self, **hints: Any) -> sp.Expr:
        """Return the textbook form."""
        del hints
        y, x = self.args
        return sp.log(y) - sp.digamma(x)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the derivative of the textbook form."""
        y, x = self.args
        return 1 / y if argindex == 1 else -sp.polygamma(1, x)

    def _eval_evalf(self, prec: int) -> sp.Expr:
        return self.doit()._eval_evalf(prec)


class GammaQuotient(sp.Function):  # type: ignore[misc]
    r""":math:`\Gamma(x - d) / \Gamma(x)` for ``0 <= d <= 1`` and ``x >= 2``.

    The logarithms of the two gamma functions are a million times their difference at a million.
    """

    nargs = 2

    def doit(self, **hints: Any) -> sp.Expr:
        """Return the textbook form."""
        del hints
        x, d = self.args
        return sp.exp(sp.loggamma(x - d) - sp.loggamma(x))


class GeometricSum(sp.Function):  # type: ignore[misc]
    r""":math:`\sum_{i=0}^{m-1} q^{i s}` for ``q >= 0``, a step ``s`` and a count ``m``.

    Evaluators take ``q`` in twice the digits of a float: what rounding does to it, a million
    generations do a million times.
    """

    nargs = 3

    def doit(self, **hints: Any) -> sp.Expr:
        """Return the sum."""
        del hints
        q, step, count = self.args
        index = sp.Dummy("i", integer=True, nonnegative=True)
        return sp.Sum(q ** (step * index), (index, 0, count - 1))


class TwofoldPower(sp.Function):  # type: ignore[misc]
    """``q ** m`` of ``q >= 0`` and a count ``m``, with ``q`` in twice the digits of a float."""

    nargs = 2

    def doit(self, **hints: Any) -> sp.Expr:
        """Return the power."""
        del hints
        q, count = self.args
        return q**count


_WRITTEN_OUT = (GeometricDepth, LogMinusDigamma, OneMinusExp)


def textbook(expression: sp.Expr) -> sp.Expr:
    """Return ``expression`` with every function of this module written out, powers collected.

    Logarithms of gamma functions, which stand in for large gamma functions, are turned back.
    """
    plain = expression.replace(lambda e: isinstance(e, _WRITTEN_OUT), lambda e: e.doit())
    plain = plain.replace(sp.loggamma, lambda z: sp.log(sp.gamma(z)))
    return sp.powsimp(plain, combine="exp")


def stable(expression: sp.Expr) -> sp.Expr:
    """Return an equal expression in which ``1 - (1-u)^v`` and ``1 - exp(-u)`` keep their digits.

    Rewritten where ``0 <= u <= 1`` and the integer ``v >= 0``, or ``u >= 0``, hold for all values
    of the symbols.
    """
    return expression.replace(lambda node: node.is_Add, _rewritten)


def _rewritten(total: sp.Expr) -> sp.Expr:
    terms = sp.Add.make_args(total)
    for term in terms:
        for factor, form in _stable_forms(term):
            rest = total - term - factor
            if len(sp.Add.make_args(rest)) < len(terms) - 1 or rest == 0:
                return _rewritten(rest) + form
    return total


def _stable_forms(term: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """Yield ``c`` and a form of ``c + term`` for terms ``-c (1-u)^v`` and ``-c exp(-u)``."""
    parts = sp.Mul.make_args(term)
    for i, power in enumerate(parts):
        form = _complement(power)
        if form is not None:
            factor = -sp.Mul(*parts[:i], *parts[i + 1 :])
            yield factor, factor * form


def _complement(power: Any) -> sp.Expr | None:
    """Return ``1 - power`` in a form that keeps its digits, if there is one."""
    if isinstance(power, sp.exp):
        return OneMinusExp(-power.args[0]) if is_nonnegative(-power.args[0]) else None
    if not power.is_Pow or power.exp.is_number or power.exp.is_integer is not True:
        return None
    gap = sp.together(1 - power.base)
    if is_nonnegative(gap) and is_nonnegative(power.base) and is_nonnegative(power.exp):
        return gap * GeometricDepth(gap, power.exp)
    return None


def exactly(value: FloatArray | float, rest: float = 0.0) -> Twofold:
    """Return a float as it is, with a known rest."""
    return np.asarray(value, dtype=np.float64), np.asarray(rest)


def twofold_plus(p: Twofold, q: Twofold) -> Twofold:
    """Return a sum with its rounding error (Knuth, TAOCP 2, 4.2.2)."""
    total = p[0] + q[0]
    part = total - p[0]
    lost = (p[0] - (total - part)) + (q[0] - part)
    return total, np.asarray(lost + (p[1] + q[1]))


def twofold_times(p: Twofold, q: Twofold) -> Twofold:
    """Return a product with its rounding error (Dekker 1971; none where it overflows)."""
    product = p[0] * q[0]
    (p_high, p_low), (q_high, q_low) = _halves(p[0]), _halves(q[0])
    lost = ((p_high * q_high - product) + p_high * q_low + p_low * q_high) + p_low * q_low
    rest = lost + (p[0] * q[1] + p[1] * q[0])
    return product, np.where(np.isfinite(rest), rest, 0.0)


def twofold_inverse(p: Twofold) -> Twofold:
    """Return ``1/p`` with its rounding error."""
    value = 1.0 / p[0]
    product, lost = twofold_times(exactly(value), p)
    return value, np.where(np.isfinite(value), ((1.0 - product) - lost) * value, 0.0)


def twofold_power(base: FloatArray, rest: FloatArray, count: FloatArray) -> FloatArray:
    """Return ``(base + rest) ** count`` for ``base >= 0``."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        return np.asarray(base**count * np.exp(count * _share(base, rest)))


def _share(base: FloatArray, rest: FloatArray) -> FloatArray:
    """The logarithm of ``(base + rest) / base``, but for second order."""
    return np.where(base > 0, rest / np.where(base > 0, base, 1.0), 0.0)


def _halves(value: FloatArray) -> Twofold:
    large = _SPLIT * value
    high = large - (large - value)
    return high, value - high


def geometric_sum(
    base: FloatArray, rest: FloatArray, step: FloatArray, count: FloatArray
) -> FloatArray:
    r"""Return :math:`\sum_{i < m} q^{i s}` of ``q = base + rest >= 0``.

    By :math:`(q^{s m} - 1)/(q^s - 1)`, with the logarithm of ``q`` from :math:`1 - q` where that
    is small.
    """
    gap = (1.0 - base) - rest
    near = np.log1p(-np.where(gap < _NEAR_ONE, np.maximum(gap, -1.0), 0.0))
    share = _share(base, rest)
    log = step * np.where(np.abs(gap) < _NEAR_ONE, near, np.log(base) + share)
    exponent = log * count
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        grown = twofold_power(base, rest, step * count) - 1.0
        power = np.where(exponent > 1.0, grown, np.expm1(exponent))
        total = np.where(log == 0, count, power / np.expm1(np.where(log == 0, 1.0, log)))
    return np.where(count > 0, total, 0.0)


def gamma_quotient(x: FloatArray, d: FloatArray) -> FloatArray:
    r"""Return :math:`\Gamma(x - d) / \Gamma(x)` for ``0 <= d <= 1`` and ``x >= 2``.

    With ``y = d/x`` and Stirling's remainder ``S`` (DLMF 5.11.1) it is, from 16 on,

    .. math:: x^{-d} \exp\bigl[(d + \tfrac12) y + (x - d - \tfrac12)(\log(1 - y) + y)
              + S(x - d) - S(x)\bigr],

    whose exponent is small; below, 16 is reached by ``Gamma(x + 1) = x Gamma(x)``.
    """
    x, d = np.broadcast_arrays(np.asarray(x, dtype=np.float64), d)
    small = x < _SERIES_FROM
    large, lifted = x, np.ones(())
    if small.any():
        large, lifted = x.copy(), np.ones(x.shape)
        large[small], lifted[small] = _lifted(x[small], d[small])
    y = d / large
    exponent = (d + 0.5) * y + (large - d - 0.5) * _log1p_rest(y) + _stirling_change(large, d)
    return np.asarray(large**-d * np.exp(exponent) * lifted)


def _lifted(x: FloatArray, d: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The first ``x + m >= 16``, and the product of ``(x + i) / (x + i - d)`` over ``i < m``."""
    count = np.ceil(_SERIES_FROM - x)
    above = below = exactly(1.0)
    for i in range(int(count.max())):
        place = twofold_plus(exactly(x), exactly(float(i)))
        above = twofold_times(above, _where(i < count, place))
        below = twofold_times(below, _where(i < count, twofold_plus(place, exactly(-d))))
    return x + count, above[0] / below[0] * (1.0 + (above[1] / above[0] - below[1] / below[0]))


def _where(chosen: np.ndarray, factor: Twofold) -> Twofold:
    return np.where(chosen, factor[0], 1.0), np.where(chosen, factor[1], 0.0)


def _log1p_rest(y: FloatArray) -> FloatArray:
    """``log(1 - y) + y`` for ``0 <= y <= 1/16``."""
    total = np.zeros(np.shape(y))
    for power in range(_LOGARITHM_TERMS, 1, -1):
        total = total * y + 1.0 / power
    return -total * y * y


def _stirling_change(x: FloatArray, d: FloatArray) -> FloatArray:
    return _stirling(x - d) - _stirling(x)


def _stirling(x: FloatArray) -> FloatArray:
    total = np.zeros(np.shape(x))
    for factor in reversed(_STIRLING):
        total = total / (x * x) + factor
    return total / x
