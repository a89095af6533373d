"""Loops whose law is known: Gaussian mean and variance, discrete resampling."""

import mpmath
import numpy as np
import pytest
from scipy import integrate, stats

import bounds
from bounds import cycles
from bounds.errors import HypothesisError

FALSE_ALARM = 1e-6
"""Of each Monte Carlo comparison below: two-sided normal."""
Z = float(stats.norm.isf(FALSE_ALARM / 2))
RATIOS = [0.0, 0.3, 1.0, 4.0, 63.0]


def _value(name, **params):
    return bounds.get(name).evaluate(**params)


def _means(weights, sources, batches):
    """Covariance of the fitted means over s^2/n, by following every batch's noise.

    ``weights[j]`` are the weights of model j+1 over its ``sources[j]``, which are (law, batch)
    pairs: the mean of ``law``'s model (0: real) plus the noise of ``batch``, of relative variance
    ``batches[batch]``.
    """
    names = sorted(batches)
    means = {0: np.zeros(len(names))}
    for j, (row, pairs) in enumerate(zip(weights, sources, strict=True), start=1):
        means[j] = sum(
            w * (means[law] + np.eye(len(names))[names.index(batch)])
            for w, (law, batch) in zip(row, pairs, strict=True)
        )
    spread = np.array([batches[name] for name in names])
    return [float(means[j] ** 2 @ spread) for j in range(1, len(weights) + 1)]


def _fresh(lam, reused, last=9):
    real = 1 / (1 + lam)
    weights, sources, batches = [[1.0]], [[(0, "r1")]], {"r1": 1.0}
    for j in range(2, last + 1):
        batch = "r1" if reused else f"r{j}"
        batches |= {batch: 1.0, f"s{j}": 1 / lam if lam else 0.0}
        weights.append([real, 1 - real])
        sources.append([(0, batch), (j - 1, f"s{j}")])
    return _means(weights, sources, batches)


def test_full_synthetic_means_add_up():
    weights = [[1.0]] * 9
    sources = [[(j - 1, f"s{j}")] for j in range(1, 10)]
    expected = _means(weights, sources, {f"s{j}": 1.0 for j in range(1, 10)})
    np.testing.assert_allclose(_value("gaussian-mean", generation=np.arange(1, 10)), expected)


@pytest.mark.parametrize("lam", RATIOS)
@pytest.mark.parametrize("reused", [False, True])
def test_means_with_real_data(lam, reused):
    name = "gaussian-mean-reused" if reused else "gaussian-mean-fresh"
    value = _value(name, lam=lam, generation=np.arange(1, 10))
    np.testing.assert_allclose(value, _fresh(lam, reused), rtol=1e-12)


def test_accumulated_means():
    weights = [[1 / j] * j for j in range(1, 10)]
    sources = [[(k, f"b{k}") for k in range(j)] for j in range(1, 10)]
    expected = _means(weights, sources, {f"b{k}": 1.0 for k in range(9)})
    value = _value("gaussian-mean-accumulated", generation=np.arange(1, 10))
    np.testing.assert_allclose(value, expected, rtol=1e-12)


def test_fresh_data_helps_and_a_kept_set_has_a_phase_transition():
    """Golden peaks of the recursion."""
    lam = np.linspace(0.01, 30, 30_000)
    golden = {2: (1, 1.25), 3: (1.54, 1.33), 5: (2.50, 1.39), 10: (4.63, 1.44), 50: (18.1, 1.48)}
    for generation, (where, height) in golden.items():
        value = _value("gaussian-mean-reused", lam=lam, generation=generation)
        assert lam[value.argmax()] == pytest.approx(where, rel=5e-3)
        assert value.max() == pytest.approx(height, abs=6e-3)
        assert (_value("gaussian-mean-fresh", lam=lam, generation=generation) < 1).all()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gaussian-mean", {}),
        ("gaussian-mean-fresh", {"lam": 2}),
        ("gaussian-mean-reused", {"lam": 2}),
        ("gaussian-mean-accumulated", {}),
    ],
)
def test_mean_tv_is_the_shift_averaged(name, words):
    ratio = _value(name, generation=6, **words)

    def integrand(z):
        shift = z * np.sqrt(ratio / 20)
        return 2 * stats.norm.pdf(z) * _value("gaussian-shift", mean_shift=shift)

    expected = integrate.quad(integrand, 0, 12)[0]
    assert _value(f"{name}-tv", generation=6, n=20, **words) == pytest.approx(expected, rel=1e-9)


def test_shift_is_the_overlap_of_two_normals():
    x, cell = np.linspace(-12, 14, 200_001, retstep=True)
    gap = np.abs(stats.norm.pdf(x) - stats.norm.pdf(x, 1.7))
    value = _value("gaussian-shift", mean_shift=1.7)
    assert value == pytest.approx(0.5 * cell * gap.sum(), rel=1e-8)
    assert value == pytest.approx(2 * stats.norm.cdf(1.7 / 2) - 1, rel=1e-14)


def test_every_mean_accepts_its_own_protocol_only():
    loops = {
        "gaussian-mean": cycles.full_synthetic(n=5),
        "gaussian-mean-fresh": cycles.real_plus_synthetic(n=5, lam=1),
        "gaussian-mean-reused": cycles.real_plus_synthetic(n=5, lam=1, data="reused"),
        "gaussian-mean-accumulated": cycles.accumulating(n=5, data="reused"),
    }
    paper_start = cycles.real_plus_synthetic(n=5, lam=1, real_start=False)
    for name in loops:
        for other, cycle in [*loops.items(), ("", paper_start), ("", cycles.balanced(n=5))]:
            for bound in (bounds.get(name), bounds.get(f"{name}-tv")):
                if other == name:
                    bound.check_hypotheses(cycle)
                else:
                    with pytest.raises(HypothesisError, match=r"^data cycle: "):
                        bound.check_hypotheses(cycle)


