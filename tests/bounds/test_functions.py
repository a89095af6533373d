"""The accurate functions against their textbook forms at 50 digits."""

import mpmath
import numpy as np
import pytest
import sympy as sp

from bounds.evaluate import compiled
from bounds.functions import GeometricDepth, LogMinusDigamma, textbook
from bounds.notation import a, gamma, j, lam

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
