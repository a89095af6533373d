"""Spectra of points against direct sums of exponentials."""

import numpy as np
import pytest

from empirics.grid import Axis, Grid
from empirics.kde.laws import aliasing, empirical_spectrum

GRIDS = {
    "line": Grid((Axis(-3.0, 0.05, 128),)),
    "plane": Grid((Axis(-3.0, 0.2, 32), Axis(-4.0, 0.2, 40))),
}


def _direct(points, weights, grid):
    flat = points.reshape(len(points), -1)
    phases = [
        np.exp(-1j * np.multiply.outer(w.ravel(), x - a.centres[0]))
        for w, x, a in zip(grid.frequencies, flat.T, grid.axes, strict=True)
    ]
    if grid.dimension == 1:
        return phases[0] @ weights
    return np.einsum("an,bn,n->ab", *phases, weights)


def _aliasing(grid):
    """Largest relative size of the aliases: ``2 (w s / (2 pi - w s))^p`` and what follows, for
    splines of order 2 on a grid 16 times finer, and of order 3.
    """
    order, finer = (2, 16) if grid.dimension == 1 else (3, 1)
    out = np.zeros(())
    for w, axis in zip(grid.frequencies, grid.axes, strict=True):
        turn = np.abs(w) * axis.step / finer / (2 * np.pi)
        out = out + 3.5 * (turn / (1 - turn)) ** order
    return out


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
@pytest.mark.parametrize("weighted", [False, True])
def test_spectrum_is_the_direct_sum_but_for_aliasing(grid, weighted):
    generator = np.random.default_rng(1)
    shape = (300,) if grid.dimension == 1 else (300, 2)
    points = generator.normal(size=shape) * 0.8
    weights = generator.dirichlet(np.ones(300)) if weighted else None
    exact = _direct(points, np.full(300, 1 / 300) if weights is None else weights, grid)
    found = empirical_spectrum(points, weights, grid)
    gap = np.abs(found - exact)
    assert np.all(gap <= _aliasing(grid) + 1e-13)
    slow = _aliasing(grid) < 1e-2
    assert slow.sum() >= 10
    assert gap[slow].max() < 1e-2
    assert found.ravel()[0] == pytest.approx(1, abs=1e-12)


def test_aliasing_falls_with_the_square_of_the_step():
    """Slope over three halvings of the step, mean square over fixed frequencies and 30 samples;
    the last gap is the stated one, :func:`empirics.kde.laws.aliasing`, within a factor of two.
    """
    samples = np.random.default_rng(2).normal(size=(30, 50))
    gaps = []
    for cells in (128, 256, 512, 1024):
        grid = Grid((Axis(-8.0, 16.0 / cells, cells),))
        off = [
            empirical_spectrum(x, None, grid) - _direct(x, np.full(50, 0.02), grid) for x in samples
        ]
        gaps.append(np.sqrt(np.mean(np.abs(off)[:, 2:9] ** 2)))
    slopes = np.diff(-np.log2(gaps))
    assert np.all((slopes > 1.7) & (slopes < 2.3))
    stated = np.sqrt(np.mean(aliasing(grid)[2:9] ** 2) / 50)
    assert 0.5 < gaps[-1] / stated < 2


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_repeated_points_are_weights(grid):
    generator = np.random.default_rng(3)
    points = generator.normal(size=(20,) if grid.dimension == 1 else (20, 2))
    counts = generator.integers(1, 5, 20)
    one = empirical_spectrum(np.repeat(points, counts, axis=0), None, grid)
    np.testing.assert_allclose(
        empirical_spectrum(points, counts / counts.sum(), grid), one, atol=1e-12
    )


def test_points_outside_wrap_around():
    grid = GRIDS["line"]
    points = np.random.default_rng(4).normal(size=10)
    period = grid.axes[0].high - grid.axes[0].low
    np.testing.assert_allclose(
        empirical_spectrum(points + period, None, grid),
        empirical_spectrum(points, None, grid),
        atol=1e-11,
    )
