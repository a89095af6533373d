"""Constants of smoothing bias, sampling error and best bandwidth, against quadrature."""

import numpy as np
import pytest
import sympy as sp
from scipy import integrate, optimize, special, stats

import bounds
from bounds import cycles
from bounds.notation import beta, d, h, n
from bounds.theorems._kde import REAL_ONLY
from bounds.theorems.kde_bandwidth import ERROR_TERMS

X, CELL = np.linspace(-40.0, 40.0, 80_001, retstep=True)
WEIGHTS, MEANS, SDS = np.array([0.3, 0.5, 0.2]), np.array([-2.0, 0.5, 4.0]), np.array([0.4, 1, 2])
MIXTURE = {"components": 3, "component_weight": WEIGHTS, "component_sd": SDS}
RELATIVE = 1e-6


def _value(name, **params):
    return bounds.get(name).evaluate(**params)


def _density(extra=0.0):
    return (WEIGHTS * stats.norm.pdf(X[:, None], MEANS, np.hypot(SDS, extra))).sum(axis=1)


def _l1(values):
    return CELL * np.abs(values).sum()


def _tv_of_smoothing(bandwidth):
    return 0.5 * _l1(_density(bandwidth) - _density())


@pytest.mark.parametrize("bandwidth", [0.05, 0.3, 1.0, 4.0])
def test_every_bias_bound_holds_for_a_mixture(bandwidth):
    f = _density()
    slope, curve = np.gradient(f, CELL), np.gradient(np.gradient(f, CELL), CELL)
    truth = _tv_of_smoothing(bandwidth)
    second = _value("kde-bias", bandwidth=bandwidth, laplacian_norm=_l1(curve))
    assert truth <= second * (1 + 1e-9)
    assert truth <= _value("kde-bias-first-order", bandwidth=bandwidth, gradient_norm=_l1(slope))
    assert second <= _value("kde-bias-mixture", bandwidth=bandwidth, **MIXTURE) * (1 + RELATIVE)
    assert _value("kde-bias-kernel", bandwidth=bandwidth, hessian_norm=_l1(curve)) == second
    exact = _value("kde-bias-exact", bias=_density(bandwidth) - f, cell=CELL)
    assert exact == pytest.approx(truth, rel=1e-12)


def test_the_second_order_constant_is_the_best():
    curve = np.gradient(np.gradient(_density(), CELL), CELL)
    bound = _value("kde-bias", bandwidth=0.01, laplacian_norm=_l1(curve))
    assert _tv_of_smoothing(0.01) == pytest.approx(bound, rel=1e-3)


def test_the_first_order_constant_is_the_best():
    """A uniform law has total variation norm 2; smoothing acts at each end alone."""
    width = 0.01
    smoothed = special.ndtr((X + 0.5) / width) - special.ndtr((X - 0.5) / width)
    truth = 0.5 * _l1(smoothed - (np.abs(X) < 0.5))
    bound = _value("kde-bias-first-order", bandwidth=width, gradient_norm=2)
    assert truth == pytest.approx(bound, rel=1e-2)


@pytest.mark.parametrize("dimension", [1, 2, 3, 7])
def test_laplacian_norm_of_a_normal_law(dimension):
    """Radial quadrature of |r^2 - d| against the chi density; sd 1.5, so 1.5^-2."""

    def integrand(r):
        return abs(r**2 - dimension) * stats.chi.pdf(r, dimension)

    points = [np.sqrt(dimension)]
    norm = integrate.quad(integrand, 0, 20, points=points, limit=200)[0] / 1.5**2
    value = _value("kde-bias-normal", bandwidth=0.1, dimension=dimension, target_sd=1.5)
    assert value == pytest.approx(0.1**2 / 4 * norm, rel=1e-9)
    assert value <= 0.1**2 / 4 * np.sqrt(2 * dimension) / 1.5**2


def test_norm_of_the_second_derivative_of_a_normal_law():
    """Golden value 0.96788 = 4/sqrt(2 pi e)."""
    assert _value("kde-bias-normal", bandwidth=2, dimension=1, target_sd=1) == pytest.approx(
        0.96788, abs=5e-6
    )


@pytest.mark.parametrize(("dimension", "order"), [(1, 0.5), (2, 1.0), (5, 0.3)])
def test_hoelder_bias_has_the_moment_of_the_kernel(dimension, order):
    moment = integrate.quad(lambda r: r**order * stats.chi.pdf(r, dimension), 0, 30)[0]
    value = _value(
        "kde-bias-hoelder", bandwidth=0.2, dimension=dimension, smoothness=order, hoelder_constant=3
    )
    assert value == pytest.approx(1.5 * 0.2**order * moment, rel=1e-8)


