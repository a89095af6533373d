"""The accurate functions against their textbook forms at 50 digits."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import bounds
from bounds.evaluate import compiled
from bounds.functions import (
    GammaQuotient,
    GeometricDepth,
    GeometricSum,
    LogMinusDigamma,
    gamma_quotient,
    textbook,
)
from bounds.notation import Lambda, a, gamma, j, k, lam
from bounds.prepared import prepared

RELATIVE = 1e-13


def _exact_depth(share, generations):
    with mpmath.workdps(400):
        x = mpmath.mpf(share)
        return float((1 - (1 - x) ** generations) / x) if x else float(generations)


@pytest.mark.parametrize("share", [0.0, 1e-300, 1e-17, 1e-9, 1e-3, 0.1, 0.5, 0.999, 1 - 1e-16, 1.0])
@pytest.mark.parametrize("generations", [1, 2, 7, 1000, 10**6])
def test_depth_keeps_its_digits(share, generations):
    value = compiled(GeometricDepth(a, j))(
        share=np.array(share), generation=np.array(float(generations))
    )
    assert value == pytest.approx(_exact_depth(share, generations), rel=RELATIVE)


@pytest.mark.parametrize("ratio", [0.0, 1e-20, 0.3, 1e4, 1e16, 1e100])
@pytest.mark.parametrize("generations", [1, 2, 50])
def test_one_minus_a_power_keeps_its_digits_for_many_synthetic_points(ratio, generations):
    value = compiled(GeometricDepth(1 / (1 + lam), j) / (1 + lam))(
        lam=np.array(ratio), generation=np.array(float(generations))
    )
    with mpmath.workdps(250):
        u = mpmath.mpf(ratio) / (1 + mpmath.mpf(ratio))
        exact = float(1 - u**generations)
    assert value == pytest.approx(exact, rel=RELATIVE)


def test_harmonic_numbers_and_sums_keep_their_digits():
    counts = np.array([1.0, 2, 10, 1000, 10**5])
    exact = [float(mpmath.harmonic(int(c))) for c in counts]
    np.testing.assert_allclose(compiled(sp.harmonic(j))(generation=counts), exact, rtol=RELATIVE)


def test_exact_values_and_limits():
    assert GeometricDepth(0, j) == j
    assert GeometricDepth(1, j) == 1
    assert GeometricDepth(a, 1) == 1
    assert GeometricDepth(a, 0) == 0
    assert sp.limit(GeometricDepth(sp.Rational(1, 4), j).doit(), j, sp.oo) == 4
    assert GeometricDepth(sp.Rational(1, 3), 3).evalf(30) == sp.Rational(19, 9).evalf(30)


def test_derivatives_are_those_of_the_textbook_form():
    depth = GeometricDepth(a, j)
    for symbol in (a, j):
        difference = depth.diff(symbol) - depth.doit().diff(symbol)
        assert sp.simplify(difference) == 0


def test_textbook_collects_powers():
    form = textbook((1 + lam) ** -gamma * GeometricDepth(1 / (1 + lam), j))
    u = lam / (1 + lam)
    assert form == (1 + lam) ** (1 - gamma) * (1 - u**j)


@pytest.mark.parametrize("x", [0.3, 4.0, 9.99, 10.0, 250.0])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 1.001, 6.0])
def test_log_minus_digamma_keeps_its_digits_away_from_equal_arguments(x, ratio):
    value = compiled(LogMinusDigamma(a, lam))(share=np.array(ratio * x), lam=np.array(x))
    with mpmath.workdps(50):
        exact = float(mpmath.log(mpmath.mpf(ratio * x)) - mpmath.digamma(mpmath.mpf(x)))
    assert value == pytest.approx(exact, rel=1e-12)


_UNIT = 2.0**-52


def _units(found, exact):
    return float(abs((mpmath.mpf(float(found)) - exact) / exact)) / _UNIT


@pytest.mark.parametrize("x", [2, 3, 15, 16, 17, 400, 10**6, 10**9, 10**15])
@pytest.mark.parametrize("d", [0.0, 1e-300, 1e-9, 0.1, 0.5, 0.7, 1 - 2.0**-40, 1.0])
def test_quotients_of_gamma_functions_keep_their_digits(x, d):
    """Two log gammas at a million have lost seven digits of their difference, at 1e15 all."""
    with mpmath.workdps(50):
        exact = mpmath.gammaprod([mpmath.mpf(x) - d], [x]) if x < 99 else _of_logarithms(x, d)
        assert _units(gamma_quotient(np.array(float(x)), np.array(d)), exact) < 2.5


def _of_logarithms(x, d):
    return mpmath.exp(mpmath.loggamma(mpmath.mpf(x) - d) - mpmath.loggamma(x))


@pytest.mark.parametrize("constant", [0.3, 1 - 1e-9, 1.0, 1 + 2e-13, 2.0, 5.0])
@pytest.mark.parametrize("share", [0.0, 1e-7, 0.5 - 1e-12, 0.5 + 1e-9, 0.8])
@pytest.mark.parametrize("count", [0, 1, 2, 1000, 10**6, 10**9, 10**15])
def test_sums_of_powers_of_a_rounded_product_keep_their_digits(constant, share, count):
    """``Lambda (1 - a)`` is rounded, and what that costs grows with the count."""
    body = sp.Sum((Lambda * (1 - a)) ** (k - 1), (k, 1, j))
    found = compiled(body)(
        operator_constant=np.array(constant),
        share=np.array(share),
        generation=np.array(1.0 * count),
    )
    with mpmath.workdps(80):
        ratio = mpmath.mpf(constant) * (1 - mpmath.mpf(share))
        exact = (ratio**count - 1) / (ratio - 1) if ratio != 1 else mpmath.mpf(count)
        if exact > mpmath.mpf(10) ** 300:
            assert found > 1e299
        else:
            assert _units(found, exact) < 4 if count else found == 0


def test_forms_that_keep_digits_are_equal_to_what_they_stand_for():
    """Exactly, by their textbook forms at some integers."""
    for name in ("accumulating-with-share", "operator-fresh-real", "mad-variance-fresh", "breeder"):
        given = bounds.get(name).expression
        form = prepared(given)
        assert form != given
        assert form.has(GammaQuotient, GeometricSum)
        words = dict(zip(sorted(given.free_symbols, key=str), _PRIMES, strict=False))
        words |= {a: sp.Rational(2, 7), gamma: sp.Rational(1, 3), j: 5}
        apart = [textbook(e.subs(words).doit()).doit() for e in (given, form)]
        assert abs(sp.N(apart[0] - apart[1], 50)) < sp.Float("1e-40") * abs(sp.N(apart[0], 50))


_PRIMES = [sp.Rational(p, 13) for p in (2, 3, 5, 7, 11, 17, 19, 23, 29)]


def test_only_what_keeps_its_value_is_rewritten():
    apart = sp.exp(sp.loggamma(j + lam, evaluate=False) - sp.loggamma(j, evaluate=False))
    for body in (apart, sp.Sum((1 - lam) ** k, (k, 1, j)), sp.Sum(lam ** (k**2), (k, 1, j))):
        assert prepared(body) == body