@pytest.mark.parametrize("points", [2, 5, 40])
@pytest.mark.parametrize(("name", "lost"), [("gaussian-variance", 1), ("gaussian-variance-mle", 0)])
def test_variances_against_simulation(points, name, lost):
    random, runs, steps = np.random.default_rng(points), 200_000, 3
    squares = random.chisquare(points - 1, size=(runs, steps))
    logs = np.log(squares / (points - lost)).sum(axis=1)
    value = _value(name, generation=steps, degrees_of_freedom=points - 1)
    assert abs(logs.mean() - value) < Z * logs.std() / np.sqrt(runs)


@pytest.mark.parametrize("freedom", [1, 3, 99, 10**6, 10**9])
def test_variances_keep_their_digits(freedom):
    with mpmath.workdps(40):
        gap = mpmath.digamma(mpmath.mpf(freedom) / 2)
        unbiased = gap - mpmath.log(mpmath.mpf(freedom) / 2)
        likely = gap - mpmath.log(mpmath.mpf(freedom + 1) / 2)
    words = {"generation": 7, "degrees_of_freedom": freedom}
    assert _value("gaussian-variance", **words) == pytest.approx(float(7 * unbiased), rel=1e-13)
    assert _value("gaussian-variance-mle", **words) == pytest.approx(float(7 * likely), rel=1e-13)


class _TwoSymbols:
    """Resampling two symbols, followed exactly: the law of the count of the first one."""

    def __init__(self, real, points, share=0.0):
        self.real, self.points, self.share = real, points, share
        self.counts = np.arange(points + 1)
        mixed = share * real + (1 - share) * self.counts / points
        self.step = stats.binom.pmf(self.counts, points, mixed[:, None])

    def laws(self, generations):
        law = stats.binom.pmf(self.counts, self.points, self.real)
        for _ in range(generations):
            yield law
            law = law @ self.step


@pytest.mark.parametrize("share", [0, 0.1, 0.7, 1])
@pytest.mark.parametrize("points", [1, 2, 7])
def test_discrete_resampling_exactly(share, points):
    loop = _TwoSymbols(0.3, points, share)
    off = loop.counts / points - 0.3
    for generation, law in enumerate(loop.laws(8), start=1):
        words = {"n": points, "share": share, "generation": generation}
        square = _value("discrete-resampling", collision_probability=0.58, **words)
        assert square == pytest.approx(law @ (2 * off**2), rel=1e-12)
        tv = _value("discrete-resampling-tv", collision_probability=0.58, support_size=2, **words)
        assert law @ np.abs(off) <= tv * (1 + 1e-12)


def test_discrete_resampling_of_many_points_keeps_its_digits():
    """a = 0: (1 - (1 - 1/n)^j)(1 - S)."""
    with mpmath.workdps(40):
        exact = (1 - (1 - mpmath.mpf(10) ** -12) ** 5) * mpmath.mpf(3) / 4
    words = {"n": 10**12, "share": 0, "generation": 5, "collision_probability": 0.25}
    assert _value("discrete-resampling", **words) == pytest.approx(float(exact), rel=1e-13)


@pytest.mark.parametrize("points", [2, 5, 12])
@pytest.mark.parametrize("real", [0.5, 0.2])
def test_collapse_probability_lies_between_its_bounds(points, real):
    words = {"n": points, "collision_probability": real**2 + (1 - real) ** 2}
    for generation, law in enumerate(_TwoSymbols(real, points).laws(30), start=1):
        collapsed = law[0] + law[-1]
        upper = _value("seddik-collapse", generation=generation, support_size=2, **words)
        lower = _value("seddik-collapse-lower", generation=generation, **words)
        assert lower - 1e-12 <= collapsed <= upper + 1e-12


def test_two_points_of_two_symbols_attain_the_collapse_bounds():
    words = {"n": 2, "collision_probability": 0.58}
    for generation, law in enumerate(_TwoSymbols(0.3, 2).laws(6), start=1):
        for name, more in (("seddik-collapse", {"support_size": 2}), ("seddik-collapse-lower", {})):
            value = _value(name, generation=generation, **words, **more)
            assert value == pytest.approx(law[0] + law[-1], rel=1e-12)
    lower = _value("seddik-collapse-time-lower", support_size=2, **words)
    assert lower == pytest.approx(_value("seddik-collapse-time", **words), rel=1e-12)


def test_one_toss_of_a_fair_coin_attains_the_tv_bound():
    words = {"n": 1, "share": 0.4, "collision_probability": 0.5, "support_size": 2}
    assert _value("discrete-resampling-tv", generation=3, **words) == pytest.approx(0.5, rel=1e-14)


@pytest.mark.parametrize("points", [2, 5, 12])
def test_collapse_time_lies_between_its_bounds(points):
    loop = _TwoSymbols(0.3, points)
    inside = loop.step[1:-1, 1:-1]
    start = stats.binom.pmf(loop.counts, points, 0.3)[1:-1]
    mean = 1 + start @ np.linalg.solve(np.eye(points - 1) - inside, np.ones(points - 1))
    words = {"n": points, "collision_probability": 0.58}
    lower = _value("seddik-collapse-time-lower", support_size=2, **words)
    assert lower <= mean * (1 + 1e-12)
    assert mean <= _value("seddik-collapse-time", **words) * (1 + 1e-12)