def test_hoelder_bias_holds_for_a_uniform_law():
    """||f(. - z) - f||_1 = min(2 |z|, 2) <= 2 |z|^b, for every b <= 1."""
    for width in (0.05, 0.3, 1.0):
        smoothed = special.ndtr((X + 0.5) / width) - special.ndtr((X - 0.5) / width)
        truth = 0.5 * _l1(smoothed - (np.abs(X) < 0.5))
        for order in (0.3, 1.0):
            assert truth <= 1.01 * _value(
                "kde-bias-hoelder",
                bandwidth=width,
                dimension=1,
                smoothness=order,
                hoelder_constant=2,
            )


@pytest.mark.parametrize("bandwidth", [0.1, 0.5, 2.0])
def test_every_noise_bound_holds_for_a_mixture(bandwidth):
    points = 400
    smoothed = _density(bandwidth / np.sqrt(2))
    spread = smoothed / np.sqrt(4 * np.pi * bandwidth**2) - _density(bandwidth) ** 2
    common = {"n": points, "bandwidth": bandwidth}
    exact = _value("kde-noise", n=points, kernel_variance=np.maximum(spread, 0), cell=CELL)
    root = _value("kde-noise-smoothed", dimension=1, smoothed_density=smoothed, cell=CELL, **common)
    mean = WEIGHTS @ MEANS
    sd = np.sqrt(WEIGHTS @ (SDS**2 + (MEANS - mean) ** 2))
    assert exact == pytest.approx(0.5 / np.sqrt(points) * CELL * np.sqrt(spread).sum(), rel=1e-9)
    assert exact <= root
    assert root <= _value("kde-noise-mixture", dimension=1, **MIXTURE, **common)
    assert root <= _value("kde-noise-line", target_sd=sd, **common)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_noise_of_a_normal_law_is_the_integral(dimension):
    """int sqrt(N(0, v I)) = (8 pi v)^{d/4}, with v = s^2 + h^2/2; radially by quadrature."""
    width, sd = 0.3, 1.2
    v = sd**2 + width**2 / 2
    area = 2 * np.pi ** (dimension / 2) / special.gamma(dimension / 2)

    def root(r):
        return np.sqrt(np.exp(-(r**2) / (2 * v)) / (2 * np.pi * v) ** (dimension / 2))

    integral = area * integrate.quad(lambda r: r ** (dimension - 1) * root(r), 0, 40)[0]
    expected = 0.5 / np.sqrt(50) * (4 * np.pi * width**2) ** (-dimension / 4) * integral
    normal = _value("kde-noise-normal", n=50, bandwidth=width, dimension=dimension, target_sd=sd)
    assert normal == pytest.approx(expected, rel=1e-9)
    one = {"components": 1, "component_weight": [1.0], "component_sd": [sd]}
    assert _value("kde-noise-mixture", n=50, bandwidth=width, dimension=dimension, **one) == normal


def test_carlson_is_attained_by_its_extremal_law():
    """int sqrt(q) = sqrt(2 pi sd) for q proportional to (1 + x^2)^-2, which has sd 1."""
    root = integrate.quad(lambda x: np.sqrt(2 / np.pi) / (1 + x**2), -np.inf, np.inf)[0]
    assert root == pytest.approx(np.sqrt(2 * np.pi), rel=1e-9)


def test_noise_of_compact_supports():
    """Uniform law on [0, 1], box kernel of width h: K_h^2 * p = (K_h * p) / h."""
    width, points = 0.2, 30
    x = np.linspace(-0.5, 1.5, 200_001)
    mean = np.clip(np.minimum(x + width / 2, 1) - np.maximum(x - width / 2, 0), 0, None) / width
    exact = 0.5 / np.sqrt(points) * np.sqrt(mean / width - mean**2).sum() * (x[1] - x[0])
    bound = _value(
        "kde-noise-compact",
        n=points,
        bandwidth=width,
        dimension=1,
        kernel_energy=1,
        support_volume=1 + width,
    )
    assert exact <= bound <= 1.2 * exact


