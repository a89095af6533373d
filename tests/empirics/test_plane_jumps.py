"""Laws of the plane with jumps along the axes: TV of one estimate against a fine sum."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import ndtr

from bounds import cycles
from empirics import Experiment, Numerics, Sampling, run
from empirics.kde.engine import smoothers
from empirics.loop import PointDraws, Pool
from empirics.models import Epanechnikov, Gaussian, Kde
from empirics.target_law import target_law
from empirics.targets import HasCharacteristic, Target, normal


@dataclass(frozen=True)
class Stripes(Target, HasCharacteristic):
    """Two uniforms side by side on the unit square; one if the cut is in the middle."""

    cut: float
    dimension = 2

    @property
    def support(self):
        return ((0.0, 1.0), (0.0, 1.0))

    def window(self, tail):
        return self.support

    def density(self, x):
        inside = ((x >= 0) & (x <= 1)).all(axis=-1)
        return inside * np.where(x[..., 0] < self.cut, 0.5 / self.cut, 0.5 / (1 - self.cut))

    def characteristic(self, *omega):
        u, v = np.broadcast_arrays(*omega)
        across = 0.5 * (_uniform(u, 0, self.cut) + _uniform(u, self.cut, 1))
        return across * _uniform(v, 0, 1)

    def finest_scale(self):
        return 1.0

    def sample(self, size, generator):
        u = generator.random((size, 2))
        left = generator.random(size) < 0.5
        u[:, 0] = np.where(left, self.cut * u[:, 0], self.cut + (1 - self.cut) * u[:, 0])
        return u


def _uniform(w, a, b):
    return np.exp(-0.5j * w * (a + b)) * np.sinc(w * (b - a) / (2 * np.pi))


def _loop(target, h, kernel=None, **changes):
    parts = {"generations": 1, "replicates": 1, "seed": 4, "cycle": cycles.full_synthetic(n=400)}
    return Experiment(target=target, model=Kde(h, kernel or Gaussian()), **parts | changes)


@pytest.mark.parametrize("cut", [0.5, 0.37])
@pytest.mark.parametrize("kernel", [Gaussian(), Epanechnikov()], ids=repr)
def test_one_estimate_against_a_fine_sum(cut, kernel):
    """Midpoint sums over 1600^2 cells with the jumps on their boundaries are off by 2e-5."""
    target, h = Stripes(cut), 0.12
    loop = _loop(target, h, kernel, numerics=Numerics(sampling=Sampling.POINTS))
    found = run(loop)
    pool = Pool(loop.cycle, PointDraws(target, loop.stream(0)))
    points = pool.training(np.ones(1), int(loop.cycle.size(1))).data.points
    axes = [np.concatenate([_middles(a, b) for a, b in ((-0.8, 0), (0, c), (c, 1), (1, 1.8))])
            for c in (cut, 0.5)]  # fmt: skip
    widths = [_widths(c) for c in (cut, 0.5)]
    bells = [kernel.density((x[:, None] - points[None, :, i]) / h) / h for i, x in enumerate(axes)]
    gap = bells[0] @ bells[1].T / 400 - target.density(
        np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    )
    exact = 0.5 * float(widths[0] @ np.abs(gap) @ widths[1])
    value, error = found.matrix("tv")[0, 0], found.matrix("tv_error")[0, 0]
    assert abs(value - exact) <= error + 3e-5
    assert error < (0.002 if cut == 0.5 else 0.02)


def _middles(a, b, count=400):
    return a + (b - a) / count * (np.arange(count) + 0.5)


def _widths(cut):
    return np.repeat(np.array([0.8, cut, 1 - cut, 0.8]) / 400, 400)


@pytest.mark.parametrize("h", [0.05, 0.3])
def test_the_smoothed_square(h):
    """Every axis is a uniform law smoothed by a normal one: closed form, and a tensor sum."""
    target = Stripes(0.5)
    found = run(_loop(target, h, numerics=Numerics(sampling=Sampling.POPULATION)))
    edges = np.concatenate([np.linspace(-9 * h, 0, 500)[:-1], np.linspace(0, 1, 500)[:-1],
                            np.linspace(1, 1 + 9 * h, 500)])  # fmt: skip
    x, w = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    smooth = ndtr((1 - x) / h) - ndtr(-x / h)
    inside = (x > 0) & (x < 1)
    exact = 0.5 * float(w @ np.abs(np.outer(smooth, smooth) - np.outer(inside, inside)) @ w)
    value, error = found.matrix("tv")[0, 0], found.matrix("tv_error")[0, 0]
    assert abs(value - exact) <= error + 1e-5
    assert error < 1e-4


def test_masses_between_jumps_are_exact_and_others_have_an_error():
    exact, cut = (
        target_law(t, smoothers(_loop(t, 0.1))[0].grid) for t in (Stripes(0.5), Stripes(0.37))
    )
    inside = exact.masses[exact.masses > 1e-12]
    np.testing.assert_allclose(inside, inside[0], rtol=1e-12)
    assert exact.unresolved < 1e-12
    assert cut.mass_defect <= cut.unresolved < 0.02


def test_smooth_laws_go_by_their_transform():
    law = target_law(normal(2), smoothers(_loop(normal(2), 0.4))[0].grid)
    assert law.slopes is None
    assert law.unresolved == 0


def test_later_generations_and_one_step_distances():
    """The distance to the mixture that was learned, for a share of real data, counts and points."""
    cycle = cycles.fresh_real(n=2000, share=0.3)
    target = Stripes(0.37)
    for sampling in (Sampling.COUNTS, Sampling.POINTS):
        loop = _loop(target, 0.2, cycle=cycle, generations=2, numerics=Numerics(sampling=sampling))
        found = run(loop)
        tv, step = found.matrix("tv")[0], found.matrix("one_step_tv")[0]
        slack = found.matrix("tv_error")[0] + found.matrix("one_step_error")[0]
        assert step[0] == tv[0]
        assert tv[1] <= step[1] + 0.7 * tv[0] + slack.sum()
        assert np.all(slack < 0.12)
