"""The linear response of a loop: exact where it is linear, near simulations, refused elsewhere."""

from dataclasses import replace

import numpy as np
import pytest

import bounds
import verify
from bounds import cycles
from bounds.errors import HypothesisError
from empirics import run
from empirics.diffusion.response import linear_response
from empirics.models import BestKl, Diffusion, PowerTime
from empirics.targets import GaussianMixture
from verify import Verdict
from verify.settings import STANDARD, diffusion

CLT, RISK = bounds.get("diffusion-clt"), bounds.get("diffusion-risk-prediction")
STUDENT = {"method": "student", "controls": ()}
TWO = GaussianMixture((0.6, 0.4), (-0.8, 1.1), (0.35, 0.3))
CYCLES = {
    "full synthetic": cycles.full_synthetic(n=1000),
    "accumulating, reused": cycles.accumulating(n=1000, data="reused"),
    "30 %, resampled": cycles.fresh_real(n=1000, share=0.3, data="resampled"),
}


def loop(cycle, generations=3, replicates=1, target=STANDARD, **model):
    given = {"width": 32, "training_time": PowerTime(0.5, 1.0)} | model
    return diffusion(Diffusion(**given), cycle, generations, replicates, target)


@pytest.mark.parametrize("name", CYCLES)
def test_mean_risk_and_spread_are_those_of_simulated_loops(name):
    """Seeds are fixed; 96 runs: 5 standard errors of TV (9 %) and of its spread (36 %)."""
    measured = run(loop(CYCLES[name], replicates=96))
    response = linear_response(loop(CYCLES[name]))
    tv, risk = measured.matrix("tv"), measured.matrix("score_risk_real")
    for value, runs in (
        (verify.along(CLT, loop(CYCLES[name])).value, tv),
        ([m.risk for m in response.models], risk),
    ):
        error = runs.std(axis=0) / np.sqrt(96)
        assert np.all(np.abs(value - runs.mean(axis=0)) < 5 * error + 0.02 * runs.mean(axis=0))
    np.testing.assert_allclose(response.spread(), tv.std(axis=0), rtol=0.36)
    low, high = response.quantiles((0.05, 0.95))
    inside = ((tv > low) & (tv < high)).mean(axis=0)
    assert np.all((inside > 0.78) & (inside < 0.99))
    direct = verify.along(RISK, loop(CYCLES[name])).value
    assert np.all(direct > 1.2 * tv.mean(axis=0))


def test_without_noise_it_is_the_population_loop():
    """n = 10^13: what is left is the bias of the features and the training time."""
    few = loop(cycles.full_synthetic(n=10**13), training_time=100.0)
    population = diffusion(few.model, few.cycle, 3, 1, sampling="population")
    tv = run(population).matrix("tv")[0]
    np.testing.assert_allclose(verify.along(CLT, few).value, tv, rtol=2e-3)
    assert linear_response(few).second_order.max() < 1e-6


def test_variances_fall_like_the_number_of_points():
    first, second = (
        linear_response(loop(cycles.full_synthetic(n=n), 2, training_time=100.0))
        for n in (10**4, 10**6)
    )
    for one, other in zip(first.models, second.models, strict=True):
        ratio = one.variance.sum() / other.variance.sum()
        assert ratio == pytest.approx(100, rel=0.02)


def test_fresh_and_kept_points_differ_from_generation_two_on():
    values = {
        data: verify.along(CLT, loop(cycles.accumulating(n=300, data=data))).value
        for data in ("fresh", "reused")
    }
    assert values["fresh"][0] == pytest.approx(values["reused"][0])
    assert values["fresh"][2] < 0.95 * values["reused"][2]


def test_the_prediction_is_the_mean_size_that_tells_second_order():
    """The formula stands in the catalogue and, to compare orders, beside the response."""
    response = linear_response(loop(CYCLES["full synthetic"], 1))
    model = response.models[0]
    z = np.random.default_rng(0).standard_normal((20_000, len(model.parts)))
    drawn = 0.5 * np.abs(model.mean - response.real + z @ model.parts).sum(axis=1).mean()
    value = CLT.evaluate(response=response, generation=1)
    assert value == pytest.approx(drawn, rel=0.01)
    assert value == pytest.approx(verify.along(CLT, loop(CYCLES["full synthetic"], 1)).value[0])


def test_loops_whose_modes_merge_are_refused_by_name():
    hard = loop(cycles.full_synthetic(n=300), 6, target=TWO)
    with pytest.raises(HypothesisError, match=r"^linear response: second order changes the mean"):
        verify.along(CLT, hard)
    trusted = linear_response(hard).trusted
    assert 0 < trusted < 6
    shorter = loop(cycles.full_synthetic(n=300), trusted, target=TWO)
    assert np.isfinite(verify.along(CLT, shorter).value).all()


def test_the_predicted_risk_counts_its_error():
    one = linear_response(loop(CYCLES["full synthetic"], 1))
    planted = replace(one, models=(replace(one.models[0], risk=0.5, risk_error=0.25),))
    assert planted.quantities(1)["mean_real_score_risk"] == 0.75


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "within"), [(STANDARD, 0.10), (TWO, 0.12)], ids=["three", "two"]
)
@pytest.mark.parametrize("n", [300, 1000])
def test_whatever_is_predicted_is_near_simulated_loops(n, target, within):
    """Twelve generations of 128 runs, beyond 3 standard errors; seeds are fixed."""
    tv = run(loop(cycles.full_synthetic(n=n), 12, 128, target, width=64)).matrix("tv")
    response = linear_response(loop(cycles.full_synthetic(n=n), 12, 1, target, width=64))
    mean, error = tv.mean(axis=0), tv.std(axis=0, ddof=1) / np.sqrt(128)
    for j in range(response.trusted):
        value = CLT.evaluate(response=response, generation=j + 1)
        assert abs(value / mean[j] - 1) < within + 3 * error[j] / mean[j]
    assert response.trusted >= 4


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"training_time": BestKl()}, "^linear response: training_time"),
        ({"sampler": "ode"}, "^SDE sampler"),
    ],
)
def test_other_loops_are_refused_by_name(model, message):
    with pytest.raises(HypothesisError, match=message):
        verify.along(CLT, loop(CYCLES["full synthetic"], 2, **model))


def test_a_check_is_a_verdict_with_its_own_tolerance():
    one = loop(CYCLES["full synthetic"], 2, 40, width=16)
    found = {
        tolerance: verify.check(CLT, run(one), tolerance=tolerance, **STUDENT).verdict
        for tolerance in (0.3, 0.0)
    }
    assert found == {0.3: Verdict.SUPPORTED, 0.0: Verdict.INCONCLUSIVE}


def test_a_population_has_no_noise_to_respond_to():
    model = Diffusion(width=16, training_time=PowerTime(0.5, 1.0))
    population = diffusion(model, cycles.full_synthetic(n=100), 1, 1, sampling="population")
    with pytest.raises(HypothesisError, match=r"^linear response: a population"):
        verify.along(CLT, population)
