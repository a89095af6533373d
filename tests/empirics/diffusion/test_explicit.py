"""The terms of the explicit bound: exact where they say so, bounds where they say so."""

from itertools import pairwise, product

import numpy as np
import pytest
from scipy.integrate import quad

import bounds
import verify
from bounds import cycles
from bounds.errors import HypothesisError
from empirics import run
from empirics.diffusion import explicit_constants as sizes
from empirics.diffusion.accuracy import LOOP
from empirics.diffusion.engine import tables_of
from empirics.diffusion.explicit import decay_integral, decay_kernel, explicit_terms
from empirics.diffusion.explicit_constants import PointMatrices, first_generation
from empirics.diffusion.training_time import GradientFlow, Influence
from empirics.models import BestTv, Diffusion
from verify.settings import STANDARD, diffusion

BOUND = bounds.get("diffusion-explicit")


def loop(n, tau=30.0, width=16, replicates=4, **more):
    model = Diffusion(width=width, training_time=tau, **more)
    return diffusion(model, cycles.full_synthetic(n=n), 1, replicates)


@pytest.fixture(scope="module")
def constants():
    return first_generation(tables_of(loop(100)), STANDARD, 30.0)


@pytest.mark.parametrize("s", [0.3, 30.0, 1000.0])
def test_influence_is_the_derivative_of_the_trained_weights(tables, masses, s):
    law = masses @ tables.binning
    flow = GradientFlow.of(*tables.moments(law[None]))
    influence = Influence(flow, tables.moments.gram, tables.moments.cross)
    off = law * np.random.default_rng(0).standard_normal(len(law))
    off -= law * off.sum()

    def weights(h):
        moved = GradientFlow.of(*tables.moments((law + h * off)[None]))
        return moved.weights(np.array([[s]]))[0, 0]

    found = (weights(1e-4) - weights(-1e-4)) / 2e-4
    linear = off @ influence.rows(s) @ influence.vectors.T
    np.testing.assert_allclose(linear, found, atol=1e-7 * np.abs(found).max())
    h = 1e-3 * s
    slope = (influence.rows(s + h) - influence.rows(s - h)) / (2 * h)
    np.testing.assert_allclose(influence.rows(s, 1), slope, atol=1e-5 * np.abs(slope).max())
    bend = (influence.rows(s + h, 1) - influence.rows(s - h, 1)) / (2 * h)
    np.testing.assert_allclose(influence.rows(s, 2), bend, atol=1e-5 * np.abs(bend).max())


def few_points():
    g = np.random.default_rng(3)
    root = g.standard_normal((3, 2, 2))
    return np.array([0.5, 0.3, 0.2]), root @ root.transpose(0, 2, 1), g.standard_normal((3, 2))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_mean_squares_of_products_are_exact(n):
    """Against all samples of n points, with their probabilities."""
    p, matrices, rows = few_points()
    points, diagonal = PointMatrices(p, matrices), np.array([0.7, 2.0])
    square = 0.0
    for drawn in product(range(3), repeat=n):
        chosen = list(drawn)
        mean = (rows - p @ rows)[chosen].mean(axis=0) @ points.deviations[chosen].mean(axis=0)
        square += p[chosen].prod() * (mean**2 @ diagonal)
    found = points.products(rows).root(diagonal, n)
    assert found == pytest.approx(np.sqrt(square), rel=1e-12)
    quick = points.products(rows, exact=False).root(diagonal, n)
    size = np.sqrt(p @ ((rows - p @ rows) ** 2).sum(axis=1))
    assert found <= quick * (1 + 1e-12)
    assert quick <= size * points.spread.root(diagonal, n)


def test_second_moments_of_whitened_matrices():
    p, matrices, _ = few_points()
    diagonal = np.array([0.7, 2.0])
    root = np.sqrt(np.diag(diagonal))
    whitened = root @ (matrices + 0.1 * np.eye(2)) @ root
    expected = np.linalg.eigvalsh(np.tensordot(p, whitened @ whitened, 1))
    found = PointMatrices(p, matrices).second_moment(diagonal, 0.1)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_kernel_is_the_supremum_and_its_integral_an_upper_bound():
    x, wide, most, tau = 0.01, 0.05, 8.0, 100.0
    levels = np.linspace(0, most, 400_001)
    for r in (0.0, 1e-3, 0.1, 3.0, 200.0):
        by_hand = (np.sqrt((levels + x) * (levels + wide)) * np.exp(-2 * r * levels)).max()
        assert decay_kernel(np.array([r]), x, wide, most)[0] == pytest.approx(by_hand, rel=1e-6)
    times = np.concatenate([[0.0], np.geomspace(0.01, tau, 60)])
    u = np.sqrt

    def integrand(s):
        return decay_kernel(np.array([tau - s]), x, wide, most)[0] * np.interp(s, times, u(times))

    parts = [quad(integrand, a, b, limit=200)[0] for a, b in pairwise(times)]
    found = decay_integral(times, u(times), np.zeros(60), x, wide, most)
    assert sum(parts) <= found <= 1.01 * sum(parts)
    above = decay_integral(times, u(times), np.full(60, 0.1), x, wide, most)
    assert above == pytest.approx(
        found + 0.1 * decay_integral(times, np.ones(61), np.zeros(60), x, wide, most)
    )


