"""Total variation from cell masses against exact distribution functions between bracketed roots."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtr

from bounds import cycles
from empirics import Experiment, Numerics, Sampling, run
from empirics.compiled import Work
from empirics.distances import total_variation
from empirics.grid import Axis, Grid, covering_grid
from empirics.kde.engine import smoothers
from empirics.kde.laws import GridLaws, Source, empirical_spectrum
from empirics.loop import PointDraws, Pool
from empirics.models import Epanechnikov, Gaussian, Kde
from empirics.points_engine import fit
from empirics.target_law import target_law
from empirics.targets import Frozen, beta, gaussian_mixture, normal, truncated_mixture

GAUSSIAN, EPANECHNIKOV = Gaussian(), Epanechnikov()
TARGETS = {
    "mixture": (gaussian_mixture([0.3, 0.4, 0.3], [-2.0, 0.0, 1.5], [0.5, 0.3, 0.6]), 0.6, ()),
    "beta": (beta(2, 3), 0.12, ()),
    "steep": (beta(1, 1.5), 0.15, ()),
    "truncated": (truncated_mixture([0.5, 0.5], [0.0, 1.0], [0.3, 0.4], (-0.3, 1.2)), 0.25, ()),
    "laplace": (Frozen(stats.laplace()), 0.6, (0.0,)),
    "kink off the grid": (Frozen(stats.laplace(0.0137)), 0.6, (0.0137,)),
    "triangle": (Frozen(stats.triang(0.37)), 0.12, (0.37,)),
}
_SPIKES = {
    "spike": gaussian_mixture([0.5, 0.5], [0.0, 0.3], [1.0, 0.01]),
    "tiny weight": gaussian_mixture([1 - 1e-6, 1e-6], [0.0, 1.0], [1.0, 0.02]),
    "far": gaussian_mixture([1 - 1e-4, 1e-4], [0.0, 40.0], [1.0, 1.0]),
}


def _measured(points, h, kernel, target):
    """``(tv, its reported error)`` of one kernel estimate, as a loop measures it."""
    experiment = Experiment(
        target=target,
        model=Kde(h, kernel),
        cycle=cycles.full_synthetic(n=len(points)),
        generations=1,
        replicates=1,
    )
    (smoother,) = smoothers(experiment)
    grid = smoother.grid
    laws = GridLaws(target_law(target, grid), grid)
    spectrum = empirical_spectrum(points, None, grid)[None]
    source = Source(spectrum, 1 / len(points), len(points), finer=16)
    record = laws.learn(1, np.array([1.0]), source, smoother)
    return record.tv[0], record.tv_error[0]


def _marks(mixture):
    around = np.linspace(-8, 8, 9)
    spans = [m + s * around for m, s in zip(mixture.means, mixture.scales, strict=True)]
    return tuple(np.unique(np.concatenate(spans)))


def _check(found, exact, at_most=np.inf):
    value, error = found
    assert abs(value - exact) <= error + 1e-9
    assert abs(value - exact) <= at_most


def _gaussian(name, size, seeds, exact_tv):
    target, constant, marks = TARGETS[name]
    h = constant * size**-0.2
    for seed in range(seeds):
        points = target.sample(size, np.random.default_rng(seed))
        exact = exact_tv(points, None, h, GAUSSIAN, target, marks)
        _check(_measured(points, h, GAUSSIAN, target), exact, 1e-6 if size >= 10_000 else 1e-4)


@pytest.mark.parametrize("name", TARGETS)
def test_ten_thousand_points(name, exact_tv):
    """Inside the reported error, and never off by more than 1e-6."""
    _gaussian(name, 10_000, 3, exact_tv)


@pytest.mark.parametrize("name", TARGETS)
def test_a_thousand_points(name, exact_tv):
    """Inside the reported error."""
    _gaussian(name, 1000, 12, exact_tv)


def test_a_kink_may_hide_a_change_of_sign_where_the_difference_is_steep(exact_tv):
    """Seed 29: at the kink the difference falls from 6e-5 to 5e-6 and dips below zero between."""
    target, constant, marks = TARGETS["triangle"]
    points, h = target.sample(10_000, np.random.default_rng(29)), constant * 10_000**-0.2
    exact = exact_tv(points, None, h, GAUSSIAN, target, marks)
    _check(_measured(points, h, GAUSSIAN, target), exact, 1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_many_seeds(name, exact_tv):
    _gaussian(name, 1000, 200, exact_tv)
    _gaussian(name, 10_000, 30, exact_tv)


@pytest.mark.parametrize("name", TARGETS)
def test_epanechnikov_kernel(name, exact_tv):
    """Inside the reported error, and never off by more than 2e-6 at n = 1e4."""
    target, constant, marks = TARGETS[name]
    for size, seeds in ((300, 4), (10_000, 3)):
        h = constant * size**-0.2
        for seed in range(seeds):
            points = target.sample(size, np.random.default_rng(seed))
            exact = exact_tv(points, None, h, EPANECHNIKOV, target, marks)
            found = _measured(points, h, EPANECHNIKOV, target)
            _check(found, exact, 2e-6 if size >= 10_000 else 1e-4)


@pytest.mark.parametrize("name", _SPIKES)
def test_features_much_narrower_than_the_kernel(name, exact_tv):
    target = _SPIKES[name]
    for size, seed in ((1000, 0), (1000, 1), (10_000, 2)):
        points = target.sample(size, np.random.default_rng(seed))
        h = 0.6 * size**-0.2
        exact = exact_tv(points, None, h, GAUSSIAN, target, _marks(target))
        _check(_measured(points, h, GAUSSIAN, target), exact)


@pytest.mark.parametrize("lattice", [0.1, 0.25, 0.5, 1.0])
@pytest.mark.parametrize("size", [1000, 10_000])
def test_points_on_a_lattice(lattice, size, exact_tv, three):
    points = np.round(three.sample(size, np.random.default_rng(1)) / lattice) * lattice
    h = 0.6 * size**-0.2
    _check(_measured(points, h, GAUSSIAN, three), exact_tv(points, None, h, GAUSSIAN, three))


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_handful_of_points(size, exact_tv, three):
    for seed in range(5):
        points = three.sample(size, np.random.default_rng(seed))
        _check(
            _measured(points, 0.4, GAUSSIAN, three), exact_tv(points, None, 0.4, GAUSSIAN, three)
        )


@st.composite
def _mixtures(draw):
    count = draw(st.integers(1, 4))
    numbers = st.floats(-3, 3)
    parts = np.array(draw(st.lists(st.floats(1e-6, 1), min_size=count, max_size=count)))
    means = draw(st.lists(numbers, min_size=count, max_size=count))
    scales = draw(st.lists(st.floats(0.03, 2), min_size=count, max_size=count))
    return (parts / parts.sum()).tolist(), means, scales


@settings(max_examples=40)
@given(mixture=_mixtures(), seed=st.integers(0, 10**6), h=st.floats(0.05, 0.6))
def test_any_mixture(mixture, seed, h, exact_tv):
    target = gaussian_mixture(*mixture)
    points = target.sample(400, np.random.default_rng(seed))
    exact = exact_tv(points, None, h, GAUSSIAN, target, _marks(target))
    _check(_measured(points, h, GAUSSIAN, target), exact)


def _from_masses(law, target, grid):
    found = total_variation(
        law.interval_mass(grid.axes[0].edges)[None], target_law(target, grid), 1.0, grid
    )
    return found.value[0], found.error[0]


@pytest.mark.parametrize("shift", [1e-6, 1e-3, 0.1, 1.0, 4.0])
@pytest.mark.parametrize("offset", [0.1, 0.25, 0.49])
def test_two_normals(shift, offset):
    """Closed form ``2 Phi(|mu| / 2) - 1``; it crosses ``offset`` cells off a cell's middle."""
    step = 1 / 8
    low = shift / 2 - step * (80.5 + offset)
    grid = Grid((Axis(low, step, 160),))
    other = gaussian_mixture([1.0], [shift], 1.0)
    _check(_from_masses(other, normal(), grid), 2 * ndtr(shift / 2) - 1)


