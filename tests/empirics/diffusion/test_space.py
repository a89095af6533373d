"""Diffusion in three dimensions and more: training by draws, and what can be measured."""

from dataclasses import replace

import numpy as np
import pytest

from bounds import cycles
from empirics import Experiment, InputError, Numerics, run, targets
from empirics.diffusion.accuracy import LOOP
from empirics.diffusion.features import PRESETS, draw_features
from empirics.diffusion.plane_model import PlaneModel, plane_tables
from empirics.diffusion.process import sampler_named
from empirics.diffusion.space import SpaceModel
from empirics.diffusion.training_time import VectorFlow
from empirics.models import BestKl, Diffusion, FixedTime

THREE_D = targets.gaussian_mixture([0.5, 0.5], [[-1.0] * 3, [0.8] * 3], 0.5)


def model(dimension, width=24, tau=200.0, preset="tanh", rows=8000):
    features = draw_features(PRESETS[preset], PROCESS, width, dimension, 0)
    times, sampler = PROCESS.quadrature(20), sampler_named("ode")
    return SpaceModel(features, times, FixedTime(tau), sampler, 40, rows)


PROCESS = Diffusion().process


@pytest.mark.parametrize("preset", ["tanh", "relu"])
def test_draws_train_what_the_grid_trains(preset):
    """In the plane both are there: the risk between them is of the size that was estimated."""
    points = targets.normal(2).sample(300, np.random.default_rng(0)) * 0.7
    space = model(2, preset=preset)
    tables = plane_tables(targets.normal(2), preset, 24, PROCESS, 0, LOOP.plane)
    weights = PlaneModel(tables, space.rule, space.sampler).weights(points)
    sigma, cross = tables.moments(weights[None])
    exact = VectorFlow.of(sigma, cross).weights(np.array([[200.0]]))[0, 0]
    theta, estimate = space.train(points)
    away = theta - exact
    risk = float(((away @ sigma[0]) * away).sum())
    assert estimate / 6 < risk < 6 * estimate


def test_more_draws_leave_less_risk():
    points = THREE_D.sample(100, np.random.default_rng(0))
    few, many = (replace(model(3), rows=rows).train(points)[1] for rows in (2000, 32_000))
    assert many < few / 4


def test_the_same_points_train_the_same_network():
    points = THREE_D.sample(100, np.random.default_rng(0))
    one, two = (model(3).train(points)[0] for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_loops_of_the_flow_run_in_three_dimensions():
    loop = Experiment(
        target=THREE_D,
        model=Diffusion(width=24, training_time=300.0, sampler="ode"),
        cycle=cycles.fresh_real(n=500, share=0.5),
        generations=2,
        replicates=1,
        numerics=Numerics(draws=2000),
    )
    tv, error = run(loop).matrix("tv"), run(loop).matrix("tv_error")
    assert np.all((tv > 0.05) & (tv < 0.9))
    assert np.all((error > 0.001) & (error < 0.05))


def test_more_data_and_training_bring_the_law_closer():
    points = THREE_D.sample(4000, np.random.default_rng(0))
    short, long = (
        Diffusion(width=48, training_time=tau, sampler="ode").fit(points, np.random.default_rng(1))
        for tau in (3.0, 300.0)
    )
    at = THREE_D.sample(1000, np.random.default_rng(2))
    assert short.log_density(at).mean() < long.log_density(at).mean()
    assert long.quadrature_risk < 0.05


def test_the_sde_is_sampled_but_not_measured():
    points = THREE_D.sample(500, np.random.default_rng(0))
    law = Diffusion(width=24, training_time=300.0).fit(points, np.random.default_rng(1))
    drawn = law.sample(1000, np.random.default_rng(2))
    assert drawn.shape == (1000, 3)
    np.testing.assert_allclose(drawn.mean(axis=0), points.mean(axis=0), atol=0.25)
    assert not hasattr(law, "log_density")
    with pytest.raises(InputError, match="sampler = 'sde': in 3 dimensions"):
        Experiment(
            target=THREE_D,
            model=Diffusion(width=24),
            cycle=cycles.full_synthetic(n=10),
            generations=1,
        )


def test_mistakes_are_named():
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="samples: must be finite"):
        Diffusion(width=4).fit(np.full((5, 3), np.nan), rng)
    with pytest.raises(InputError, match="looks at laws on a grid"):
        Diffusion(width=4, training_time=BestKl()).fit(np.zeros((5, 3)), rng)
