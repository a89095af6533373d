"""Loops by counts and by points: the same law, and nothing but the experiment decides it."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from bounds import cycles
from empirics import Experiment, InputError, Numerics, Sampling, run
from empirics.models import Epanechnikov, Gaussian, Kde, PowerRule
from empirics.targets import beta, gaussian_mixture, normal

PROTOCOLS = ("fresh", "reused", "resampled", "subsampled")
COLUMNS = ("tv", "tv_error", "one_step_tv", "one_step_error", "noise", "mass_defect")
PLANE = gaussian_mixture([0.4, 0.6], [[0.0, 0.0], [1.5, -0.5]], [0.5, 0.7])


def _loop(target, cycle, generations=4, replicates=10, **changes):
    names = changes.keys() & {"sampling", "resolution", "draws"}
    numerics = Numerics(**{name: changes.pop(name) for name in names})
    parts = {"model": Kde(PowerRule(0.55)), "seed": 5}
    return Experiment(
        target=target,
        cycle=cycle,
        generations=generations,
        replicates=replicates,
        numerics=numerics,
        **parts | changes,
    )


def _apart(one, two):
    """Two-sample z statistics of the columns' means."""
    spread = one.var(axis=0, ddof=1) / len(one) + two.var(axis=0, ddof=1) / len(two)
    return np.abs(one.mean(axis=0) - two.mean(axis=0)) / np.sqrt(spread)


def _limit(comparisons, rate=1e-3):
    """Bonferroni: the largest of so many |z| exceeds it with probability ``rate``."""
    return stats.norm.isf(rate / (2 * comparisons))


@pytest.mark.parametrize("kernel", [Gaussian(), Epanechnikov()], ids=repr)
@pytest.mark.parametrize("data", PROTOCOLS)
def test_counts_and_points_have_the_same_mean(data, kernel, three):
    """Mean TV and one-step TV per generation, z-tests with Bonferroni's correction over all 8 cases
    x 4 generations x 2 columns: false-alarm rate 0.1 %; seed fixed.
    """
    cycle = cycles.balanced(n=300, data=data)
    model = Kde(PowerRule(0.55), kernel)
    counts = run(_loop(three, cycle, replicates=400, model=model))
    points = run(_loop(three, cycle, replicates=60, model=model, sampling=Sampling.POINTS, seed=6))
    for column in ("tv", "one_step_tv"):
        z = _apart(counts.matrix(column), points.matrix(column))
        assert np.all(z < _limit(64))


@pytest.mark.slow
@pytest.mark.parametrize("kernel", [Gaussian(), Epanechnikov()], ids=repr)
@pytest.mark.parametrize("data", PROTOCOLS)
@pytest.mark.parametrize("name", ["beta", "mixture"])
def test_counts_and_points_agree_in_mean_and_spread(name, data, kernel, three):
    """As above with 2000 against 500 replicates, and the standard deviations too: z-tests over 16
    cases x 4 generations x 2, false-alarm rate 0.1 %; seed fixed.
    """
    target = {"beta": beta(1, 1.5), "mixture": three}[name]
    cycle, model = cycles.balanced(n=300, data=data), Kde(0.08, kernel)
    counts = run(_loop(target, cycle, replicates=2000, model=model)).matrix("tv")
    points = run(
        _loop(target, cycle, replicates=500, model=model, sampling=Sampling.POINTS, seed=6)
    ).matrix("tv")
    assert np.all(_apart(counts, points) < _limit(128))
    spread = [np.square(m - m.mean(axis=0)) for m in (counts, points)]
    assert np.all(_apart(*spread) < _limit(128))


@pytest.mark.parametrize("data", PROTOCOLS)
def test_counts_and_points_in_the_plane(data):
    """As in one dimension; 4 cases x 2 generations, false-alarm rate 0.1 %; seed fixed."""
    cycle, model = cycles.balanced(n=200, data=data), Kde(0.4)
    counts = run(_loop(PLANE, cycle, 2, 40, model=model)).matrix("tv")
    points = run(_loop(PLANE, cycle, 2, 24, model=model, sampling=Sampling.POINTS, seed=6))
    assert np.all(_apart(counts, points.matrix("tv")) < _limit(8))


