"""Compiled sums of shared points against NumPy's, and the shares against their definition."""

import numpy as np
import pytest

from empirics import shares
from empirics.grid import Axis, Grid
from empirics.shares import shared_in_plane, shared_on_line

LINE = Axis(-2.0, 0.25, 16)
PLANE = Grid((Axis(-2.0, 0.25, 16), Axis(-1.0, 0.2, 20)))


def _points(size, dimension, seed=3):
    """Some lie outside the grid and wrap around."""
    drawn = np.random.default_rng(seed).normal(size=(size, dimension)) * 1.5
    return drawn[:, 0] if dimension == 1 else drawn


def _weights(size, weighted):
    return np.random.default_rng(4).dirichlet(np.ones(size)) if weighted else None


def _linear(points, weights, axis, finer):
    """Each point's shares, one at a time."""
    count = axis.cells * finer
    out = np.zeros(count)
    for i, x in enumerate(points):
        place = (x - axis.centres[0]) * finer / axis.step
        left = int(np.floor(place))
        weight = 1.0 if weights is None else weights[i]
        out[left % count] += weight * (1 - (place - left))
        out[(left + 1) % count] += weight * (place - left)
    return out


def _quadratic(distance):
    """The quadratic B-spline at a distance in cells."""
    near, far = 0.75 - distance**2, 0.5 * (1.5 - np.abs(distance)) ** 2
    return np.where(np.abs(distance) <= 0.5, near, np.where(np.abs(distance) < 1.5, far, 0.0))


def _biquadratic(points, weights, grid):
    factors = []
    for x, axis in zip(points.T, grid.axes, strict=True):
        gap = (x[:, None] - axis.centres) / axis.step
        gap -= axis.cells * np.round(gap / axis.cells)
        factors.append(_quadratic(gap))
    equal = np.ones(len(points)) if weights is None else weights
    return np.einsum("n,na,nb->ab", equal, *factors)


@pytest.mark.parametrize("compiled", [False, True], ids=["numpy", "numba"])
@pytest.mark.parametrize("weighted", [False, True], ids=["equal", "weighted"])
def test_shares_are_the_splines(compiled, weighted, monkeypatch):
    monkeypatch.setattr(shares, "_COMPILED_FROM", 0 if compiled else 10**9)
    monkeypatch.setattr(shares, "_BLOCK", 64)
    weights = _weights(200, weighted)
    x = _points(200, 1)
    for finer in (1, 4):
        found = shared_on_line(x, weights, LINE, finer)
        np.testing.assert_allclose(found, _linear(x, weights, LINE, finer), atol=1e-12)
    xy = _points(200, 2)
    found = shared_in_plane(xy, weights, PLANE)
    np.testing.assert_allclose(found, _biquadratic(xy, weights, PLANE), atol=1e-12)


@pytest.mark.parametrize("weighted", [False, True], ids=["equal", "weighted"])
@pytest.mark.parametrize("size", [1, 1000, 2**15])
def test_one_block_gives_the_same_numbers_compiled(size, weighted, monkeypatch):
    pytest.importorskip("numba")
    x, weights, found = 3 * _points(size, 1), _weights(size, weighted), []
    for loaded in (False, True):
        monkeypatch.setattr(shares, "is_loaded", lambda answer=loaded: answer)
        found.append(shared_on_line(x, weights, LINE, 4))
    np.testing.assert_array_equal(*found)


def test_many_points_are_summed_alike_with_and_without_numba(monkeypatch):
    x, xy = _points(70_000, 1), _points(70_000, 2)
    found = [shared_on_line(x, None, LINE, 16), shared_in_plane(xy, None, PLANE)]
    monkeypatch.setattr(shares, "is_installed", lambda: False)
    plain = [shared_on_line(x, None, LINE, 16), shared_in_plane(xy, None, PLANE)]
    for one, other in zip(found, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-8)
        assert one.sum() == pytest.approx(70_000, rel=1e-12)
