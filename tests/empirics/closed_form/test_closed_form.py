"""Closed-form loops: exact laws against the theory's formulas and against independent draws."""

import numpy as np
import pytest
import sympy as sp
from scipy import stats
from scipy.integrate import quad

from bounds import cycles
from empirics import InputError
from empirics.closed_form import Discrete, GaussianMean, error_variances
from empirics.closed_form.discrete import Alphabet
from empirics.loop import Training, laws_held

STEPS = 8
J = np.arange(1, STEPS + 1)
U = 0.8  # lambda = 4
FRESH = cycles.real_plus_synthetic(n=100, lam=4)
REUSED = cycles.real_plus_synthetic(n=100, lam=4, data="reused")
KEPT = cycles.accumulating(n=100, data="reused")
CYCLES = (
    cycles.full_synthetic(n=100),
    cycles.fresh_real(n=100, share=0.3),
    cycles.balanced(n=100),
    cycles.accumulating(n=100),
    FRESH,
    REUSED,
    KEPT,
    cycles.balanced(n=100, data="reused"),
)


@pytest.mark.parametrize(
    ("cycle", "variance"),
    [
        (cycles.full_synthetic(n=100), J),
        (FRESH, (1 + U ** (2 * J - 1)) / (1 + U)),
        (REUSED, 1 + U * (1 - U ** (2 * (J - 1))) / (1 + U)),
        (KEPT, np.cumsum(1 / J**2)),
    ],
    ids=["full", "fresh", "reused", "accumulating"],
)
def test_variances_are_those_of_the_theory(cycle, variance):
    """Golden values of the recursion of variances."""
    assert error_variances(cycle, STEPS) * 100 == pytest.approx(variance)


def test_discrete_variance_is_that_of_the_theory():
    """V_{i+1} = (1-a)^2 (1 - 1/n) V_i + (1-S)/n."""
    a, n = 0.3, 100
    expected = [1 / n]
    for _ in range(STEPS - 1):
        expected.append((1 - a) ** 2 * (1 - 1 / n) * expected[-1] + 1 / n)
    found = error_variances(cycles.fresh_real(n=n, share=a), STEPS, shrinking=True)
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("cycle", CYCLES, ids=repr)
def test_simulated_means_agree_with_the_closed_form(cycle):
    """z-scores over 8 generations of 8 cycles; false-alarm rate about 1e-4."""
    loop = GaussianMean(cycle=cycle, generations=STEPS, replicates=20_000, seed=3)
    tv = loop.run().tv
    z = (tv.mean(axis=0) - loop.mean_tv) / (tv.std(axis=0) / np.sqrt(len(tv)))
    assert np.abs(z).max() < 4.8


@pytest.mark.parametrize("cycle", CYCLES, ids=repr)
def test_discrete_loops_have_the_exact_variance_and_stay_below_the_bound(cycle):
    loop = Discrete(real=(0.5, 0.3, 0.2), cycle=cycle, generations=STEPS, replicates=4000)
    tv = loop.run().tv
    ratio = tv.mean(axis=0) / loop.mean_tv_bound
    assert np.all((ratio > 0.7) & (ratio < 1))


def test_two_letters_give_the_variance_itself():
    """With two letters TV is |error| of one of them."""
    loop = Discrete(real=(0.4, 0.6), cycle=KEPT, generations=4, replicates=40_000)
    second = (loop.run().tv ** 2).mean(axis=0)
    exact = error_variances(KEPT, 4, shrinking=True) * 0.24
    assert second == pytest.approx(exact, rel=0.05)


def test_one_step_distance_to_a_mixture_is_right():
    loop = GaussianMean(
        cycle=cycles.balanced(n=5), generations=4, replicates=3, seed=1, one_step=True
    )
    runs, means = loop.run(), loop._means()
    for r in range(3):
        mu = means[r]
        mixture = lambda x, mu=mu: stats.norm.pdf(x[..., None] - mu[:4]).mean(axis=-1)  # noqa: E731
        gap = lambda x, f=mixture, mu=mu: abs(stats.norm.pdf(x - mu[4]) - f(np.asarray(x)))  # noqa: E731
        exact = 0.5 * quad(gap, -9, 9, limit=400)[0]
        assert runs.one_step_tv[r, 3] == pytest.approx(exact, abs=1e-6)
        assert abs(runs.one_step_tv[r, 3] - exact) < runs.tv_error[r, 3] + 1e-7


def test_resampled_letters_lose_more_than_reused_ones():
    runs = [
        Discrete(
            real=(0.25,) * 4,
            cycle=cycles.fresh_real(n=50, share=0.3, data=data),
            generations=5,
            replicates=4000,
        ).run()
        for data in ("reused", "resampled")
    ]
    assert np.all(runs[0].tv.mean(axis=0) < runs[1].tv.mean(axis=0))


