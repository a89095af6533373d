"""Models of other libraries run through the loop, as their studies say."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bounds import cycles
from empirics import Experiment, InputError, Numerics, run, targets
from empirics.examples.flow import Flow
from empirics.examples.mixture import Mixture
from empirics.sweeps import load, read_result
from empirics.sweeps.cell import Cell
from empirics.sweeps.reading import Study

STUDIES = Path(__file__).parents[3] / "empirics" / "studies"
THREE = targets.gaussian_mixture([0.3, 0.4, 0.3], [-2.0, 0.0, 1.5], [0.5, 0.3, 0.6])
PLANE = targets.gaussian_mixture([0.5, 0.5], [(-1.0, 0.0), (1.0, 0.5)], 0.5)


def integral(law, target, points=400):
    """Mass of a law's density on a box that holds nearly all of it."""
    ends = [np.linspace(-8, 8, points)] * target.dimension
    grid = ends[0] if target.dimension == 1 else np.stack(np.meshgrid(*ends), axis=-1)
    return np.exp(law.log_density(grid)).sum() * (ends[0][1] - ends[0][0]) ** target.dimension


@pytest.mark.parametrize(
    ("library", "model", "target"),
    [("sklearn", Mixture(3), THREE), ("sklearn", Mixture(2), PLANE), ("torch", Flow(), PLANE)],
    ids=["mixture on the line", "mixture in the plane", "flow in the plane"],
)
def test_a_fitted_model_is_a_law_with_a_sampler_of_its_own(library, model, target):
    pytest.importorskip(library)
    generator = np.random.default_rng(1)
    law = model.fit(target.sample(2000, generator), generator)
    assert integral(law, target) == pytest.approx(1.0, abs=2e-3)
    drawn = law.sample(20_000, generator)
    assert drawn.shape == target.sample(20_000, generator).shape
    # The mean of the sampler is that of the density: five standard errors of 20000 draws.
    x = np.linspace(-8, 8, 400)
    grid = x if target.dimension == 1 else np.stack(np.meshgrid(x, x), axis=-1)
    weights = np.exp(law.log_density(grid)) * (x[1] - x[0]) ** target.dimension
    first = grid if target.dimension == 1 else grid[..., 0]
    flat = drawn if target.dimension == 1 else drawn[:, 0]
    assert flat.mean() == pytest.approx((weights * first).sum(), abs=5 * flat.std() / 141)


@pytest.mark.parametrize(
    ("library", "model", "target"),
    [("sklearn", Mixture(3), THREE), ("torch", Flow(steps=60), PLANE)],
    ids=["mixture", "flow"],
)
def test_a_loop_runs_and_repeats_itself(library, model, target):
    pytest.importorskip(library)
    loop = Experiment(
        target=target,
        model=model,
        cycle=cycles.fresh_real(n=200, share=0.3),
        generations=2,
        replicates=2,
        numerics=Numerics(draws=500),
    )
    first, second = run(loop), run(loop)
    assert first.frame.equals(second.frame)
    assert not first.frame.equals(run(replace(loop, seed=1)).frame)
    assert np.all((first.matrix("tv") > 0) & (first.matrix("tv") < 1))


@pytest.mark.parametrize(("name", "library"), [("own-mixture", "sklearn"), ("own-flow", "torch")])
def test_their_studies_run_in_worker_processes(name, library, tmp_path, sweep_into):
    pytest.importorskip(library)
    cell = load(STUDIES / f"{name}.toml").cells[-1]
    less = {"generations": 2, "replicates": 1}
    arguments = {**cell.description["model"]["arguments"]}
    arguments |= {"steps": 20} if "steps" in arguments else {}
    model = {**cell.description["model"], "arguments": arguments}
    small = Cell({**cell.description, **less, "model": model}, {"cell": name})
    store, report = sweep_into(Study(name, "", (small,)), tmp_path, workers=1)
    assert not report.failures
    assert read_result(store, small).matrix("tv").shape == (1, 2)


def test_impossible_settings_are_refused():
    with pytest.raises(InputError, match="must be >= 1"):
        Mixture(0)
    pytest.importorskip("torch")
    with pytest.raises(InputError, match="must be >= 1"):
        Flow(layers=0)
    with pytest.raises(InputError, match="at least two dimensions"):
        Flow().fit(np.zeros(5), np.random.default_rng(0))
