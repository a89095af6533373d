"""The path bound in random settings: targets, sizes, widths, times, cycles, protocols, presets."""

import numpy as np
import pytest

import bounds
from bounds import cycles
from empirics import Experiment, Numerics, run, targets
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.models import Diffusion, FixedTime
from empirics.runs import Runs
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


def setting(seed):
    """A loop that nobody chose."""
    g = np.random.default_rng(seed)
    k = int(g.integers(1, 4))
    target = targets.gaussian_mixture(
        g.dirichlet(np.full(k, 3.0)), g.uniform(-1.5, 1.5, k), g.uniform(0.25, 0.8, k)
    )
    model = Diffusion(
        width=int(g.integers(4, 60)),
        preset=str(g.choice(["tanh", "relu"], p=[0.85, 0.15])),
        training_time=FixedTime(float(10 ** g.uniform(0, 5))),
        process=OrnsteinUhlenbeck(stop=float(g.choice([0.0, 0.01, 0.05]))),
        seed=seed,
    )
    cycle = CYCLES[g.integers(len(CYCLES))](int(10 ** g.uniform(1.3, 4.5)), g)
    return Experiment(
        target=target,
        model=model,
        cycle=cycle,
        generations=int(g.integers(1, 5)),
        replicates=2,
        numerics=Numerics(),
        seed=seed,
    )


def excess(experiment):
    """How far TV surely is above each bound (never), and bound over TV of generation 1."""
    result = run(experiment)
    tv, error = result.matrix("tv"), result.matrix("tv_error")
    over = (tv - error - result.matrix("tv_bound")).max()
    straight = recorded_values(bounds.get("diffusion-direct"), Runs.of(result), {})
    over = max(over, (tv - error - straight.value - straight.error).max())
    if experiment.model.process.stop == 0:
        step = np.sqrt(result.matrix("kl_bound") / 2)
        over = max(over, (result.matrix("one_step_tv") - error - step).max())
    return over, (result.matrix("tv_bound")[:, 0] / tv[:, 0]).min()


@pytest.mark.parametrize("seed", range(8))
def test_no_run_is_above_its_bound(seed):
    assert excess(setting(seed))[0] <= 0


@pytest.mark.slow
def test_no_run_of_five_hundred_settings_is_above_its_bound():
    found = np.array([excess(setting(seed)) for seed in range(1000, 1500)])
    assert (found[:, 0] <= 0).all(), np.flatnonzero(found[:, 0] > 0) + 1000
    assert found[:, 1].min() > 1
