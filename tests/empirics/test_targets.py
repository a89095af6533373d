"""Every target through one suite of laws."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from empirics.targets import (
    Frozen,
    GaussianSmoothable,
    HasCharacteristic,
    Univariate,
    beta,
    from_density,
    gaussian_mixture,
    normal,
    truncated_mixture,
)

TARGETS = {
    "normal": normal(),
    "mixture": gaussian_mixture([0.3, 0.4, 0.3], [-2.0, 0.0, 1.5], [0.5, 0.3, 0.6]),
    "weightless": gaussian_mixture([1.0, 0.0], [0.0, 3.0], [1.0, 0.1]),
    "truncated": truncated_mixture([0.5, 0.5], [0.0, 1.0], [0.3, 0.4], (-0.3, 1.2)),
    "beta": beta(2, 3),
    "steep": beta(1, 1.5),
    "unbounded": beta(0.7, 0.7),
    "laplace": Frozen(stats.laplace(0.2, 0.5)),
    "heavy": Frozen(stats.t(4)),
    "exponential": Frozen(stats.expon(1.0)),
    "given": from_density(lambda x: 0.75 * (1 - x**2), (-1.0, 1.0)),
}
PLANE = {
    "round": gaussian_mixture([0.4, 0.6], [[0.0, 0.0], [1.5, -0.5]], [0.4, 0.7]),
    "tilted": gaussian_mixture(
        [0.3, 0.7],
        [[-1.0, 0.5], [1.0, 0.0]],
        [[[0.5, 0.2], [0.2, 0.3]], [[0.4, -0.25], [-0.25, 0.6]]],
    ),
}
every = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
every_plane = pytest.mark.parametrize("target", PLANE.values(), ids=PLANE)


def _panels(target, parts=8):
    """Quantiles: what is integrated is smooth or monotone between them."""
    ((low, high),) = target.window(1e-12)
    inner = np.linspace(low, high, 4001)
    mass = np.concatenate([[0.0], np.cumsum(target.interval_mass(inner))])
    cuts = np.interp(np.linspace(0, mass[-1], parts + 1)[1:-1], mass, inner)
    return np.unique(np.concatenate([[low], cuts, [0.2], [high]])).clip(low, high)


def _integral(function, edges):
    return [
        quad(
            lambda x: float(function(np.array([x]))[0]), a, b, limit=200, epsabs=1e-12, epsrel=1e-12
        )[0]
        for a, b in pairwise(edges)
    ]


@every
def test_density_integrates_to_one(target):
    assert isinstance(target, Univariate)
    assert sum(_integral(target.density, _panels(target))) == pytest.approx(1, abs=2e-9)


@every
def test_interval_mass_is_the_integral_of_the_density(target):
    edges = _panels(target)
    np.testing.assert_allclose(
        target.interval_mass(edges), _integral(target.density, edges), atol=1e-9
    )


@every
def test_tail_masses_have_no_cancellation(target):
    ((low, high),) = target.window(1e-14)
    reach = 0.1 * (high - low)
    cells = target.interval_mass(np.array([low - reach, low, high, high + reach]))
    assert np.all(cells >= 0)
    assert cells.sum() == pytest.approx(1, abs=1e-12)


@every
@pytest.mark.parametrize("tail", [1e-3, 1e-9])
def test_window_misses_at_most_the_tail(target, tail):
    ((low, high),), ((left, right),) = target.window(tail), target.support
    far = 1e9
    outside = target.interval_mass(np.array([max(left, -far), low, high, min(right, far)]))
    assert left <= low < high <= right
    assert outside[0] <= tail + 1e-12
    assert outside[2] <= tail + 1e-12


@every
def test_density_vanishes_off_the_support(target):
    for end, sign in zip(target.support[0], (-1, 1), strict=True):
        if np.isfinite(end):
            assert np.all(target.density(end + sign * np.array([1e-9, 0.1, 5.0])) == 0)


@pytest.mark.parametrize(
    "name", [n for n, t in TARGETS.items() if isinstance(t, HasCharacteristic)]
)
def test_characteristic_is_the_integral(name):
    target, w = TARGETS[name], np.array([0.0, 0.3, 1.7, 6.0])
    edges = _panels(target)
    exact = [
        sum(_integral(lambda x, v=v: np.cos(v * x) * target.density(x), edges))
        - 1j * sum(_integral(lambda x, v=v: np.sin(v * x) * target.density(x), edges))
        for v in w
    ]
    np.testing.assert_allclose(target.characteristic(w), exact, atol=1e-9)


@pytest.mark.parametrize(
    "name", [n for n, t in TARGETS.items() if isinstance(t, GaussianSmoothable)]
)
@pytest.mark.parametrize("bandwidth", [0.05, 0.4])
def test_smoothed_density_is_the_convolution(name, bandwidth):
    target = TARGETS[name]
    edges = _panels(target, 40)
    for x in (-0.4, 0.1, 1.25):
        exact = sum(
            _integral(
                lambda y, x=x: target.density(y) * stats.norm.pdf(x - y, scale=bandwidth),
                np.unique(np.append(edges, np.clip(x, edges[0], edges[-1]))),
            )
        )
        assert target.smoothed_density(np.array([x]), bandwidth)[0] == pytest.approx(
            exact, abs=1e-9
        )


@every
def test_sampler_follows_the_distribution_function(target):
    """Kolmogorov-Smirnov test of 5000 draws at level 1e-4 per target; seed fixed."""
    drawn = np.sort(target.sample(5000, np.random.default_rng(17)))
    assert drawn.shape == (5000,)
    edges = np.concatenate([[np.clip(drawn[0] - 1e3, *target.support[0])], drawn])
    cumulative = np.cumsum(target.interval_mass(edges))
    assert stats.kstest(cumulative, "uniform").pvalue > 1e-4
    again = target.sample(5000, np.random.default_rng(17))
    np.testing.assert_array_equal(np.sort(again), drawn)


@every_plane
def test_plane_density_integrates_to_one(target):
    """Gauss-Legendre nodes in both directions: 200 of them are exact to rounding here."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    (x, wx), (y, wy) = (
        (low + (high - low) / 2 * (nodes + 1), (high - low) / 2 * weights)
        for low, high in target.window(1e-7)
    )
    points = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    assert wx @ target.density(points) @ wy == pytest.approx(1, abs=1e-6)


