"""Phase transition in the amount of synthetic data, as in the paper: a rise, a fall to zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.calculus.certificates import All, Lemma, Lemmas, recursion
from bounds.checks import exact, identity, one_root
from bounds.cycles import DataCycle, RealPlusSynthetic
from bounds.functions import GeometricDepth
from bounds.notation import C, a, gamma, j, lam, n
from bounds.proof import Proof, Step
from bounds.theorems._closed_form import BELIEVED, geometric_sum
from bounds.theorems._paper_form import FRESH, RATE, WHOLE, from_the_paper, of_cycle, one_step_rate
from bounds.theorems._peaks import (
    EXPONENTS,
    NoAscent,
    asymptote,
    enclosed_peak,
    leading,
    one_peak,
    paper_peak,
    peak_inputs,
)
from bounds.theorems.fresh_real import BOUND as FRESH_REAL

__all__ = ["BOUND", "peak", "peak_asymptote"]


def _is_granted_real_points(cycle: DataCycle) -> bool:
    return isinstance(cycle, RealPlusSynthetic) and not cycle.real_start


_EXPONENTS = tuple(map(sp.Rational, ("1/5", "1/4", "1/3", "2/5", "1/2")))
_u = sp.Symbol("u", positive=True)
_g = (1 - _u) ** (gamma - 1) * (1 - _u**j)
_q = (1 - gamma) - j * _u ** (j - 1) + (j - 1 + gamma) * _u**j


def _of_share(share: sp.Expr) -> sp.Expr:
    """The bound of a fresh real share, with (1 + lambda) n points."""
    rate = one_step_rate.subs(n, (1 + lam) * n)
    return FRESH_REAL.expression.subs(one_step_rate, rate).subs(a, share)


def _slopes(last: int, shift: sp.Expr) -> list[sp.Expr]:
    """The slope's polynomials of generations 2 to ``last``, the highest coefficient shifted."""
    shifted = _q + shift * _u**j
    return [shifted.subs({gamma: g, j: i}) for g in _EXPONENTS for i in range(2, last + 1)]


def _has_the_signs(polynomial: sp.Expr) -> bool:
    """Whether the coefficients have the signs +, -, + from the lowest power on."""
    for g in _EXPONENTS:
        for i in range(2, 12):
            slope = sp.Poly(polynomial.subs({gamma: g, j: i}), _u)
            if [c > 0 for c in reversed(slope.all_coeffs()) if c] != [True, False, True]:
                return False
    return True


def _at_one(polynomial: sp.Expr) -> list[sp.Expr]:
    """Expressions that vanish if the polynomial has the root one, with the slope ``j gamma``."""
    return [polynomial.subs(_u, 1), polynomial.diff(_u).subs(_u, 1) - j * gamma]


def _is_mean_of_powers(first: int) -> bool:
    """Whether q is positive times the given value's excess over a mean of ``j`` powers."""
    for i in range(2, 9):
        mean = sum(_u**-power for power in range(first, first + i)) / i
        excess = (1 - gamma) * mean - 1
        if sp.cancel(_q.subs(j, i) - i * _u ** (i - 1) * (1 - _u) * excess) != 0:
            return False
    return True


def _orders(offset: Callable[[sp.Expr], sp.Expr]) -> list[sp.Expr]:
    """Both leading orders of the peak's equation in ``e = 1/j`` at ``lambda = j/c + b``."""
    c, b, e = sp.symbols("c b e", positive=True)
    log_growth = sp.series(sp.log(1 + c * e / (1 + b * c * e)), e, 0, 3).removeO()
    growth = sp.exp(c) * (1 + sp.expand(log_growth / e) - c)
    mean = sp.expand((1 / c + b * e) * (growth - 1))
    first = mean.coeff(e, 0) - (sp.exp(c) - 1) / c
    return [first, mean.coeff(e, 1).subs(b, offset(c))]


def _offset(c: sp.Expr) -> sp.Expr:
    """The offset b, with the exponent gamma of which c is the leading term's root."""
    exponent = 1 - c / (sp.exp(c) - 1)
    return -sp.Rational(1, 2) - 1 / (2 * (c - exponent))