@pytest.mark.parametrize("gap", [0.0, 1e-9, 1e-6, 1e-4, 1e-2])
@pytest.mark.parametrize("place", [0.0, 0.3, 0.5])
def test_densities_that_almost_touch(gap, place, exact_tv):
    """A narrow bump reaches the other density from below, or crosses it by ``gap``."""
    grid = Grid((Axis(-8 - place / 10, 0.1, 160),))
    broad = normal()
    peak = (broad.density(np.array([0.0]))[0] + gap) * np.sqrt(2 * np.pi) * 0.8
    touching = gaussian_mixture([peak, 1 - peak], [0.0, 6.0], [0.8, 0.3]) if peak < 1 else None
    assert touching is not None
    exact = exact_tv(np.zeros(1), None, 1.0, GAUSSIAN, touching, _marks(touching))
    _check(_from_masses(broad, touching, grid), exact)


def test_error_order_is_four():
    """Halving the cells divides the largest error over 60 offsets by 16, give or take a third."""
    errors = []
    for step in (0.4, 0.2, 0.1):
        offsets = step * (np.arange(60) + 0.5) / 60
        grids = [Grid((Axis(-9 + o, step, int(20 / step)),)) for o in offsets]
        pair = gaussian_mixture([1.0], [0.7], 1.0)
        exact = 2 * ndtr(0.35) - 1
        gaps = [abs(_from_masses(pair, normal(), g)[0] - exact) for g in grids]
        errors.append(np.sort(gaps)[30])
    slopes = np.diff(-np.log2(errors))
    assert np.all(slopes > 3.5)


