"""Shared parts of all tests: axis names checked at run time, Hypothesis profiles, an exact TV."""

import gc
import os
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import settings
from jaxtyping import install_import_hook
from numpy.polynomial import chebyshev
from scipy.special import ndtr
from threadpoolctl import threadpool_limits

from tests.warm import Warm

# Workers of the suite share the cores: more threads of each fight.
os.environ.setdefault("OMP_NUM_THREADS", "1")
threadpool_limits(1)

_CHECKER = "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))"
_WITH_AXES = ("distances.cells", "grid", "kde", "diffusion.model", "models", "points_engine")
_WITH_AXES += ("loop", "protocols", "quantities", "result", "target_law", "targets")
_WITH_AXES += ("trained",)
if "benchmark" not in sys.argv:  # the checks would be timed too
    install_import_hook([f"empirics.{module}" for module in _WITH_AXES], _CHECKER)

settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_collection_finish():
    if "empirics" in sys.modules:  # else there is no loop to run, and importing it takes a second
        sys.modules["empirics.memory"].keep_freed()
    # Modules and tests stay: looking through all of them for garbage takes half a second each time.
    gc.freeze()


_ROOT5 = np.sqrt(5.0)
_DEGREE = 15
_PER_BANDWIDTH = 300
_BISECTIONS = 20


class _GaussianEstimate:
    """Weighted Gaussian kernel sum: direct at Chebyshev nodes of panels as wide as the kernel."""

    def __init__(self, points, weights, h):
        self.points, self.weights, self.h = points, weights, h
        self.low, self.high = points.min() - 9 * h, points.max() + 9 * h
        self.panels = int(np.ceil((self.high - self.low) / h))
        self.width = (self.high - self.low) / self.panels
        nodes = chebyshev.chebpts1(_DEGREE + 1)
        middles = self.low + self.width * (np.arange(self.panels) + 0.5)
        values = self._direct((middles[:, None] + self.width / 2 * nodes).ravel(), self._bell)
        fit = np.linalg.inv(chebyshev.chebvander(nodes, _DEGREE))
        self.coefficients = values.reshape(self.panels, -1) @ fit.T

    def density(self, x):
        place = np.clip((x - self.low) / self.width, 0, self.panels - 1e-9)
        panel = place.astype(int)
        inside = chebyshev.chebvander(2 * (place - panel) - 1, _DEGREE)
        value = np.einsum("ij,ij->i", inside, self.coefficients[panel])
        return np.where((x > self.low) & (x < self.high), value, 0.0)

    def cumulative(self, x):
        return self._direct(x, ndtr)

    def _bell(self, u):
        return np.exp(-0.5 * u**2) / (self.h * np.sqrt(2 * np.pi))

    def _direct(self, x, function):
        rows = np.array_split(x, len(x) * len(self.points) // 2**20 + 1)
        return np.concatenate(
            [function((r[:, None] - self.points) / self.h) @ self.weights for r in rows]
        )


class _EpanechnikovEstimate:
    """Weighted sum of parabolas, from running moments of the sorted points."""

    def __init__(self, points, weights, h):
        order = np.argsort(points)
        self.points, self.reach = points[order], _ROOT5 * h
        self.low, self.high = self.points[0] - self.reach, self.points[-1] + self.reach
        self.middle = points.mean()
        scaled = (self.points - self.middle) / self.reach
        self.moments = [
            np.concatenate([[0.0], np.cumsum(weights[order] * scaled**k)]) for k in range(4)
        ]

    def density(self, x):
        y, _, (m0, m1, m2, _) = self._near(x)
        return 0.75 / self.reach * ((1 - y**2) * m0 + 2 * y * m1 - m2)

    def cumulative(self, x):
        y, first, (m0, m1, m2, m3) = self._near(x)
        cube = y**3 * m0 - 3 * y**2 * m1 + 3 * y * m2 - m3
        return self.moments[0][first] + 0.5 * m0 + 0.75 * (y * m0 - m1) - 0.25 * cube

    def _near(self, x):
        first, last = (np.searchsorted(self.points, x + s * self.reach) for s in (-1, 1))
        return (x - self.middle) / self.reach, first, [m[last] - m[first] for m in self.moments]


def _exact_tv(points, weights, bandwidth, kernel, target, marks=()):
    """TV of a one-dimensional kernel estimate to a target: differences of exact distribution
    functions between the roots of the difference of the densities.

    The roots are bracketed on a grid of 300 points per bandwidth (400 between neighbouring
    ``marks``, where the target is narrower) and bisected; a root that is off by ``d`` costs
    ``O(d^2)``, a pair of roots closer than the grid ``O(grid^3)``.
    """
    if weights is None:
        weights = np.full(len(points), 1 / len(points))
    kind = _GaussianEstimate if type(kernel).__name__ == "Gaussian" else _EpanechnikovEstimate
    estimate = kind(points, weights, bandwidth)
    low, high = estimate.low, estimate.high
    fine = int(np.ceil((high - low) / bandwidth * _PER_BANDWIDTH))
    ends = [e for e in target.support[0] if np.isfinite(e)]
    pieces = [np.linspace(low, high, fine), *_around(ends, high - low)]
    pieces += [np.linspace(a, b, 400) for a, b in pairwise(marks)]
    breaks = np.array([*ends, *marks])
    x = np.setdiff1d(np.concatenate(pieces), breaks)
    x = x[(x > low) & (x < high)]

    def difference(at):
        return estimate.density(at) - target.density(at)

    cuts = np.unique(np.concatenate([[low], _roots(x, difference), breaks, [high]]))
    cuts = cuts[(cuts >= low) & (cuts <= high)]
    gap = np.diff(estimate.cumulative(cuts)) - target.interval_mass(cuts)
    outside = 1 - target.interval_mass(np.array([low, high]))[0]
    return 0.5 * float(np.abs(gap).sum() + abs(outside))


def _around(ends, width):
    graded = width * np.geomspace(1e-15, 0.1, 400)
    return [end + sign * graded for end in ends for sign in (-1, 1)]


def _roots(x, function):
    positive = function(x) > 0
    at = np.flatnonzero(positive[1:] != positive[:-1])
    a, b, sign = x[at], x[at + 1], positive[at]
    for _ in range(_BISECTIONS):
        middle = (a + b) / 2
        same = (function(middle) > 0) == sign
        a, b = np.where(same, middle, a), np.where(same, b, middle)
    return (a + b) / 2


@pytest.fixture(scope="session")
def warm_python():
    """A program to start commands with, in the place of ``sys.executable``."""
    warm = Warm()
    yield warm.python
    warm.close()


@pytest.fixture(scope="module")
def warm_workers(warm_python):
    """Processes that this module starts as ``sys.executable`` come with the libraries."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", warm_python)
        yield


@pytest.fixture(scope="session")
def exact_tv():
    """``exact_tv(points, weights, bandwidth, kernel, target, marks=())``, accurate to 1e-9."""
    return _exact_tv