def test_mistakes_get_one_line():
    with pytest.raises(InputError, match=r"^data = 'resampled': no closed form"):
        GaussianMean(cycle=cycles.balanced(n=5, data="resampled"), generations=2)
    with pytest.raises(InputError, match=r"^real = .*: must be two or more probabilities"):
        Discrete(real=(0.5, 0.6), cycle=KEPT, generations=2)


LONG = tuple((np.arange(1, 6001) / np.arange(1, 6001).sum()).tolist())


@pytest.mark.parametrize(
    "cycle",
    [
        cycles.full_synthetic(n=300),
        cycles.fresh_real(n=300, share=0.3),
        cycles.balanced(n=200, data="reused"),
        cycles.custom(rows=[[1], [0, 1], [0, 0.5, 0.5]], n=200, data="resampled"),
    ],
)
def test_a_long_alphabet_gives_what_all_its_letters_give(cycle, monkeypatch):
    """Letters that are gone are dropped; the draws and the distances stay."""
    loop = Discrete(real=LONG, cycle=cycle, generations=3, replicates=2, seed=3)
    quick = loop.run()
    monkeypatch.setattr("empirics.closed_form.discrete._LONG", 10**9)
    slow = loop.run()
    np.testing.assert_allclose(quick.tv, slow.tv, rtol=1e-12)
    np.testing.assert_allclose(quick.one_step_tv, slow.one_step_tv, rtol=1e-12)


def test_letters_that_are_gone_cost_nothing():
    few, all_of_them = np.zeros((2, 6000)), np.ones((2, 6000)) / 6000
    few[:, [5, 9]] = 0.5
    for law, needed, left in ((few, {1}, 3), (all_of_them, {0, 1}, 6000)):
        alphabet = Alphabet(np.array(LONG), 2, np.random.default_rng(0))
        before, _, _ = alphabet.learn(1, np.ones(1), Training(law, 10))
        alphabet.forget(needed)
        mixture = np.array([0.0, 1.0])
        again = alphabet.fresh(mixture, 10**6)
        assert again.shape == (2, left)
        after, step, _ = alphabet.learn(2, mixture, Training(again, 10**6))
        np.testing.assert_allclose(after, before, atol=0.05)
        assert step.max() < 0.05


def test_laws_held_at_once_are_those_with_a_future():
    chain, pool = (
        cycle(n=10).weight_matrix(6) for cycle in (cycles.full_synthetic, cycles.balanced)
    )
    assert laws_held(chain) == 1
    assert laws_held(pool) == 6
    assert laws_held(cycles.fresh_real(n=10, share=0.5).weight_matrix(6)) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"generations": 0}, "generations = 0: must be an integer >= 1"),
        ({"generations": 2.0}, r"generations = 2\.0"),
        ({"generations": 10**6}, "generations = 1000000"),
        ({"replicates": 0}, "replicates = 0"),
        ({"seed": -1}, "seed = -1"),
        ({"cycle": "balanced"}, "cycle = 'balanced': must be a DataCycle"),
        ({"cycle": cycles.custom(rows=[[1]], n=5)}, "generations = 2: the custom cycle has rows"),
        ({"cycle": cycles.balanced(n=sp.Symbol("n"))}, "needs numbers, not symbols"),
        ({"cycle": cycles.balanced(n=5, data="subsampled")}, "no closed form"),
        ({"cycle": cycles.real_plus_synthetic(n=10**6, lam=1e15)}, r"1e\+21 points"),
    ],
)
def test_arguments_of_every_closed_form_are_checked(arguments, message):
    given = {"cycle": cycles.full_synthetic(n=5), "generations": 2} | arguments
    for make in (GaussianMean, lambda **a: Discrete(real=(0.5, 0.5), **a)):
        with pytest.raises(ValueError, match=message) as refusal:
            make(**given)
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "real",
    [(0.5, np.nan), (1.0,), (0.5, 0.6), (-0.5, 1.5), "ab", (np.inf, 0.5), ((0.5, 0.5),), None],
)
def test_real_laws_are_probability_vectors(real):
    with pytest.raises(InputError, match=r"real = .*: must be two or more probabilities"):
        Discrete(real=real, cycle=KEPT, generations=2)


def test_runs_that_do_not_fit_are_refused_before_they_begin():
    chain = cycles.full_synthetic(n=5)
    with pytest.raises(InputError, match=r"runs: needs about \S+ TiB"):
        Discrete(real=LONG, cycle=chain, generations=2, replicates=10**9).run()
    with pytest.raises(InputError, match=r"runs: needs about \S+ TiB"):
        GaussianMean(cycle=chain, generations=100, replicates=10**10).run()
    with pytest.raises(InputError, match="shift = nan"):
        GaussianMean(cycle=chain, generations=2, shift=float("nan"))
