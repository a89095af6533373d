"""The generated law: conservation, order, exact cases, honest errors, independent samplers."""

import numpy as np
import pytest
from scipy.special import ndtr

from empirics.diffusion.accuracy import REPORT
from empirics.diffusion.fokker_planck import FokkerPlanck, extrapolated, refine
from empirics.diffusion.law import SdeLineLaw, SdeSampled
from empirics.diffusion.path import path_terms
from empirics.diffusion.probability_flow import (
    flow_from_prior,
    flow_log_density,
    flow_masses,
    flow_to_prior,
    score_and_divergence,
)
from empirics.diffusion.process import OrnsteinUhlenbeck, noised_score
from empirics.diffusion.training_time import GradientFlow
from empirics.grid import Axis


def axis(cells, reach=7.0):
    return Axis(-reach, 2 * reach / cells, cells)


def solve(process, cells, steps, score):
    solver = FokkerPlanck(process, axis(cells), steps)
    return solver.solve(lambda i: score(solver.faces, float(solver.midpoints[i]))[None])


def trained(tables, draw, n=500, tau=2000.0, batch=1):
    return GradientFlow.of(*tables.moments(draw(n, batch))).weights(np.full((batch, 1), tau))[:, 0]


def field(tables, theta):
    return lambda x, t: score_and_divergence(tables.features, theta, x[:, None], t)[0][:, 0]


def test_the_prior_is_stationary(process):
    """Exponential fitting keeps the normal law's values at the cell centres."""
    masses = solve(process, 200, 40, lambda x, t: -x)[0]
    exact = np.exp(-0.5 * axis(200).centres ** 2)
    np.testing.assert_allclose(masses, exact / exact.sum(), atol=1e-7)


