"""SymPy functions of the bounds whose textbook form loses digits or divides by zero."""

from __future__ import annotations

from typing import Any

import sympy as sp

__all__ = [
    "GammaQuotient",
    "GeometricDepth",
    "GeometricSum",
    "LogMinusDigamma",
    "OneMinusExp",
    "TwofoldPower",
    "textbook",
]


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
