"""Operators on grids against dense computations that share nothing with them."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr

from empirics import targets
from empirics.grid import Axis, Grid, make_grid
from empirics.operators import (
    Along,
    BestOf,
    Exponential,
    KeepTop,
    Noise,
    Rounding,
    Shrinking,
    Tilt,
    Toward,
)
from empirics.target_law import target_law

WITHIN = 1e-10
"""In the mass of every cell."""
MODES = targets.gaussian_mixture([0.4, 0.6], [-0.9, 0.7], [0.4, 0.5])
GRID = make_grid([(-6.0, 6.0)], 0.0, 0.04, MODES.support)
EDGES = GRID.axes[0].edges
(MASSES,) = (target_law(MODES, GRID).masses,)


def acted(operator, masses=MASSES, grid=GRID):
    return operator.act(masses[None], grid)[0]


def mixture(weights, means, sds, edges=EDGES):
    below = sum(w * ndtr((edges - m) / s) for w, m, s in zip(weights, means, sds, strict=True))
    return np.diff(below)


def cdf(x):
    return 0.4 * ndtr((x + 0.9) / 0.4) + 0.6 * ndtr((x - 0.7) / 0.5)


def test_noise_is_the_convolution():
    spread = np.hypot([0.4, 0.5], 0.3)
    expected = mixture((0.4, 0.6), (-0.9, 0.7), spread)
    assert np.abs(acted(Noise(0.3)) - expected).max() < WITHIN


@pytest.mark.parametrize(("factor", "centre"), [(0.6, 0.25), (1.3, -0.1), (0.8, None)])
def test_shrinking_moves_and_scales_every_component(factor, centre):
    root, c = np.sqrt(factor), 0.4 * -0.9 + 0.6 * 0.7 if centre is None else centre
    means = [c + root * (m - c) for m in (-0.9, 0.7)]
    expected = mixture((0.4, 0.6), means, (0.4 * root, 0.5 * root))
    assert np.abs(acted(Shrinking(factor, centre)) - expected).max() < WITHIN


def test_rounding_spreads_the_mass_of_lattice_cells():
    pitch = 0.37
    lattice = pitch * (np.arange(-40, 41) + 0.5)
    below = np.interp(EDGES, lattice, cdf(lattice))
    assert np.abs(acted(Rounding(pitch)) - np.diff(below)).max() < WITHIN


def test_the_best_of_k_along_the_line_has_the_power_of_the_cdf():
    expected = np.diff(cdf(EDGES) ** 5)
    assert np.abs(acted(BestOf(5, Along(1.0))) - expected).max() < WITHIN


def test_the_best_share_along_the_line_is_the_law_beyond_its_quantile():
    below = np.clip((cdf(EDGES) - 0.7) / 0.3, 0, 1)
    assert np.abs(acted(KeepTop(0.3, Along(1.0))) - np.diff(below)).max() < WITHIN


def test_a_choice_by_odds_between_two_is_a_dense_sum():
    r = Toward(0.2, 0.6)(GRID.points())
    win = 1 / (1 + np.exp(r[None, :] - r[:, None]))
    expected = 2 * MASSES * (win @ MASSES)
    found = acted(BestOf(2, Toward(0.2, 0.6), "bradley-terry"))
    assert np.abs(found - expected).max() < WITHIN


def test_a_tilt_is_a_dense_product_and_close_to_the_tilted_law():
    weights = np.exp(-0.5 * ((GRID.points() - 0.5) / 0.8) ** 2)
    expected = MASSES * weights / (MASSES @ weights)
    found = acted(Tilt(Exponential(Toward(0.5, 0.8))))
    assert np.abs(found - expected).max() < WITHIN
    # N(m, s^2) times exp(-(x-c)^2 / 2w^2) is normal; a weight is read at centres of cells.
    variance = 1 / (1 / 0.3**2 + 1 / 0.8**2)
    mean = variance * (0.1 / 0.3**2 + 0.5 / 0.8**2)
    errors = []
    for step in (0.04, 0.02):
        grid = make_grid([(-4.0, 4.0)], 0.0, step, targets.normal().support)
        masses = mixture((1,), (0.1,), (0.3,), grid.axes[0].edges)
        true = mixture((1,), (mean,), (np.sqrt(variance),), grid.axes[0].edges)
        errors.append(np.abs(acted(Tilt(Exponential(Toward(0.5, 0.8))), masses, grid) - true).sum())
    assert errors[1] < 1e-4
    assert 3.5 < errors[0] / errors[1] < 4.5, "of second order in the cell"


def plane():
    axis = Axis(-6.0, 0.1, 120)
    grid = Grid((axis, axis))
    one, two = (np.diff(ndtr((axis.edges - m) / s)) for m, s in ((0.2, 0.6), (-0.3, 0.5)))
    return grid, np.outer(one, two), axis.edges


def test_channels_in_the_plane_act_on_both_axes():
    grid, masses, edges = plane()
    noisy = [np.diff(ndtr((edges - m) / np.hypot(s, 0.4))) for m, s in ((0.2, 0.6), (-0.3, 0.5))]
    assert np.abs(acted(Noise(0.4), masses, grid) - np.outer(*noisy)).max() < WITHIN
    centre, root = (0.1, -0.5), np.sqrt(0.7)
    moved = [
        np.diff(ndtr((edges - (c + root * (m - c))) / (s * root)))
        for c, m, s in zip(centre, (0.2, -0.3), (0.6, 0.5), strict=True)
    ]
    assert np.abs(acted(Shrinking(0.7, centre), masses, grid) - np.outer(*moved)).max() < 1e-8


@pytest.mark.parametrize(
    "operator",
    [BestOf(3, Toward((0.5, 0.0))), KeepTop(0.25, Toward((0.0, 0.2), 2.0))],
    ids=["best of 3", "keep top"],
)
def test_selections_in_the_plane_are_those_of_sorted_cells(operator):
    """Cells one by one, from the best to the worst, in plain loops."""
    grid, masses, _ = plane()
    scores = operator.score(grid.points().reshape(-1, 2))
    flat, expected = masses.ravel() / masses.sum(), np.zeros(masses.size)
    groups: dict[float, list[int]] = {}
    for cell, score in enumerate(scores):
        groups.setdefault(float(score), []).append(cell)
    above = 0.0
    for score in sorted(groups, reverse=True):
        cells = groups[score]
        mass = flat[cells].sum()
        if isinstance(operator, BestOf):
            won = (1 - above) ** 3 - (1 - above - mass) ** 3
        else:
            won = max(min(above + mass, 0.25) - above, 0.0) / 0.25
        if mass:
            expected[cells] = won * flat[cells] / mass
        above += mass
    found = acted(operator, masses, grid).ravel() / masses.sum()
    assert np.abs(found - expected).max() < WITHIN


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_selection_of_a_normal_trait_obeys_the_breeders_equation(share):
    import bounds

    grid = make_grid([(-9.0, 9.0)], 0.0, 0.005, targets.normal().support)
    passed = acted(KeepTop(share, Along(1.0)), target_law(targets.normal(), grid).masses, grid)
    x = grid.points()
    mean = passed @ x
    words = {"generation": 2, "kept_share": share}
    assert bounds.get("breeder").evaluate(**words) == pytest.approx(mean, abs=1e-4)
    variance = passed @ (x - mean) ** 2
    assert bounds.get("breeder-variance").evaluate(**words) == pytest.approx(variance, abs=1e-4)
    assert mean == pytest.approx(stats.norm.pdf(stats.norm.isf(share)) / share, abs=1e-4)
