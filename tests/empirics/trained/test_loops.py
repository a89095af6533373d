"""Loops of trained networks: protocols, bound, independent sampler, repeatability, mistakes."""

from dataclasses import replace

import numpy as np
import pytest

from bounds import cycles
from empirics import Experiment, InputError, Numerics, run, targets
from empirics.diffusion.accuracy import REPORT
from empirics.diffusion.path import path_terms
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.models import TrainedDiffusion
from empirics.sweeps import SpecError, parse

THREE = targets.gaussian_mixture([0.3, 0.4, 0.3], [-1.2, 0.0, 1.2], [0.32, 0.25, 0.32])
PLANE = targets.gaussian_mixture([0.5, 0.5], [(-1.0, 0.0), (1.0, 0.5)], 0.5)
SMALL = TrainedDiffusion(width=24, steps=200, batch_size=32, learning_rate=0.05)
CYCLES = [
    cycles.fresh_real(n=300, share=0.3),
    cycles.real_plus_synthetic(n=200, lam=3, data="reused"),
    cycles.balanced(n=300, data="resampled"),
    cycles.real_plus_synthetic(n=200, lam=3, data="subsampled"),
]


def loop(model=SMALL, cycle=CYCLES[0], target=THREE, generations=2, replicates=3, **numerics):
    return Experiment(
        target=target,
        model=model,
        cycle=cycle,
        generations=generations,
        replicates=replicates,
        numerics=Numerics(**numerics),
    )


def fitted(n=1000, **given):
    points = THREE.sample(n, np.random.default_rng(0))
    return replace(SMALL, **given).fit(points, np.random.default_rng(1))


@pytest.mark.parametrize("cycle", CYCLES, ids=lambda c: f"{c.name} {c.data}")
@pytest.mark.parametrize("preset", ["tanh", "relu"])
def test_every_protocol_runs_under_its_bound(cycle, preset):
    result = run(loop(replace(SMALL, preset=preset), cycle, generations=3))
    tv, error = result.matrix("tv"), result.matrix("tv_error")
    assert np.all(tv - error <= result.matrix("tv_bound"))
    assert np.all(result.matrix("kl") <= result.matrix("kl_bound") * (1 + 1e-3))
    step = np.sqrt(result.matrix("kl_bound") / 2)
    assert np.all(result.matrix("one_step_tv") <= step + error)
    assert np.all(error < 5e-4)
    assert np.all(tv[:, 0] < 0.6)
    assert result.frame["training_time"].is_null().all()


def test_longer_training_comes_closer():
    """With infinite data the law is missed by less than half."""
    models = SMALL, replace(SMALL, width=64, steps=1200)
    short, long = (
        run(loop(m, generations=1, replicates=2, sampling="population")).matrix("tv")
        for m in models
    )
    assert long.max() < 0.5 * short.min()


def test_the_recorded_bound_is_that_of_the_trained_score():
    """Identity (I) of the theory on the network itself, at finer accuracy."""
    model = replace(SMALL, width=48, steps=600)
    experiment = loop(model, generations=1, replicates=1)
    result = run(experiment)
    law, process = fitted(), OrnsteinUhlenbeck()
    terms = path_terms(THREE, process, lambda x, t: law.score(x[:, None], t)[:, 0], REPORT)
    assert terms.residual < 2e-4
    assert terms.kl < terms.bound
    learner = experiment.engine().learner(())
    masses = THREE.interval_mass(learner.grid.axis.edges)[None]
    measured = learner.measured([(law.features, law.theta)], masses)
    assert measured.risk[0] == pytest.approx(terms.risk, rel=1e-3)
    assert result.matrix("kl")[0, 0] <= result.matrix("kl_bound")[0, 0]


def agrees(size, steps):
    """Chi-square over 60 cells of Euler-Maruyama samples and the Fokker-Planck law."""
    law = replace(fitted(), steps=steps)
    points = law.sample(size, np.random.default_rng(4))
    inner = np.linspace(-2, 2, 59)
    below = np.concatenate([[0], np.cumsum(law.law.masses[0])])
    cumulative = np.interp(inner, law.axis.edges, below)
    expected = size * np.diff(np.concatenate([[0], cumulative, [1]]))
    seen = np.histogram(points, np.concatenate([[-np.inf], inner, [np.inf]]))[0]
    return ((seen - expected) ** 2 / expected).sum() < 115


