"""The closed forms equal the recursion, and their hypotheses refuse other cycles."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bounds
from bounds import cycles
from bounds.errors import HypothesisError, ParameterError
from bounds.propagation import paper_errors, propagate
from bounds.theorems.accumulating import limit_constant

SHARE, RATIO = 0.3, 2.5
CASES = {
    "full-synthetic": (cycles.full_synthetic(n=1000), {}),
    "fresh-real": (cycles.fresh_real(n=1000, share=SHARE), {"share": SHARE}),
    "balanced": (cycles.balanced(n=1000), {}),
    "accumulating": (cycles.accumulating(n=1000), {}),
    "phase-transition": (
        cycles.real_plus_synthetic(n=1000, lam=RATIO, real_start=False),
        {"lam": RATIO},
    ),
    "phase-transition-real-start": (
        cycles.real_plus_synthetic(n=1000, lam=RATIO),
        {"lam": RATIO},
    ),
}
ROUNDING = 1e-13


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("exponent", ["1/4", "2/5", 0.9])
def test_closed_form_is_the_recursion(name, exponent):
    cycle, words = CASES[name]
    expected = propagate(cycle, paper_errors(cycle, 40, constant=2, gamma=exponent))
    value = bounds.get(name).evaluate(
        n=1000, generation=np.arange(1, 41), gamma=exponent, constant=2, **words
    )
    np.testing.assert_allclose(value, expected, rtol=ROUNDING)


@pytest.mark.parametrize("name", CASES)
def test_error_propagation_of_the_cycle_is_the_closed_form(name):
    cycle, words = CASES[name]
    generation = np.array([1, 2, 17])
    expected = bounds.get(name).evaluate(n=1000, generation=generation, **words)
    propagated = bounds.get("error-propagation").evaluate(cycle=cycle, generation=generation)
    np.testing.assert_allclose(propagated, expected, rtol=ROUNDING)


@given(st.floats(0.05, 0.95), st.floats(0, 50), st.integers(1, 30))
def test_phase_transitions_follow_the_recursion_for_every_ratio(exponent, ratio, generation):
    """Weights and sizes from the definition, without rounding the sizes."""
    u = ratio / (1 + ratio)
    for name, first in (
        ("phase-transition", (1 + ratio) ** -exponent),
        ("phase-transition-real-start", 1.0),
    ):
        distance = first
        for _ in range(generation - 1):
            distance = (1 + ratio) ** -exponent + u * distance
        value = bounds.get(name).evaluate(n=1, generation=generation, lam=ratio, gamma=exponent)
        assert value == pytest.approx(distance, rel=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_only_its_own_fresh_cycle_is_accepted(name):
    bound = bounds.get(name)
    for other, (cycle, _) in CASES.items():
        if other == name:
            bound.check_hypotheses(cycle)
        else:
            with pytest.raises(HypothesisError, match=r"^(data cycle|size of generation 1): "):
                bound.check_hypotheses(cycle)


def test_reused_data_is_refused_by_name():
    kept = cycles.accumulating(n=10, data="reused")
    with pytest.raises(
        HypothesisError, match=r"^fresh data: 'Accumulating data' requires"
    ) as refused:
        bounds.get("accumulating").check_hypotheses(kept)
    assert "\n" not in str(refused.value)
    bounds.get("error-propagation").check_hypotheses(kept)


def test_limit_of_the_accumulating_bound():
    """Golden values, the tail summed by Hurwitz zeta functions."""
    golden = [4.71962, 3.74783, 2.79002, 2.32006, 1.86003]
    value = limit_constant(["1/5", "1/4", "1/3", "2/5", "1/2"])
    np.testing.assert_allclose(value, golden, atol=5e-6)


def test_limit_constant_against_an_independent_sum():
    """Euler-Maclaurin; the integral of v^-g/(v+1) from K on, with w = v^-g, is smooth."""
    with mpmath.workdps(30):
        g, K = mpmath.mpf("0.25"), mpmath.mpf(400)

        def term(v):
            return v**-g / (v + 1)

        head = mpmath.fsum(term(mpmath.mpf(k)) for k in range(1, int(K)))
        tail = mpmath.quad(lambda w: 1 / (g * (1 + w ** (1 / g))), [0, K**-g])
        exact = head + tail + term(K) / 2 - mpmath.diff(term, K) / 12
    assert limit_constant(0.25) == pytest.approx(float(exact), rel=1e-12)


def test_accumulating_bound_rises_to_its_limit():
    value = bounds.get("accumulating").evaluate(n=1, generation=[10, 10**3, 10**6], gamma="1/2")
    assert (np.diff(value) > 0).all()
    assert limit_constant("1/2") - value[-1] == pytest.approx(1e-3, rel=0.01)


@pytest.mark.parametrize("exponent", [0, 1, "x"])
def test_limit_constant_names_a_bad_exponent(exponent):
    with pytest.raises(ParameterError, match=r"^gamma = "):
        limit_constant(exponent)
