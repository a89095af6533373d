"""Laws with poles at the ends of an interval, most of whose mass is in no cell of a grid."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq
from scipy.special import beta as total
from scipy.special import ndtr

from bounds import cycles
from empirics import Experiment, Numerics, run, targets
from empirics.models import Kde
from empirics.quantities import Record

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)
_FURTHEST = 40
"""Mass nearer to a pole than e^-40 is put at it: a move by that changes no smooth law."""


def _half(a, b):
    """Nodes and weights of ``x^(a-1) (1-x)^(b-1)`` on [0, 1/2]: ``x = e^-v / 2`` has no pole."""
    v, width = np.linspace(0, _FURTHEST, 161), _FURTHEST / 160
    v = (v[:-1, None] + width * (_NODES + 1) / 2).ravel()
    x = np.exp(-v) / 2
    weights = np.tile(_WEIGHTS * width / 2, 160) * 0.5**a * np.exp(-a * v) * (1 - x) ** (b - 1)
    return np.append(x, 0.0), np.append(weights, 0.5**a * np.exp(-a * _FURTHEST) / a)


def smoothed_away(a, b, h):
    """TV of Beta(a, b) to its Gaussian smoothing, from both distribution functions at the roots."""
    (left, low), (right, high) = _half(a, b), _half(b, a)
    points, weights = np.append(left, 1 - right), np.append(low, high) / total(a, b)
    assert weights.sum() == pytest.approx(1, abs=1e-9)
    law = stats.beta(a, b)

    def difference(x):
        bells = np.exp(-0.5 * ((x - points) / h) ** 2) @ weights / (h * np.sqrt(2 * np.pi))
        return float(bells - law.pdf(x))

    near = np.geomspace(1e-15, 0.5, 400)
    places = np.unique(np.append(near, 1 - near[:-1]))
    positive = [difference(x) > 0 for x in places]
    changes = [i for i, (one, two) in enumerate(pairwise(positive)) if one != two]
    roots = [brentq(difference, places[i], places[i + 1]) for i in changes]
    cuts = np.array([-20 * h, 0, *roots, 1, 1 + 20 * h])
    gaps = np.diff([ndtr((x - points) / h) @ weights for x in cuts]) - np.diff(law.cdf(cuts))
    return 0.5 * float(np.abs(gaps).sum())


@pytest.mark.parametrize("resolution", [None, 3.0])
@pytest.mark.parametrize("h", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("shapes", [(0.01, 0.01), (0.01, 1), (1, 0.01), (0.1, 0.1), (0.5, 0.5)])
def test_smoothing_a_pole_is_known_within_the_error(shapes, h, resolution):
    experiment = Experiment(
        target=targets.beta(*shapes),
        model=Kde(h),
        cycle=cycles.full_synthetic(n=100),
        generations=1,
        replicates=1,
        numerics=Numerics(sampling="population", resolution=resolution),
    )
    row = run(experiment).frame.row(0, named=True)
    assert abs(row["tv"] - smoothed_away(*shapes, h)) <= row["tv_error"] < 0.25


def test_no_error_is_larger_than_the_range_of_tv_leaves():
    tv = np.array([0.0, 0.3, 0.9, np.nan])
    unknown = np.full(4, 2.7)
    told = Record(
        tv=tv,
        tv_error=unknown,
        one_step_tv=tv[::-1],
        one_step_error=np.array([0.1, 2.7, 0.1, 2.7]),
        noise=tv,
        mass_defect=tv,
    )
    np.testing.assert_allclose(told.tv_error, [1.0, 0.7, 0.9, np.nan])
    np.testing.assert_allclose(told.one_step_error, [np.nan, 0.9, 0.1, 1.0])
