"""Betting intervals and total variation by sampling."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtr

from empirics.distances import betting_interval, monte_carlo_total_variation
from empirics.targets import gaussian_mixture

_REPETITIONS = 500
LAWS = {
    "fair coin": (lambda g, n: g.integers(0, 2, n).astype(float), 0.5),
    "rare": (lambda g, n: (g.random(n) < 0.02).astype(float), 0.02),
    "uniform": (lambda g, n: g.random(n), 0.5),
    "narrow": (lambda g, n: 0.3 + 0.02 * (g.random(n) - 0.5), 0.3),
    "skewed": (lambda g, n: g.beta(0.2, 1.8, n), 0.1),
    "high": (lambda g, n: g.beta(5, 0.2, n), 5 / 5.2),
}


def _intervals(draw, size, level):
    streams = np.random.default_rng(42).spawn(_REPETITIONS)
    return [betting_interval(draw(g, size), level) for g in streams]


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
@pytest.mark.parametrize("level", [0.9])
def test_coverage(law, level):
    """500 intervals; the binomial test of coverage >= 0.9 is at level 1e-4 per law, so 6 laws give
    a false-alarm rate below 6e-4; seed fixed.
    """
    draw, mean = law
    found = _intervals(draw, 200, level)
    covered = sum(i.low <= mean <= i.high for i in found)
    assert stats.binomtest(covered, _REPETITIONS, level, alternative="less").pvalue > 1e-4
    assert all(0 <= i.low <= i.value + 1e-12 for i in found)
    assert all(i.value - 1e-12 <= i.high <= 1 for i in found)


@pytest.mark.parametrize("value", [0.0, 1.0, 0.37])
def test_constant_values(value):
    found = betting_interval(np.full(2000, value), 0.95)
    assert found.low <= value <= found.high
    assert found.half_width < 0.01


@pytest.mark.parametrize("name", ["rare", "narrow", "skewed", "high"])
def test_narrower_than_hoeffding_where_the_variance_is_small(name):
    draw, _ = LAWS[name]
    found = betting_interval(draw(np.random.default_rng(0), 5000), 0.95)
    assert found.half_width < 0.7 * np.sqrt(np.log(2 / 0.05) / (2 * 5000))


def test_a_higher_level_is_wider():
    values = np.random.default_rng(1).random(1000)
    widths = [betting_interval(values, level).half_width for level in (0.8, 0.95, 0.999)]
    assert widths == sorted(widths)


@pytest.mark.parametrize("dimension", [1, 3])
@pytest.mark.parametrize("shift", [0.0, 0.3, 2.0])
def test_the_estimate_is_unbiased(dimension, shift):
    """Two unit normals: TV = ``2 Phi(|mu|/2) - 1``. Mean of 200 estimates within 4 standard
    errors: 6 cases, false-alarm rate below 4e-4; seed fixed.
    """
    origin, far = [0.0] * dimension, [shift] + [0.0] * (dimension - 1)
    p, q = (gaussian_mixture([1.0], [m], 1.0) for m in (origin, far))
    generator = np.random.default_rng(8)
    found = [monte_carlo_total_variation(p, q, 400, generator) for _ in range(200)]
    values, exact = np.array([f.value for f in found]), 2 * ndtr(shift / 2) - 1
    assert abs(values.mean() - exact) <= 4 * values.std() / np.sqrt(200) + 1e-15
    assert sum(f.low <= exact <= f.high for f in found) >= 180


def test_reproducible():
    p, q = gaussian_mixture([1.0], [0.0], 1.0), gaussian_mixture([1.0], [0.0], 2.0)
    one, two = (monte_carlo_total_variation(p, q, 100, np.random.default_rng(3)) for _ in range(2))
    assert one == two


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0, 2.0, float("nan")])
def test_bad_level(level):
    with pytest.raises(ValueError, match=r"^confidence_level = .*must be in \(0, 1\)$"):
        betting_interval(np.zeros(5), level)


@pytest.mark.parametrize("values", [[0.5], [], [0.5, 1.1], [-0.1, 0.5], [0.5, np.nan]])
def test_bad_values(values):
    with pytest.raises(ValueError, match=r"^values: at least two, all in \[0, 1\]"):
        betting_interval(np.array(values, dtype=float))