@pytest.mark.parametrize("order", [1, 2, 0.5])
@pytest.mark.parametrize("dimension", [1, 2, 4])
def test_best_bandwidth_against_a_numerical_minimum(order, dimension):
    words = {"n": 5000, "dimension": dimension, "bias_constant": 0.3, "noise_constant": 0.7}

    def error(log_h):
        rising = 0.3 * np.exp(order * log_h)
        return rising + 0.7 / np.sqrt(5000) * np.exp(-dimension / 2 * log_h)

    best = optimize.minimize_scalar(
        error, bounds=(-8, 3), method="bounded", options={"xatol": 1e-9}
    )
    where = _value("kde-bandwidth-smooth", smoothness=order, **words)
    least = _value("kde-best-error-smooth", smoothness=order, **words)
    assert np.log(where) == pytest.approx(best.x, abs=1e-5)
    assert least == pytest.approx(best.fun, rel=1e-10)
    if order in (1, 2):
        suffix = {1: "-first-order", 2: ""}[order]
        assert _value(f"kde-bandwidth{suffix}", **words) == pytest.approx(where, rel=1e-13)
        assert _value(f"kde-best-error{suffix}", **words) == pytest.approx(least, rel=1e-13)


def test_best_bandwidth_is_what_sympy_solves_for():
    stationary = sp.powsimp(sp.expand(sp.diff(sum(ERROR_TERMS), h) * h))
    (solved,) = sp.solve(stationary, h)
    derived = bounds.get("kde-bandwidth-smooth").expression
    assert sp.simplify(sp.expand_log(sp.log(solved) - sp.log(derived), force=True)) == 0


@pytest.mark.parametrize(
    ("name", "order"),
    [("second-order", 2), ("first-order", 1), ("smooth", beta)],
)
def test_named_rates_are_those_of_the_best_bandwidth(name, order):
    best = bounds.get("kde-best-error-smooth").expression.subs(beta, order)
    exponent = sp.cancel(n * best.diff(n) / best)
    rate = bounds.get(f"kde-rate-{name}").expression
    assert sp.simplify(n * rate.diff(n) / rate - exponent) == 0
    assert rate.has(d)


def test_the_recursion_uses_bias_and_noise_of_one_step():
    """A normal target of sd 1: the bounds here are above what quadrature gives for one step."""
    words = {"bandwidth": 0.3, "n": 500}
    quadrature = bounds.get("kde-one-step").evaluate(**words)
    bias = _value("kde-bias-normal", bandwidth=0.3, dimension=1, target_sd=1)
    noise = _value("kde-noise-normal", dimension=1, target_sd=1, **words)
    assert quadrature < bias + noise < 1.5 * quadrature
    assert _value("kde-noise", **words) < noise
    assert _value("kde-bias-exact", bandwidth=0.3) < bias


def _false_alarms(name, generations, size=50, delta=0.05):
    """Exact chance that a law whose TV passes ``t`` with the chance ``exp(-2 n t^2)`` that
    McDiarmid's inequality allows goes above the bound in any of its independent generations.
    """
    ones = {"influence": np.eye(generations)[-1], "smoothing_bias": np.zeros(generations)}
    limit = _value(
        name,
        generation=generations,
        horizon=generations,
        delta=delta,
        noise=np.zeros(generations),
        size=np.full(generations, size),
        **ones,
    )
    return 1 - (1 - np.exp(-2 * size * limit**2)) ** generations


@pytest.mark.parametrize("generations", [1, 2, 20])
def test_all_generations_share_one_delta(generations):
    """At most ``delta``, and all of it but for the union bound's loss."""
    chance = _false_alarms("kde-high-probability", generations)
    assert 0.95 * 0.05 <= chance <= 0.05 + 1e-12


def test_a_single_generation_spends_the_whole_delta():
    limit = _value(
        "kde-high-probability-single",
        generation=1,
        delta=0.05,
        influence=np.ones(1),
        smoothing_bias=np.zeros(1),
        noise=np.zeros(1),
        size=np.array([50]),
    )
    assert np.exp(-2 * 50 * limit**2) == pytest.approx(0.05)


class _HalfOfThem(cycles.FullSynthetic):
    """Says twice the number of the points that it keeps."""

    def size(self, j):
        return 2 * self.n


@pytest.mark.parametrize(
    ("cycle", "holds"),
    [
        (cycles.full_synthetic(n=10), True),
        (cycles.full_synthetic(n=10, data="reused"), True),
        (cycles.real_plus_synthetic(n=10, lam=1, data="reused"), True),
        (_HalfOfThem(n=10, data="reused"), False),
        (cycles.full_synthetic(n=10, data="resampled"), False),
    ],
)
def test_the_first_model_trains_on_as_many_real_points_as_it_says(cycle, holds):
    assert REAL_ONLY.holds(cycle) is holds
