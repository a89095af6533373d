r"""The maxima of the two phase transitions: in floats, and enclosed with exact certificates.

With ``gamma = p/r`` and ``u = lambda/(1+lambda)`` the slope of the paper's bound has the sign of

.. math:: r q(u) = (r - p) - i r u^{i-1} + ((i-1) r + p) u^i ,

an integer polynomial with two changes of sign, hence two positive roots or none. One of them is
the simple root ``u = 1``, so exactly one lies in (0, 1), where the slope turns from plus to minus.

In floats, with ``u = e^{-t}``, both maxima solve an equation in a mean of powers,

.. math:: M_m(t) = \frac1m \sum_{l=0}^{m-1} u^{-l} = \frac{e^{mt} - 1}{m (e^t - 1)},

which rises from 1 to infinity in ``t`` (for ``m >= 2``).

Derived: the proofs of the entries ``phase-transition`` and ``phase-transition-real-start``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from bounds.calculus.certificates import All, Lemma, Located
from bounds.calculus.identities import is_zero
from bounds.enclosure import Enclosure, enclose_expression
from bounds.notation import NOTATION

if TYPE_CHECKING:
    from flint import arb

__all__ = [
    "EXPONENTS",
    "GENERATIONS",
    "Ascent",
    "Asymptote",
    "NoAscent",
    "RealStartAscent",
    "asymptote",
    "enclosed_peak",
    "enclosed_real_start_peak",
    "leading",
    "one_peak",
    "paper_peak",
    "peak_inputs",
    "real_start_peak",
]

EXPONENTS = tuple(map(Fraction, ("1/5", "1/4", "1/3", "2/5", "1/2")))
GENERATIONS = range(2, 201)
_FIRST_SPREAD = Fraction(1, 2**44)
_LONGEST_POWER = 1000
"""A polynomial of a higher degree is not evaluated in integers."""
_LOG_T_RANGE = (-500.0, np.log(50.0))
_LOG_ACCURACY = 1e-15
_SERIES_BELOW = 1e-3


def peak_inputs(generation: Any, gamma: Any, title: str) -> tuple[int, float]:
    """Return generation and exponent as one integer and one float, both in range."""
    i = NOTATION["generation"].expect_one(generation, title)
    return i, NOTATION["gamma"].expect_one(gamma, title)


def paper_peak(i: int, gamma: float) -> float:
    """Return the ``lambda`` with ``M_i = 1 / (1 - gamma)``; ``i >= 2``."""
    return _lam_of_root(lambda t: _log_mean_power(i, t) + np.log1p(-gamma))


def real_start_peak(i: int, gamma: float) -> float:
    """Return the ``lambda`` with ``(1 - gamma) M_{i-1} = 1 - (1 - u)^(1 - gamma)``; ``i >= 2``."""

    def log_ratio(t: float) -> float:
        log_right = _log_one_minus_exp((gamma - 1) * _log_one_minus_exp(t))
        return float(np.log1p(-gamma) + _log_mean_power(i - 1, t) - log_right)

    return _lam_of_root(log_ratio)


def _log_mean_power(m: int, t: float) -> float:
    """Return ``log M_m(t)``, accurate where it is small and without overflow where it is large."""
    return (m - 1) * t / 2 + _log_sinhc(m * t / 2) - _log_sinhc(t / 2)


def _log_one_minus_exp(t: float) -> float:
    """Return ``log(1 - e^-t)`` for ``t > 0``, accurate at both ends."""
    return float(np.log(-np.expm1(-t)) if t < 1 else np.log1p(-np.exp(-t)))


def _lam_of_root(rising: Callable[[float], float]) -> float:
    """Return ``lambda = 1 / (e^t - 1)`` at the one zero ``t`` of an increasing function."""
    from scipy.optimize import brentq

    log_t = brentq(lambda v: rising(float(np.exp(v))), *_LOG_T_RANGE, xtol=_LOG_ACCURACY)
    return float(1 / np.expm1(np.exp(log_t)))


def leading(gamma: float) -> float:
    r"""Return the root ``c > 0`` of :math:`(e^c - 1)/c = 1/(1-\gamma)`; peaks sit near ``j/c``.

    .. math:: c = -W_{-1}\bigl(-(1-\gamma) e^{-(1-\gamma)}\bigr) - (1-\gamma).

    Lambert's function itself loses half of all digits near its branch point, at small exponents.

    Derived: the peak's equation at ``u = e^{-c/j}``, to leading order.
    """
    from scipy.optimize import brentq

    needed = -np.log1p(-gamma)  # log((e^c - 1)/c) is between c/2 and c
    growth = brentq(lambda s: _log_growth(s * needed) - needed, 1.0, 2.0, xtol=_LOG_ACCURACY)
    return float(growth * needed)


def _log_growth(c: float) -> float:
    """Return ``log((e^c - 1)/c)`` for ``c > 0``, accurate where it is small."""
    return c / 2 + _log_sinhc(c / 2)


def _log_sinhc(y: float) -> float:
    if y < _SERIES_BELOW:  # next term: y^6 / 2835
        return y**2 / 6 - y**4 / 180
    return float(y - np.log(2 * y) + _log_one_minus_exp(2 * y))


@dataclass(frozen=True)
class Ascent:
    """For ``i >= 2`` the paper's bound rises up to one ``lambda``, then falls.

    Args:
        generation: i.
        gamma: the exponent, exact.
        low, high: the maximiser lies between.
    """

    generation: int
    gamma: Fraction
    low: Fraction
    high: Fraction
    method = "Descartes' rule and exact signs of an integer polynomial"

    @property
    def coefficients(self) -> dict[int, int]:
        """Nonzero coefficients of ``r q(u)`` by their power of ``u``."""
        return _slope(self.generation, self.gamma)

    def check(self) -> bool:
        """Verify, in integers, the slope, the number of roots and the signs at both ends."""
        terms = self.coefficients
        signs = [value > 0 for _, value in sorted(terms.items())]
        changes = sum(a != b for a, b in itertools.pairwise(signs))
        simple_root_at_one = sum(terms.values()) == 0 < sum(k * v for k, v in terms.items())
        return (
            self.generation >= 2
            and _is_slope(self.generation, self.gamma, terms)
            and changes == 2
            and terms[0] > 0
            and simple_root_at_one
            and _sign_at(terms, self.low) > 0 > _sign_at(terms, self.high)
        )


@dataclass(frozen=True)
class NoAscent:
    """In generation 1 the paper's bound only falls: its slope has no root in (0, 1)."""

    gamma: Fraction
    method = "Descartes' rule and exact signs of an integer polynomial"

    def check(self) -> bool:
        """Verify that ``r q(u) = p (u - 1)``, which is negative on [0, 1)."""
        terms = _slope(1, self.gamma)
        return (
            _is_slope(1, self.gamma, terms)
            and sorted(terms) == [0, 1]
            and terms[0] < 0
            and terms[0] + terms[1] == 0
        )


