"""Normal fits with biased samples: exact TV, and variances as the catalogue says.

False-alarm rate of each test for a fresh seed: 1e-4 per generation; the seeds are fixed.
"""

import numpy as np
import pytest
from scipy import integrate, stats

import bounds
from bounds import cycles
from empirics.closed_form import NormalFit
from empirics.closed_form.normal_fit import normal_tv
from empirics.operators import Along, KeepTop, Shrinking

Z = float(stats.norm.isf(1e-4 / 2))


@pytest.mark.parametrize(
    ("mean", "variance"), [(0.3, 1.0), (0.0, 0.5), (-0.4, 2.0), (1.0, 0.01), (0.0, 1.0)]
)
def test_the_distance_of_two_normal_laws_is_the_integral(mean, variance):
    one, two = stats.norm(mean, np.sqrt(variance)), stats.norm()
    points = np.linspace(-15, 15, 800_001)
    expected = 0.5 * integrate.trapezoid(np.abs(one.pdf(points) - two.pdf(points)), points)
    assert normal_tv(mean, variance) == pytest.approx(expected, abs=1e-8)


def within(samples, expected):
    error = samples.std(axis=0, ddof=1) / np.sqrt(len(samples))
    return np.all(np.abs(samples.mean(axis=0) - expected) <= Z * error + 1e-12)


@pytest.mark.parametrize("bias", [0.7, 1.0, 1.1])
def test_the_mean_variance_of_full_synthetic_loops_is_a_power_of_the_bias(bias):
    loop = NormalFit(
        cycle=cycles.full_synthetic(n=200),
        generations=6,
        replicates=100,
        between=Shrinking(bias),
    )
    expected = bounds.get("mad-variance").evaluate(generation=np.arange(1, 7), sampling_bias=bias)
    assert within(loop.measure().variance, expected)
    assert not within(loop.measure().variance, expected[::-1]) or bias == 1.0


@pytest.mark.parametrize("bias", [0.5, 1.2])
def test_a_fresh_share_keeps_the_variance(bias):
    """Means of models scatter by 1/n, which adds as much to the variance of a mixture."""
    loop = NormalFit(
        cycle=cycles.fresh_real(n=4000, share=0.3),
        generations=6,
        replicates=30,
        between=Shrinking(bias),
    )
    expected = bounds.get("mad-variance-fresh").evaluate(
        generation=np.arange(1, 7), sampling_bias=bias, share=0.3
    )
    assert np.abs(loop.measure().variance.mean(axis=0) - expected).max() < 0.015


def test_selection_moves_a_normal_trait_as_breeders_say():
    loop = NormalFit(
        cycle=cycles.full_synthetic(n=4000),
        generations=5,
        replicates=30,
        between=KeepTop(0.5, Along(1.0)),
    )
    found = loop.measure()
    words = {"generation": np.arange(1, 6), "kept_share": 0.5}
    np.testing.assert_allclose(
        found.mean.mean(axis=0), bounds.get("breeder").evaluate(**words), atol=0.02
    )
    np.testing.assert_allclose(
        found.variance.mean(axis=0), bounds.get("breeder-variance").evaluate(**words), atol=0.02
    )
