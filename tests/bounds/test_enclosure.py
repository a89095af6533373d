"""Certified values: exact parameters, requested widths, edges of the domain, refusals."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import bounds
from bounds.enclosure import Enclosure, EnclosureError, enclose_expression
from bounds.errors import ParameterError
from bounds.notation import a, j, lam, n
from tests.bounds.misses import PRECISIONS, certifiable, misses

FRESH = bounds.get("fresh-real")
REAL_START = bounds.get("phase-transition-real-start")


def test_parameters_are_taken_exactly():
    assert bounds.get("kde-bias").enclose(bandwidth="0.1", laplacian_norm=4).lower == Fraction(
        1, 100
    )
    binary = bounds.get("kde-bias").enclose(bandwidth=0.1, laplacian_norm=4)
    assert binary.lower == binary.upper == Fraction(0.1) ** 2


def test_rational_roots_stay_exact():
    found = bounds.get("full-synthetic").enclose(n=10**4, generation=3, gamma="1/4")
    assert found.lower == found.upper == Fraction(3, 10)


@pytest.mark.parametrize("width", ["1e-5", "1e-30", Fraction(1, 10**100)])
def test_the_requested_width_is_met(width):
    found = FRESH.enclose(n=1001, share="1/3", generation=50, width=width)
    assert found.width <= Fraction(width)
    assert found.low <= float(found.middle) <= found.high


def test_relative_widths_and_precisions():
    found = FRESH.enclose(n=1001, share="1e-9", generation=5, rel_width="1e-40")
    assert found.width <= found.lower / 10**40
    assert FRESH.enclose(n=1001, share=0.3, generation=5, precision=200).width < Fraction(1, 2**198)


def test_floats_are_rounded_outward():
    third = Enclosure(Fraction(1, 3), Fraction(1, 3), 53)
    assert Fraction(third.low) < Fraction(1, 3) < Fraction(third.high)
    assert np.nextafter(third.low, 1) == third.high
    assert Fraction(1, 3) in third
    huge = Enclosure(Fraction(10**400), Fraction(10**400), 53)
    assert huge.low < np.inf == huge.high


@pytest.mark.parametrize(
    ("bound", "params", "exact"),
    [
        (FRESH, {"share": 0, "generation": 7}, 7),
        (FRESH, {"share": 1, "generation": 7}, 1),
        (FRESH, {"share": "1/2", "generation": 1}, 1),
        (REAL_START, {"lam": 0, "generation": 1}, 1),
        (REAL_START, {"lam": 0, "generation": 9}, 1),
        (REAL_START, {"lam": 5, "generation": 1}, 1),
        (bounds.get("phase-transition"), {"lam": 0, "generation": 4}, 1),
        (bounds.get("accumulating"), {"generation": 1}, 1),
        (bounds.get("balanced"), {"generation": 2}, Fraction(3, 2)),
    ],
)
def test_edges_of_the_domain_are_exact(bound, params, exact):
    found = bound.enclose(n=1, **params)
    assert found.lower == found.upper == exact
    assert bound.evaluate(n=1, **params) == exact


def test_long_sums_agree_with_their_terms():
    accumulating = bounds.get("accumulating")
    found = accumulating.enclose(n=1, generation=3000, gamma="1/2", width="1e-25")
    with mpmath.workdps(40):
        terms = [mpmath.mpf(k) ** -0.5 / (k + 1) for k in range(1, 3000)]
        exact = mpmath.fsum(terms) + mpmath.mpf(3000) ** -0.5
        assert abs(exact - mpmath.mpf(found.lower.numerator) / found.lower.denominator) < 1e-24
    endless = accumulating.limit("generation", "oo", n=1, gamma="1/4", constant=1)
    assert enclose_expression(endless).low == pytest.approx(
        3.74783, abs=6e-6
    )  # accumulation-constant, by Hurwitz zeta
    assert accumulating.enclose(n=1, generation=10**40).high == pytest.approx(3.74783, abs=6e-6)


def test_lambert_w_on_both_branches():
    x = sp.Rational(-1, 10)
    for branch, expected in ((0, -0.1118325591589630), (-1, -3.577152063957297)):
        assert enclose_expression(sp.LambertW(x, branch)).low == pytest.approx(expected, abs=1e-15)
    w = enclose_expression(sp.LambertW(sp.exp(-1) * sp.Rational(-99, 100), -1), precision=150)
    assert w.width < Fraction(1, 2**140)


@pytest.mark.parametrize(
    ("expression", "at", "exact"),
    [
        (sp.Piecewise((a, a > sp.Rational(1, 2)), (1 - a, True)), "1/4", Fraction(3, 4)),
        (sp.Piecewise((a, sp.Ge(a, sp.Rational(1, 4))), (1 - a, True)), "1/4", Fraction(1, 4)),
        (sp.Max(a, 1 - a, sp.Rational(1, 3)), "1/4", Fraction(3, 4)),
        (sp.Min(a, 1 - a), "1/4", Fraction(1, 4)),
        (sp.Abs(a - 1), "1/4", Fraction(3, 4)),
        (sp.ceiling(10 * a), "1/4", 3),
        (sp.harmonic(4 * a + 2), "1/4", Fraction(11, 6)),
        (sp.log(4 * a) + sp.exp(4 * a - 1) + sp.erf(4 * a - 1), "1/4", 1),
        (a**0 + (4 * a - 1) ** 2, "1/4", 1),
    ],
)
def test_functions_at_exact_points(expression, at, exact):
    found = enclose_expression(expression, {a: at})
    assert found.lower == found.upper == exact


@pytest.mark.parametrize(
    ("expression", "reference"),
    [
        (sp.gamma(a), mpmath.gamma),
        (sp.loggamma(a), mpmath.loggamma),
        (sp.digamma(a), mpmath.digamma),
        (sp.polygamma(2, a), lambda x: mpmath.polygamma(2, x)),
        (sp.zeta(2, a), lambda x: mpmath.zeta(2, x)),
        (sp.zeta(1 + a), lambda x: mpmath.zeta(1 + x)),
        (sp.harmonic(a), mpmath.harmonic),
        (sp.erfc(a), mpmath.erfc),
        (sp.LambertW(a), mpmath.lambertw),
        (sp.sqrt(a) ** sp.sqrt(2) + sp.pi, lambda x: mpmath.sqrt(x) ** mpmath.sqrt(2) + mpmath.pi),
    ],
)
@pytest.mark.parametrize("at", ["1/3", "7/2", "40"])
def test_special_functions_against_mpmath(expression, reference, at):
    found = enclose_expression(expression, {a: at}, precision=100)
    with mpmath.workdps(60):
        exact = mpmath.mpf(Fraction(at).numerator) / Fraction(at).denominator
        exact = mpmath.re(reference(exact))
        low, high = (mpmath.mpf(e.numerator) / e.denominator for e in (found.lower, found.upper))
        assert low <= exact <= high
        assert high - low < abs(exact) * mpmath.mpf(2) ** -95


def test_an_undecided_condition_covers_both_branches():
    either = sp.Piecewise((sp.Integer(0), sp.sqrt(2) ** 2 * a < 2), (sp.Integer(1), True))
    found = enclose_expression(sp.Piecewise(*either.args), {a: 1})
    assert found.lower == found.upper == 1 or (found.lower <= 0 and found.upper >= 1)


def test_an_interval_may_be_given():
    interval = Enclosure(Fraction(1, 4), Fraction(1, 2), 53)
    found = FRESH.enclose(n=16, share=interval, generation=2)
    for share in ("1/4", "3/8", "1/2"):
        inner = FRESH.enclose(n=16, share=share, generation=2)
        assert found.lower <= inner.lower
        assert inner.upper <= found.upper


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: FRESH.enclose(n=0, share=0, generation=1), "n = 0: must be an integer >= 1"),
        (lambda: FRESH.enclose(n="x", share=0, generation=1), "n = 'x': .*'Fresh real share'"),
        (lambda: FRESH.enclose(n=1, share=2, generation=1), r"share = 2: .*\[0, 1\]"),
        (lambda: FRESH.enclose(n=1, shar=2, generation=1), "shar: unknown .*did you mean 'share'"),
        (lambda: FRESH.enclose(n=1, generation=1), "share: missing, needed by 'Fresh real share'"),
        (lambda: FRESH.enclose(n=[1, 2], share=0, generation=1), "n = a list of 2: must be"),
        (lambda: FRESH.enclose(n=1, share=0, generation=1, width=0), "width = 0"),
        (lambda: FRESH.enclose(n=1, share=0, generation=1, precision=1), "precision = 1"),
        (lambda: bounds.get("kde-sandwich").enclose(bias=0, variance=1, cell=1), "not certified"),
        (lambda: enclose_expression(sp.log(a), {a: 0}), "log of 0 is not a real number"),
        (lambda: enclose_expression(1 / a, {a: 0}), "1/x of 0"),
        (lambda: enclose_expression(sp.besselj(0, a), {a: 1}), "besselj: has no certified"),
    ],
)
def test_refusals_are_one_line(call, message):
    with pytest.raises(ParameterError, match=message) as refused:
        call()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("expression", "sign"),
    [(2**n, 1), (-(2**n), -1), (sp.gamma(n), 1), (sp.ceiling(a**n), 1), (sp.exp(n), 1)],
)
def test_a_value_beyond_all_floats_is_enclosed_at_once(expression, sign):
    top = np.finfo(float).max
    known = {n: 10**9, a: "3/2"}
    found = enclose_expression(expression, {s: known[s] for s in expression.free_symbols})
    assert found.is_huge
    assert not found.is_finite
    assert (found.low, found.high) == ((top, np.inf) if sign > 0 else (-np.inf, -top))
    assert found.is_at_most(Fraction(1)) is (sign < 0)


def test_a_huge_value_has_no_width():
    bound = bounds.get("sample-size-full-synthetic")
    params = {"generation": 10, "gamma": 1e-9, "target_error": "0.1"}
    assert bound.enclose(**params).low == np.finfo(float).max
    assert bound.evaluate(**params) == np.inf
    with pytest.raises(EnclosureError, match=r"beyond 2\^16384"):
        bound.enclose(**params, rel_width="1e-9")


def test_sums_of_powers_near_minus_one_do_not_cancel():
    """For gamma -> 0 the bracket tends to 1 + sum_{k<j} 1/(k+1), the harmonic number."""
    j = 10**30
    found = bounds.get("accumulating").enclose(n=1, generation=j, gamma="1e-300")
    with mpmath.workdps(40):
        assert found.low == pytest.approx(float(mpmath.harmonic(mpmath.mpf(j))), rel=1e-15)


def test_what_cannot_be_met_is_said():
    zero = sp.sqrt(2) * sp.sqrt(a) - sp.sqrt(2 * a + lam)
    with pytest.raises(EnclosureError, match="ask for less"):
        bounds.define("zero", zero, statement="Zero.").enclose(share="1/3", lam=0, rel_width="1e-9")


@settings(max_examples=60, deadline=None)
@given(st.fractions(0, 1, max_denominator=10**6), st.integers(1, 10**9), st.integers(1, 10**5))
def test_the_depth_is_enclosed_for_every_share(share, generation, points):
    expression = bounds.get("fresh-real").expression
    found = FRESH.enclose(n=points, share=share, generation=generation)
    assert found.lower > 0
    assert found.upper <= generation
    assert expression.free_symbols >= {a, j, n}
    value = FRESH.evaluate(n=points, share=share, generation=generation)
    assert value == pytest.approx(float(found.middle), rel=1e-13)


@pytest.mark.parametrize("name", [b.name for b in bounds.catalogue().values() if certifiable(b)])
def test_no_enclosure_misses(name):
    missed, worst, seen = misses(bounds.get(name), 4, seed=1)
    assert seen
    assert missed == dict.fromkeys(PRECISIONS, 0)
    assert worst < 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("name", [b.name for b in bounds.catalogue().values() if certifiable(b)])
def test_no_enclosure_misses_in_a_hundred_thousand(name):
    missed, worst, _ = misses(bounds.get(name), 100_000, seed=2)
    assert missed == dict.fromkeys(PRECISIONS, 0)
    assert worst < 1e-12
