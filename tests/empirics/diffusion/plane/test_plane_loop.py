"""Diffusion loops in the plane: every cycle and protocol, the bound in each record, mistakes."""

import numpy as np
import pytest

from bounds import cycles
from empirics import Experiment, InputError, Numerics, run, targets
from empirics.diffusion.accuracy import Accuracy, PlaneAccuracy
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.distances import total_variation
from empirics.grid import Axis, Grid
from empirics.models import BestKl, BestTv, Diffusion, FixedTime
from empirics.target_law import target_law

QUICK = Accuracy(12 / 512, 64, 20, 16, 24, 1e-9, plane=PlaneAccuracy(192, 24, 12, 14, 16, 3.0))
"""For many small loops; errors are larger, and reported."""
MODES = targets.gaussian_mixture(
    [0.5, 0.5], [[-1.0, -0.5], [0.9, 0.6]], [[[0.2, 0.05], [0.05, 0.25]], [[0.25, 0.0], [0.0, 0.2]]]
)
CYCLES = [
    cycles.full_synthetic(n=300),
    cycles.fresh_real(n=300, share=0.3),
    cycles.balanced(n=300),
    cycles.accumulating(n=300),
    cycles.real_plus_synthetic(n=200, lam=3),
    cycles.real_plus_synthetic(n=200, lam=3, data="reused"),
    cycles.balanced(n=300, data="resampled"),
    cycles.real_plus_synthetic(n=200, lam=3, data="subsampled"),
    cycles.custom(rows=[[1], [0.5, 0.5]], n=[300, 200]),
]


def loop(cycle=CYCLES[0], generations=2, replicates=2, target=MODES, numerics=None, **model):
    model = {"width": 24, "training_time": 300.0, "accuracy": QUICK} | model
    return Experiment(
        target=target,
        model=Diffusion(**model),
        cycle=cycle,
        generations=generations,
        replicates=replicates,
        numerics=numerics or Numerics(),
    )


def assert_under_its_bound(result):
    tv, error = result.matrix("tv"), result.matrix("tv_error")
    assert np.all(tv - error <= result.matrix("tv_bound"))
    assert np.all(result.matrix("kl") <= result.matrix("kl_bound") * (1 + 1e-3))
    step = np.sqrt(result.matrix("kl_bound") / 2)
    if result.experiment.model.process.stop == 0:
        assert np.all(result.matrix("one_step_tv") <= step + error)
    parts = result.matrix("kl_prior") + result.matrix("score_risk")
    np.testing.assert_allclose(result.matrix("kl_bound"), parts)


@pytest.mark.parametrize("cycle", CYCLES, ids=lambda c: f"{c.name} {c.data}")
def test_every_cycle_runs_under_its_bound(cycle):
    result = run(loop(cycle))
    assert_under_its_bound(result)
    assert np.all(result.matrix("mass_defect") < 1e-7)
    assert np.all(result.matrix("tv_error") < 2e-3)


def test_bound_holds_in_random_settings():
    """Any failure is a failure of the theorem or of a computation: nothing here is statistical."""
    rng = np.random.default_rng(0)
    for preset, least in 3 * [("tanh", 1.0), ("relu", 3.5)]:
        setting = {
            "cycle": cycles.full_synthetic(n=int(10 ** rng.uniform(1.5, 4))),
            "training_time": 10 ** rng.uniform(least, 5),
            "width": int(rng.integers(24, 40)),
            "preset": preset,
            "seed": int(rng.integers(100)),
        }
        assert_under_its_bound(run(loop(replicates=1, generations=1, **setting)))


def test_one_step_errors_propagate_as_theorem_one_says():
    result = run(loop(cycles.balanced(n=300), generations=3))
    tv, step, slack = (result.matrix(name) for name in ("tv", "one_step_tv", "tv_error"))
    for j in range(1, 3):
        learned = tv[:, :j].sum(axis=1) / (j + 1)
        assert np.all(tv[:, j] <= step[:, j] + learned + 2 * slack[:, j])


def test_the_result_does_not_depend_on_workers():
    """Companions in a batch change it by rounding only."""
    one = run(loop(replicates=9, generations=1), workers=1)
    assert one.frame.equals(run(loop(replicates=9, generations=1), workers=2).frame)
    alone = run(loop(replicates=1, generations=1))
    np.testing.assert_allclose(alone.matrix("tv")[0, 0], one.matrix("tv")[0, 0], rtol=1e-6)


def test_infinite_data_leaves_the_floor_and_no_chance():
    settings = {"numerics": Numerics(sampling="population"), "training_time": 1e5, "width": 80}
    result = run(loop(generations=1, **settings))
    assert np.ptp(result.matrix("tv"), axis=0).max() < 1e-12
    assert result.matrix("tv")[0, 0] < 0.06
    assert np.all(result.matrix("kl") <= result.matrix("kl_bound"))


def test_points_and_counts_have_the_same_law():
    """Mean TV of generation 2 from points and from counts: z below 4, so 6e-5 false alarms."""
    results = [
        run(loop(cycles.full_synthetic(n=100), replicates=6, numerics=Numerics(sampling=s)))
        for s in ("counts", "points")
    ]
    tv = [r.matrix("tv")[:, 1] for r in results]
    z = (tv[0].mean() - tv[1].mean()) / np.sqrt(sum(t.var(ddof=1) / len(t) for t in tv))
    assert abs(z) < 4


