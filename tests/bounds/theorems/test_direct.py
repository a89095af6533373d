"""The direct bound against processes whose laws are known, and beside the chained one."""

import numpy as np
import pytest
from scipy.special import erf

import bounds


def value(name, **words):
    return bounds.get(name).evaluate(**words)


def of_shift(shift):
    return erf(abs(shift) / np.sqrt(8))


@pytest.mark.parametrize("mean", [0.1, 0.5, 2.0])
@pytest.mark.parametrize("stop", [0.0, 0.05])
def test_a_model_made_for_a_shifted_normal_law(mean, stop):
    """Ornstein-Uhlenbeck noising of N(0, 1), a model whose score is that of N(mean, 1) noised.

    The real law stays N(0, 1), so the bias is zero; the score error is ``mean exp(-t)``, its risk
    from ``stop`` to ``T`` in closed form; the model generates N(mean exp(-stop), 1) exactly if it
    starts from the noised law's own end.
    """
    end = 6.0
    risk = mean**2 / 2 * (np.exp(-2 * stop) - np.exp(-2 * end))
    prior = mean**2 / 2 * np.exp(-2 * end)
    kl = mean**2 / 2 * np.exp(-2 * stop)
    words = {"real_prior_kl": prior, "real_score_risk": risk}
    assert value("diffusion-direct-kl", **words) == pytest.approx(kl, rel=1e-12)
    bound = value("diffusion-direct", stopping_bias=0.0, **words)
    assert of_shift(mean * np.exp(-stop)) <= bound < 1.0


def test_the_sharper_one_is_the_smaller_of_both():
    words = {"real_prior_kl": 0.0, "real_score_risk": 0.02, "stopping_bias": 0.01}
    chain = {
        "influence": np.array([1.0, 1.0]),
        "smoothing_bias": np.array([0.01, 0.01]),
        "path_kl": np.array([0.02, 0.02]),
    }
    one = value("diffusion-direct", **words)
    added = value("diffusion-early-stopping-loop", generation=2, **chain)
    assert added == pytest.approx(2 * one, rel=1e-12)
    assert value("diffusion-sharper", generation=2, **words, **chain) == one
    short = {**chain, "path_kl": np.array([0.0, 0.001])}
    assert value("diffusion-sharper", generation=2, **words, **short) == value(
        "diffusion-early-stopping-loop", generation=2, **short
    )


@pytest.mark.parametrize("mean", [0.1, 0.5, 2.0])
@pytest.mark.parametrize("stop", [0.0, 0.05])
def test_the_exact_divergence_of_a_shifted_normal_law_costs_pinsker_alone(mean, stop):
    shift = mean * np.exp(-stop)
    bound = value("diffusion-exact-kl", real_kl=shift**2 / 2, stopping_bias=0.0)
    assert of_shift(shift) <= bound <= 1.26 * of_shift(shift) + 0.3 * shift**3
    words = {"real_prior_kl": 0.0, "real_score_risk": shift**2 / 2, "stopping_bias": 0.0}
    assert bound == pytest.approx(value("diffusion-direct", **words), rel=1e-14)


def test_the_sharpest_one_is_the_smallest_of_three():
    words = {"real_prior_kl": 0.0, "real_score_risk": 0.02, "stopping_bias": 0.01}
    chain = {
        "influence": np.array([1.0, 1.0]),
        "smoothing_bias": np.array([0.01, 0.01]),
        "path_kl": np.array([0.02, 0.02]),
    }
    two = value("diffusion-sharper", generation=2, **words, **chain)
    three = [
        value("diffusion-sharpest", generation=2, **words, **chain, real_kl=kl)
        for kl in (0.005, 0.5)
    ]
    assert three == [value("diffusion-exact-kl", real_kl=0.005, stopping_bias=0.01), two]
