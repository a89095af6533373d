"""Properties with their statuses; certificates re-check, and wrong ones are caught."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import bounds
from bounds.audit import Status, audit
from bounds.calculus.certificates import Composition, Difference, Identity, Sign
from bounds.calculus.monotone import Direction, direction
from bounds.calculus.signs import is_nonnegative
from bounds.notation import C, a, gamma, j, lam, n
from bounds.strategies import parameters
from bounds.theorems._peaks import (
    EXPONENTS,
    GENERATIONS,
    Ascent,
    NoAscent,
    asymptote,
    enclosed_peak,
    enclosed_real_start_peak,
)

PROVED = [
    ("full-synthetic", "closed form"),
    ("fresh-real", "closed form"),
    ("fresh-real", "monotone in share"),
    ("balanced", "closed form"),
    ("accumulating", "closed form"),
    ("accumulating", "monotone in generation"),
    ("phase-transition", "one peak in lam"),
    ("phase-transition", "no ascent at first"),
    ("phase-transition", "peak's asymptote"),
    ("phase-transition-real-start", "one peak in lam"),
    ("phase-transition-real-start", "real-only level"),
    ("phase-transition-real-start", "monotone in generation"),
]


@pytest.mark.parametrize(("name", "item"), PROVED)
def test_the_closed_forms_are_proved(name, item):
    found = bounds.get(name).audit()[item]
    assert found.status is Status.PROVED
    assert found.check()


_FAILING = {
    "diffusion-rate": {"monotone in n"},
    "diffusion-rate-loop": {"monotone in n"},
    # A divergence minus another quantity of the same model, which no range of numbers ties to it.
    "diffusion-path-identity": {"nonnegative"},
}


@pytest.mark.parametrize("name", bounds.names())
def test_every_certificate_of_every_bound_checks(name):
    found = bounds.get(name).audit()
    assert found.properties
    assert found.check()
    failing = {p.name for p in found.properties if p.status is Status.FAILS}
    assert failing <= _FAILING.get(name, set())


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_the_maximiser_is_unique_and_enclosed(exponent):
    for generation in GENERATIONS:
        proof = enclosed_peak(generation, exponent)
        assert proof.check()
        assert proof.high - proof.low < proof.low * Fraction(1, 10**10)
    assert enclosed_peak(2, exponent).low < (1 - exponent) / (2 * exponent)
    assert enclosed_peak(2, exponent).high > (1 - exponent) / (2 * exponent)
    assert NoAscent(exponent).check()
    assert all(enclosed_real_start_peak(i, exponent).check() for i in (2, 3, 10, 200))


@pytest.mark.parametrize("generation", [2, 3, 5, 9])
def test_sturm_counts_agree_with_descartes(generation):
    """An independent count: SymPy's real roots in the open interval."""
    u = sp.Symbol("u")
    for exponent in EXPONENTS:
        terms = enclosed_peak(generation, exponent).coefficients
        polynomial = sp.Poly(sum(v * u**power for power, v in terms.items()), u)
        reduced = sp.quo(polynomial, sp.Poly(u - 1, u))
        assert reduced.count_roots(0, 1) == 1


def test_wrong_certificates_are_caught():
    right = enclosed_peak(5, Fraction(1, 4))
    assert not replace(right, low=right.high, high=right.high + 1).check()
    assert not replace(right, generation=6).check()
    assert not replace(right, gamma=Fraction(1, 3)).check()
    assert not Ascent(1, Fraction(1, 4), Fraction(1), Fraction(2)).check()
    real = enclosed_real_start_peak(5, Fraction(1, 4))
    assert not replace(real, low=real.high, high=real.high * 2).check()
    limit = asymptote(Fraction(1, 4))
    assert not replace(limit, c=limit.b).check()
    assert not Identity(a, a + 1).check()
    assert not Sign(a - 1).check()
    assert not Composition(C * n**-gamma, n, Direction.RISING).check()
    assert not Difference(j**2, j, 2 * j).check()
    assert Difference(j**2, j, 2 * j + 1).check()


def test_the_asymptote_is_approached():
    """Golden values of the root c by hand."""
    proof = asymptote(Fraction(1, 4))
    assert proof.c.low == pytest.approx(0.55020, abs=6e-6)
    assert proof.b.low == pytest.approx(-2.1656, abs=6e-5)
    gaps = []
    for generation in (50, 100, 200):
        peak = float(enclosed_peak(generation, Fraction(1, 4)).low)
        gaps.append(peak - generation / proof.c.low - proof.b.low)
    assert gaps[1] == pytest.approx(gaps[0] / 2, rel=0.1)
    assert gaps[2] == pytest.approx(gaps[1] / 2, rel=0.1)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (1 - a, True),
        (a - 1, False),
        (sp.log(n), True),
        (sp.log(a), False),
        (1 - (1 - a) ** j, True),
        ((1 + lam) ** (1 - gamma) - 1, True),
        (n - 2, False),
        (lam / (1 + lam), True),
        (1 - lam, False),
    ],
)
def test_signs(expression, expected):
    assert is_nonnegative(expression) is expected


@pytest.mark.parametrize("third", [0, *(pytest.param(i, marks=pytest.mark.slow) for i in (1, 2))])
def test_structure_never_contradicts_numbers(third):
    """Soundness of the rules: a proved direction holds at random parameters."""
    from bounds.audit.tested import steps

    for bound in list(bounds.catalogue().values())[third::3]:
        for entry in bound.symbols:
            if entry.is_sequence or entry.is_function:
                continue
            found = direction(bound.expression, entry.symbol)
            seen = steps(bound, entry)
            if found is Direction.RISING:
                assert seen.fall is None, (bound.name, entry.word)
            if found is Direction.FALLING:
                assert seen.rise is None, (bound.name, entry.word)


@pytest.mark.parametrize(
    "name", ["accumulation-constant", "discrete-resampling", "gaussian-variance"]
)
def test_tested_directions_hold_for_hypothesis_too(name):
    bound = bounds.get(name)
    word = {"gaussian-variance": "degrees_of_freedom"}.get(name, "n")
    falls = "does not rise" in bound.audit()[f"monotone in {word}"].claim

    @settings(max_examples=50, deadline=None, database=None)
    @given(parameters(bound), st.integers(2, 100))
    def holds(params, factor):
        before = bound.evaluate(**params)
        after = bound.evaluate(**params | {word: params[word] * factor})
        slack = 1e-9 * max(abs(before), abs(after))
        assert after <= before + slack if falls else after >= before - slack

    holds()


def test_a_failing_property_shows_where():
    own = bounds.define("grows", C * sp.log(n), statement="A bound that grows with n.")
    item = own.audit()["monotone in n"]
    assert (item.status, item.claim) == (Status.PROVED, "does not fall in n")
    bump = bounds.define("bump", n / (n**2 + 100), statement="A bound that rises, then falls.")
    item = bump.audit()["monotone in n"]
    assert item.status is Status.FAILS
    assert "rises to n = " in item.how
    assert item.check()
    negative = bounds.define("negative", a - 1, statement="A negative bound.")
    assert negative.audit()["nonnegative"].status is Status.FAILS


def test_audits_are_repeatable():
    bound = bounds.get("kde-clt")
    first = bound.audit().as_dict()
    audit.cache_clear()
    assert bound.audit().as_dict() == first
    assert np.unique([item.name for item in bound.audit().properties]).size == len(
        bound.audit().properties
    )
