"""Distribution functions integrated once: against closed forms, with poles, jumps and spikes."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import gamma

from bounds import cycles
from empirics import Experiment, Numerics, Sampling, run
from empirics.cost import cost_of
from empirics.errors import InputError
from empirics.models import Kde
from empirics.targets import Frozen, from_density
from empirics.targets.tabulated import tabulate

_LAWS = {
    "normal": (stats.norm(), np.linspace(-40, 40, 17)),
    "exponential": (stats.expon(), np.linspace(0, 60, 9)),
    "pole": (stats.beta(0.5, 1), np.linspace(0, 1, 9)),
    "pole on the right": (stats.beta(1, 0.5), np.linspace(0, 1, 9)),
    "jump": (stats.uniform(0.3, 0.37), np.linspace(0, 1, 8)),
}
every = pytest.mark.parametrize(("law", "edges"), _LAWS.values(), ids=_LAWS)


@every
def test_masses_and_quantiles_within_the_error(law, edges):
    table = tabulate(law.pdf, edges, 1e-10)
    x = np.sort(law.rvs(200, random_state=1))
    exact = np.diff(law.cdf(x))
    slack = table.error + 1e-12
    assert abs(table.mass - 1) <= slack
    assert np.all(np.abs(table.interval_mass(x) - exact) <= slack)
    for mass in (1e-6, 0.3, 0.9):
        assert abs(law.cdf(table.quantile(mass)) - mass) <= slack
        assert abs(law.sf(table.quantile(mass, upper=True)) - mass) <= slack


def test_a_tail_keeps_its_digits():
    table = tabulate(stats.norm.pdf, np.linspace(-40, 40, 81), 1e-10)
    found = table.interval_mass(np.array([-12.0, -11.0, 11.0, 12.0]))
    exact = stats.norm.sf(11) - stats.norm.sf(12)
    np.testing.assert_allclose(found[[0, 2]], exact, rtol=1e-6)


@pytest.mark.parametrize(
    "law",
    [
        stats.norminvgauss(1.25, 0.5),
        stats.genhyperbolic(0.5, 1.5, -0.5),
        stats.gausshyper(13.7, 3.1, 2.5, 5.1),
        stats.irwinhall(10),
        pytest.param(stats.kstwo(10), marks=pytest.mark.slow),
        pytest.param(stats.levy_stable(1.8, -0.5), marks=pytest.mark.slow),
    ],
    ids=lambda law: law.dist.name,
)
def test_a_slow_distribution_function_is_asked_for_seldom(law, monkeypatch):
    """Never, to be exact; the masses agree with it within their error and its own."""
    target = Frozen(law)
    x = law.ppf(np.linspace(0.02, 0.98, 5))
    exact = np.diff(law.cdf(x))
    monkeypatch.setattr(target.distribution.dist, "cdf", None)
    found = target.interval_mass(x)
    assert np.all(np.abs(found - exact) <= target.mass_error + 5e-8)
    ((low, high),) = target.window(1e-6)
    monkeypatch.undo()
    left, right = _beyond(law, low, high)
    assert left == pytest.approx(1e-6, rel=0.05)
    assert right == pytest.approx(1e-6, rel=0.05)


def _beyond(law, low, high):
    """Mass on the left of one point and on the right of another, far out."""
    if law.dist.name != "levy_stable":
        return law.cdf(low), law.sf(high)
    # The leading term of the tail, where what scipy integrates is zero.
    alpha, beta = law.args
    size = gamma(alpha) * np.sin(np.pi * alpha / 2) / np.pi
    return size * (1 - beta) * abs(low) ** -alpha, size * (1 + beta) * high**-alpha


@every
def test_the_density_of_the_pieces(law, edges):
    table = tabulate(law.pdf, edges, 1e-10)
    x = np.sort(law.rvs(200, random_state=1))
    np.testing.assert_allclose(table.density(x), law.pdf(x), rtol=1e-5, atol=1e-9)
    ends = np.array([edges[0] - 1, edges[-1] + 1])
    np.testing.assert_array_equal(table.density(ends), [0.0, 0.0])


@pytest.mark.parametrize(
    "law",
    [
        stats.norminvgauss(1.25, 0.5),
        stats.gausshyper(13.7, 3.1, 2.5, 5.1),
        pytest.param(stats.kstwo(10), marks=pytest.mark.slow),
        pytest.param(stats.levy_stable(1.8, -0.5), marks=pytest.mark.slow),
    ],
    ids=lambda law: law.dist.name,
)
@pytest.mark.parametrize("sampling", ["counts", "points"])
def test_a_loop_asks_a_slow_law_for_nothing_more(law, sampling, monkeypatch):
    target = Frozen(law)
    target.window(0.25)
    for name in ("pdf", "cdf", "sf", "ppf", "isf"):
        monkeypatch.setattr(target.distribution.dist, name, None)
    cycle = cycles.balanced(n=400)
    found = run(
        Experiment(
            target=target,
            model=Kde(0.2),
            cycle=cycle,
            generations=2,
            replicates=1,
            numerics=Numerics(sampling=sampling),
        )
    )
    assert np.all(found.matrix("tv_error") < 2e-4)
    assert cost_of(found.experiment).seconds > target.preparation_seconds > 0


@pytest.mark.parametrize("law", [stats.gausshyper(13.7, 3.1, 2.5, 5.1), stats.gamma(2, 3)])
def test_draws_are_those_of_scipy(law):
    drawn, theirs = (
        draw(size=300, random_state=np.random.default_rng(4))
        for draw in (lambda size, random_state: Frozen(law).sample(size, random_state), law.rvs)
    )
    np.testing.assert_allclose(drawn, theirs, rtol=1e-6)


def test_a_fast_distribution_function_is_its_own():
    assert Frozen(stats.t(4)).mass_error == 0
    assert Frozen(stats.norminvgauss(1.25, 0.5)).mass_error > 0


def _population(target, h):
    experiment = Experiment(
        target=target,
        model=Kde(h),
        cycle=cycles.full_synthetic(n=10),
        generations=1,
        replicates=1,
        numerics=Numerics(sampling=Sampling.POPULATION),
    )
    found = run(experiment)
    return found.matrix("tv")[0, 0], found.matrix("tv_error")[0, 0]


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_pole_at_an_end(mirrored):
    """``1 / (2 sqrt x)``: TV to its smoothing by 0.05 is .12388 by adaptive quadrature."""

    def density(x):
        return 0.5 / np.sqrt(1 - x if mirrored else x)

    value, error = _population(from_density(density, (0.0, 1.0)), 0.05)
    assert abs(value - 0.12388) <= error
    assert value == pytest.approx(0.12388, abs=1e-5)
    drawn = from_density(density, (0.0, 1.0)).sample(2000, np.random.default_rng(3))
    law = stats.beta(1, 0.5) if mirrored else stats.beta(0.5, 1)
    assert stats.kstest(drawn, law.cdf).pvalue > 1e-4


@pytest.mark.parametrize("width", [0.01, 1e-3, 1e-4, 2e-5])
def test_a_spike_is_not_missed(width):
    """Mass 1.5, a third of it in a spike off every coarse node."""
    with pytest.raises(InputError, match=r"^density: integrates to 1\.5"):
        from_density(lambda x: 1 + 0.5 * stats.norm.pdf(x, 0.37123, width), (0.0, 1.0))


def test_what_lies_between_all_points_is_not_seen():
    """The law is the one without the spike, in masses and in draws, as the docstring says."""
    asked = []

    def density(x):
        asked.append(x)
        return 1 + 0.5 * stats.norm.pdf(x, 0.371234, 1e-7)

    target = from_density(density, (0.0, 1.0))
    assert sum(map(np.size, asked)) >= 98_304
    np.testing.assert_allclose(target.interval_mass(np.array([0.3, 0.4, 1.0])), [0.1, 0.6])
    drawn = target.sample(2000, np.random.default_rng(6))
    assert stats.kstest(drawn, stats.uniform.cdf).pvalue > 1e-4


def test_the_error_of_a_density_is_in_that_of_its_tv():
    target = from_density(lambda x: 0.5 / np.sqrt(1 - x), (0.0, 1.0))
    assert 1e-9 < target.mass_error < 1e-5
    _, error = _population(target, 0.05)
    assert error > target.mass_error


@pytest.mark.parametrize("law", [stats.beta, stats.gamma])
def test_an_unfrozen_law_is_refused(law):
    with pytest.raises(InputError, match=r"^distribution = .*one law with valid") as raised:
        Frozen(law)
    assert "\n" not in str(raised.value)
