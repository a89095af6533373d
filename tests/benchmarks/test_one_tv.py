"""One TV from given points in one dimension, at n = 1e3 to 1e6, at equal accuracy where possible.

Ours: binned spectrum, smoothing, cell masses, TV; the target on the grid is prepared beforehand,
and so are the peers' target values. ``KDEpy`` and ``statsmodels`` use the smallest power of two
from which on three grids in a row err by at most 1e-6 (one alone may do so by luck); ``scipy`` and
``sklearn`` (``rtol=0``) 1024 points, at n = 1e5 and more timed on 32 of them and multiplied. The
reference is exact to 1e-9; at n = 1e6 it takes a minute. All single-threaded.
"""

import numpy as np
import pytest
from KDEpy import FFTKDE
from scipy.stats import gaussian_kde
from sklearn.neighbors import KernelDensity
from statsmodels.nonparametric.kde import KDEUnivariate

from bounds import cycles
from empirics import Experiment
from empirics.binning import empirical_spectrum
from empirics.distances import total_variation
from empirics.kde.engine import smoothers
from empirics.models import Gaussian, Kde
from empirics.target_law import target_law

pytestmark = pytest.mark.benchmark
_CELLS = [2**k for k in range(10, 21)]


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


def _ours(points, h, target):
    experiment = Experiment(
        target=target, model=Kde(h), cycle=cycles.full_synthetic(n=len(points)), generations=1
    )
    (smoother,) = smoothers(experiment)
    grid = smoother.grid
    law = target_law(target, grid)

    def tv():
        spectrum = smoother.smooth(empirical_spectrum(points, None, grid))
        return total_variation(grid.inverse(spectrum * grid.box)[None], law, 1.0, grid).value[0]

    return tv


def _accurate(kind, points, h, target, exact):
    errors = [abs(kind(points, h, target).prepare(c).tv() - exact) for c in _CELLS]
    fine = [max(errors[i : i + 3]) <= 1e-6 for i in range(len(_CELLS))]
    cells = _CELLS[fine.index(True)] if any(fine) else _CELLS[-1]
    return kind(points, h, target).prepare(cells), cells


@pytest.mark.parametrize("size", [10**3, 10**4, 10**5, 10**6])
def test_one_tv(size, mixture, alternating, show, exact_tv):
    h = 0.55 * size**-0.2
    points = mixture.sample(size, np.random.default_rng(1))
    exact = exact_tv(points, None, h, Gaussian(), mixture)
    ours = _ours(points, h, mixture)
    fast = {k.__name__[1:]: _accurate(k, points, h, mixture, exact) for k in (_Kdepy, _Statsmodels)}
    slow = {k.__name__[1:]: k(points, h, mixture).prepare(1024) for k in (_Scipy, _Sklearn)}
    part = 1 if size < 10**5 else 32
    errors = {name: abs(p.tv() - exact) for name, (p, _) in fast.items()}
    errors |= {name: abs(p.tv() - exact) if part == 1 else float("nan") for name, p in slow.items()}
    for peer in slow.values():
        peer.x, peer.real = peer.x[::part], peer.real[::part]
    jobs = {
        "ours": ours,
        **{n: p.tv for n, (p, _) in fast.items()},
        **{n: p.tv for n, p in slow.items()},
    }
    times = alternating(jobs, repeats=9)
    times |= {name: part * times[name] for name in slow}
    cells = {name: str(c) for name, (_, c) in fast.items()} | dict.fromkeys(slow, "1024")
    rows = [("ours", 1e3 * times["ours"], 1.0, abs(ours() - exact), "")]
    rows += [
        (n, 1e3 * times[n], times[n] / times["ours"], errors[n], cells[n]) for n in (*fast, *slow)
    ]
    show(f"one TV, n = {size}", ("peer", "milliseconds", "times ours", "error", "points"), rows)
    assert abs(ours() - exact) < 1e-6