def test_between_its_times_a_size_is_below_the_chord_and_the_remainder(constants):
    tables = tables_of(loop(100))
    influence, n, wide = constants.influence, 100, 0.1
    sizes, above = constants.sizes(wide, n)
    M, times = 1 / (constants.values + wide), constants.times
    for i in np.random.default_rng(1).integers(0, len(times) - 1, 12):
        for part in (0.3, 0.5):
            s = (1 - part) * times[i] + part * times[i + 1]
            size = constants.points.products(influence.rows(s)).root(M, n)
            chord = (1 - part) * sizes[i] + part * sizes[i + 1]
            assert size <= chord + above[i]
    assert tables.features.count == len(constants.values)


def test_the_samples_covariance_is_too_small_no_more_often_than_allowed(constants):
    """1000 samples at 5 %: more than 80 would be seen with probability 4e-5 if 5 % were true."""
    n, shift, rare = 200, 0.1, 0.05
    eta = constants.eta(shift, rare, n)
    points, root = constants.points, 1 / np.sqrt(constants.values + shift)
    counts = np.random.default_rng(2).multinomial(n, points.probability, 1000) / n
    gaps = -np.tensordot(counts, points.deviations, 1)
    largest = np.linalg.eigvalsh(root[:, None] * gaps * root)[:, -1]
    assert (largest > eta).sum() <= 80
    assert largest.max() > 0.3 * eta


def test_it_is_above_the_measured_mean_and_sharp_to_first_order():
    measured = run(loop(300, replicates=48)).matrix("tv")[:, 0]
    value = verify.along(BOUND, loop(300)).value[0]
    high = measured.mean() + 4 * measured.std() / np.sqrt(48)
    assert high < value < 6 * measured.mean()
    many = loop(10**13)
    constants = first_generation(tables_of(many), STANDARD, 30.0)
    limit = np.sqrt((constants.prior + constants.risk) / 2)
    assert verify.along(BOUND, many).value[0] == pytest.approx(limit, rel=0.01)


def test_more_points_make_it_smaller_and_it_needs_a_time_known_beforehand():
    values = [verify.along(BOUND, loop(n)).value[0] for n in (100, 1000, 10_000)]
    assert np.all(np.diff(values) < 0)
    for other in ({"tau": BestTv()}, {"sampler": "ode"}):
        with pytest.raises(HypothesisError, match=r"^computed terms|^SDE sampler"):
            verify.along(BOUND, loop(300, **other))
    with pytest.raises(HypothesisError, match="more points or a shorter time"):
        verify.along(BOUND, loop(5, tau=300.0, accuracy=LOOP))


def test_times_of_a_short_training_are_among_those_of_a_long_one(constants):
    """So sizes that were computed for the one serve the other."""
    longer = first_generation(tables_of(loop(100)), STANDARD, 45.0)
    shared = set(constants.times[:-1]) & set(longer.times)
    early = constants.times[constants.times < 1.0]
    assert set(early) <= shared
    assert len(shared) > len(constants.times) / 2
    at = {time: at for at, time in enumerate(longer.times)}
    for place, time in enumerate(constants.times[:-1]):
        if time in shared:
            assert constants.products[place] is longer.products[at[time]]


def test_more_times_make_the_bound_smaller_and_hardly_so(monkeypatch):
    """The terms between two times are bounded, so fewer times cost sharpness, not truth."""

    def bound(ratio):
        monkeypatch.setattr(sizes, "_RATIO", ratio)
        sizes._population.cache_clear()
        sizes.first_generation.cache_clear()
        return explicit_terms(loop(1000)).value

    try:
        rough, usual, fine = map(bound, (1.3, sizes._RATIO, 1.01))
    finally:
        sizes._population.cache_clear()
        sizes.first_generation.cache_clear()
    assert fine <= usual <= rough
    assert usual <= 1.001 * fine
