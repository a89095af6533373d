"""Grids, and targets seen on them: masses, alignment, transforms, refusals."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from bounds import cycles
from empirics import Experiment, Numerics
from empirics.grid import Axis, Grid, make_grid
from empirics.kde.engine import smoothers
from empirics.models import Kde
from empirics.target_law import target_law
from empirics.targets import Frozen, Univariate, beta, gaussian_mixture, truncated_mixture

_INFINITE = ((-np.inf, np.inf),)
TARGETS = {
    "mixture": gaussian_mixture([0.3, 0.4, 0.3], [-2.0, 0.0, 1.5], [0.5, 0.3, 0.6]),
    "truncated": truncated_mixture([0.5, 0.5], [0.0, 1.0], [0.3, 0.4], (-0.3, 1.2)),
    "beta": beta(2, 3),
    "unbounded": beta(0.7, 0.7),
    "laplace": Frozen(stats.laplace()),
    "exponential": Frozen(stats.expon(0.7)),
}
every = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)


def _grid(target, h=0.1, **numerics):
    experiment = Experiment(
        target=target,
        model=Kde(h),
        cycle=cycles.full_synthetic(n=10),
        generations=1,
        numerics=Numerics(**numerics),
    )
    return smoothers(experiment)[0].grid


@pytest.mark.parametrize(
    "support", [(-np.inf, np.inf), (0.0, np.inf), (-np.inf, 1.0), (0.0, 1.0), (-0.3, 1.2)]
)
@pytest.mark.parametrize("step", [0.013, 0.1])
def test_window_is_covered_and_support_aligned(support, step):
    (axis,) = make_grid([(-2.0, 3.0)], 0.5, step, [support]).axes
    assert axis.low <= -2.5
    assert axis.high >= 3.5
    assert 0 < axis.step <= step
    for end in support:
        if np.isfinite(end):
            assert np.abs(axis.edges - end).min() < 1e-12


def test_two_axes_have_their_own_cells():
    grid = make_grid([(0.0, 1.0), (-5.0, 5.0)], 0.0, 0.1, [(0.0, 1.0), (-np.inf, np.inf)])
    assert grid.dimension == 2
    assert grid.points().shape == (*grid.shape, 2)
    assert grid.cell == pytest.approx(grid.axes[0].step * grid.axes[1].step)
    first, second = grid.axes
    np.testing.assert_allclose(grid.points()[3, 5], [first.centres[3], second.centres[5]])


@pytest.mark.parametrize("shape", [(12,), (8, 10)])
def test_transform_is_the_direct_sum(shape):
    grid = Grid(tuple(Axis(-1.0, 0.3 + 0.1 * i, n) for i, n in enumerate(shape)))
    values = np.random.default_rng(0).normal(size=(2, *shape))
    offsets = [a.step * np.arange(a.cells) for a in grid.axes]
    phase = sum(
        np.multiply.outer(w.ravel(), x).reshape(
            *(len(w.ravel()) if i == k else 1 for k in range(len(shape))),
            *(len(x) if i == k else 1 for k in range(len(shape))),
        )
        for i, (w, x) in enumerate(zip(grid.frequencies, offsets, strict=True))
    )
    axes = tuple(range(-len(shape), 0))
    direct = [(np.exp(-1j * phase) * v).sum(axis=axes) for v in values]
    np.testing.assert_allclose(grid.transform(values), direct, atol=1e-12)
    np.testing.assert_allclose(grid.inverse(grid.transform(values)), values, atol=1e-14)


@every
def test_masses_are_exact(target):
    assert isinstance(target, Univariate)
    grid = _grid(target)
    law, edges = target_law(target, grid), grid.axes[0].edges
    for i in np.linspace(1, len(law.masses) - 2, 9).astype(int):
        exact = quad(
            lambda x: float(target.density(np.array([x]))[0]), edges[i], edges[i + 1], epsabs=1e-13
        )[0]
        assert law.masses[i] == pytest.approx(exact, abs=1e-9)
    assert law.mass_defect < 1e-9


@every
def test_spectrum_is_the_direct_sum_over_fine_cells(target):
    """The reference cuts each cell in 200 and puts each part's exact mass at its middle; both
    sums are off by the square of the parts' width, by its power 1.7 where the density has a pole.
    """
    tolerance = 1e-4 if np.isinf(target.density(np.array([0.0]))[0]) else 3e-6
    grid = _grid(target)
    axis, w = grid.axes[0], grid.frequencies[0][:40]
    edges = axis.low + axis.step / 200 * np.arange(200 * axis.cells + 1)
    fine, x = target.interval_mass(edges), (edges[:-1] + edges[1:]) / 2 - axis.centres[0]
    exact = np.array([(np.exp(-1j * v * x) * fine).sum() for v in w])
    np.testing.assert_allclose(target_law(target, grid).spectrum[:40], exact, atol=tolerance)


@pytest.mark.parametrize("name", ["truncated", "beta", "exponential"])
def test_edge_values_are_one_sided(name):
    """Neighbouring cells disagree at an edge only where the density jumps: at a support's end."""
    target, grid = TARGETS[name], _grid(TARGETS[name], 0.05)
    law, axis = target_law(target, grid), grid.axes[0]
    jump = np.abs(law.right[:-1] - law.left[1:]) / axis.step
    at_end = np.zeros(len(jump), dtype=bool)
    for end in target.support[0]:
        if np.isfinite(end):
            at_end |= np.abs(axis.edges[1:-1] - end) < axis.step / 2
    assert jump[~at_end].max() < 1e-6
    ends = axis.edges[1:-1][at_end]
    inside = np.array([[x - 1e-11, x + 1e-11] for x in ends])
    np.testing.assert_allclose(jump[at_end], target.density(inside).max(axis=1), atol=1e-6)


