"""Every kernel through the same laws."""

import numpy as np
import pytest
from scipy.integrate import quad

from empirics.models import Epanechnikov, Gaussian, Kde, PowerRule

KERNELS = [Gaussian(), Epanechnikov()]
_FREQUENCIES = np.array([0.0, 1e-5, 4e-4, 1e-3, 0.05, 0.7, 2.0, 5.5, 11.0])


def _integral(function, reach):
    return quad(
        lambda u: float(function(np.array([u]))[0]),
        -reach,
        reach,
        limit=400,
        epsabs=1e-13,
        epsrel=1e-13,
    )[0]


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
@pytest.mark.parametrize(("power", "moment"), [(0, 1), (1, 0), (2, 1)])
def test_mass_mean_and_variance(kernel, power, moment):
    found = _integral(lambda u: u**power * kernel.density(u), kernel.reach)
    assert found == pytest.approx(moment, abs=1e-12)


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
@pytest.mark.parametrize(("name", "power"), [("transform", 1), ("square_transform", 2)])
def test_transforms_are_integrals(kernel, name, power):
    found = getattr(kernel, name)(_FREQUENCIES)
    exact = [
        _integral(lambda u, w=w: np.cos(w * u) * kernel.density(u) ** power, kernel.reach)
        for w in _FREQUENCIES
    ]
    np.testing.assert_allclose(found, exact, atol=2e-11)
    np.testing.assert_array_equal(found, getattr(kernel, name)(-_FREQUENCIES))


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
def test_sampler_moments(kernel):
    """Variance, fourth moment and transform at 1, from 2e5 draws: 6 comparisons at 4.5 standard
    errors, false-alarm rate below 5e-5; seed fixed.
    """
    drawn = kernel.sample((200, 1000), np.random.default_rng(3)).ravel()
    for function in (np.square, lambda u: u**4, np.cos):
        exact = _integral(lambda u, f=function: f(u) * kernel.density(u), kernel.reach)
        values = function(drawn)
        assert abs(values.mean() - exact) < 4.5 * values.std() / np.sqrt(len(values))
    assert np.abs(drawn).max() <= kernel.reach


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
@pytest.mark.parametrize("dimension", [1, 2])
def test_fitted_law_is_the_sum_of_its_kernels(kernel, dimension):
    generator = np.random.default_rng(0)
    shape = (50,) if dimension == 1 else (50, dimension)
    points, weights = generator.normal(size=shape), generator.dirichlet(np.ones(50))
    law = Kde(0.3, kernel).fit(points, generator, weights)
    x = generator.normal(size=(7, *shape[1:]))
    gaps = (x[:, None] - points[None]).reshape(7, 50, -1) / 0.3
    direct = np.prod(kernel.density(gaps) / 0.3, axis=-1) @ weights
    np.testing.assert_allclose(law.density(x), direct, rtol=1e-12)
    np.testing.assert_allclose(np.exp(law.log_density(x)), direct, rtol=1e-12)


def test_fitted_law_samples_what_it_says():
    """KS distance of 4000 draws to the exact distribution function; level 1e-4, seed fixed."""
    from scipy.special import ndtr
    from scipy.stats import kstest

    generator = np.random.default_rng(5)
    points = generator.normal(size=30)
    law = Kde(0.2).fit(points, generator)
    drawn = law.sample(4000, generator)
    assert kstest(drawn, lambda x: ndtr((x[:, None] - points) / 0.2).mean(axis=1)).pvalue > 1e-4


@pytest.mark.parametrize(("dimension", "power"), [(1, 0.2), (2, 1 / 6), (5, 1 / 9)])
def test_power_rule(dimension, power):
    assert PowerRule(0.7).bandwidth(1000, dimension) == pytest.approx(0.7 * 1000**-power)
    assert PowerRule(0.7, 0.25).bandwidth(16, dimension) == pytest.approx(0.35)


@pytest.mark.parametrize("value", [0, -1.0, np.nan, np.inf])
@pytest.mark.parametrize(("make", "name"), [(Kde, "bandwidth"), (PowerRule, "constant")])
def test_bad_bandwidths_are_named(make, name, value):
    with pytest.raises(ValueError, match=f"^{name} = .*must be a .*number > 0$"):
        make(value)


def test_samples_must_be_finite():
    with pytest.raises(ValueError, match=r"^samples: must be finite numbers$"):
        Kde(0.1).fit(np.array([0.0, np.nan]), np.random.default_rng())


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
@pytest.mark.parametrize(("centre", "scale"), [(0, 1), (1e9, 1e-6), (0, 1e-200), (0, 1e200)])
def test_products_of_kernels_of_many_dimensions(kernel, centre, scale):
    generator = np.random.default_rng(5)
    at, points = (centre + scale * generator.normal(size=(n, 40)) for n in (3, 5))
    u = (at[:, None] - points[None]) / (2 * scale)
    expected = kernel.log_density(u).sum(axis=2)
    np.testing.assert_allclose(kernel.log_products(at, points, 2 * scale), expected, rtol=1e-14)
