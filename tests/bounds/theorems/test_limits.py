"""The accumulation constant, the floor of real data, and the neighbours' statements."""

import mpmath
import numpy as np
import pytest
from scipy import optimize, stats

import bounds
from bounds import cycles
from bounds.errors import HypothesisError, ParameterError
from bounds.theorems import accumulation_constant

FALSE_ALARM = 1e-6
"""Of each Monte Carlo comparison below: two-sided normal."""
Z = float(stats.norm.isf(FALSE_ALARM / 2))


def _value(name, **params):
    return bounds.get(name).evaluate(**params)


@pytest.mark.parametrize(
    ("gamma", "golden"),
    [("1/5", 4.71962), ("1/4", 3.74783), ("1/3", 2.79002), ("2/5", 2.32006), ("1/2", 1.86003)],
)
def test_accumulation_constant(gamma, golden):
    """Golden values by Hurwitz zeta."""
    assert _value("accumulation-constant", n=1, gamma=gamma) == pytest.approx(golden, abs=5e-6)


@pytest.mark.parametrize("gamma", ["0.05", "0.25", "0.95"])
def test_accumulation_constant_is_above_the_series_by_less_than_its_digits(gamma):
    """Euler-Maclaurin with five corrections from k = 1000 on, at 60 digits."""
    with mpmath.workdps(60):
        g, start = mpmath.mpf(gamma), mpmath.mpf(1000)

        def term(v):
            return v**-g / (v + 1)

        head = mpmath.fsum(term(mpmath.mpf(k)) for k in range(1, 1000))
        tail = mpmath.quad(lambda w: 1 / (g * (1 + w ** (1 / g))), [0, start**-g])
        corrections = sum(
            mpmath.bernoulli(2 * i) / mpmath.factorial(2 * i) * mpmath.diff(term, start, 2 * i - 1)
            for i in range(1, 6)
        )
        exact = head + tail + term(start) / 2 - corrections
        ks = mpmath.fsum(term(mpmath.mpf(k)) for k in range(1, 32))
        zetas = mpmath.fsum((-1) ** m * mpmath.zeta(1 + g + m, 32) for m in range(13))
        excess = ks + zetas - exact
    assert 0 < excess < mpmath.mpf(10) ** -19
    assert accumulation_constant.BOUND.evaluate(n=1, gamma=gamma) == pytest.approx(
        float(exact), rel=1e-14
    )


def test_no_generation_exceeds_the_accumulation_constant():
    words = {"n": 100, "gamma": 0.3, "constant": 2}
    value = _value("accumulating", generation=[1, 2, 10, 10**5], **words)
    assert (value < _value("accumulation-constant", **words)).all()


def test_floor_of_real_data():
    """Golden values 0.125 and 0.1356 by hand."""
    for points in (1, 2, 10, 100, 10**6):
        best = optimize.minimize_scalar(
            lambda t, points=points: (
                -_value("real-data-floor-two-point", real_points=points, separation=t)
            ),
            bounds=(0.01, 6),
            method="bounded",
            options={"xatol": 1e-10},
        )
        height = -best.fun * np.sqrt(points)
        floor = _value("real-data-floor", real_points=points)
        assert floor * np.sqrt(points) == pytest.approx(0.125, rel=1e-13)
        assert height >= 0.125 * (1 - 1e-12)
        if points == 1:
            assert height == pytest.approx(0.125, rel=1e-9)
        if points == 100:
            assert height == pytest.approx(0.1355, abs=5e-5)
        if points == 10**6:
            assert height == pytest.approx(0.1356, abs=5e-5)
            assert best.x == pytest.approx(1.5, abs=0.01)


def test_two_points_are_le_cams():
    """(1/2) TV(p, q) (1 - TV(p^N, q^N)) for normal laws t / sqrt(N) apart."""
    points, t = 25, 0.8
    one = _value("gaussian-shift", mean_shift=t / np.sqrt(points))
    many = _value("gaussian-shift", mean_shift=t)
    value = _value("real-data-floor-two-point", real_points=points, separation=t)
    assert value == pytest.approx(one * (1 - many) / 2, rel=1e-13)


def test_maximum_likelihood_is_above_the_floor():
    """Its mean TV is 0.318 / sqrt(N): one generation of the Gaussian mean."""
    for points in (1, 10, 1000):
        reached = _value("gaussian-mean-tv", n=points, generation=1)
        assert reached > _value("real-data-floor-two-point", real_points=points)
    assert reached * np.sqrt(1000) == pytest.approx(1 / np.pi, rel=1e-3)


@pytest.mark.parametrize("lam", [0.1, 0.3, 0.49])
def test_contraction_holds_where_retraining_is_a_linear_map(lam):
    """Quadratic likelihood, perfect model: theta -> lam theta / (1 + lam)."""
    words = {"lam": lam, "curvature": 1, "hessian_lipschitz": 0, "model_distance": 0}
    assert _value("bertrand-stability", **words) == pytest.approx(lam, rel=1e-14)
    value = _value("bertrand-contraction", generation=[1, 2, 5], initial_error=3, **words)
    assert (value >= 3 * (lam / (1 + lam)) ** np.array([1, 2, 5])).all()


