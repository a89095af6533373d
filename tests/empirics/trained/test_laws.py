"""The law of a trained network: the bound on it, and independent samplers of it."""

from dataclasses import replace

import numpy as np
import pytest

from empirics import run
from empirics.diffusion.accuracy import REPORT
from empirics.diffusion.path import path_terms
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.running import engine_for


def test_the_recorded_bound_is_that_of_the_trained_score(loop, small, three, fitted):
    """Identity (I) of the theory on the network itself, at finer accuracy."""
    model = replace(small, width=48, steps=600)
    experiment = loop(model, generations=1, replicates=1)
    result = run(experiment)
    law, process = fitted(), OrnsteinUhlenbeck()
    terms = path_terms(three, process, lambda x, t: law.score(x[:, None], t)[:, 0], REPORT)
    assert terms.residual < 2e-4
    assert terms.kl < terms.bound
    learner = engine_for(experiment).learner(())
    masses = three.interval_mass(learner.grid.axis.edges)[None]
    measured = learner.measured([(law.features, law.theta)])
    assert measured.score_risk(masses)[0][0] == pytest.approx(terms.risk, rel=1e-3)
    assert result.matrix("kl")[0, 0] <= result.matrix("kl_bound")[0, 0]


def agrees(law, size):
    """Chi-square over 60 cells of Euler-Maruyama samples and the Fokker-Planck law."""
    points = law.sample(size, np.random.default_rng(4))
    inner = np.linspace(-2, 2, 59)
    below = np.concatenate([[0], np.cumsum(law.law.masses[0])])
    cumulative = np.interp(inner, law.axis.edges, below)
    expected = size * np.diff(np.concatenate([[0], cumulative, [1]]))
    seen = np.histogram(points, np.concatenate([[-np.inf], inner, [np.inf]]))[0]
    return ((seen - expected) ** 2 / expected).sum() < 115


def test_euler_maruyama_agrees_to_its_sampling_floor(fitted):
    """False alarm below 1e-4 (fixed seed)."""
    assert agrees(replace(fitted(), steps=200), 40_000)


@pytest.mark.slow
def test_a_million_samples_agree_to_their_floor(fitted):
    """False alarm below 1e-4 (fixed seed)."""
    assert agrees(replace(fitted(), steps=800), 1_000_000)


@pytest.mark.parametrize("sampler", ["sde", "ode"])
def test_a_fitted_model_on_the_line_samples_from_its_density(sampler, fitted):
    law = fitted(sampler=sampler)
    drawn = law.sample(10_000, np.random.default_rng(2))
    x = np.linspace(-6, 6, 1001)
    density = np.exp(law.log_density(x))
    assert density.sum() * (x[1] - x[0]) == pytest.approx(1, abs=1e-6)
    mean = (x * density).sum() * (x[1] - x[0])
    assert drawn.mean() == pytest.approx(mean, abs=5 * drawn.std() / 100)


def test_in_the_plane_the_flow_has_a_density_and_the_sde_a_sampler(loop, small, plane):
    points = plane.sample(400, np.random.default_rng(0))
    sde, ode = (
        replace(small, sampler=s).fit(points, np.random.default_rng(1)) for s in ("sde", "ode")
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
    limited = run(loop(target=plane, replicates=1, draws=500))
    assert limited.limits_only
    assert limited.frame["tv"].null_count() == len(limited.frame)
