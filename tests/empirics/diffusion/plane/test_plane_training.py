"""Exact training in the plane against brute force, descent step by step, and closed forms."""

import numpy as np
import pytest

from empirics import targets
from empirics.diffusion.features import PRESETS, draw_features
from empirics.diffusion.moments import plane_moments
from empirics.diffusion.noising import (
    centred,
    point_weights,
    stop_matrix,
)
from empirics.diffusion.plane_nodes import NodeGrids, node_grids
from empirics.diffusion.process import (
    OrnsteinUhlenbeck,
    TimeNodes,
    noised_density,
    noised_score,
)
from empirics.diffusion.training_time import VectorFlow
from empirics.grid import Axis, Grid
from empirics.target_law import target_law

CELLS = Axis(-6.0, 12 / 256, 256)


def at_times(process, preset, times, per_bend=6.0):
    """Nodes at a few given times with weight one each."""
    axes = tuple(
        Axis(-6.0, 12 / n, n) for n in (int(12 * per_bend / preset.bend(t, process)) for t in times)
    )
    return NodeGrids(process, TimeNodes(np.array(times), np.ones(len(times))), axes)


def noise_nodes(order=60):
    z, w = np.polynomial.hermite_e.hermegauss(order)
    points = np.stack(np.meshgrid(z, z, indexing="ij"), axis=-1).reshape(-1, 2)
    return points, np.outer(w, w).ravel() / w.sum() ** 2


def denoising_descent(features, times, samples, step, steps):
    """Gradient descent on ``sum_t E |s(X_t, t) + noise / sigma|^2`` itself, from zero."""
    process, (z, w) = features.process, noise_nodes()
    rows, residual, weights = [], [], []
    for t in times:
        a, sigma = process.decay(t), np.sqrt(process.variance(t))
        for y in samples:
            x = a * y + sigma * z
            rows.append(features.values(x, float(t)))
            residual.append(-features.preset.skip * x - z / sigma)
            weights.append(w / len(samples))
    phi, target, w = np.concatenate(rows), np.concatenate(residual), np.concatenate(weights)
    theta = np.zeros((2, features.count))
    for _ in range(steps):
        error = theta @ phi.T - target.T
        theta = theta - step * 2 * (error * w) @ phi
    return theta


@pytest.mark.parametrize("preset", ["tanh", "relu"])
def test_closed_form_training_is_gradient_descent(preset):
    """Coefficient by coefficient, from the denoising loss, which the library never forms."""
    process = OrnsteinUhlenbeck()
    features = draw_features(PRESETS[preset], process, 8, 2, 1)
    samples = np.array([[-0.8, 0.3], [0.5, 0.9], [0.2, -1.1]])
    times, tau = [0.3, 1.0], 40.0
    grids = at_times(process, features.preset, times, 8.0)
    sigma, cross = plane_moments(features, grids, CELLS, point_weights(samples, CELLS)[None])
    exact = VectorFlow.of(sigma, cross).weights(np.array([[tau]]))[0, 0]
    coarse, fine = (denoising_descent(features, times, samples, tau / n, n) for n in (400, 800))
    descended = 2 * fine - coarse
    scale = np.abs(exact).max()
    np.testing.assert_allclose(exact, descended, atol=(1e-5 if preset == "tanh" else 2e-3) * scale)


def test_finer_nodes_change_the_matrices_little():
    """Loop accuracy has 3.5 nodes on the length on which units bend."""
    process, preset = OrnsteinUhlenbeck(), PRESETS["tanh"]
    features = draw_features(preset, process, 48, 2, 0)
    rng = np.random.default_rng(0)
    weights = point_weights(rng.normal(size=(200, 2)) * 0.7, CELLS)[None]
    loop, finer = (
        plane_moments(
            features,
            node_grids(process, lambda t: preset.bend(t, process), 6.0, 20, n),
            CELLS,
            weights,
        )
        for n in (3.5, 7.0)
    )
    for one, two in zip(loop, finer, strict=True):
        assert np.abs(one - two).max() < 3e-4 * np.abs(two).max()