@dataclass(frozen=True)
class RealStartAscent:
    r"""With a real start, for ``i >= 2``, the bound rises up to one ``lambda``, then falls.

    The slope has the sign of ``L(u) - R(u)`` with

    .. math:: L = \frac{1-\gamma}{m} \sum_{l=0}^{m-1} u^{-l}, \quad R = 1 - (1-u)^{1-\gamma},
       \quad m = i - 1.

    ``L`` does not rise and stays above ``1 - gamma``; ``R`` rises strictly from 0 to 1.
    """

    generation: int
    gamma: Fraction
    low: Fraction
    high: Fraction
    method = "two monotone sides of the slope and enclosed signs"

    def check(self) -> bool:
        """Verify the slope symbolically and the signs at both ends."""
        return (
            self.generation >= 2
            and 0 < self.gamma < 1
            and _real_start_slope_holds()
            and _real_start_sign(self.generation, self.gamma, self.low) == 1
            and _real_start_sign(self.generation, self.gamma, self.high) == -1
        )


@dataclass(frozen=True)
class Asymptote:
    r"""The maximiser is ``i/c + b + O(1/i)``.

    Args:
        gamma: the exponent, exact.
        c: encloses the root of ``(e^c - 1)/c = 1/(1 - gamma)``, by Lambert's W, branch -1.
        b: encloses the offset.
    """

    gamma: Fraction
    c: Enclosure
    b: Enclosure
    method = "Lambert W enclosed, signs at the ends of c, series of the equation to second order"

    def check(self) -> bool:
        """Verify c by a change of sign, and that both orders of the equation vanish."""
        return (
            _leading_sign(self.gamma, self.c.lower) < 0 < _leading_sign(self.gamma, self.c.upper)
            and _orders_vanish()
        )


