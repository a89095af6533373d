"""Diffusion loops: every cycle and protocol, the bound in each record, and mistakes."""

import numpy as np
import pytest

from bounds import cycles
from empirics import Experiment, InputError, Numerics, run, targets
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.models import BestKl, BestTv, Diffusion, FixedTime, Kde, PowerTime

THREE = targets.gaussian_mixture([0.3, 0.4, 0.3], [-1.2, 0.0, 1.2], [0.32, 0.25, 0.32])
CYCLES = [
    cycles.full_synthetic(n=300),
    cycles.fresh_real(n=300, share=0.3),
    cycles.balanced(n=300),
    cycles.accumulating(n=300),
    cycles.real_plus_synthetic(n=200, lam=3),
    cycles.real_plus_synthetic(n=200, lam=3, data="reused"),
    cycles.balanced(n=300, data="resampled"),
    cycles.real_plus_synthetic(n=200, lam=3, data="subsampled"),
    cycles.custom(rows=[[1], [0.5, 0.5], [0.2, 0.3, 0.5]], n=[300, 200, 400]),
]


def loop(cycle=CYCLES[0], generations=3, replicates=3, target=THREE, numerics=None, **model):
    model = {"width": 80, "training_time": PowerTime(1.0, 1.0)} | model
    return Experiment(
        target=target,
        model=Diffusion(**model),
        cycle=cycle,
        generations=generations,
        replicates=replicates,
        numerics=numerics or Numerics(),
    )


@pytest.mark.parametrize("cycle", CYCLES, ids=lambda c: f"{c.name} {c.data}")
def test_every_cycle_runs_under_its_bound(cycle):
    result = run(loop(cycle))
    tv, error = result.matrix("tv"), result.matrix("tv_error")
    assert np.all(tv - error <= result.matrix("tv_bound"))
    assert np.all(result.matrix("kl") <= result.matrix("kl_bound") * (1 + 1e-3))
    step = np.sqrt(result.matrix("kl_bound") / 2)
    assert np.all(result.matrix("one_step_tv") <= step + error)
    assert np.all(result.matrix("mass_defect") < 1e-8)
    assert np.all(error < 5e-4)


def test_one_step_errors_propagate_as_theorem_one_says():
    result = run(loop(cycles.balanced(n=300), generations=4))
    tv, step = result.matrix("tv"), result.matrix("one_step_tv")
    slack = result.matrix("tv_error")
    for j in range(1, 4):
        learned = tv[:, :j].sum(axis=1) / (j + 1)
        assert np.all(tv[:, j] <= step[:, j] + learned + 2 * slack[:, j])


def test_the_result_does_not_depend_on_workers():
    """Companions in a batch change it by rounding only, which later draws may amplify."""
    one = run(loop(replicates=40), workers=1)
    assert one.frame.equals(run(loop(replicates=40), workers=2).frame)
    alone = run(loop(replicates=1))
    np.testing.assert_allclose(alone.matrix("tv")[0, 0], one.matrix("tv")[0, 0], rtol=1e-6)


def test_infinite_data_leaves_the_floor_and_no_chance():
    result = run(loop(numerics=Numerics(sampling="population"), training_time=1e6))
    assert np.ptp(result.matrix("tv"), axis=0).max() < 1e-12
    assert result.matrix("tv")[0, 0] < 0.01
    assert np.all(result.matrix("kl") <= result.matrix("kl_bound"))


def test_population_sampling_serves_kernel_estimates_too():
    kde = Experiment(
        target=THREE,
        model=Kde(0.2),
        cycle=cycles.full_synthetic(n=10),
        generations=2,
        replicates=2,
        numerics=Numerics(sampling="population"),
    )
    exact = targets.gaussian_mixture(
        THREE.weights, THREE.means, np.sqrt(np.array(THREE.scales) ** 2 + 2 * 0.04)
    )
    x = np.linspace(-8, 8, 20_001)
    tv = 0.5 * np.abs(exact.density(x) - THREE.density(x)).sum() * (x[1] - x[0])
    np.testing.assert_allclose(run(kde).matrix("tv")[:, 1], tv, atol=1e-6)


def test_points_and_counts_have_the_same_law():
    """Mean TV of generation 2 from points and from counts: z below 4, so 6e-5 false alarms."""
    results = [
        run(loop(generations=2, replicates=12, numerics=Numerics(sampling=s)))
        for s in ("counts", "points")
    ]
    tv = [r.matrix("tv")[:, 1] for r in results]
    z = (tv[0].mean() - tv[1].mean()) / np.sqrt(sum(t.var(ddof=1) / len(t) for t in tv))
    assert abs(z) < 4