def test_the_cost_of_a_measure_is_its_cells(plane):
    """A measure is carried linearly, so many points in few cells are one matrix."""
    rng = np.random.default_rng(1)
    few = rng.normal(size=(50, 2)) * 0.6
    one, many = (point_weights(x, plane.axis) for x in (few, np.repeat(few, 40, axis=0)))
    np.testing.assert_allclose(one, many, atol=1e-14)
    both = plane.moments(np.stack([one, 2 * one]))
    np.testing.assert_allclose(2 * both[0][0], both[0][1], rtol=1e-10)
    np.testing.assert_allclose(2 * both[1][0], both[1][1], rtol=1e-10)


def test_points_and_laws_keep_smooth_expectations(modes):
    """Weights at the centres against the points' own mean, and against the characteristic."""
    omega = np.array([1.5, -2.0])
    x = np.stack(np.meshgrid(CELLS.centres, CELLS.centres, indexing="ij"), axis=-1)
    wave = np.exp(-1j * x @ omega)
    points = modes.sample(300, np.random.default_rng(0))
    mean = np.exp(-1j * points @ omega).mean()
    assert abs((point_weights(points, CELLS) * wave).sum() - mean) < 1e-8
    masses = target_law(modes, Grid((CELLS, CELLS))).masses
    exact = modes.characteristic(*omega[:, None])[0]
    assert abs((centred(masses[None])[0] * wave).sum() - exact) < 1e-8
    assert abs((masses * wave).sum() - exact) > 1e-5


def test_noised_laws_are_those_of_the_mixture(modes, plane, real, process):
    """Up to the tails of periodic images, below 1e-8."""
    for i in range(0, len(plane.nodes), 5):
        t, x = float(plane.nodes.times.times[i]), plane.nodes.points(i)
        density, gradient = plane.noised(real, i)
        exact = noised_density(modes, t, x, process).reshape(density.shape)
        np.testing.assert_allclose(density, exact, atol=1e-8)
        slope = exact * noised_score(modes, t, x, process).T.reshape(gradient.shape)
        np.testing.assert_allclose(gradient, slope, atol=1e-8)


def test_stopped_masses_are_those_of_the_noised_mixture(modes, real, plane):
    process = OrnsteinUhlenbeck(stop=0.05)
    M = stop_matrix(plane.axis, process)
    a, added = np.exp(-0.05), 1 - np.exp(-0.1)
    noised = targets.gaussian_mixture(
        modes.weights,
        a * np.array(modes.means),
        a**2 * np.array(modes.covariances) + added * np.eye(2),
    )
    np.testing.assert_allclose(M @ real @ M.T, target_law(noised, plane.grid).masses, atol=1e-12)


def test_the_clock_interpolates_polynomials(plane, process):
    degree = len(plane.nodes) - 1
    t = process.time(np.linspace(0.05, process.length - 0.05, 7))
    at_nodes, at_t = (
        np.polynomial.chebyshev.chebvander(process.clock(x), degree)
        for x in (plane.nodes.times.times, t)
    )
    np.testing.assert_allclose(plane.nodes.clock_weights(t) @ at_nodes, at_t, atol=1e-10)


def on_nodes(field, grids):
    """Values of a score at the nodes, as of one model."""
    values = zip(grids.axes, grids.times.times, strict=True)
    return [
        np.asarray(field(grids.points(i), float(t))).T.reshape(1, 2, axis.cells, axis.cells)
        for i, (axis, t) in enumerate(values)
    ]


def test_perfect_scores_have_no_risk_and_wrong_ones_theirs(modes, plane, real, process):
    """A constant ``c`` added to the score costs ``|c|^2`` per unit of time."""
    models = plane.models(np.zeros((2, 2, plane.features.count)))
    perfect, wrong = (
        on_nodes(lambda x, t, c=c: noised_score(modes, t, x, process) + c, plane.nodes)
        for c in (np.zeros(2), np.array([0.3, -0.4]))
    )
    both = [np.concatenate(pair) for pair in zip(perfect, wrong, strict=True)]
    object.__setattr__(models, "scores", both)
    risk, _ = plane.score_risks(models, plane.carried(real))
    assert risk[0] < 1e-6
    assert risk[1] == pytest.approx(0.25 * process.horizon, rel=1e-5)
    own, error = plane.score_risks(models, np.stack([real, real]))
    np.testing.assert_allclose(own, risk)
    assert np.all(error < 1e-3)