def test_plane_masses_are_exact():
    target = gaussian_mixture([0.4, 0.6], [[0.0, 0.0], [1.5, -0.5]], [0.4, 0.7])
    grid = _grid(target, 0.3)
    x, y = (
        [gaussian_mixture([1.0], [m[i]], s) for m, s in zip(target.means, (0.4, 0.7), strict=True)]
        for i in (0, 1)
    )
    a, b = (axis.edges for axis in grid.axes)
    exact = sum(
        w * np.outer(u.interval_mass(a), v.interval_mass(b))
        for w, u, v in zip(target.weights, x, y, strict=True)
    )
    np.testing.assert_allclose(target_law(target, grid).masses, exact, atol=1e-9)


@every
def test_a_window_that_loses_mass_is_refused(target):
    ((low, high),) = target.window(0.05)
    middle = (low + high) / 2
    narrow = ((middle - 0.1 * (high - low), middle + 0.1 * (high - low)),)
    with pytest.raises(
        ValueError, match=r"^target has mass .* on the window .*: must be 1"
    ) as raised:
        target_law(target, _grid(target, 0.01, window=narrow))
    assert "\n" not in str(raised.value)


class _Doubled(Univariate):
    """Forgot to normalise."""

    support = _INFINITE

    def density(self, x):
        return 2 * TARGETS["mixture"].density(x)

    def interval_mass(self, edges):
        return 2 * TARGETS["mixture"].interval_mass(edges)

    def window(self, tail):
        return TARGETS["mixture"].window(tail)

    def sample(self, size, generator):
        return TARGETS["mixture"].sample(size, generator)


def test_a_density_that_is_not_normalised_is_refused():
    target = _Doubled()
    with pytest.raises(ValueError, match=r"^target has mass .*integrates to 1$"):
        target_law(target, _grid(target))


def test_too_many_cells_are_refused():
    with pytest.raises(ValueError, match=r"^grid of .* cells on .*: at most 4194304 are allowed"):
        _grid(TARGETS["mixture"], 1e-7)