def test_euler_maruyama_agrees_to_its_sampling_floor():
    """False alarm below 1e-4 (fixed seed)."""
    assert agrees(40_000, 200)


@pytest.mark.slow
def test_a_million_samples_agree_to_their_floor():
    """False alarm below 1e-4 (fixed seed)."""
    assert agrees(1_000_000, 800)


@pytest.mark.parametrize("sampler", ["sde", "ode"])
def test_a_fitted_model_on_the_line_samples_from_its_density(sampler):
    law = fitted(sampler=sampler)
    drawn = law.sample(10_000, np.random.default_rng(2))
    x = np.linspace(-6, 6, 1001)
    density = np.exp(law.log_density(x))
    assert density.sum() * (x[1] - x[0]) == pytest.approx(1, abs=1e-6)
    mean = (x * density).sum() * (x[1] - x[0])
    assert drawn.mean() == pytest.approx(mean, abs=5 * drawn.std() / 100)


def test_results_repeat_and_do_not_depend_on_workers():
    experiment = loop(generations=2, replicates=18)
    first = run(experiment)
    assert first.frame.equals(run(experiment, workers=2).frame)
    assert not first.frame.equals(run(replace(experiment, seed=1)).frame)
    alone = run(replace(experiment, replicates=1)).matrix("tv")[0, 0]
    assert alone == pytest.approx(first.matrix("tv")[0, 0], rel=1e-3)


def test_other_initial_weights_give_another_network():
    tv = [run(loop(replace(SMALL, seed=s), generations=1)).matrix("tv") for s in (0, 1)]
    assert np.all(tv[0] != tv[1])


def test_points_and_counts_have_the_same_law():
    """Mean TV of generation 2: z below 4, so 6e-5 false alarms."""
    tv = [
        run(loop(generations=2, replicates=10, sampling=s)).matrix("tv")[:, 1]
        for s in ("counts", "points")
    ]
    z = (tv[0].mean() - tv[1].mean()) / np.sqrt(sum(t.var(ddof=1) / len(t) for t in tv))
    assert abs(z) < 4


def test_the_ode_has_a_law_but_no_bound():
    result = run(loop(replace(SMALL, sampler="ode")))
    assert np.all((result.matrix("tv") > 0) & (result.matrix("tv") < 1))
    assert result.frame["kl_bound"].is_null().all()
    assert result.frame["tv_bound"].is_null().all()


def test_loops_in_the_plane_run_on_points():
    model = replace(SMALL, sampler="ode", steps=400)
    result = run(loop(model, target=PLANE, replicates=1, draws=500))
    assert np.all(result.matrix("tv") + result.matrix("tv_error") < 0.7)


def test_in_the_plane_the_flow_has_a_density_and_the_sde_a_sampler():
    points = PLANE.sample(400, np.random.default_rng(0))
    sde, ode = (
        replace(SMALL, sampler=s).fit(points, np.random.default_rng(1)) for s in ("sde", "ode")
    )
    x = np.linspace(-5, 5, 81)
    mesh = np.stack(np.meshgrid(x, x, indexing="ij"), axis=-1)
    density = np.exp(ode.log_density(mesh))
    assert density.sum() * (x[1] - x[0]) ** 2 == pytest.approx(1, abs=1e-3)
    drawn = sde.sample(2000, np.random.default_rng(2))
    assert drawn.shape == (2000, 2)
    # The two laws differ by their score errors; the means by far less than the modes' distance.
    mean = (density[..., None] * mesh).sum(axis=(0, 1)) * (x[1] - x[0]) ** 2
    np.testing.assert_allclose(drawn.mean(axis=0), mean, atol=0.2)
    with pytest.raises(InputError, match="has no log_density"):
        run(loop(target=PLANE, replicates=1, draws=500))


