"""The probability-flow ODE in two and three dimensions: closed forms, mass, honest errors."""

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.special import ndtr
from scipy.stats import chi2

from empirics import InputError, targets
from empirics.diffusion.features import PRESETS, RandomFeatures, draw_features
from empirics.diffusion.law import OdeLaw
from empirics.diffusion.plane_law import plane_flow_law
from empirics.diffusion.plane_nodes import paired
from empirics.diffusion.probability_flow import (
    flow_from_prior,
    flow_log_density,
    flow_to_prior,
    score_and_divergence,
)
from empirics.distances.lattice import lattice_total_variation
from empirics.grid import Axis, Grid
from empirics.target_law import target_law


def linear(process, slope):
    """Units ``relu(x_i)`` and ``relu(-x_i)``, whose combination ``slope x`` is exact."""
    d = len(slope)
    W = np.concatenate([np.eye(d), -np.eye(d)])
    features = RandomFeatures(PRESETS["relu"], process, W, np.zeros((2 * d, 3)), np.eye(2 * d))
    return features, np.sqrt(2 * d) * np.concatenate([slope, -slope], axis=1)


def gaussian(process, slope):
    """The law whose points the flow of ``v = -(1 + slope) x`` carries to ``N(0, I)``."""
    back = expm((np.eye(len(slope)) + slope) * (process.horizon - process.stop))
    return targets.gaussian_mixture([1.0], [np.zeros(len(slope))], [back @ back.T])


SLOPES = {
    2: np.array([[-1.12, 0.05], [-0.03, -1.04]]),
    3: np.array([[-1.12, 0.05, 0.0], [-0.03, -1.04, 0.02], [0.02, 0.0, -1.05]]),
}


@pytest.mark.parametrize("dimension", [2, 3])
def test_linear_flows_have_their_gaussian(process, dimension):
    features, theta = linear(process, SLOPES[dimension])
    law = gaussian(process, SLOPES[dimension])
    x = law.sample(200, np.random.default_rng(0))
    exact = np.log(law.density(x))
    np.testing.assert_allclose(flow_log_density(features, theta, x, 80), exact, atol=1e-5)


@pytest.mark.parametrize("dimension", [2, 3])
def test_divergence_is_that_of_finite_differences(process, dimension):
    features = draw_features(PRESETS["tanh"], process, 24, dimension, 0)
    rng = np.random.default_rng(1)
    theta, x, h = rng.normal(size=(dimension, 24)), rng.normal(size=(40, dimension)), 1e-5
    _, divergence = score_and_divergence(features, theta, x, 0.1)
    differences = sum(
        score_and_divergence(features, theta, x + h * e, 0.1)[0][:, i]
        - score_and_divergence(features, theta, x - h * e, 0.1)[0][:, i]
        for i, e in enumerate(np.eye(dimension))
    )
    np.testing.assert_allclose(divergence, differences / (2 * h), atol=1e-6)


@pytest.mark.parametrize("dimension", [2, 3])
def test_the_flow_runs_back(process, dimension):
    features = draw_features(PRESETS["tanh"], process, 24, dimension, 0)
    rng = np.random.default_rng(2)
    theta, x = rng.normal(size=(dimension, 24)), 0.7 * rng.normal(size=(20, dimension))
    end, _ = flow_to_prior(features, theta, x, 160)
    np.testing.assert_allclose(flow_from_prior(features, theta, end, 160), x, atol=1e-5)


@pytest.mark.parametrize(("dimension", "points"), [(2, 120), (3, 40)])
def test_density_integrates_to_one_and_distance_to_itself_is_nil(process, dimension, points):
    """The trapezoidal rule on a lattice, whose own error says how far it can be trusted."""
    features = draw_features(PRESETS["tanh"], process, 16, dimension, 0)
    theta = 0.5 * np.random.default_rng(3).normal(size=(dimension, 16))
    law = OdeLaw(features, theta, 24)

    def density(x):
        return np.exp(law.log_density(x))

    same = lattice_total_variation(density, density, [(-5.0, 5.0)] * dimension, points)
    assert same.value == 0
    assert same.error < 1e-3


def test_masses_in_the_plane_are_integrals_of_the_density(process):
    """Against a Gaussian in closed form, and on cells half as wide."""
    features, theta = linear(process, SLOPES[2])
    cells = Axis(-6.0, 12 / 192, 192)
    law = plane_flow_law(features, theta, cells, 40)
    exact = target_law(gaussian(process, SLOPES[2]), Grid((cells, cells))).masses
    assert 0.5 * np.abs(law.masses[0] - exact).sum() <= law.error[0] + law.defect[0] < 2e-4
    assert law.defect[0] < 1e-6


def distance_to_refined(features, theta, cells, steps):
    law = plane_flow_law(features, theta, cells, steps)
    finer = Axis(cells.low, cells.step / 2, 2 * cells.cells)
    reference = plane_flow_law(features, theta, finer, 2 * steps)
    return 0.5 * np.abs(law.masses[0] - paired(reference.masses)[0]).sum(), law


def test_error_of_the_masses_covers_the_distance_to_a_refined_solution(process):
    features = draw_features(PRESETS["tanh"], process, 12, 2, 0)
    theta = np.random.default_rng(4).normal(size=(2, 12))
    distance, law = distance_to_refined(features, theta, Axis(-6.0, 12 / 160, 160), 12)
    assert distance <= law.error[0] + law.defect[0] < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("tau", [300.0, 1e4])
def test_trained_networks_have_their_flow_at_loop_accuracy(plane, train, tau):
    models = train(500, [tau])
    distance, law = distance_to_refined(plane.features, models.theta[0], plane.axis, 16)
    assert distance <= law.error[0] + law.defect[0] < 1e-3
    assert distance < 3e-4


def test_samples_of_the_flow_have_its_masses(plane, train):
    """Chi-square over boxes at 20 000 points: false alarm below 1e-4 (fixed seed)."""
    models = train(500, [300.0])
    points = plane.ode_fitted(models).sample(20_000, np.random.default_rng(0))
    edges = plane.axis.edges[::16]
    masses = plane.ode_law(models).masses[0]
    expected = masses.reshape(24, 16, 24, 16).sum(axis=(1, 3)) * len(points)
    seen = np.histogram2d(*points.T, (edges, edges))[0]
    full = expected > 8
    expected, seen = (np.append(n[full], n[~full].sum()) for n in (expected, seen))
    assert ((seen - expected) ** 2 / expected).sum() < chi2.isf(1e-4, len(expected) - 1)


@pytest.mark.parametrize(("dimension", "points"), [(1, 400), (2, 120), (3, 60)])
def test_lattice_distance_of_shifted_normals(dimension, points):
    shift = np.full(dimension, 0.8 / np.sqrt(dimension))
    p = targets.gaussian_mixture([1.0], [[0.0] * dimension], 1.0)
    q = targets.gaussian_mixture([1.0], [shift], 1.0)
    laws = [(lambda x, t=t: t.density(x[:, 0] if dimension == 1 else x)) for t in (p, q)]
    tv = lattice_total_variation(*laws, [(-7.0, 8.0)] * dimension, points)
    assert abs(tv.value - (2 * ndtr(0.4) - 1)) <= tv.error < 5e-3


def test_lattice_mistakes_are_named():
    p = targets.normal(3).density
    with pytest.raises(InputError, match="too many; use fewer"):
        lattice_total_variation(p, p, [(-1, 1)] * 3, 500)
    with pytest.raises(InputError, match="must be pairs"):
        lattice_total_variation(p, p, [(1, -1)], 50)
