"""The forward process against its own definition: moments, convolution, quadrature."""

import numpy as np
import pytest
from scipy.integrate import quad

from empirics import InputError, targets
from empirics.diffusion.process import (
    OrnsteinUhlenbeck,
    noised_density,
    noised_score,
)

PLANE = targets.gaussian_mixture([0.4, 0.6], [(0.0, 1.0), (-1.0, 0.2)], [0.3, 0.5])
CUT = targets.truncated_mixture([0.5, 0.5], [-0.8, 0.9], 0.4, (-1.5, 1.5))


@pytest.mark.parametrize("t", [0.01, 0.3, 2.0])
def test_noised_densities_are_the_transition_kernel_applied(target, process, t):
    a, variance = np.exp(-t), 1 - np.exp(-2 * t)
    for law in (target, CUT):
        for x in (-1.3, 0.2, 1.1):

            def integrand(y, law=law, x=x):
                kernel = np.exp(-0.5 * (x - a * y) ** 2 / variance)
                return float(law.density(np.array(y))) * kernel / np.sqrt(2 * np.pi * variance)

            low, high = law.window(1e-12)[0]
            nearest = min(max(x / a, low), high)
            value = quad(integrand, low, high, points=[nearest, 0], limit=500, epsabs=1e-12)[0]
            assert noised_density(law, t, np.array(x), process) == pytest.approx(value, rel=1e-7)


@pytest.mark.parametrize("law", [targets.normal(), CUT], ids=["normal", "cut"])
def test_scores_on_the_line_are_logarithmic_derivatives(law, process):
    x, h = np.linspace(-1.4, 1.4, 9), 1e-5
    for t in (0.05, 0.7):
        logs = [np.log(noised_density(law, t, x + s * h, process)) for s in (-1, 1)]
        slope = (logs[1] - logs[0]) / (2 * h)
        np.testing.assert_allclose(noised_score(law, t, x, process), slope, rtol=1e-6, atol=1e-6)


def test_scores_in_the_plane_are_gradients(process):
    x, h, t = np.random.default_rng(0).normal(size=(7, 2)), 1e-5, 0.3
    score = noised_score(PLANE, t, x, process)
    for i in range(2):
        step = h * np.eye(2)[i]
        logs = [np.log(noised_density(PLANE, t, x + s * step, process)) for s in (-1, 1)]
        np.testing.assert_allclose(score[:, i], (logs[1] - logs[0]) / (2 * h), rtol=1e-5, atol=1e-6)


def test_quadrature_and_steps_share_the_graded_clock(process):
    nodes = process.quadrature(20)
    assert nodes.weights.sum() == pytest.approx(process.horizon, rel=1e-12)
    exact = 1 - np.exp(-5 * process.horizon)
    assert nodes.weights @ (5 * np.exp(-5 * nodes.times)) == pytest.approx(exact, rel=1e-8)
    edges = process.edges(16)
    np.testing.assert_allclose(edges[[0, -1]], [0, process.horizon])
    np.testing.assert_allclose(process.edges(32)[::2], edges)


def test_nested_rules_are_exact_for_polynomials_and_know_their_error(process):
    """All N nodes integrate degree 2 N - 1; the estimate covers a kink."""
    rule, u = process.nested_quadrature(32), process.clock(process.nested_quadrature(32).times)
    rate = process.grading * np.exp((u + 1) * process.length / 2) * process.length / 2
    for degree in (0, 7, 16, 40, 63):
        exact = (1 + (-1) ** degree) / (degree + 1)
        assert rule.integrate(u**degree / rate)[0] == pytest.approx(exact, abs=1e-12)
    for kink in (-0.41, 0.07, 0.33):
        value, error = rule.integrate(np.abs(u - kink) / rate)
        assert abs(value - (1 + kink**2)) <= error


def test_prior_divergence_is_attained_by_a_point_and_bounds_a_normal(process):
    short = OrnsteinUhlenbeck(horizon=0.7)
    a2 = np.exp(-2 * short.horizon)
    exact = 0.5 * (1 - a2 + a2 * 2.0 - 1 - np.log(1 - a2))
    assert short.prior_divergence(np.array(2.0), 1) == pytest.approx(exact)
    assert process.prior_divergence(np.array(1.0), 3) > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"horizon": 0.0}, "horizon = 0.0: must be a number > 0"),
        ({"horizon": -1.0}, "horizon"),
        ({"grading": 0.0}, "grading = 0.0"),
        ({"stop": -0.1}, "stop = -0.1: must be in"),
        ({"stop": 8.0}, "stop = 8.0"),
    ],
)
def test_times_must_be_in_order(arguments, message):
    with pytest.raises(InputError, match=message):
        OrnsteinUhlenbeck(**arguments)