def test_equal_laws_are_at_distance_zero(three):
    grid = Grid((Axis(-8.0, 0.05, 320),))
    value, error = _from_masses(three, three, grid)
    assert value <= error + 1e-12
    assert error <= 1e-4


def test_disjoint_laws_are_at_distance_one():
    grid = Grid((Axis(-10.0, 0.1, 500),))
    value, error = _from_masses(gaussian_mixture([1.0], [30.0], 1.0), normal(), grid)
    assert abs(value - 1) <= error + 1e-12


@pytest.mark.parametrize(
    ("size", "kernel"), [(300, GAUSSIAN), (3000, GAUSSIAN), (1000, EPANECHNIKOV)], ids=repr
)
def test_two_dimensions_against_a_finer_grid(size, kernel):
    """The reference sums the kernels at the middles of finer cells, with the error of coarser ones.

    No spectrum stands in for the estimate: one that is cut off lifts TV by 3e-5 for a kernel with
    kinks.
    """
    target = gaussian_mixture([0.4, 0.6], [[0.0, 0.0], [1.5, -0.5]], [0.5, 0.7])
    h = 0.5 * size ** (-1 / 6)
    experiment = Experiment(
        target=target, model=Kde(h, kernel), cycle=cycles.full_synthetic(n=size), generations=1
    )
    (smoother,) = smoothers(experiment)
    grid = smoother.grid
    points = target.sample(size, np.random.default_rng(size))
    spectrum = smoother.smooth(empirical_spectrum(points, None, grid))
    law = target_law(target, grid)
    found = total_variation(grid.inverse(spectrum * grid.box)[None], law, 1.0, grid)
    half, full = (_summed(points, target, kernel, h, cells) for cells in (900, 1500))
    assert abs(found.value[0] - full) <= found.error[0] + 2 * abs(full - half)
    assert found.error[0] < 3e-4
    assert abs(full - half) < 1e-5


def _summed(points, target, kernel, h, cells):
    """TV of a product-kernel estimate in the plane, from densities at the middles of cells."""
    edges = [np.linspace(x.min() - 3, x.max() + 3, cells + 1) for x in points.T]
    middles = [(e[1:] + e[:-1]) / 2 for e in edges]
    one, other = (
        kernel.density((m[:, None] - x) / h) / h for m, x in zip(middles, points.T, strict=True)
    )
    exact = target.density(np.stack(np.meshgrid(*middles, indexing="ij"), axis=-1))
    cell = np.prod([e[1] - e[0] for e in edges])
    return 0.5 * np.abs(one @ other.T / len(points) - exact).sum() * cell