@every_plane
def test_plane_transform_and_smoothing_are_sums_over_a_fine_grid(target):
    """The trapezoidal sum of a Gaussian is exact to rounding at this spacing."""
    (a, b), (c, d) = target.window(1e-12)
    x, y = np.arange(a, b, 0.04), np.arange(c, d, 0.04)
    points = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    mass = target.density(points) * 0.04**2
    for w in ((0.0, 0.0), (1.0, -0.5), (2.0, 3.0)):
        exact = (mass * np.exp(-1j * (points @ np.array(w)))).sum()
        found = target.characteristic(*(np.array([v]) for v in w))
        np.testing.assert_allclose(found, exact, atol=1e-9)
    at = np.array([[0.3, -0.2], [0.0, 0.0]])
    bell = np.exp(-0.5 * ((points - at[0]) ** 2).sum(axis=-1) / 0.25**2) / (2 * np.pi * 0.25**2)
    assert target.smoothed_density(at, 0.25)[0] == pytest.approx((mass * bell).sum(), abs=1e-9)


@every_plane
def test_plane_sampler_projections(target):
    """KS test of three projections of 5000 draws, level 1e-4 each; seed fixed."""
    drawn = target.sample(5000, np.random.default_rng(23))
    for direction in ([1.0, 0.0], [0.0, 1.0], [0.6, -0.8]):
        u = np.array(direction)
        line = gaussian_mixture(
            target.weights,
            [float(u @ m) for m in np.array(target.means)],
            [float(np.sqrt(u @ c @ u)) for c in np.array(target.covariances)],
        )
        values = np.sort(drawn @ u)
        cumulative = np.cumsum(line.interval_mass(np.concatenate([[-50.0], values])))
        assert stats.kstest(cumulative, "uniform").pvalue > 1e-4


