"""Certified share of a planted gap: a table of the docs, ``pytest -m slow -s`` prints it."""

import sys

import numpy as np
import pytest
from scipy import stats

from empirics.distances import tv_interval

G = np.random.default_rng


def normal(d, scale=1.0, shift=0.0):
    return lambda size, g: shift + scale * g.standard_normal((size, d))


def correlated(d, rho):
    root = np.linalg.cholesky((1 - rho) * np.eye(d) + rho)
    return lambda size, g: g.standard_normal((size, d)) @ root.T


def modes(weights):
    places = np.array([-2.0, 0.0, 2.0])
    return lambda size, g: (
        places[g.choice(3, size, p=weights)] + 0.3 * g.standard_normal(size)
    ).reshape(-1, 1)


def copies(count, d):
    atoms = G(9).standard_normal((count, d))
    return lambda size, g: atoms[g.integers(0, count, size)]


def radial(d, scale):
    """TV of N(0, I) and N(0, scale^2 I): their densities cross at one radius."""
    at = 2 * d * np.log(scale) / (1 - scale**-2)
    return stats.chi2.cdf(at, d) - stats.chi2.cdf(at / scale**2, d)


def shifted(gap):
    return 2 * stats.norm.cdf(gap / 2) - 1


PLANTED = {
    "1.02 N(0, I), d = 784": (normal(784), normal(784, 1.02), 20_000, radial(784, 1.02)),
    "1.05 N(0, I), d = 64": (normal(64), normal(64, 1.05), 10_000, radial(64, 1.05)),
    "mean moved by 0.1 in each of 8": (normal(8), normal(8, 1, 0.1), 10_000, shifted(0.1 * 8**0.5)),
    "mean moved by 1/2, d = 1": (normal(1), normal(1, 1, 0.5), 4000, shifted(0.5)),
    "weights of three modes, d = 1": (
        modes([0.3, 0.4, 0.3]),
        modes([0.4, 0.2, 0.4]),
        4000,
        0.2,
    ),
    "3000 points copied, d = 4": (normal(4), copies(3000, 4), 10_000, 1.0),
}


def certified(name, seed=0, **options):
    p, q, size, truth = PLANTED[name]
    generator = G(seed)
    found = tv_interval(p(size, generator), q(size, generator), seed=seed, **options)
    assert found.low <= truth
    return found, truth


@pytest.mark.parametrize(
    ("name", "least"),
    [("mean moved by 1/2, d = 1", 0.12), ("weights of three modes, d = 1", 0.1)],
)
def test_most_of_a_planted_gap_is_certified(name, least):
    found, _ = certified(name)
    assert found.low > least


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANTED)
def test_planted_gaps(name):
    found, truth = certified(name)
    sys.stdout.write(f"{name:32} {truth:.3f} {found.low:.3f} {found.method}\n")
    assert found.low > 0.5 * truth


@pytest.mark.slow
def test_a_hundredth_of_a_radius_by_default_and_with_what_is_given():
    name = "1.02 N(0, I), d = 784"
    by_default = certified(name)[0].low
    embedded = certified(name, embedding=lambda x: (x**2).sum(axis=1, keepdims=True))[0].low
    scored = certified(name, classifier=lambda x: (x**2).sum(axis=1))[0].low
    sys.stdout.write(f"{by_default:.3f}, embedding {embedded:.3f}, classifier {scored:.3f}\n")
    assert by_default > 0.12
    assert min(embedded, scored) > 0.2
