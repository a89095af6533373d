"""Batches that every generation draws anew, with weights that are no shares of the points."""

import numpy as np
import pytest
from scipy import stats

import bounds
import verify
from bounds import cycles
from bounds.cycles.weighted_real import WeightedReal
from empirics import Experiment, Numerics, run
from empirics.closed_form import Discrete, GaussianMean, error_variances
from empirics.cost import cost_of
from empirics.models import Kde, PowerRule
from empirics.targets import gaussian_mixture

MODES = gaussian_mixture([0.3, 0.7], [-1.0, 1.0], [0.5, 0.4])
HEAVY = WeightedReal(n=60, share=0.8, lam=3)
LIGHT = WeightedReal(n=60, share=0.1, lam=2)


def loop(cycle, replicates, sampling=None, seed=1):
    return Experiment(
        target=MODES,
        model=Kde(PowerRule(0.6)),
        cycle=cycle,
        generations=4,
        replicates=replicates,
        seed=seed,
        numerics=Numerics(sampling=sampling),
    )


@pytest.mark.parametrize(
    "cycle", [pytest.param(HEAVY, marks=pytest.mark.slow), LIGHT], ids=["heavy", "light"]
)
def test_the_certified_sandwich_holds_mean_tv_between_its_sides(cycle):
    """Means of 400 runs are at least 5 standard errors within both sides: no test is needed."""
    experiment = loop(cycle, 400)
    tv = run(experiment).matrix("tv")
    error = tv.std(axis=0, ddof=1) / np.sqrt(len(tv))
    upper, lower = (
        verify.along(bounds.get(name), experiment).value
        for name in ("kde-sandwich", "kde-sandwich-lower")
    )
    assert np.all(lower + 5 * error < tv.mean(axis=0))
    assert np.all(tv.mean(axis=0) < upper - 5 * error)
    prediction = verify.along(bounds.get("kde-clt"), experiment).value
    np.testing.assert_allclose(prediction, tv.mean(axis=0), rtol=0.06)


@pytest.mark.slow
def test_points_and_counts_have_the_same_mean():
    """z-tests, Bonferroni over 4 generations and 2 columns: false-alarm rate 0.1 %; seeds fixed."""
    counts, points = run(loop(LIGHT, 400)), run(loop(LIGHT, 60, "points", seed=2))
    for column in ("tv", "one_step_tv"):
        one, two = counts.matrix(column), points.matrix(column)
        spread = one.var(axis=0, ddof=1) / len(one) + two.var(axis=0, ddof=1) / len(two)
        z = np.abs(one.mean(axis=0) - two.mean(axis=0)) / np.sqrt(spread)
        assert np.all(z < stats.norm.isf(1e-3 / 16))


@pytest.mark.parametrize("cycle", [LIGHT, cycles.balanced(n=20, data="renewed")], ids=repr)
def test_variances_are_those_of_simulated_means_and_letters(cycle):
    """Within 4 standard errors of a variance: false-alarm rate 1e-4 per number, seeds fixed."""
    runs, steps = 20_000, 4
    means = GaussianMean(cycle=cycle, generations=steps, replicates=runs, seed=3)._means()[:, 1:]
    expected = error_variances(cycle, steps)
    assert np.all(np.abs(means.var(axis=0) / expected - 1) < 4 * np.sqrt(2 / runs))
    coin = Discrete(
        real=(0.5, 0.5), cycle=cycle, generations=steps, replicates=runs, record=("diversity",)
    )
    lost = 1 - 2 * coin.run().recorded["diversity"]
    shrunk = error_variances(cycle, steps, shrinking=True)
    spread = 4 * lost.std(axis=0) / np.sqrt(runs)
    assert np.all(np.abs(lost.mean(axis=0) - shrunk) < spread)


def test_a_kept_real_batch_is_another_loop():
    kept = WeightedReal(n=60, share=0.1, lam=2, data="reused")
    again = error_variances(kept, 6)
    assert np.all(again[1:] > error_variances(LIGHT, 6)[1:])


def test_its_cost_counts_every_batch():
    renewed, reused = (
        cost_of(loop(WeightedReal(n=10**6, share=0.5, data=data), 1, "points"))
        for data in ("renewed", "reused")
    )
    assert renewed.seconds > reused.seconds > 0