def enclosed_peak(generation: int, gamma: Fraction) -> Ascent:
    """Return the certificate of the paper's maximiser; ``generation >= 2``."""
    terms = _slope(generation, gamma)
    guess = Fraction(paper_peak(generation, float(gamma)))
    return Ascent(generation, gamma, *_around(guess, lambda lam: _sign_at(terms, lam)))


def enclosed_real_start_peak(generation: int, gamma: Fraction) -> RealStartAscent:
    """Return the certificate of the maximiser with a real start; ``generation >= 2``."""
    guess = Fraction(real_start_peak(generation, float(gamma)))
    ends = _around(guess, lambda lam: _real_start_sign(generation, gamma, lam))
    return RealStartAscent(generation, gamma, *ends)


def asymptote(gamma: Fraction) -> Asymptote:
    """Return ``c`` and ``b`` of the maximiser's asymptote, enclosed."""
    r = 1 - sp.Rational(gamma.numerator, gamma.denominator)
    c = -sp.LambertW(-r * sp.exp(-r), -1) - r
    slope = c * sp.exp(c) - sp.exp(c) + 1
    return Asymptote(gamma, enclose_expression(c), enclose_expression(-c * sp.exp(c) / (2 * slope)))


def one_peak(find: Callable[[int, Fraction], Located]) -> Lemma:
    """Return the lemma of one peak in ``lam``, with a certificate for many generations."""
    cases = tuple(find(i, g) for g in EXPONENTS for i in GENERATIONS)
    shown = ", ".join(map(str, EXPONENTS))
    return Lemma(
        "one peak in lam",
        f"rises in lam up to one enclosed peak, then falls, for every generation"
        f" {GENERATIONS[0]}..{GENERATIONS[-1]} and gamma in {{{shown}}}",
        All(cases),
    )


def _around(guess: Fraction, sign: object) -> tuple[Fraction, Fraction]:
    """Widen an interval around a float's guess until the slope changes its sign over it."""
    spread = _FIRST_SPREAD
    while spread < 1:
        low, high = _short(guess * (1 - spread)), _short(guess * (1 + spread))
        if sign(low) == 1 and sign(high) == -1:  # type: ignore[operator]
            return low, high
        spread *= 4
    raise ArithmeticError(f"no change of sign near {float(guess)}")


def _short(value: Fraction) -> Fraction:
    return Fraction(float(value))


def _slope(i: int, gamma: Fraction) -> dict[int, int]:
    p, r = gamma.numerator, gamma.denominator
    terms: dict[int, int] = {0: r - p, i: (i - 1) * r + p}
    terms[i - 1] = terms.get(i - 1, 0) - i * r
    return terms


def _is_slope(i: int, gamma: Fraction, terms: dict[int, int]) -> bool:
    """Whether ``terms`` is ``r`` times ``(1-gamma)(1-u^i) - i u^{i-1}(1-u)``, slope of log g."""
    from flint import fmpz_poly

    p, r = gamma.numerator, gamma.denominator
    u = fmpz_poly([0, 1])
    claimed = fmpz_poly([terms.get(power, 0) for power in range(i + 1)])
    return bool((r - p) * (1 - u**i) - i * r * u ** (i - 1) * (1 - u) == claimed)


