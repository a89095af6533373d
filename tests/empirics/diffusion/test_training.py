"""Exact training against gradient descent, automatic differentiation and raw denoising losses."""

import numpy as np
import pytest

import bounds
from empirics.diffusion.accuracy import LOOP, law_axis, node_axis
from empirics.diffusion.early_stopping import early_stopping, gradient_gap
from empirics.diffusion.features import PRESETS, draw_features
from empirics.diffusion.moments import moment_table
from empirics.diffusion.noising import node_weights
from empirics.diffusion.training_time import GradientFlow


def flow_of(tables, measures):
    return GradientFlow.of(*tables.moments(measures))


def test_flow_is_the_limit_of_gradient_descent(tables, draw):
    """Coefficient by coefficient, first order in the step: halving it halves the difference."""
    sigma, cross = tables.moments(draw(300, 1))
    tau, gaps = 40.0, []
    exact = GradientFlow.of(sigma, cross).weights(np.array([[tau]]))[0, 0]
    for steps in (20_000, 40_000):
        theta = np.zeros_like(exact)
        for _ in range(steps):
            theta -= 2 * tau / steps * (theta @ sigma[0] - cross[0])
        gaps.append(np.abs(theta - exact).max())
    assert gaps[1] < 1e-4 * np.abs(exact).max()
    assert gaps[0] / gaps[1] == pytest.approx(2, rel=0.02)


def test_converged_descent_is_the_flow_at_the_end(tables, draw):
    """On the directions that have converged, both are least squares."""
    sigma, cross = tables.moments(draw(300, 1))
    flow = GradientFlow.of(sigma, cross)
    fast = flow.values[0] > 1e-3
    modes = flow.modes(np.array([[1e6]]))[0, 0]
    np.testing.assert_allclose(modes[fast], (flow.drive[0] / flow.values[0])[fast], rtol=1e-10)


def test_time_zero_and_large_times_are_finite(tables, draw):
    theta = flow_of(tables, draw(50, 1)).weights(np.array([[0.0, 1e12]]))[0]
    assert np.all(theta[0] == 0)
    assert np.isfinite(theta).all()


def test_tables_are_linear_in_the_measure(tables, draw):
    measures = draw(200, 2)
    mixed = tables.moments((0.3 * measures[0] + 0.7 * measures[1])[None])
    each = tables.moments(measures)
    for joint, parts in zip(mixed, each, strict=True):
        np.testing.assert_allclose(joint[0], 0.3 * parts[0] + 0.7 * parts[1], atol=1e-12)


@pytest.mark.parametrize("preset", ["tanh", "relu"])
def test_moments_are_those_of_noised_points(target, process, preset):
    """Sigma and C of six points equal brute-force integrals over their noise."""
    axis = node_axis(law_axis(target, LOOP))
    features = draw_features(PRESETS[preset], process, 12, 1, seed=3)
    nodes, points = process.quadrature(12), np.random.default_rng(1).normal(size=6)
    table = moment_table(features, axis, nodes)
    weights = node_weights(points, np.full(6, 1 / 6), axis)
    sigma, cross = table(weights[None])
    exact, expected = np.zeros((12, 12)), np.zeros(12)
    # A fine trapezoidal rule in the noise, as unlike the tables' rules as can be.
    z = np.linspace(-8.5, 8.5, 40_001)
    w = np.exp(-0.5 * z**2)
    w /= w.sum()
    for t, weight in zip(nodes.times, nodes.weights, strict=True):
        a, sd = np.exp(-t), np.sqrt(-np.expm1(-2 * t))
        for y in points:
            x = (a * y + sd * z)[:, None]
            phi = features.values(x, t)
            exact += weight / 6 * phi.T @ (phi * w[:, None])
            slope = features.gradients(x, t)[0] + features.preset.skip * x * phi
            expected -= weight / 6 * w @ slope
    scale = np.abs(exact).max()
    np.testing.assert_allclose(sigma[0], exact, atol=2e-4 * scale)
    np.testing.assert_allclose(cross[0], expected, atol=2e-4 * np.abs(expected).max())