def _steps() -> tuple[Step, ...]:
    D = BOUND.expression
    level = C * n**-gamma
    at_two = (1 - gamma) / (1 + gamma)
    return (
        Step(
            "Every generation has (1 + lambda) n points. In generation 1 all of them are real,"
            " later the share 1/(1 + lambda), the others being of the last model: these are the"
            " weights of a fresh real share, so put share and size into its bound.",
            D,
            ("fresh-real", "data cycle", "size of generation 1", WHOLE.name, FRESH.name, RATE.name),
            identity(
                D - _of_share(1 / (1 + lam)),
                D - _of_share(lam / (1 + lam)),
                D - _of_share(1 / (1 + lam)).subs(n, n * (1 + lam)),
            ),
        ),
        Step(
            "With u = lambda/(1 + lambda), so that 1 - u = 1/(1 + lambda), it is C n^-gamma times a"
            " function of u.",
            sp.Eq(sp.Symbol("g_j"), _g, evaluate=False),
            check=identity(
                D.doit() - level * _g.subs(_u, lam / (1 + lam)),
                D.doit() - level * (_g * (1 - _u)).subs(_u, lam / (1 + lam)),
            ),
        ),
        Step(
            "In generation 1 this is (1 - u)^gamma, which falls. For j >= 2 its logarithmic slope"
            " has the sign of a polynomial q, the denominator being positive on (0, 1).",
            sp.Eq(sp.Derivative(sp.log(_g), _u), _q / ((1 - _u) * (1 - _u**j)), evaluate=False),
            check=identity(
                sp.log(_g).diff(_u) * (1 - _u) * (1 - _u**j) - _q,
                sp.log(_g).diff(_u) * (1 - _u) * (1 - _u**j) - _q - gamma * _u**j,
            ),
        ),
        Step(
            "One root of q is u = 1, where q rises: it is simple, and q is negative just before.",
            r"q(1) = 0, \qquad q'(1) = j \gamma > 0",
            check=identity(_at_one(_q), _at_one(_q + _u**j - _u), _at_one(_q - _u**j)),
        ),
        Step(
            "The coefficients 1 - gamma, -j and j - 1 + gamma of q have the signs +, -, +, so q has"
            " two positive roots or none, each counted as often as its multiplicity. One is u = 1;"
            " q, positive at 0 and negative just before 1, has the other in (0, 1), and turns there"
            " from plus to minus.",
            r"q(0) = 1 - \gamma > 0 > -j, \qquad j - 1 + \gamma > 0",
            ("Descartes' rule",),
            exact(
                _has_the_signs,
                _q,
                _q - j * _u**j,
                -_q,
                cases="j = 2..11, five exponents, signs of q",
            ),
        ),
        Step(
            "Counted again by Sturm: one root in (0, 1) for j = 2..8 and five exponents.",
            check=one_root(lambda: _slopes(8, sp.Integer(0)), lambda: _slopes(8, sp.Integer(3))),
        ),
        Step(
            "As u rises with lambda, the bound rises in lambda up to one peak and then falls. For"
            " j = 2 the peak is at lambda = (1 - gamma)/(2 gamma), where u is the root of q.",
            sp.Eq(_u, at_two, evaluate=False),
            check=identity(
                [_q.subs(j, 2).subs(_u, at_two), at_two / (1 - at_two) - (1 - gamma) / (2 * gamma)],
                [_q.subs(j, 2).subs(_u, 1 - at_two)],
            ),
        ),
        Step(
            "The equation q = 0 says that a mean of powers has a given value. The mean falls"
            " strictly in lambda.",
            r"\frac1j \sum_{l=0}^{j-1} u^{-l} = \frac{1}{1-\gamma}, \qquad u^{-1} = 1 +"
            r" \frac1\lambda",
            check=exact(
                _is_mean_of_powers, 0, 1, cases="j = 2..8, the mean of j powers from the zeroth on"
            ),
        ),
        Step(
            "In late generations the peak is at j/c + b up to terms of order 1/j: at lambda = j x"
            " the mean is analytic in x and 1/j around x = 1/c, 1/j = 0, where its slope in x is"
            " not zero. Both leading orders vanish at j/c + b; a shift of lambda by K/j changes the"
            " next order in proportion to K, so that the root, which is the only one, lies between"
            " the two shifts by K and -K for large K. The number c is given by Lambert's W of"
            " branch -1.",
            r"\frac{e^c - 1}{c} = \frac{1}{1-\gamma}, \qquad b = -\frac12 -"
            r" \frac{1}{2 (c - \gamma)}",
            ("Lambert W",),
            identity(
                lambda: _orders(_offset),
                lambda: _orders(lambda c: _offset(c) + 1),
                lambda: _orders(lambda c: -sp.Rational(1, 2)),
            ),
        ),
        Step(
            "It falls to zero: 1 - u^j is at most j (1 - u), so g_j is at most j (1 - u)^gamma.",
            r"g_j(u) \le j (1-u)^{\gamma} = j (1+\lambda)^{-\gamma} \to 0",
            check=geometric_sum(lambda i: i + 1, j),
        ),
        Step(
            "Aligned errors attain it as they attain the bound of a fresh real share: as long as it"
            " is at most 1 up to generation j.",
            uses=("fresh-real", "error-propagation"),
        ),
    )


