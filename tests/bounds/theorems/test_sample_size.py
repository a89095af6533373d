"""Sizes that keep a bound at a target, and the best split of a budget."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

import bounds
from bounds import cycles
from bounds.errors import HypothesisError, ParameterError
from bounds.propagation import influence, paper_errors, propagate
from bounds.theorems._powers import least_of_two_powers, root_of_power
from bounds.theorems.budget_allocation import allocation
from bounds.theorems.kde_bandwidth import ERROR_TERMS

CLOSED_FORMS = {
    "full-synthetic": {},
    "full-synthetic-growing": {"growth": 1.5},
    "fresh-real": {"share": 0.3},
    "balanced": {},
    "accumulating": {},
    "phase-transition": {"lam": 2.5},
    "phase-transition-real-start": {"lam": 2.5},
}


def _value(name, **params):
    return bounds.get(name).evaluate(**params)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_with_the_required_points_the_bound_is_the_target(name):
    """The bound is a power of n, so its value at n = 1 gives every other."""
    words = {**CLOSED_FORMS[name], "generation": [1, 2, 7, 40], "gamma": "1/3", "constant": 2}
    required = _value(f"sample-size-{name}", target_error=0.05, **words)
    reached = np.asarray(_value(name, n=1, **words)) * required ** (-1 / 3)
    np.testing.assert_allclose(reached, 0.05, rtol=1e-12)


def test_full_synthetic_data_asks_for_the_fourth_power():
    required = _value("sample-size-full-synthetic", generation=[1, 10], target_error=0.1)
    np.testing.assert_allclose(required, [1e4, 1e8], rtol=1e-12)


@pytest.mark.parametrize(
    ("cycle", "words", "name"),
    [
        ("full_synthetic", {}, "full-synthetic"),
        ("fresh_real", {"share": 0.3}, "fresh-real"),
        ("balanced", {}, "balanced"),
        ("accumulating", {}, "accumulating"),
        ("real_plus_synthetic", {"lam": 2.5}, "phase-transition-real-start"),
    ],
)
def test_the_general_size_agrees_with_the_closed_forms(cycle, words, name):
    common = {"generation": [1, 5, 12], "target_error": 0.05, **words}
    general = _value("sample-size", cycle=cycle, **common)
    np.testing.assert_allclose(general, _value(f"sample-size-{name}", **common), rtol=1e-8)


def test_the_general_size_takes_any_cycle():
    cycle = cycles.custom(rows=[[1], [0.5, 0.5], [0.2, 0.3, 0.5]], n=[100, 200, 800])
    required = _value("sample-size", cycle=cycle, generation=3, target_error=0.01)
    errors = (required * np.array([1, 2, 8])) ** -0.25
    assert propagate(cycle, errors)[-1] == pytest.approx(0.01, rel=1e-12)


def test_growing_sizes_follow_the_recursion_and_stay_bounded():
    """q > 1/gamma: below C n^-gamma zeta(gamma q); zeta(2) at q = 8, gamma = 1/4."""
    sizes = [100 * k**2 for k in range(1, 9)]
    rows = [[0] * (j - 1) + [1] for j in range(1, 9)]
    cycle = cycles.custom(rows=rows, n=sizes)
    recursion = propagate(cycle, paper_errors(cycle, 8))
    value = _value("full-synthetic-growing", n=100, growth=2, generation=np.arange(1, 9))
    np.testing.assert_allclose(value, recursion, rtol=1e-13)
    bounds.get("full-synthetic-growing").check_hypotheses(cycle)
    limit = np.pi**2 / 6
    late = _value("full-synthetic-growing", n=1, growth=8, generation=10**5)
    assert limit - 1.1e-5 < late < limit


def test_growing_sizes_refuse_other_cycles():
    bound = bounds.get("full-synthetic-growing")
    for cycle in (cycles.full_synthetic(n=10), cycles.custom(rows=[[1], [0.5, 0.5]], n=5)):
        with pytest.raises(HypothesisError, match=r"^data cycle: "):
            bound.check_hypotheses(cycle)


KDE = {"dimension": 1, "bias_constant": 0.25, "noise_constant": 0.5, "target_error": 0.05}


@pytest.mark.parametrize("dimension", [1, 3])
@pytest.mark.parametrize("generation", [1, 6])
def test_kde_sizes_reach_the_target_at_their_best_bandwidth(dimension, generation):
    words = {**KDE, "dimension": dimension, "generation": generation}
    for name, noise in (
        ("sample-size-kde", float(generation)),
        (
            "sample-size-kde-independent",
            np.sqrt((np.arange(1.0, generation + 1) ** (-dimension / 2)).sum()),
        ),
    ):
        extra = {"smoothness": 2} if name == "sample-size-kde" else {}
        required = _value(name, **words, **extra)

        def error(log_h, noise=noise, required=required):
            bias = generation * 0.25 * np.exp(2 * log_h)
            return bias + noise * 0.5 / np.sqrt(required) * np.exp(-dimension / 2 * log_h)

        best = optimize.minimize_scalar(error, bounds=(-9, 3), method="bounded")
        assert best.fun == pytest.approx(0.05, rel=1e-7)


def test_kde_sizes_grow_as_they_should_on_the_line():
    """N^(5/2) if errors are added, N (up to its slow sum) if variances are."""
    ends = [10**4, 10**6]
    added = _value("sample-size-kde", generation=ends, smoothness=2, **KDE)
    free = _value("sample-size-kde-independent", generation=ends, **KDE)
    assert np.log(added[1] / added[0]) / np.log(100) == pytest.approx(2.5, rel=1e-9)
    assert np.log(free[1] / free[0]) / np.log(100) == pytest.approx(1.0, abs=0.01)


def test_roots_and_minima_of_powers():
    from sympy import Rational, Symbol, simplify

    x, c = Symbol("x", positive=True), Symbol("c", positive=True)
    assert root_of_power(c / x**2, x, 5) == (c / 5) ** Rational(1, 2)
    where, value = least_of_two_powers(c * x**2, 8 / x, x)
    assert simplify(where - (4 / c) ** Rational(1, 3)) == 0
    assert simplify(value - (c * where**2 + 8 / where)) == 0
    assert len(ERROR_TERMS) == 2


@given(st.integers(1, 6), st.integers(0, 10**6), st.sampled_from([0.2, 0.25, 0.5]))
def test_no_other_split_of_a_budget_is_better(generation, seed, gamma):
    random = np.random.default_rng(seed)
    row = np.append(random.uniform(0.01, 1, generation - 1), 1.0)
    shares = allocation(row, gamma)
    value = _value(
        "budget-allocation", budget=10**6, generation=generation, influence=row, gamma=gamma
    )
    assert shares.sum() == pytest.approx(1, rel=1e-14)
    assert (row * (1e6 * shares) ** -gamma).sum() == pytest.approx(value, rel=1e-12)
    others = random.dirichlet(np.ones(generation), size=200)
    assert ((row * (1e6 * others) ** -gamma).sum(axis=1) >= value * (1 - 1e-12)).all()


def test_the_best_split_against_a_numerical_minimum():
    row = influence(cycles.fresh_real(n=10, share=0.2), 5)[-1]

    def cost(logits):
        shares = np.exp(logits - np.logaddexp.reduce(logits))
        return (row * (1e5 * shares) ** -0.25).sum()

    found = optimize.minimize(cost, np.zeros(5), tol=1e-14)
    words = {"cycle": "fresh_real", "share": 0.2, "generation": 5}
    assert _value("budget-allocation", budget=10**5, **words) == pytest.approx(found.fun, rel=1e-9)


def test_weights_that_depend_on_the_sizes_are_refused():
    with pytest.raises(HypothesisError, match=r"^weights: "):
        bounds.get("budget-allocation").check_hypotheses(cycles.real_plus_synthetic(n=10, lam=1))
    with pytest.raises(ParameterError, match=r"^gamma = "):
        allocation([1.0], 2)