@pytest.mark.parametrize("kernel", [Gaussian(), Epanechnikov()], ids=repr)
@pytest.mark.parametrize("runs", [150, pytest.param(600, marks=pytest.mark.slow)])
def test_resolution_does_not_bias_the_mean(runs, kernel, three):
    """Default against four times the cells: z-tests over 2 x 5 means, false-alarm rate 0.1 %; the
    means agree within their errors, below 2 % (1 % of 600 runs); seeds fixed.
    """
    cycle, model = cycles.fresh_real(n=1000, share=0.3), Kde(PowerRule(0.55), kernel)
    coarse = run(_loop(three, cycle, 5, runs, model=model)).matrix("tv")
    fine = run(_loop(three, cycle, 5, runs, model=model, resolution=32.0, seed=9)).matrix("tv")
    assert np.all(_apart(coarse, fine) < _limit(10))
    assert np.all(coarse.std(axis=0) < 0.25 * coarse.mean(axis=0))


@pytest.mark.parametrize("sampling", Sampling)
@pytest.mark.parametrize("data", ["fresh", "resampled"])
def test_a_replicate_depends_on_its_number_only(sampling, data, three):
    """Bit for bit: with 5 or 50 replicates, with one worker or three."""
    cycle = cycles.balanced(n=200, data=data)
    many = 50 if sampling is Sampling.COUNTS else 8
    few = run(_loop(three, cycle, 3, 5, sampling=sampling))
    more = run(_loop(three, cycle, 3, many, sampling=sampling), workers=3)
    for column in COLUMNS:
        np.testing.assert_array_equal(few.matrix(column), more.matrix(column)[:5])


def test_reproducible_by_seed(three):
    cycle = cycles.fresh_real(n=500, share=0.2)
    one, two, other = (run(_loop(three, cycle, seed=s)) for s in (1, 1, 2))
    assert one.frame.equals(two.frame)
    assert not np.any(one.matrix("tv") == other.matrix("tv"))


@pytest.mark.parametrize("sampling", Sampling)
@pytest.mark.parametrize("kernel", [Gaussian(), Epanechnikov()], ids=repr)
def test_laws_of_the_columns(kernel, sampling, three):
    cycle = cycles.real_plus_synthetic(n=400, lam=2)
    result = run(_loop(three, cycle, 4, 6, model=Kde(0.25, kernel), sampling=sampling))
    frame = result.frame
    assert frame.columns == ["replicate", "generation", "size", *COLUMNS]
    assert len(frame) == 24
    tv, step = result.matrix("tv"), result.matrix("one_step_tv")
    np.testing.assert_allclose(step[:, 0], tv[:, 0], atol=1e-12)
    assert np.all((tv > 0) & (tv < 1) & (step > 0) & (step < 1))
    assert np.all(tv <= np.cumsum(step, axis=1) + 1e-6)
    assert np.all(result.matrix("mass_defect") < 2e-5)
    for column in ("tv_error", "one_step_error"):
        assert np.all((result.matrix(column) > 0) & (result.matrix(column) < 1e-4))
    np.testing.assert_array_equal(result.matrix("size"), [[400, 1200, 1200, 1200]] * 6)
    assert "6 replicates x 4 generations" in repr(result)


def test_noise_bounds_the_mean_step_beyond_smoothing(three):
    """Entry kde-noise: ``E TV(p_j, p~) <= TV(K * p~, p~) + s_j``, 400 runs of generation 1; the
    mean is 10 % below, many standard errors.
    """
    result = run(_loop(three, cycles.full_synthetic(n=1000), 1, 400))
    h = 0.55 * 1000**-0.2
    smoothing = 0.5 * quad(
        lambda x: abs(
            three.smoothed_density(np.array([x]), h)[0] - three.density(np.array([x]))[0]
        ),
        -6, 6, limit=400,
    )[0]  # fmt: skip
    mean, noise = result.matrix("tv").mean(), result.matrix("noise").mean()
    assert mean < smoothing + noise
    assert mean > 0.7 * noise


@pytest.mark.parametrize("data", PROTOCOLS)
def test_noise_is_given_where_its_theorem_holds(data, three):
    """The noise bound needs fresh data."""
    result = run(_loop(three, cycles.balanced(n=100, data=data), 3, 2))
    assert result.frame["noise"].null_count() == (0 if data == "fresh" else 6)


@pytest.mark.parametrize("size", [1, 3, 10**7])
def test_any_size(size, three):
    tv = run(_loop(three, cycles.full_synthetic(n=size), 2, 2)).matrix("tv")
    assert np.all((tv > 0) & (tv < 1))
    if size == 10**7:
        assert np.all(tv < 0.003)


def test_more_data_is_closer(three):
    means = [
        run(_loop(three, cycles.full_synthetic(n=n), 3, 40)).matrix("tv").mean(axis=0)
        for n in (100, 10_000, 1_000_000)
    ]
    assert np.all(np.diff(means, axis=0) < 0)


