"""One TV from given points in one dimension, at n = 1e3 to 1e6, at equal accuracy where possible.

Ours, at the accuracy asked for: binned spectrum, smoothing, cell masses, TV; the target on the
grid is prepared beforehand, and so are the peers' target values. ``KDEpy`` and ``statsmodels`` use
the smallest power of two from which on three grids in a row err by at most that accuracy (one alone
may do so by luck); ``scipy`` and ``sklearn`` (``rtol=0``) 1024 points, at n = 1e5 and more timed on
32 of them and multiplied. The reference is exact to 1e-9; at n = 1e6 it takes a minute. All
single-threaded; compiled lines are loaded, as they are after a second's work.
"""

import numpy as np
import pytest
from KDEpy import FFTKDE
from scipy.stats import gaussian_kde
from sklearn.neighbors import KernelDensity
from statsmodels.nonparametric.kde import KDEUnivariate

from bounds import cycles
from empirics import Experiment, Numerics
from empirics.compiled import is_loaded
from empirics.distances import total_variation
from empirics.grid import Axis
from empirics.kde.engine import smoothers
from empirics.kde.laws import empirical_spectrum
from empirics.models import Gaussian, Kde
from empirics.shares import shared_on_line
from empirics.target_law import target_law

pytestmark = pytest.mark.benchmark
_CELLS = [2**k for k in range(7, 20)]
_ACCURACIES = (1e-6, 1e-4)


class _Peer:
    def __init__(self, points, h, target):
        self.points, self.h, self.target = points, h, target

    def prepare(self, cells):
        self.x = np.linspace(-9.0, 9.0, cells)
        self.real, self.step = self.target.density(self.x), self.x[1] - self.x[0]
        return self

    def tv(self):
        return 0.5 * np.abs(self.values() - self.real).sum() * self.step


class _Kdepy(_Peer):
    def values(self):
        return FFTKDE(kernel="gaussian", bw=self.h).fit(self.points).evaluate(self.x)


class _Statsmodels(_Peer):
    def prepare(self, cells):
        self.cells = cells
        x = self._fit()[1]
        self.real, self.step = self.target.density(x), x[1] - x[0]
        tails = self.target.interval_mass(np.array([-99.0, x[0], x[-1], 99.0]))
        self.outside = 0.5 * (tails[0] + tails[2])
        return self

    def _fit(self):
        law = KDEUnivariate(self.points)
        law.fit(kernel="gau", bw=self.h, fft=True, gridsize=self.cells, cut=8)
        return law.density, law.support

    def values(self):
        return self._fit()[0]

    def tv(self):
        return super().tv() + self.outside


class _Scipy(_Peer):
    def values(self):
        return gaussian_kde(self.points, bw_method=self.h / self.points.std(ddof=1))(self.x)


class _Sklearn(_Peer):
    def values(self):
        law = KernelDensity(bandwidth=self.h, rtol=0).fit(self.points[:, None])
        return np.exp(law.score_samples(self.x[:, None]))


def _ours(points, h, target, accuracy):
    experiment = Experiment(
        target=target,
        model=Kde(h),
        cycle=cycles.full_synthetic(n=len(points)),
        generations=1,
        numerics=Numerics(sampling="points", tv_accuracy=accuracy),
    )
    (smoother,) = smoothers(experiment)
    grid = smoother.grid
    law, finer = target_law(target, grid), smoother.finer(1 / len(points), accuracy)

    def tv():
        spectrum = smoother.smooth(empirical_spectrum(points, None, grid, finer))
        return total_variation(smoother.masses(spectrum)[None], law, 1.0, grid).value[0]

    return tv


def _accurate(kind, points, h, target, exact, accuracy):
    """The peer on the smallest grid that is as accurate as asked, or on the finest."""
    good = 0
    for cells in _CELLS:
        error = abs(kind(points, h, target).prepare(cells).tv() - exact)
        good = good + 1 if error <= accuracy else 0
        if good == 3:
            return kind(points, h, target).prepare(cells // 4), str(cells // 4)
    return kind(points, h, target).prepare(_CELLS[-1]), f"{_CELLS[-1]} (less accurate)"


@pytest.fixture(autouse=True)
def _loaded():
    points = np.zeros(10**5)
    shared_on_line(points, None, Axis(-1.0, 0.1, 20), 1)
    assert is_loaded()


@pytest.mark.parametrize("size", [10**3, 10**4, 10**5, 10**6])
def test_one_tv(size, mixture, alternating, show, exact_tv):
    h = 0.55 * size**-0.2
    points = mixture.sample(size, np.random.default_rng(1))
    exact = exact_tv(points, None, h, Gaussian(), mixture)
    slow = {k.__name__[1:]: k(points, h, mixture).prepare(1024) for k in (_Scipy, _Sklearn)}
    part = 1 if size < 10**5 else 32
    slow_errors = {n: abs(p.tv() - exact) if part == 1 else np.nan for n, p in slow.items()}
    for peer in slow.values():
        peer.x, peer.real = peer.x[::part], peer.real[::part]
    for accuracy in _ACCURACIES:
        ours = _ours(points, h, mixture, accuracy)
        fast = {
            k.__name__[1:]: _accurate(k, points, h, mixture, exact, accuracy)
            for k in (_Kdepy, _Statsmodels)
        }
        jobs = {"ours": ours} | {n: p.tv for n, (p, _) in fast.items()}
        times = alternating(jobs, repeats=25)
        grids = {"ours": ""} | {n: cells for n, (_, cells) in fast.items()}
        rows = [
            (n, 1e3 * times[n], times[n] / times["ours"], abs(job() - exact), grids[n])
            for n, job in jobs.items()
        ]
        times = alternating({"ours": ours} | {n: p.tv for n, p in slow.items()}, repeats=3)
        rows += [
            (n, part * 1e3 * times[n], part * times[n] / times["ours"], slow_errors[n], "1024")
            for n in slow
        ]
        columns = ("peer", "milliseconds", "times ours", "error", "points")
        show(f"one TV to {accuracy:g}, n = {size}", columns, rows)
        assert abs(ours() - exact) < accuracy
