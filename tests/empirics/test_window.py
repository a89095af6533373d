"""Heavy tails, far places and narrow peaks: the right number within its error, or one line."""

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import ndtr, voigt_profile

from bounds import cycles
from empirics import Experiment, InputError, Numerics, Sampling, run
from empirics.kde.engine import smoothers
from empirics.models import Kde
from empirics.targets import Frozen, beta, gaussian_mixture


def _loop(target, h, n=10, generations=1, replicates=1, **numerics):
    return Experiment(
        target=target,
        model=Kde(h),
        cycle=cycles.full_synthetic(n=n),
        generations=generations,
        replicates=replicates,
        numerics=Numerics(**numerics),
    )


def _population(target, h, **numerics):
    found = run(_loop(target, h, sampling=Sampling.POPULATION, **numerics))
    return found.matrix("tv")[0, 0], found.matrix("tv_error")[0, 0]


@pytest.mark.parametrize("h", [0.2, pytest.param(1.0, marks=pytest.mark.slow)])
def test_a_cauchy_law_within_what_its_tail_leaves_open(h):
    """Smoothed it is Voigt's profile; .007920 at h = .2. Integrated over ``x = sinh t``."""

    def gap(t):
        x = np.sinh(t)
        return abs(voigt_profile(x, h, 1.0) - stats.cauchy.pdf(x)) * np.cosh(t)

    exact = 0.5 * quad(gap, -15, 15, points=[-1, 0, 1], limit=500)[0]
    value, error = _population(Frozen(stats.cauchy()), h)
    assert abs(value - exact) <= error
    assert 1e-4 < error < 1e-3
    if h == 0.2:
        assert exact == pytest.approx(0.007920, abs=1e-6)


def test_every_generation_pays_for_the_tail_it_does_not_see():
    found = run(_loop(Frozen(stats.cauchy()), 1.0, n=1000, generations=2))
    target = Frozen(stats.cauchy())
    (axis,) = smoothers(_loop(target, 1.0))[0].grid.axes
    outside = 1 - target.interval_mass(np.array([axis.low, axis.high]))[0]
    assert outside > 1e-5
    for j in (1, 2):
        assert np.all(found.matrix("tv_error")[:, j - 1] > (j + 1) * outside)


@pytest.mark.parametrize("law", [stats.t(0.3), stats.levy()], ids=["t", "levy"])
def test_what_no_grid_holds_is_told_at_once(law):
    with pytest.raises(InputError, match=r"^target .*tail is so heavy") as raised:
        smoothers(_loop(Frozen(law), 0.1))
    assert "\n" not in str(raised.value)


@pytest.mark.slow
def test_a_window_may_lose_a_thousandth_of_a_law_but_not_more():
    cauchy = Frozen(stats.cauchy())
    value, error = _population(cauchy, 0.5, window=((-1000.0, 1000.0),))
    whole, slack = _population(cauchy, 0.5)
    assert abs(value - whole) <= error + slack
    assert error > 2 / np.pi * 1e-3
    with pytest.raises(InputError, match=r"^target has mass 0\.99\d* on the window .*widen"):
        _population(cauchy, 0.5, window=((-500.0, 500.0),))


def test_too_much_mass_is_told_as_it_is():
    """The law of scipy goes round the circle more than once on this window."""
    with pytest.raises(InputError, match=r"^target has mass 1\.09\d* on the window"):
        _population(Frozen(stats.vonmises(1.0)), 0.1)


def test_a_law_too_far_out_for_its_width_is_refused():
    """At 1e9 doubles are 1e-7 apart; at 1e3 and a width of 1e-3 they are close enough."""
    with pytest.raises(InputError, match=r"^grid of cells of width .* subtract a constant"):
        smoothers(_loop(gaussian_mixture([1.0], [1e9], 1e-6), 1e-7))
    value, error = _population(gaussian_mixture([1.0], [1e3], 1e-3), 1e-4)
    z = np.sqrt(1.01 * np.log(1.01) / 0.01)
    exact = 2 * (ndtr(z) - ndtr(z / np.sqrt(1.01)))
    assert exact == pytest.approx(0.002408, abs=5e-7)
    assert abs(value - exact) <= error + 1e-7


@pytest.mark.parametrize("shapes", [(0.01, 1), (1, 0.01)])
def test_nearly_all_mass_at_an_end(shapes):
    """Beta(.01, 1): with ``x = u^100`` the density is one; a kernel of .3 sees a point mass."""
    u = (np.arange(2**11) + 0.5) / 2**11
    x = np.concatenate([np.linspace(-2.5, 0, 1000), np.geomspace(1e-40, 3.5, 6000)])
    smooth = np.array([np.mean(np.exp(-0.5 * ((v - u**100) / 0.3) ** 2)) for v in x])
    smooth /= 0.3 * np.sqrt(2 * np.pi)
    inside = (x > 0) & (x < 1)
    density = np.where(inside, 0.01 * np.where(inside, x, 1.0) ** -0.99, 0.0)
    # Below 1e-40 lies .398 of the mass, against a smoothed law that has none there.
    beyond = 0.5 * 1e-40**0.01
    exact = beyond + 0.5 * np.trapezoid(np.abs(density - smooth), x)
    value, error = _population(beta(*shapes), 0.3)
    assert abs(value - exact) <= error + 2e-4
    assert error < 0.01