def _two_estimates(scales, means):
    """``(tv, error, exact)`` of two normal laws on cells of width one: their densities cross at the
    roots of a quadratic.
    """
    grid = Grid((Axis(-25.0, 1.0, 50),))
    one, other = (gaussian_mixture([1.0], [m], s) for m, s in zip(means, scales, strict=True))
    masses = (one.interval_mass(grid.axes[0].edges) - other.interval_mass(grid.axes[0].edges))[None]
    found = total_variation(masses, target_law(other, grid), 0.0, grid)
    (a, b), (s, t) = means, scales
    roots = np.roots(
        [1 / s**2 - 1 / t**2, -2 * (a / s**2 - b / t**2),
         (a / s) ** 2 - (b / t) ** 2 + 2 * np.log(s / t)]
    )  # fmt: skip
    cuts = np.concatenate([[-60], np.sort(roots.real.clip(-60, 60)), [60]])
    exact = 0.5 * np.abs(np.diff(ndtr((cuts - a) / s) - ndtr((cuts - b) / t))).sum()
    return found.value[0], found.error[0], exact


def test_two_estimates_cross_inside_cells():
    """Kernels from 1.3 cells up, 300 seeded pairs: all inside the error, though some take more than
    a quarter of it and so need its factor of four.
    """
    draw = np.random.default_rng(0)
    shares = []
    for _ in range(300):
        value, error, exact = _two_estimates(draw.uniform(1.3, 3, 2), draw.uniform(-2, 2, 2))
        assert abs(value - exact) <= error + 1e-12
        shares.append(abs(value - exact) / error)
    assert max(shares) > 0.25
    assert np.median(shares) < 0.25


def test_one_step_distance_of_a_later_generation(three):
    """Full synthetic, generation 2: TV of two estimates against a fine sum of their densities."""
    model, cycle = Kde(0.3), cycles.full_synthetic(n=200)
    experiment = Experiment(
        target=three, model=model, cycle=cycle, generations=2, replicates=1,
        numerics=Numerics(sampling=Sampling.POINTS),
    )  # fmt: skip
    found = run(experiment)
    loop = PointDraws(three, experiment.stream(0))
    pool = Pool(cycle, loop)
    for j, row in enumerate(cycle.weight_matrix(2), start=1):
        fit(model, loop, pool.training(row[:j], int(cycle.size(j))))
    x = np.linspace(-7, 7, 40_001)
    exact = 0.5 * np.abs(loop.laws[2].density(x) - loop.laws[1].density(x)).sum() * (x[1] - x[0])
    value, error = (found.matrix(name)[0, 1] for name in ("one_step_tv", "one_step_error"))
    assert abs(value - exact) <= error + 1e-7
    assert error < 1e-3


def _near_the_target(law, batch, seed):
    """Masses that agree with the target's here and there, some with noise, some with none."""
    generator, shape = np.random.default_rng(seed), (batch, *law.masses.shape)
    waves = np.sin(np.linspace(0, 40, law.masses.size).reshape(law.masses.shape))
    heights = 0.1 * generator.normal(size=(batch, *law.masses.ndim * (1,)))
    smooth = law.masses * (1 + heights * waves)
    smooth[batch // 2 :] += 1e-6 * generator.normal(size=shape)[batch // 2 :]
    smooth[0] = law.masses
    return smooth


@pytest.mark.parametrize("weight", [1.0, 0.3, 0.0])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("name", [*TARGETS, "plane"])
def test_compiled_lines_give_the_same_numbers(name, order, weight, monkeypatch):
    pytest.importorskip("numba")
    plane = gaussian_mixture([0.5, 0.5], [(0.0, 0.0), (1.0, 0.5)], 0.4)
    target = TARGETS[name][0] if name in TARGETS else plane
    grid = covering_grid(target, 0.2, 0.03)
    law = target_law(target, grid)
    smooth = np.asarray(_near_the_target(law, 6, seed=4), order=order)
    found = []
    for pays in (False, True):
        monkeypatch.setattr(Work, "pays", lambda *_, answer=pays: answer)
        found.append(total_variation(smooth, law, weight, grid))
    assert found[0].suspects.sum() > 10
    for name in ("value", "error", "suspects"):
        np.testing.assert_array_equal(getattr(found[1], name), getattr(found[0], name))