def test_gradient_is_that_of_denoising_score_matching(target, process):
    """Automatic differentiation of the denoising loss gives ``2 (Theta Sigma - C)``."""
    torch = pytest.importorskip("torch")
    axis = node_axis(law_axis(target, LOOP))
    features = draw_features(PRESETS["tanh"], process, 10, 1, seed=5)
    nodes, y = process.quadrature(10), np.array([-1.0, 0.1, 0.8])
    sigma, cross = moment_table(features, axis, nodes)(node_weights(y, np.ones(3) / 3, axis)[None])
    theta = torch.tensor(np.random.default_rng(2).normal(size=10), requires_grad=True)
    z, w = np.polynomial.hermite_e.hermegauss(120)
    loss = torch.zeros((), dtype=torch.float64)
    for t, weight in zip(nodes.times, nodes.weights, strict=True):
        a, sd = np.exp(-t), np.sqrt(-np.expm1(-2 * t))
        x = (a * y[:, None] + sd * z).ravel()
        score = torch.tensor(features.values(x[:, None], t)) @ theta - torch.tensor(x)
        target_score = torch.tensor(np.tile(-z / sd, 3))
        mass = torch.tensor(np.tile(w / w.sum(), 3) / 3)
        loss = loss + weight * (mass * (score - target_score) ** 2).sum()
    loss.backward()
    exact = 2 * (theta.detach().numpy() @ sigma[0] - cross[0])
    np.testing.assert_allclose(theta.grad.numpy(), exact, rtol=2e-4, atol=2e-4)


def test_inequalities_of_early_stopping_hold(tables, masses, draw):
    """The gradient-flow entries, at every training time tried."""
    tau = np.geomspace(1, 1e5, 11)
    law = masses @ tables.binning
    for n in (50, 1000):
        (sample,) = draw(n, 1)
        (sigma, hat), (cross, cross_hat) = tables.moments(np.stack([law, sample]))
        flow = GradientFlow.of(sigma[None], cross[None])
        theta = flow.weights(tau[None])[0]
        theta_hat = GradientFlow.of(hat[None], cross_hat[None]).weights(tau[None])[0]
        gap = gradient_gap(flow, hat - sigma, cross_hat - cross, tau)
        away, noise = theta_hat - theta, np.linalg.norm(hat - sigma, 2)
        assert np.all(np.linalg.norm(away, axis=1) <= tau * gap)
        energy = [np.sqrt(np.einsum("tk,kl,tl->t", away, s, away)) for s in (hat, sigma)]
        assert np.all(energy[0] <= gap * np.sqrt(tau / np.e))
        assert np.all(energy[1] <= gap * np.sqrt(tau) * np.sqrt(1 / np.e + tau * noise))
        terms = early_stopping(tables, masses, law, sample, tau)
        risk = tables.score_risk(theta[None], masses[None])[0][0]
        words = ("training_time", "comparator_risk", "comparator_norm")
        most = bounds.get("gradient-flow-risk").evaluate(**{w: terms.words[w] for w in words})
        assert np.all(risk <= most * (1 + 1e-9))


def test_early_stopping_bound_covers_the_law(tables, masses, draw):
    """Entry diffusion-early-stopping: TV of the generated law, all training times and samples."""
    tau, bound = np.geomspace(1, 1e4, 7), bounds.get("diffusion-early-stopping")
    law = masses @ tables.binning
    for n in (50, 5000):
        samples = draw(n, 2, seed=n)
        theta = flow_of(tables, samples).weights(np.tile(tau, (2, 1)))
        for i in range(2):
            made = tables.sde_law(theta[i]).masses
            tv = 0.5 * np.abs(made - masses).sum(axis=1)
            terms = early_stopping(tables, masses, law, samples[i], tau)
            assert np.all(tv <= bound.evaluate(**terms.words))


def test_features_need_a_width(process):
    with pytest.raises(ValueError, match="width = 0: must be an integer >= 1"):
        draw_features(PRESETS["tanh"], process, 0, 1, 0)