def test_contraction_is_the_printed_rate():
    """rho = lam (alpha + eps L) / (alpha - lam (alpha + eps L))."""
    lam, alpha, eps, L = 0.2, 2.0, 0.3, 0.5
    words = {"lam": lam, "curvature": alpha, "hessian_lipschitz": L, "model_distance": eps}
    value = _value("bertrand-contraction", generation=1, initial_error=1, **words)
    assert value == pytest.approx(lam * (alpha + eps * L) / (alpha - lam * (alpha + eps * L)))


def test_an_unstable_loop_is_refused_by_name():
    with pytest.raises(ParameterError, match=r"^stability_number = 0.5: must be .*\[0, 0.5\)"):
        _value(
            "bertrand-contraction",
            generation=1,
            initial_error=1,
            lam=0.5,
            curvature=1,
            hessian_lipschitz=0,
            model_distance=0,
        )


def _regression(random, keep, points, dimension, generations):
    """Squared error of every generation's least squares on labels of the model before it."""
    weights, gram, moment = np.zeros(dimension), 0.0, 0.0
    for _ in range(generations):
        x = random.normal(size=(points, dimension))
        y = x @ weights + random.normal(size=points)
        gram = x.T @ x + (gram if keep else 0.0)
        moment = x.T @ y + (moment if keep else 0.0)
        weights = np.linalg.solve(gram, moment)
        yield weights @ weights


def test_regression_against_simulation():
    random, points, dimension, generations, runs = np.random.default_rng(1), 20, 4, 4, 8000
    replaced, kept = (
        np.array(
            [list(_regression(random, keep, points, dimension, generations)) for _ in range(runs)]
        )
        for keep in (False, True)
    )
    words = {"n": points, "dimension": dimension, "label_noise": 1}
    exact = _value("gerstgrasser-replace", generation=np.arange(1, generations + 1), **words)
    error = Z * replaced.std(axis=0) / np.sqrt(runs)
    assert (np.abs(replaced.mean(axis=0) - exact) < error).all()
    most = _value("gerstgrasser-accumulate", **words)
    assert (kept.mean(axis=0) - Z * kept.std(axis=0) / np.sqrt(runs) < most).all()


def test_too_few_points_for_a_regression_are_named():
    with pytest.raises(ParameterError, match=r"^excess_points = 0"):
        _value("gerstgrasser-replace", generation=1, label_noise=1, n=5, dimension=4)


def test_effective_sample_size():
    """Real points alone: c / n; at share 1/2 a point counts a quarter."""
    words = {"generation": 3, "size": [100, 100, 200]}
    assert _value("kanabar-gastpar-lower", real_shares=1, **words) == 1 / 400
    assert _value("kanabar-gastpar-lower", real_shares=0.5, **words) == pytest.approx(4 / 400)
    shares = {"real_shares": [1, 0.5, 0.5]}
    assert _value("kanabar-gastpar-lower", **shares, **words) == pytest.approx(1 / 175)
    upper = _value("kanabar-gastpar", support_size=4, **shares, **words)
    assert upper == pytest.approx(0.75 / 175)


def _chi2(p, q):
    return ((p - q) ** 2 / q).sum()


@pytest.mark.parametrize("share", [0, 0.2, 0.9, 1])
def test_mixing_shrinks_the_chi_square(share):
    real, model, later = np.random.default_rng(3).dirichlet(np.ones(6), size=3)
    mixture = share * real + (1 - share) * model
    value = _value("khelifa-forgetting", share=share, chi_square=_chi2(model, real))
    assert value == pytest.approx(_chi2(mixture, real), rel=1e-12, abs=1e-15)
    step = share * _chi2(later, mixture)
    assert step <= 2 * _chi2(later, real) + 2 * (1 - share) ** 2 * _chi2(model, real) + 1e-12


def test_a_persistent_error_keeps_the_loop_above_the_floor():
    """A loop whose every step has chi-square c to its mixture; eta E / 8 = c."""
    random, share, real = np.random.default_rng(5), 0.4, np.full(4, 0.25)
    model, reached, steps = real, [], []
    for _ in range(400):
        mixture = share * real + (1 - share) * model
        push = random.dirichlet(np.ones(4))
        model = 0.9 * mixture + 0.1 * push
        steps.append(_chi2(model, mixture))
        reached.append(_chi2(model, real))
    floor = _value("khelifa-floor", share=share, observability=1, error_floor=8 * min(steps))
    assert max(reached[200:]) >= floor > 0


@pytest.mark.parametrize("name", ["khelifa-forgetting", "khelifa-floor", "discrete-resampling"])
def test_neighbours_with_a_real_share_refuse_other_cycles(name):
    bounds.get(name).check_hypotheses(cycles.fresh_real(n=10, share=0.5))
    with pytest.raises(HypothesisError, match=r"^data cycle: "):
        bounds.get(name).check_hypotheses(cycles.balanced(n=10))