def _sign_at(terms: dict[int, int], lam: Fraction) -> int:
    """The sign of the polynomial at ``u = lam/(1+lam)``, by balls where the powers are long."""
    if max(terms) <= _LONGEST_POWER:
        value = _at(terms, lam)
        return (value > 0) - (value < 0)
    return _first_sign(lambda: _ball_at(terms, lam), max(terms))


def _ball_at(terms: dict[int, int], lam: Fraction) -> arb:
    from flint import arb, fmpq, fmpz

    u = arb(fmpq(lam.numerator, lam.numerator + lam.denominator))
    return sum((value * u ** fmpz(power) for power, value in terms.items()), arb(0))


def _first_sign(value: Callable[[], arb], size: int) -> int:
    """The sign of a ball at the first precision that tells it; 0 if none does."""
    from flint import ctx

    for bits in (64, 128, 256, 512, 1024):
        with ctx.workprec(bits + size.bit_length()):
            found = value()
        if found > 0 or found < 0:
            return 1 if found > 0 else -1
    return 0


def _at(terms: dict[int, int], lam: Fraction) -> int:
    """The polynomial at ``u = lam/(1+lam)``, times a positive number."""
    a, b = lam.numerator, lam.numerator + lam.denominator
    top = max(terms)
    return sum(value * a**power * b ** (top - power) for power, value in terms.items())


def _real_start_sign(i: int, gamma: Fraction, lam: Fraction) -> int:
    return _first_sign(lambda: _real_start_gap(i - 1, gamma, lam), i - 1)


def _real_start_gap(m: int, gamma: Fraction, lam: Fraction) -> arb:
    from flint import arb, fmpq, fmpz

    inverse = 1 + 1 / arb(fmpq(lam.numerator, lam.denominator))
    rest = 1 - 1 / inverse
    keep = arb(fmpq((1 - gamma).numerator, (1 - gamma).denominator))
    left = keep / m * (inverse ** fmpz(m) - 1) / (inverse - 1)
    return left - (1 - rest**keep)


@cache
def _real_start_slope_holds() -> bool:
    """The slope of h over something positive is ``L - R``, for symbolic m and gamma."""
    m, t = sp.symbols("m t", positive=True)
    u, g = 1 / (1 + t), sp.Symbol("gamma", positive=True)
    v = sp.Symbol("v", positive=True)
    h = (1 - v) ** (g - 1) * (1 - v**m) + v**m
    divided = h.diff(v) * (1 - v) ** (1 - g) / (m * v ** (m - 1))
    left = (1 - g) / m * (1 - v**m) / ((1 - v) * v ** (m - 1))
    gap = divided - (left - 1 + (1 - v) ** (1 - g))
    return is_zero(sp.expand(sp.powsimp(sp.expand(gap))).subs(v, u)) or is_zero(gap)


def _leading_sign(gamma: Fraction, c: Fraction) -> int:
    """Sign of ``(1-gamma)(e^c - 1) - c``: negative before the positive root, positive after."""
    from flint import arb, ctx, fmpq

    with ctx.workprec(512):
        at = arb(fmpq(c.numerator, c.denominator))
        keep = arb(fmpq((1 - gamma).numerator, (1 - gamma).denominator))
        value = keep * at.expm1() - at
    return int(value > 0) - int(value < 0)


@cache
def _orders_vanish() -> bool:
    """Put ``lambda = i/c + b`` into the peak's equation: orders 1 and 1/i vanish."""
    c, b, e = sp.symbols("c b epsilon", positive=True)
    E = sp.exp(c)
    exponent = sp.series(sp.log(1 + c * e / (1 + b * c * e)) / e, e, 0, 2).removeO()
    growth = E * (1 + (exponent - c))
    mean = sp.expand((1 / c + b * e) * (growth - 1))
    offset = -c * E / (2 * (c * E - E + 1))
    first = sp.simplify(mean.coeff(e, 0) - (E - 1) / c)
    second = sp.simplify(mean.coeff(e, 1).subs(b, offset))
    return bool(first == 0 and second == 0)
