"""The recorded score risk under the real law, against draws of its noising path."""

import numpy as np
import pytest

from empirics.diffusion.probability_flow import score_and_divergence
from empirics.diffusion.process import noised_score
from empirics.diffusion.training_time import GradientFlow

NODES, DRAWS, SCALE = 48, 4000, 0.03


def drawn_risk(target, process, score, generator):
    """``int E |s_theta - s|^2 dt`` along the real law's path, and its standard error.

    Gauss-Legendre in the logarithm of time and a scale, independent draws at every node; no grid,
    no tables.
    """
    half = np.log1p(process.horizon / SCALE) / 2
    z, weights = np.polynomial.legendre.leggauss(NODES)
    times = SCALE * np.expm1(half * (1 + z))
    weights = weights * half * (times + SCALE)
    means, variances = [], []
    for t in times:
        start = target.sample(DRAWS, generator)
        x = np.exp(-t) * start + np.sqrt(-np.expm1(-2 * t)) * generator.normal(size=DRAWS)
        missed = (score(x, t) - noised_score(target, t, x, process)) ** 2
        means.append(missed.mean())
        variances.append(missed.var(ddof=1) / DRAWS)
    return weights @ means, np.sqrt(weights**2 @ variances)


@pytest.mark.parametrize("share", [1.0, 0.3, 0.0], ids=["real", "mixed", "synthetic"])
def test_the_risk_is_that_of_draws_whatever_was_learned(target, process, tables, masses, share):
    """Fixed seed; beyond 4 standard errors (about 3 %) with probability 6e-5 each."""
    generator = np.random.default_rng(7)

    def trained(law, n, tau):
        measure = generator.multinomial(n, law / law.sum())[None] / n @ tables.binning
        return GradientFlow.of(*tables.moments(measure)).weights(np.full((1, 1), tau))[:, 0]

    made = tables.sde_law(trained(masses, 300, 150.0)).masses[0]
    theta = trained(share * masses / masses.sum() + (1 - share) * made / made.sum(), 500, 250.0)

    def score(x, t):
        return score_and_divergence(tables.features, theta[0:1], x[:, None], t)[0][:, 0]

    found, error = tables.score_risk(theta[None], masses[None])
    mean, deviation = drawn_risk(target, process, score, generator)
    assert deviation < 0.03 * mean
    assert abs(found[0, 0] - mean) < error[0, 0] + 4 * deviation
