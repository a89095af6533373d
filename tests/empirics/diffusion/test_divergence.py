"""KL of cell masses: its error covers what is planted, and no more than that is taken for it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from bounds import cycles
from empirics import Experiment, Numerics, run
from empirics.diffusion.accuracy import LOOP, PlaneAccuracy
from empirics.diffusion.cell_laws import cell_divergence
from empirics.diffusion.fokker_planck import extrapolated, widest
from empirics.diffusion.plane_law import plane_extrapolated
from empirics.diffusion.plane_nodes import paired
from empirics.models import Diffusion
from empirics.targets import gaussian_mixture

EDGES = np.linspace(-12, 12, 4097)
FLOORS = {"least": 1e-10, "rounding": 1e-13}
FREE = np.array([np.nan])


def law(mean=0.0, scale=1.0, edges=EDGES):
    return np.diff(norm.cdf(edges, mean, scale))[None]


def divergence(p, q, doubt, most=FREE, **floors):
    found = cell_divergence(p, q, doubt, most, **(FLOORS | floors))
    return float(found.value[0]), float(found.error[0])


P, Q = law(0.0, 0.8), law(0.3, 1.0)
KL = np.log(1 / 0.8) + (0.8**2 + 0.3**2) / 2 - 0.5


def test_closed_form_of_two_normals():
    value, error = divergence(P, Q, 0 * Q)
    assert value == pytest.approx(KL, abs=1e-5)
    assert abs(value - KL) <= error < 1e-4


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_planted_error_is_covered_and_a_larger_one_is_not(sign):
    doubt = 0.2 * Q
    value, error = divergence(P, Q + sign * doubt, doubt)
    assert abs(value - KL) <= error
    value, error = divergence(P, Q + sign * doubt, 0.7 * doubt)
    assert abs(value - KL) > error


def test_the_width_of_cells_is_part_of_the_error():
    """Cells of the law's own size: what they hide is within the error, and that is no more."""
    edges = np.linspace(-8, 8, 33)
    value, error = divergence(law(0, 0.8, edges), law(0.3, 1.0, edges), np.zeros((1, 32)))
    assert 1e-4 < KL - value < error < 6 * (KL - value)


def test_cells_left_out_count_with_their_mass():
    p, q = np.array([[1 - 1e-4, 1e-4, 0.0, 0.0]]), np.array([[1 - 1e-4, 1e-9, 0.0, 0.0]])
    whole, _ = divergence(p, q, 0 * q)
    value, error = divergence(p, q, 0 * q, least=1e-3)
    assert whole > value + 1e-3
    assert abs(whole - value) <= error


def test_a_law_lost_in_its_own_error_is_limited_by_a_bound_alone():
    doubt = np.full_like(Q, 1e-6)
    value, error = divergence(P, Q, doubt)
    assert np.isinf(error)
    bound = 1.1 * KL
    value, error = divergence(P, Q, doubt, np.array([bound]))
    assert value < bound
    assert value + error == pytest.approx(bound)
    assert abs(value - KL) <= error


def test_no_value_is_above_its_bound():
    value, error = divergence(P, np.maximum(Q - 1e-5, 0), np.full_like(Q, 1e-5), np.array([KL]))
    assert value == KL
    assert error > 0


@pytest.mark.parametrize("dimension", [1, 2])
def test_differences_that_vanish_by_chance_are_seen_nearby(dimension):
    x = np.zeros((2, *(9,) * dimension))
    x[(0, *(4,) * dimension)] = -3.0
    seen = widest(x)
    assert seen[0].max() == 3
    assert np.count_nonzero(seen[0]) == 5**dimension
    assert not seen[1].any()


def test_doubt_on_the_line_is_what_the_grids_differ_by():
    fine = law(edges=np.linspace(-9, 9, 65))
    coarse = law(0.05, edges=np.linspace(-9, 9, 33))
    found, right = extrapolated(fine, coarse), extrapolated(fine, law(edges=np.linspace(-9, 9, 33)))
    # Against the masses that a coarse solution without its error would have given.
    assert np.all(np.abs(found.masses - right.masses) <= found.doubt + right.doubt)
    assert found.error < 0.5 * found.doubt.sum()


def test_doubt_in_the_plane_is_what_the_extrapolations_differ_by():
    def square(mean, cells):
        one = law(mean, edges=np.linspace(-9, 9, cells + 1))[0]
        return np.outer(one, one)[None]

    found = plane_extrapolated(square(0.0, 128), square(0.0, 64), square(0.05, 32))
    away = paired(np.abs(found.doubt))
    assert 0 < found.error[0] < 0.5 * away.sum()
    still = plane_extrapolated(square(0.0, 128), square(0.0, 64), square(0.0, 32))
    assert still.doubt.sum() < found.doubt.sum()


LINE = gaussian_mixture([0.5, 0.3, 0.2], [-1.2, 0.1, 1.2], [0.4, 0.2, 0.3])
PLANE = gaussian_mixture([0.5, 0.5], [[-0.7, 0.0], [0.7, 0.0]], 0.5)


def overfit(target, accuracy, **model):
    """Models trained for very long on the same forty points, whatever the accuracy."""
    e = Experiment(
        target=target,
        model=Diffusion(width=64, training_time=1e5, accuracy=accuracy, **model),
        cycle=cycles.full_synthetic(n=40),
        generations=1,
        replicates=3,
        numerics=Numerics(sampling="points"),
    )
    return run(e)


@pytest.mark.parametrize("sampler", ["sde", "ode"])
def test_overfit_models_on_the_line_have_the_divergence_of_finer_cells(sampler):
    """Far tails of the generated law are lost in its error; no value is above its own bound."""
    rough = overfit(LINE, replace(LOOP, step=24 / 512, steps=32), sampler=sampler)
    fine = overfit(LINE, LOOP, sampler=sampler)
    assert_covered(rough, fine)
    if sampler == "sde":
        assert_below_the_bound(rough)
        assert_below_the_bound(fine)


def test_overfit_models_in_the_plane_have_the_divergence_of_finer_cells():
    quick = PlaneAccuracy(192, 24, 12, 14, 16, 3.0)
    rough, fine = (
        overfit(PLANE, replace(LOOP, plane=plane)) for plane in (replace(quick, cells=96), quick)
    )
    assert_covered(rough, fine)
    assert_below_the_bound(rough)


def assert_covered(rough, fine):
    kl, error = rough.matrix("kl"), rough.matrix("kl_error")
    assert np.all(np.abs(kl - fine.matrix("kl")) <= error + fine.matrix("kl_error"))


def assert_below_the_bound(result):
    most = result.matrix("kl_bound") + result.matrix("score_risk_error")
    assert np.all(result.matrix("kl") <= most)
    assert np.all(np.isfinite(result.matrix("kl_error")))