def test_oracles_choose_better_times_than_fixed_ones():
    best_tv, best_kl, fixed = (
        run(loop(generations=1, replicates=8, training_time=rule))
        for rule in (BestTv(), BestKl(), FixedTime(1e6))
    )
    assert best_tv.matrix("tv").mean() <= best_kl.matrix("tv").mean() * 1.02
    assert np.all(best_kl.matrix("kl_bound") <= fixed.matrix("kl_bound"))
    assert BestTv.oracle
    assert BestKl.oracle
    assert not PowerTime.oracle


def test_power_rule_follows_the_training_size():
    result = run(loop(cycles.accumulating(n=100), training_time=PowerTime(2.0, 0.5)))
    np.testing.assert_allclose(result.matrix("training_time")[0], 2 * np.sqrt([100, 200, 300]))


def test_the_two_samplers_have_different_laws_and_bounds():
    sde, ode = (run(loop(replicates=2, generations=1, sampler=s)) for s in ("sde", "ode"))
    assert np.all(np.isfinite(sde.matrix("kl_bound")))
    assert ode.frame["kl_bound"].is_null().all()
    assert ode.frame["tv_bound"].is_null().all()
    assert np.abs(sde.matrix("tv") - ode.matrix("tv")).min() > 1e-3


def test_early_stopping_is_a_term_of_the_bound():
    process = OrnsteinUhlenbeck(stop=0.02)
    result = run(loop(process=process, training_time=1e4))
    x = np.linspace(-7, 7, 20_001)
    a, extra = np.exp(-0.02), 1 - np.exp(-0.04)
    noised = targets.gaussian_mixture(
        THREE.weights,
        a * np.array(THREE.means),
        np.sqrt(a**2 * np.array(THREE.scales) ** 2 + extra),
    )
    exact = 0.5 * np.abs(noised.density(x) - THREE.density(x)).sum() * (x[1] - x[0])
    np.testing.assert_allclose(result.matrix("smoothing"), exact, rtol=1e-3)
    assert np.all(result.matrix("tv") <= result.matrix("tv_bound"))
    assert np.all(result.matrix("kl") <= result.matrix("kl_bound") * (1 + 1e-3))


def test_compact_targets_are_learned_after_an_early_stop():
    compact = targets.truncated_mixture([0.5, 0.5], [-0.8, 0.8], 0.4, (-1.5, 1.5))
    result = run(loop(target=compact, process=OrnsteinUhlenbeck(stop=0.01)))
    assert np.all(result.matrix("tv") <= result.matrix("tv_bound"))
    with pytest.raises(InputError, match="bounded support has no score at time 0; use stop >="):
        run(loop(target=compact))


def test_the_papers_network_runs_under_the_same_bound():
    result = run(loop(preset="relu", width=32, training_time=1e4))
    assert np.all(result.matrix("tv") - result.matrix("tv_error") <= result.matrix("tv_bound"))


def test_a_fitted_model_samples_from_its_density():
    points = THREE.sample(2000, np.random.default_rng(0))
    for sampler in ("sde", "ode"):
        model = Diffusion(width=60, training_time=3000.0, sampler=sampler)
        law = model.fit(points, np.random.default_rng(1))
        drawn = law.sample(20_000, np.random.default_rng(2))
        x = np.linspace(-6, 6, 2001)
        density = np.exp(law.log_density(x))
        assert density.sum() * (x[1] - x[0]) == pytest.approx(1, abs=1e-6)
        mean = (x * density).sum() * (x[1] - x[0])
        assert drawn.mean() == pytest.approx(mean, abs=4 / np.sqrt(20_000))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"width": 0}, "width = 0: must be an integer >= 1"),
        ({"preset": "elu"}, "preset = 'elu': must be one of 'tanh', 'relu'"),
        ({"sampler": "heun"}, "sampler = 'heun': must be one of 'sde', 'ode'"),
        ({"training_time": 0.0}, "training_time = 0.0: must be a finite number > 0"),
        ({"training_time": -3}, "training_time = -3"),
        ({"training_time": float("nan")}, "training_time = nan"),
        ({"training_time": "long"}, "training_time = 'long'"),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(InputError, match=message):
        Diffusion(**arguments)


def test_data_off_the_grid_is_refused():
    far = targets.gaussian_mixture([1.0], [300.0], 1.0)
    with pytest.raises(InputError, match="standardise the target"):
        run(loop(target=far))
    with pytest.raises(InputError, match="lie outside the grid"):
        Diffusion(width=20).fit(np.array([0.0, 50.0]), np.random.default_rng(0))
    with pytest.raises(InputError, match="must be finite"):
        Diffusion(width=20).fit(np.array([0.0, np.nan]), np.random.default_rng(0))


def test_reused_points_with_unequal_weights_need_counts():
    with pytest.raises(InputError, match="reused"):
        run(
            loop(
                cycles.fresh_real(n=50, share=0.1, data="reused"),
                numerics=Numerics(sampling="points"),
            )
        )