def test_perfect_scores_give_the_target_back_at_second_order(target, process):
    """The slope of the error in both steps together is 2, and 4 after extrapolation."""
    cells = (100, 200, 400)
    laws = [
        solve(process, n, n // 5, lambda x, t: noised_score(target, t, x, process)) for n in cells
    ]
    exact = [target.interval_mass(axis(n).edges) for n in cells]
    errors = [np.abs(q[0] - p).sum() for q, p in zip(laws, exact, strict=True)]
    assert np.log2(errors[1] / errors[2]) == pytest.approx(2, abs=0.3)
    better = [
        np.abs(extrapolated(laws[i + 1], laws[i]).masses[0] - exact[i + 1]).sum() for i in (0, 1)
    ]
    assert np.log2(better[0] / better[1]) > 3
    assert better[1] < 0.2 * errors[2]


def test_mass_is_kept_and_nothing_is_negative(tables, draw):
    law = tables.sde_law(trained(tables, draw, batch=4))
    np.testing.assert_allclose(law.masses.sum(axis=1), 1, atol=1e-8)
    assert np.all(law.masses >= 0)
    assert np.all(law.defect < 1e-8)


@pytest.mark.parametrize(("n", "tau"), [(100, 1e4), (1000, 300.0), (10_000, 1e5)])
def test_error_estimate_covers_the_distance_to_a_refined_solution(process, tables, draw, n, tau):
    """And loop accuracy is 3e-4 in TV."""
    theta, at = trained(tables, draw, n, tau), tables.axis
    law, cells, score = tables.sde_law(theta), tables.axis.cells, field(tables, theta)

    def refined(k):
        solver = FokkerPlanck(process, Axis(at.low, at.step / k, k * cells), k * 64)
        return solver.solve(lambda i: score(solver.faces, float(solver.midpoints[i]))[None])

    fine, coarse = refined(4), refined(2)
    reference = extrapolated(fine, coarse).masses.reshape(cells, 4).sum(axis=1)
    distance = 0.5 * np.abs(law.masses[0] - reference).sum()
    assert distance <= law.error[0]
    assert law.error[0] < 3e-4


@pytest.mark.parametrize("horizon", [0.3, 1.0, 4.0])
def test_what_leaves_the_grid_is_counted_as_lost(horizon):
    """A score of zero: the law is normal with variance 2 exp(2 T) - 1, and runs off the grid."""
    process = OrnsteinUhlenbeck(horizon=horizon)
    fine, coarse = (solve(process, n, n // 4, lambda x, t: 0 * x) for n in (600, 300))
    law, edges = extrapolated(fine, coarse), axis(600).edges
    exact = np.diff(ndtr(edges / np.sqrt(2 * np.exp(2 * horizon) - 1)))
    distance = 0.5 * (np.abs(law.masses[0] - exact).sum() + 1 - exact.sum())
    assert distance <= law.error[0] + law.defect[0]
    assert law.defect[0] > 1 - exact.sum() - law.error[0]


def test_refining_keeps_masses_and_is_exact_for_quartics():
    edges = np.linspace(0, 1, 21)
    coarse, fine = (np.diff(e**5) for e in (edges[::2], edges))
    split = refine(coarse[None])[0]
    np.testing.assert_allclose(split[::2] + split[1::2], coarse)
    np.testing.assert_allclose(split[4:-4], fine[4:-4], rtol=1e-10)


@pytest.mark.parametrize(
    ("size", "steps"),
    [(60_000, 400), pytest.param(1_000_000, 800, marks=pytest.mark.slow)],
)
def test_euler_maruyama_agrees_to_its_sampling_floor(tables, draw, size, steps):
    """Chi-square over 60 cells: false alarm below 1e-4 (fixed seed)."""
    theta = trained(tables, draw)
    solved = tables.sde_law(theta)
    law = SdeLineLaw(tables.features, theta, steps, tables.axis, solved)
    points = law.sample(size, np.random.default_rng(4))
    inner = np.linspace(-2, 2, 59)
    cuts = np.concatenate([[-np.inf], inner, [np.inf]])
    below = np.concatenate([[0], np.cumsum(solved.masses[0])])
    cumulative = np.interp(inner, tables.axis.edges, below)
    expected = len(points) * np.diff(np.concatenate([[0], cumulative, [1]]))
    seen = np.histogram(points, cuts)[0]
    assert ((seen - expected) ** 2 / expected).sum() < 115


def test_fast_scores_are_the_networks(tables, draw):
    theta = trained(tables, draw)
    fast = SdeLineLaw(tables.features, theta, 1, tables.axis, tables.sde_law(theta))
    x = np.random.default_rng(0).normal(size=(20_000, 1)) * 3
    exact = SdeSampled(tables.features, theta, 1).score(x, 0.05)
    np.testing.assert_allclose(fast.score(x, 0.05), exact, atol=2e-3)


def test_flow_masses_are_integrals_of_the_flow_density(tables, draw):
    """Edges carried to the prior, against the closed-form divergence: two routes to one law."""
    theta = trained(tables, draw)
    cells = tables.axis
    masses = flow_masses(tables.features, theta, cells, 40)
    z, w = np.polynomial.legendre.leggauss(3)
    x = (cells.centres[:, None] + 0.5 * cells.step * z).ravel()[:, None]
    density = np.exp(flow_log_density(tables.features, theta, x, 80)).reshape(-1, 3)
    integrals = 0.5 * cells.step * density @ w
    np.testing.assert_allclose(masses.masses[0], integrals, atol=1e-8)
    assert masses.defect[0] < 1e-8
    assert masses.error[0] < 1e-5


def test_the_flow_runs_back(tables, draw):
    theta, x = trained(tables, draw), np.linspace(-1.5, 1.5, 7)[:, None]
    end, _ = flow_to_prior(tables.features, theta, x, 160)
    np.testing.assert_allclose(flow_from_prior(tables.features, theta, end, 160), x, atol=1e-6)


def test_runge_kutta_is_of_fourth_order(tables, draw):
    theta, x = trained(tables, draw), np.linspace(-1.5, 1.5, 7)[:, None]
    ends = [flow_to_prior(tables.features, theta, x, s)[1] for s in (40, 80, 160)]
    first, second = (np.abs(ends[i + 1] - ends[i]).max() for i in (0, 1))
    assert np.log2(first / second) > 3.5


def test_path_identity(target, process, tables, draw):
    """Theory (I) ties solver, score and bound together: relative residual below 1e-4."""
    for n, tau in ((300, 300.0), (10_000, 3000.0)):
        score = field(tables, trained(tables, draw, n, tau)[0:1])
        terms = path_terms(target, process, score, REPORT)
        assert terms.residual < 1e-4
        assert terms.kl < terms.bound
        assert terms.tv < np.sqrt(terms.bound / 2)


def test_recorded_risk_is_that_of_the_finer_computation(target, process, tables, draw, masses):
    theta = trained(tables, draw, 1000, 3e4)
    terms = path_terms(target, process, field(tables, theta), REPORT)
    risk, error = tables.score_risk(theta[None], masses[None])
    assert risk[0, 0] == pytest.approx(terms.risk, rel=1e-3)
    assert error[0, 0] < 1e-3 * risk[0, 0]