@pytest.mark.slow
def test_oracles_choose_better_times_than_fixed_ones():
    best_tv, best_kl, fixed = (
        run(loop(generations=1, training_time=rule))
        for rule in (BestTv(), BestKl(), FixedTime(1e6))
    )
    assert best_tv.matrix("tv").mean() <= best_kl.matrix("tv").mean() * 1.02
    assert np.all(best_kl.matrix("kl_bound") <= fixed.matrix("kl_bound"))


def test_the_two_samplers_have_different_laws_and_bounds():
    sde, ode = (run(loop(replicates=1, generations=1, sampler=s)) for s in ("sde", "ode"))
    assert np.all(np.isfinite(sde.matrix("kl_bound")))
    for column in ("kl_bound", "kl_prior", "score_risk", "tv_bound"):
        assert ode.frame[column].is_null().all()
    apart = np.abs(sde.matrix("tv") - ode.matrix("tv"))
    assert np.all(apart > sde.matrix("tv_error") + ode.matrix("tv_error"))


def test_early_stopping_is_a_term_of_the_bound():
    result = run(loop(process=OrnsteinUhlenbeck(stop=0.05), replicates=1))
    a, added = np.exp(-0.05), 1 - np.exp(-0.1)
    noised = targets.gaussian_mixture(
        MODES.weights,
        a * np.array(MODES.means),
        a**2 * np.array(MODES.covariances) + added * np.eye(2),
    )
    x = np.stack(np.meshgrid(*2 * (np.linspace(-5, 5, 401),), indexing="ij"), axis=-1)
    exact = 0.5 * np.abs(noised.density(x) - MODES.density(x)).sum() * 0.025**2
    np.testing.assert_allclose(result.matrix("smoothing"), exact, rtol=1e-3)
    assert_under_its_bound(result)


@pytest.mark.parametrize("sampler", ["sde", "ode"])
def test_a_fitted_model_samples_from_its_density(sampler):
    points = MODES.sample(500, np.random.default_rng(0))
    model = Diffusion(width=24, training_time=300.0, sampler=sampler, accuracy=QUICK)
    law = model.fit(points, np.random.default_rng(1))
    drawn = law.sample(4000, np.random.default_rng(2))
    axis = np.linspace(-5, 5, 101)
    x = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
    density = np.exp(law.log_density(x)) * 0.01
    assert density.sum() == pytest.approx(1, abs=1e-3)
    mean = (x * density[..., None]).sum(axis=(0, 1))
    np.testing.assert_allclose(drawn.mean(axis=0), mean, atol=4.5 / np.sqrt(4000))


def test_data_off_the_grid_is_refused():
    model = Diffusion(width=8, accuracy=QUICK)
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="lie outside the grid"):
        model.fit(np.array([[0.0, 50.0]]), rng)
    with pytest.raises(InputError, match="samples: must be finite"):
        model.fit(np.array([[0.0, np.nan]]), rng)
    with pytest.raises(InputError, match=r"shape \(2, 2, 2\); must be"):
        model.fit(np.zeros((2, 2, 2)), rng)
    far = targets.gaussian_mixture([1.0], [[300.0, 0.0]], 1.0)
    with pytest.raises(InputError, match="standardise the target"):
        run(loop(target=far))
    needle = targets.gaussian_mixture([1.0], [[0.0, 0.0]], 1e-3)
    with pytest.raises(InputError, match="widen its narrowest feature"):
        run(loop(target=needle))


class Disc(targets.Target):
    """The uniform law on a disc, which jumps."""

    dimension, support = 2, ((-1.0, 1.0), (-1.0, 1.0))

    def density(self, x):
        return ((x**2).sum(axis=-1) < 1) / np.pi

    def sample(self, size, generator):
        angle = 2 * np.pi * generator.random(size)
        radius = np.sqrt(generator.random(size))
        return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])

    def window(self, tail):
        return ((-1.0, 1.0), (-1.0, 1.0))


def test_a_law_that_leaves_the_grid_is_refused():
    """Four units without a skip connection cannot hold the mass together."""
    few = {"preset": "relu", "width": 4, "training_time": 3e4, "seed": 44}
    with pytest.raises(InputError, match="leaves the grid, at training_time = 3e"):
        run(loop(cycles.full_synthetic(n=3000), generations=1, **few))


def test_targets_without_exact_masses_or_with_jumps_are_refused():
    with pytest.raises(InputError, match="bounded support has no score at time 0; use stop >="):
        run(loop(target=Disc()))
    with pytest.raises(InputError, match="needs a characteristic function"):
        run(loop(target=Disc(), process=OrnsteinUhlenbeck(stop=0.05)))


def test_reused_points_with_unequal_weights_need_counts():
    reused = cycles.fresh_real(n=50, share=0.1, data="reused")
    with pytest.raises(InputError, match="reused"):
        run(loop(reused, replicates=1, numerics=Numerics(sampling="points")))


def test_lonely_cells_count_with_their_mass():
    """Cells among neighbours that hold next to nothing, as clipping leaves behind."""
    cells, rng = Grid((Axis(-6.0, 0.25, 48),) * 2), np.random.default_rng(0)
    spikes = 1e-21 * rng.normal(size=(1, 48, 48))
    spikes[:, 2:-2:4, 2:-2:4] = 1e-10 * (1 + rng.random((11, 11)))
    tv = total_variation(spikes, target_law(MODES, cells), 0.0, cells)
    assert abs(tv.value[0] - 0.5 * spikes.sum()) <= tv.error[0] < 1e-7
