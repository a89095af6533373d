"""The SDE's law in the plane: conservation, order, closed forms, honest errors, other samplers."""

import numpy as np
import pytest
from scipy.linalg import expm, solve_continuous_lyapunov
from scipy.stats import chi2

from empirics import InputError, targets
from empirics.diffusion.accuracy import REPORT
from empirics.diffusion.fokker_planck import FokkerPlanck, PlaneFokkerPlanck, solve_tridiagonal
from empirics.diffusion.law import SdeSampled
from empirics.diffusion.plane_law import (
    FaceTable,
    law_of_field,
    plane_extrapolated,
    scores_on_nodes,
    solved,
    solvers,
)
from empirics.diffusion.plane_nodes import coarser, doubled, node_grids, paired
from empirics.diffusion.process import noised_score
from empirics.grid import Axis, Grid
from empirics.target_law import target_law


def axis(cells, reach=6.0):
    return Axis(-reach, 2 * reach / cells, cells)


def exact(target, cells):
    return target_law(target, Grid((cells, cells))).masses


def tv(p, q):
    return 0.5 * np.abs(p - q).sum()


def perfect(target, process):
    return lambda x, t: noised_score(target, t, x, process)


def test_elimination_solves_every_lane():
    """Columns of the systems add up to one, as in the scheme."""
    rng = np.random.default_rng(0)
    left, right, b = rng.random((6, 3)), rng.random((6, 3)), rng.random((7, 3))
    diagonal = np.ones((7, 3))
    diagonal[:-1] += right
    diagonal[1:] += left
    x = solve_tridiagonal(-right, diagonal.copy(), -left, b)
    for lane in range(3):
        dense = np.diag(diagonal[:, lane]) - np.diag(right[:, lane], -1) - np.diag(left[:, lane], 1)
        np.testing.assert_allclose(dense @ x[:, lane], b[:, lane], atol=1e-12)


def test_splitting_cells_keeps_masses_and_is_exact_for_smooth_laws(modes):
    fine, coarse = exact(modes, axis(384)), exact(modes, axis(192))
    split = doubled(coarse[None])
    np.testing.assert_allclose(split[0], fine, atol=1e-12)
    np.testing.assert_allclose(paired(split)[0], coarse, atol=1e-15)
    rough = np.random.default_rng(0).random((1, 64, 64))
    assert doubled(rough).sum() == pytest.approx(rough.sum(), rel=1e-12)


def test_the_prior_is_stationary(process):
    """Exponential fitting keeps the normal law's values at the cell centres."""
    solver = PlaneFokkerPlanck(process, axis(96), (0,) * 16)
    masses = solver.solve(solver.at_faces(lambda x, t: -x))[0]
    one = np.exp(-0.5 * axis(96).centres ** 2)
    np.testing.assert_allclose(masses, np.outer(one, one) / one.sum() ** 2, atol=1e-7)


def test_perfect_scores_give_the_target_back_at_fourth_order(modes, process):
    """The single solution is of second order; both steps are halved together."""
    errors, better = [], []
    for cells in (96, 192):
        three = solvers(process, axis(cells), cells // 4)
        fine, middle, coarse = (s.solve(s.at_faces(perfect(modes, process))) for s in three)
        law = plane_extrapolated(fine, middle, coarse)
        errors.append(tv(fine[0], exact(modes, axis(cells))))
        better.append(tv(law.masses[0], exact(modes, axis(cells))))
        assert better[-1] <= law.error[0]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2, abs=0.4)
    assert np.log2(better[0] / better[1]) > 3


def test_report_accuracy_is_far_below_three_ten_thousandths(modes, process):
    """The target is nowhere narrower than 0.27; mass is kept to 1e-8."""
    cells = axis(256)
    law = law_of_field(perfect(modes, process), process, cells, REPORT.plane.steps)
    assert tv(law.masses[0], exact(modes, cells)) <= law.error[0] < 3e-4
    assert law.defect[0] < 1e-8
    assert law.masses.sum() == pytest.approx(1, abs=1e-8)
    assert np.all(law.masses >= 0)


def gaussian_end(drift, shift, horizon):
    """Law at the end of ``dY = (drift Y + shift) ds + sqrt 2 dB`` from ``N(0, I)``."""
    grown = expm(drift * horizon)
    still = solve_continuous_lyapunov(drift, -2 * np.eye(2))
    mean = np.linalg.solve(drift, (grown - np.eye(2)) @ shift)
    return mean, grown @ (np.eye(2) - still) @ grown.T + still


@pytest.mark.parametrize("seed", range(3))
def test_wrong_linear_scores_give_the_gaussian_they_must(process, seed):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(2, 2))
    slope = -np.eye(2) - 0.4 * root @ root.T + 0.3 * np.array([[0, 1], [-1, 0]])
    shift = 0.4 * rng.normal(size=2)
    mean, covariance = gaussian_end(np.eye(2) + 2 * slope, 2 * shift, process.horizon)
    law = law_of_field(lambda x, t: x @ slope.T + shift, process, axis(192), 64)
    gaussian = targets.gaussian_mixture([1.0], [mean], [0.5 * (covariance + covariance.T)])
    assert tv(law.masses[0], exact(gaussian, axis(192))) <= law.error[0] < 3e-4
    assert law.masses.sum() == pytest.approx(1, abs=1e-8)