_EXPRESSION = one_step_rate * (1 + lam) ** -gamma * GeometricDepth(1 / (1 + lam), j)


def _lemmas(D: sp.Expr) -> Iterator[Lemma]:
    later, share = one_step_rate * (1 + lam) ** -gamma, lam / (1 + lam)
    yield recursion(D, later, lambda now, then: then - share * now - later)
    yield Lemma(
        "no ascent at first",
        "in generation 1 the bound only falls in lam",
        All(tuple(map(NoAscent, EXPONENTS))),
    )
    yield one_peak(enclosed_peak)
    yield Lemma(
        "peak's asymptote",
        "the peak is j/c + b + O(1/j), c by Lambert's W of branch -1",
        All(tuple(map(asymptote, EXPONENTS))),
    )


BOUND = Bound(
    name="phase-transition",
    title="Phase transition",
    statement=(
        "With n real and lambda n synthetic points in every generation, the bound first rises and"
        " then falls in lambda, from generation 2 on; generation 1 is granted (1 + lambda) n real"
        " points."
    ),
    expression=_EXPRESSION,
    hypotheses=(
        of_cycle(RealPlusSynthetic),
        Hypothesis(
            "size of generation 1",
            "generation 1 is trained on (1 + lambda) n real points (real_start = False)",
            _is_granted_real_points,
        ),
        WHOLE,
        FRESH,
        RATE,
    ),
    source=from_the_paper("phase transition of the bound", "fresh-real"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
    proof=Proof(_steps, BELIEVED),
    lemmas=Lemmas(_EXPRESSION, _lemmas, enclosed_peak),
)
r"""The fall to zero comes from the real points granted to generation 1.

.. math:: \mathrm{TV}(p_j, p_0) \le C n^{-\gamma} g_j(u), \quad
   g_j(u) = (1-u)^{\gamma-1} (1 - u^j), \quad u = \frac{\lambda}{1+\lambda}.

Source: Fu et al., ICML 2024, phase transition (reconstructed).
Derived: the proof above.
"""


def peak(generation: Any, gamma: Any) -> float | None:
    r"""Return the ``lambda`` at which the bound is largest; ``None`` where it never rises.

    .. math:: \frac1j \sum_{l=0}^{j-1} u^{-l} = \frac{1}{1-\gamma},
       \qquad u = \frac{\lambda}{1+\lambda}.

    Derived: the proof above; the root is unique for ``j >= 2``.

    Args:
        generation: j >= 1; generation 1 has no ascent.
        gamma: exponent in (0, 1).

    Raises:
        ParameterError: an argument is out of range.
    """
    i, g = peak_inputs(generation, gamma, BOUND.title)
    return None if i == 1 else paper_peak(i, g)


def peak_asymptote(generation: Any, gamma: Any) -> float:
    r"""Return ``j/c + b``, which the peak approaches like ``1/j``.

    .. math:: \frac{e^c - 1}{c} = \frac{1}{1-\gamma}, \quad
       b = -\frac12 - \frac{1}{2 (c - \gamma)} .

    Derived: that equation at ``lambda = j/c + b``, to second order in ``1/j``.

    Args:
        generation: j >= 1.
        gamma: exponent in (0, 1).
    """
    i, g = peak_inputs(generation, gamma, BOUND.title)
    c = leading(g)
    return float(i / c - 1 / 2 - 1 / (2 * (c - g)))
