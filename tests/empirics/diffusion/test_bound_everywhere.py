"""The path bound in random settings: targets, sizes, widths, times, cycles, protocols, presets."""

import numpy as np
import pytest

import bounds
from bounds import cycles
from empirics import Experiment, Numerics, run, targets
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.models import Diffusion, FixedTime, TrainedDiffusion
from empirics.runs import Runs
from tests.empirics.diffusion.plane.test_plane_loop import QUICK
from verify.recorded import recorded_values

CYCLES = (
    lambda n, g: cycles.full_synthetic(n=n),
    lambda n, g: cycles.fresh_real(n=n, share=float(g.uniform())),
    lambda n, g: cycles.balanced(n=n),
    lambda n, g: cycles.accumulating(n=n, data=str(g.choice(["fresh", "reused"]))),
    lambda n, g: cycles.real_plus_synthetic(
        n=n, lam=int(g.integers(1, 20)), data=str(g.choice(["fresh", "reused"]))
    ),
)


BOUNDS = ("diffusion-direct", "diffusion-sharper", "diffusion-exact-kl", "diffusion-sharpest")


def mixture(g, dimension):
    """One to three modes on the scale of the prior."""
    k = int(g.integers(1, 4))
    weights = g.dirichlet(np.full(k, 3.0))
    means = g.uniform(-1.5, 1.5, k if dimension == 1 else (k, dimension))
    return targets.gaussian_mixture(weights, means, g.uniform(0.25, 0.8, k))


def on_the_line(g, seed):
    """Random features, any preset, time and stop."""
    return mixture(g, 1), Diffusion(
        width=int(g.integers(4, 60)),
        preset=str(g.choice(["tanh", "relu"], p=[0.85, 0.15])),
        training_time=FixedTime(float(10 ** g.uniform(0, 5))),
        process=OrnsteinUhlenbeck(stop=float(g.choice([0.0, 0.01, 0.05]))),
        seed=seed,
    )


def in_the_plane(g, seed):
    """Fewer features, on cells of a quick accuracy."""
    return mixture(g, 2), Diffusion(
        width=int(g.integers(16, 40)),
        training_time=FixedTime(float(10 ** g.uniform(1, 5))),
        accuracy=QUICK,
        seed=seed,
    )


def trained(g, seed):
    """All layers, by a few steps of Adam."""
    return mixture(g, 1), TrainedDiffusion(
        width=int(g.integers(8, 40)),
        steps=int(g.integers(60, 300)),
        batch_size=32,
        learning_rate=float(10 ** g.uniform(-2.5, -1)),
        seed=seed,
    )


def setting(seed, family=on_the_line):
    """A loop that nobody chose."""
    g = np.random.default_rng(seed)
    target, model = family(g, seed)
    cycle = CYCLES[g.integers(len(CYCLES))](int(10 ** g.uniform(1.3, 4.5)), g)
    return Experiment(
        target=target,
        model=model,
        cycle=cycle,
        generations=int(g.integers(1, 5)),
        replicates=2,
        numerics=Numerics(),
        seed=seed,
        record=("kl-from-real",),
    )


def excess(experiment):
    """Certain excess of TV over each bound (never positive), and bound over TV of generation 1."""
    result = run(experiment)
    tv, error = result.matrix("tv"), result.matrix("tv_error")
    over = (tv - error - result.matrix("tv_bound")).max()
    runs = Runs.of(result)
    straight, *others = (recorded_values(bounds.get(name), runs, {}) for name in BOUNDS)
    for found in (straight, *others):
        over = max(over, (tv - error - found.value - found.error).max())
    if experiment.model.process.stop == 0:
        step = np.sqrt(result.matrix("kl_bound") / 2)
        over = max(over, (result.matrix("one_step_tv") - error - step).max())
    lowest = np.minimum(result.matrix("tv_bound"), straight.value)[:, 0]
    return over, (lowest / tv[:, 0]).min()


@pytest.mark.parametrize("seed", range(8))
def test_no_run_is_above_its_bound(seed):
    assert excess(setting(seed))[0] <= 0


@pytest.mark.parametrize("family", [in_the_plane, trained])
def test_no_run_of_another_family_is_above_its_bound(family):
    assert excess(setting(1, family))[0] <= 0


@pytest.mark.slow
@pytest.mark.parametrize("family", [in_the_plane, trained])
def test_no_run_of_a_hundred_of_another_family_is_above_its_bound(family):
    found = np.array([excess(setting(seed, family)) for seed in range(100, 200)])
    assert (found[:, 0] <= 0).all(), np.flatnonzero(found[:, 0] > 0) + 100
    assert found[:, 1].min() > 1


@pytest.mark.slow
def test_no_run_of_five_hundred_settings_is_above_its_bound():
    found = np.array([excess(setting(seed)) for seed in range(1000, 1500)])
    assert (found[:, 0] <= 0).all(), np.flatnonzero(found[:, 0] > 0) + 1000
    assert found[:, 1].min() > 1