def test_three_dimensions_by_monte_carlo():
    """Intervals at 99 % around TV in d = 3; generation 1 against an independent large draw, within
    the sum of both half-widths (false-alarm rate below 2 %; seed fixed).
    """
    target = normal(3)
    cycle = cycles.fresh_real(n=300, share=0.5)
    loop = _loop(target, cycle, 2, 3, model=Kde(0.4), draws=2000)
    assert loop.sampling is Sampling.POINTS
    result = run(loop)
    tv, error = result.matrix("tv"), result.matrix("tv_error")
    assert np.all((tv > 0) & (tv < 1) & (error > 0) & (error < 0.06))
    np.testing.assert_array_equal(result.matrix("one_step_tv")[:, 0], tv[:, 0])
    assert result.frame["noise"].null_count() == 6
    generator = loop.stream(0)
    law = Kde(0.4).fit(target.sample(300, generator), generator)
    x = target.sample(20_000, np.random.default_rng(0))
    ratio = law.density(x) / target.density(x)
    exact = np.maximum(1 - ratio, 0)
    slack = 4 * exact.std() / np.sqrt(len(x))
    assert abs(tv[0, 0] - exact.mean()) <= error[0, 0] + slack


@dataclass(frozen=True)
class _NormalLaw:
    mean: float
    scale: float

    def sample(self, size, generator):
        return self.mean + self.scale * generator.standard_normal(size)

    def log_density(self, x):
        return stats.norm.logpdf(x, self.mean, self.scale)


class _Moments:
    """Fits a normal law by moments and remembers the laws."""

    def __init__(self, spread=None):
        self.spread, self.laws = spread, []

    def fit(self, samples, generator):
        del generator
        scale = samples.std() if self.spread is None else self.spread
        self.laws.append(_NormalLaw(float(samples.mean()), float(scale)))
        return self.laws[-1]


@pytest.mark.parametrize("spread", [None, 1.0])
def test_bring_your_own_model(spread):
    """TV to N(0,1): by quadrature, and ``2 Phi(|mu| / 2) - 1`` where only the mean is fitted. 12
    intervals at 99 % hold it with a false-alarm rate of 12 %, so one may miss (0.6 %); seed fixed.
    """
    model = _Moments(spread)
    result = run(_loop(normal(), cycles.fresh_real(n=40, share=0.3), 6, 2, model=model, draws=4000))
    tv, error = (result.matrix(c).ravel() for c in ("tv", "tv_error"))
    exact = np.array([_to_standard(law) for law in model.laws])
    if spread is not None:
        closed = [2 * stats.norm.cdf(abs(law.mean) / 2) - 1 for law in model.laws]
        np.testing.assert_allclose(exact, closed, atol=1e-9)
    assert np.sum(np.abs(tv - exact) > error) <= 1
    assert np.all(np.abs(tv - exact) < 0.05)


def _to_standard(law):
    x = np.linspace(-9, 9, 200_001)
    gap = np.abs(stats.norm.pdf(x) - np.exp(law.log_density(x)))
    return 0.5 * float(gap.sum()) * (x[1] - x[0])


class _Forgetful:
    """Returns nothing."""

    def fit(self, samples, generator):
        """Nothing."""


class _Silent:
    """Can be sampled, but has no density."""

    def fit(self, samples, generator):
        return type("Law", (), {"sample": lambda self, n, g: samples[:n]})()


def test_what_cannot_be_measured_is_named():
    loop = _loop(normal(), cycles.full_synthetic(n=20), 2, 1, model=_Silent(), draws=10)
    with pytest.raises(InputError, match=r"^generation 1: held-out points and model: samples of"):
        run(loop)
    with pytest.raises(InputError, match="fit returned NoneType; must return a law with sample"):
        run(_loop(normal(), cycles.full_synthetic(n=20), 2, 1, model=_Forgetful(), draws=100))


def test_unequal_batches_need_a_kernel_estimate():
    cycle = cycles.real_plus_synthetic(n=20, lam=0.3, data="reused")
    skewed = cycles.fresh_real(n=20, share=0.3, data="reused")
    assert len(run(_loop(normal(), cycle, 2, 1, model=_Moments(), draws=50)).frame) == 2
    with pytest.raises(
        ValueError, match=r"^generation 2: data = 'reused' weights its batches unequally"
    ):
        run(_loop(normal(), skewed, 2, 1, model=_Moments(), draws=50))


def test_progress_counts_replicates(three):
    seen = []
    run(_loop(three, cycles.full_synthetic(n=50), 1, 7), progress=seen.append)
    assert sum(seen) == 7