@pytest.mark.parametrize("sampling", ["counts", "points"])
def test_an_explosion_names_generation_step_and_rate(sampling):
    wild = replace(SMALL, learning_rate=1e6)
    message = r"generation 1: training explodes at step 1 \(loss .*\) with learning_rate = 1e\+06"
    with pytest.raises(InputError, match=message):
        run(loop(wild, cycles.full_synthetic(n=50), replicates=1, sampling=sampling))


def test_an_explosion_in_the_plane_names_them_too():
    wild = replace(SMALL, learning_rate=1e6, sampler="ode")
    with pytest.raises(InputError, match="generation 1: training explodes at step 1"):
        run(loop(wild, target=PLANE, replicates=1, draws=500))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"width": 0}, "width = 0: must be an integer >= 1"),
        ({"steps": 0}, "steps = 0: must be an integer >= 1"),
        ({"batch_size": 0}, "batch_size = 0: must be an integer >= 1"),
        ({"learning_rate": 0.0}, "learning_rate = 0.0: must be a number > 0"),
        ({"learning_rate": -1}, "learning_rate = -1: must be a number > 0"),
        ({"learning_rate": float("nan")}, "learning_rate = nan"),
        ({"averaging": 1.0}, "averaging = 1.0: must be a number >= 0 and < 1"),
        ({"schedule": "linear"}, "schedule = 'linear': must be one of 'cosine', 'constant'"),
        ({"preset": "elu"}, "preset = 'elu': must be one of 'tanh', 'relu'"),
        ({"sampler": "heun"}, "sampler = 'heun': must be one of 'sde', 'ode'"),
        ({"device": "tpu"}, "device = 'tpu': must be one of 'cpu', 'cuda'"),
        ({"seed": -1}, "seed = -1: must be an integer >= 0"),
    ],
)
def test_mistakes_are_named(arguments, message):
    with pytest.raises(InputError, match=message):
        TrainedDiffusion(**arguments)


def test_a_missing_device_is_named(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(InputError, match="device = 'cuda': there is no CUDA device here"):
        TrainedDiffusion(device="cuda")


def test_data_that_cannot_be_learned_is_refused():
    for samples in (np.array([0.0, np.nan]), np.zeros((0, 2))):
        with pytest.raises(InputError, match="must be finite numbers, at least one"):
            SMALL.fit(samples, np.random.default_rng(0))
    with pytest.raises(InputError, match="lie outside the grid"):
        SMALL.fit(np.array([0.0, 50.0]), np.random.default_rng(0))
    compact = targets.truncated_mixture([0.5, 0.5], [-0.8, 0.8], 0.4, (-1.5, 1.5))
    with pytest.raises(InputError, match="use stop >="):
        run(loop(target=compact))


STUDY = """
generations = 2
replicates = 2
[target]
kind = "normal"
[model]
kind = "trained-diffusion"
width = 16
steps = [20, 40]
stop = 0.01
[cycle]
kind = "full-synthetic"
n = 100
"""


def test_studies_say_how_networks_are_trained():
    first, second = parse(STUDY, "study").cells
    model = first.experiment.model
    assert (model.steps, model.process.stop) == (20, 0.01)
    assert model == TrainedDiffusion(width=16, steps=20, process=OrnsteinUhlenbeck(stop=0.01))
    assert first.key != second.key
    assert run(second.experiment).matrix("tv").shape == (2, 2)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("width = 16", "width = 0", "8: model.width = 0: must lie in"),
        ("width = 16", "learning_rate = 0", "8: model.learning_rate = 0: must be > 0"),
        ("width = 16", "device = 'tpu'", "8: model.device = 'tpu': must be one of 'cpu', 'cuda'"),
        ("stop = 0.01", "stop = 9", r"stop = 9.0: must be in \[0, horizon"),
    ],
)
def test_a_mistaken_study_is_refused_where_it_is_wrong(old, new, message):
    with pytest.raises(SpecError, match=message):
        parse(STUDY.replace(old, new), "study")