@every_plane
def test_plane_window_misses_at_most_the_tail(target):
    for axis, (low, high) in enumerate(target.window(1e-4)):
        means = [m[axis] for m in target.means]
        scales = [c[axis][axis] ** 0.5 for c in target.covariances]
        line = gaussian_mixture(target.weights, means, scales)
        outside = line.interval_mass(np.array([-1e3, low, high, 1e3]))
        assert max(outside[0], outside[2]) <= 1e-4


@pytest.mark.parametrize("target", PLANE.values(), ids=PLANE)
def test_plane_finest_scale_is_the_narrowest_direction(target):
    widths = [np.sqrt(np.linalg.eigvalsh(c)[0]) for c in np.array(target.covariances)]
    assert target.finest_scale() == pytest.approx(min(widths))


_NAN = float("nan")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: gaussian_mixture([0.5, 0.4], [0, 1], 1), "weights = .*sum to 1"),
        (lambda: gaussian_mixture([1.5, -0.5], [0, 1], 1), "weights = .*must be >= 0"),
        (lambda: gaussian_mixture([_NAN, 0.5], [0, 1], 1), "weights = "),
        (lambda: gaussian_mixture([1.0], [0, 1], 1), "weights: 1 for 2 means"),
        (lambda: gaussian_mixture([1.0], [0], [0]), "scales = .*must be > 0"),
        (lambda: gaussian_mixture([1.0], [0], [-1]), "scales = .*must be > 0"),
        (lambda: gaussian_mixture([1.0], [np.inf], [1]), "means = .*must be finite"),
        (lambda: gaussian_mixture([1.0], [[0, 0]], [[[1, 2], [2, 1]]]), "covariance 0: .*positive"),
        (
            lambda: gaussian_mixture([1.0], [[0, 0]], [[[1, 0], [1, 1]]]),
            "covariance 0: .*symmetric",
        ),
        (lambda: gaussian_mixture([1.0], [[0, 0]], np.ones((2, 2, 2)).tolist()), "scales: shape"),
        (lambda: beta(0, 1), "a = 0: must be .*> 0"),
        (lambda: beta(1, -2), "b = -2: must be .*> 0"),
        (lambda: Frozen(3), "distribution = 3: must be a frozen"),
        (lambda: Frozen(stats.poisson(3)), "distribution = .*must be a frozen continuous"),
        (lambda: Frozen(stats.norm(0, -1)), "distribution = .*valid"),
        (lambda: truncated_mixture([1.0], [0], [1], (1.0, 0.0)), "interval = .*low < high"),
        (lambda: truncated_mixture([1.0], [0], [1], (0.0, np.inf)), "interval = .*finite"),
        (lambda: from_density(lambda x: 0 * x + 2.0, (0.0, 1.0)), "density: integrates to 2"),
        (lambda: from_density(lambda x: 3 * x - 0.5, (0.0, 1.0)), "density: must be >= 0"),
        (lambda: from_density(lambda x: x, (1.0, 0.0)), "interval = "),
    ],
)
def test_bad_parameters_get_one_line(make, message):
    with pytest.raises(ValueError, match=f"^{message}") as raised:
        make()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("edges", [[-9.0, -3.0], [3.0, 9.0], [0.0, 1.0], [-1.0, 0.0], [-9.0, 9.0]])
def test_masses_come_from_the_nearer_tail(edges):
    """Cells left of the median from the distribution function, those right of it from the other."""
    law = stats.t(4)
    places = np.linspace(*edges, 7)
    left, right = law.cdf(places), law.sf(places)
    naive = np.where(left[1:] > 0.5, right[:-1] - right[1:], np.diff(left))
    np.testing.assert_array_equal(Frozen(law).interval_mass(places), naive)