def test_product_scores_give_products_of_line_laws(process):
    """Two solvers that share only their fluxes' weights; the line's is refined."""
    one = targets.gaussian_mixture([0.4, 0.6], [-1.0, 0.8], [0.4, 0.5])

    def wrong(x, t):
        return noised_score(one, t, x, process) + 0.3 * np.sin(2 * x)

    def line(cells, steps):
        solver = FokkerPlanck(process, axis(cells), steps)
        return solver.solve(lambda i: wrong(solver.faces, float(solver.midpoints[i]))[None])[0]

    fine = (
        4 * line(1536, 512).reshape(192, 8).sum(axis=1) - line(768, 256).reshape(192, 4).sum(1)
    ) / 3
    law = law_of_field(
        lambda x, t: np.stack([wrong(x[:, 0], t), -x[:, 1]], 1), process, axis(192), 48
    )
    edges = axis(192).edges
    normal = targets.normal().interval_mass(edges)
    assert tv(law.masses[0], np.outer(fine, normal)) <= law.error[0] < 5e-4


def test_scores_from_nodes_are_the_networks(plane, train, process):
    """The law from interpolated scores against the one from scores at every face."""
    models = train(500, [1e3])
    three = solvers(process, axis(192), 32)
    theta = models.theta[0]
    direct = [s.at_faces(SdeSampled(plane.features, theta, 1).score) for s in three]
    nodes = [FaceTable.of(s, plane.nodes).steps(models.scores, 0) for s in three]
    one, two = solved(three, direct), solved(three, nodes)
    assert tv(one.masses, two.masses) < 1e-4


@pytest.mark.parametrize(
    "tau", [1e3, *(pytest.param(tau, marks=pytest.mark.slow) for tau in (1e2, 1e4, 1e6))]
)
def test_error_estimate_covers_the_distance_to_a_refined_solution(plane, train, process, tau):
    """And loop accuracy is 3e-4 in TV."""
    models = train(1000, [tau])
    law = plane.sde_law(models)
    cells = 2 * plane.axis.cells
    three = solvers(process, axis(cells, plane.axis.high), 96)
    preset, high = plane.features.preset, plane.axis.high
    fine = node_grids(process, lambda t: preset.bend(t, process), high, 32, 5.0)
    scores = scores_on_nodes(plane.features, models.theta, fine)
    reference = solved(three, [FaceTable.of(s, fine).steps(scores, 0) for s in three])
    distance = tv(law.masses[0], paired(reference.masses)[0])
    assert distance <= law.error[0] < 3e-4
    assert distance < 1e-4


def test_mass_is_kept_and_nothing_is_negative(plane, train):
    law = plane.sde_law(train(100, [1e2, 1e5]))
    np.testing.assert_allclose(law.masses.sum(axis=(1, 2)), 1, atol=1e-8)
    assert np.all(law.masses >= 0)
    assert np.all(law.defect < 1e-8)


def test_euler_maruyama_agrees_to_its_sampling_floor(plane, train):
    """Chi-square over boxes at 20 000 points: false alarm below 1e-4 (fixed seed)."""
    models = train(500, [2e3])
    law = plane.sde_fitted(models)
    points = law.sample(20_000, np.random.default_rng(4))
    masses, edges = plane.sde_law(models).masses[0], plane.axis.edges[::16]
    expected = masses.reshape(24, 16, 24, 16).sum(axis=(1, 3)) * len(points)
    seen = np.histogram2d(*points.T, (edges, edges))[0]
    full = expected > 8
    expected, seen = (np.append(n[full], n[~full].sum()) for n in (expected, seen))
    assert len(expected) > 50
    assert ((seen - expected) ** 2 / expected).sum() < chi2.isf(1e-4, len(expected) - 1)


def test_a_fitted_law_has_the_density_of_its_masses(plane, train):
    models = train(500, [1e3])
    law = plane.sde_fitted(models)
    fine = coarser(plane.axis, 1)
    x = np.stack(np.meshgrid(fine.centres, fine.centres, indexing="ij"), axis=-1)
    density = np.exp(law.log_density(x))
    masses = paired(plane.sde_law(models).masses)[0]
    assert density.sum() * fine.step**2 == pytest.approx(1, abs=1e-5)
    assert tv(density * fine.step**2, masses) < 5e-3


def test_mistakes_are_named(process):
    with pytest.raises(InputError, match="cells = 100, steps = 8: must be multiples of 16 and 4"):
        law_of_field(lambda x, t: -x, process, axis(100), 8)
    with pytest.raises(InputError, match="score: has values that are not finite"):
        law_of_field(lambda x, t: x * np.nan, process, axis(64), 8)
