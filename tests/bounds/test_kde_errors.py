"""The quadrature error of the KDE bounds holds: against sums that share no code with them."""

import importlib.util
import sys
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import ndtr, voigt_profile

from bounds import cycles, get
from bounds.errors import ParameterError
from bounds.kde import Normal, Setting, along, kde_quantities, loop_moments
from bounds.kde.grid import quadrature_grid
from bounds.kde.quantities import root_beyond
from empirics.targets import Frozen, gaussian_mixture

_spec = importlib.util.spec_from_file_location("smoothed", Path(__file__).parent / "smoothed.py")
smoothed = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(smoothed)
FAMILY, WIDTHS = smoothed.FAMILY, smoothed.WIDTHS
_QUICK = [("triangle", 0.2), ("triangle", 0.4), ("overlapping uniforms", 0.1), ("semicircle", 0.4)]
_CASES = [
    pytest.param(name, h, marks=[] if (name, h) in _QUICK else pytest.mark.slow)
    for name in FAMILY
    for h in WIDTHS
]
_REFERENCE = 3e-8
"""Error of the reference."""


def _found(name, target, h, n=10, generations=1):
    setting = Setting(cycles.full_synthetic(n=n), target, (h,) * generations)
    found = along(get(name), setting)
    return found.value[-1], found.error[-1]


@pytest.mark.parametrize(("name", "h"), _CASES)
def test_the_error_covers_the_truth(name, h):
    """One generation: half the integrals of ``|b|`` and of ``sqrt(b^2 + V)``, 66 cases."""
    target = FAMILY[name]
    for size in (1000, 10**9):
        exact = smoothed.reference(target, h, size)
        value, error = _found("kde-sandwich", target, h, size)
        assert abs(value - exact) <= error + _REFERENCE
        assert np.array_equal(_found("kde-one-step", target, h, size), (value, error))
    exact = smoothed.reference(target, h)
    for bound in ("kde-sandwich-lower", "kde-bias-exact"):
        value, error = _found(bound, target, h)
        assert abs(value - exact) <= error + _REFERENCE
        assert error < 0.1 * exact


@pytest.mark.parametrize(("name", "h"), _CASES)
def test_the_error_covers_the_truth_with_few_parts_of_a_cell(name, h, monkeypatch):
    """As where the window is wide against the bandwidth."""
    monkeypatch.setattr("bounds.kde.grid._MOST_PARTS", 1)
    loop_moments.cache_clear()
    exact = smoothed.reference(FAMILY[name], h, 10**9)
    value, error = _found("kde-sandwich", FAMILY[name], h, 10**9)
    loop_moments.cache_clear()
    assert abs(value - exact) <= error + _REFERENCE


def test_cells_of_a_wide_window_have_fewer_parts():
    """A heavy tail's masses are what takes the time: parts of all cells stay below 2^21."""
    narrow, wide = (
        quadrature_grid(Setting(cycles.full_synthetic(n=10), Frozen(law), (0.14,)))
        for law in (stats.norm(), stats.t(4))
    )
    assert (narrow.split, wide.split) == (32, 8)
    assert wide.coarser().split == 8
    assert wide.parts(Frozen(stats.t(4))).shape == (*wide.shape, 8)


@pytest.mark.parametrize(("name", "h"), [("triangle", 0.2), ("overlapping uniforms", 0.1)])
def test_a_quarter_of_the_error_is_too_little(name, h):
    exact = smoothed.reference(FAMILY[name], h, 10**9)
    value, error = _found("kde-sandwich", FAMILY[name], h, 10**9)
    assert abs(value - exact) > error / 4


@pytest.mark.parametrize("generations", [2, 5])
@pytest.mark.parametrize("name", ["triangle", "overlapping uniforms"])
def test_the_bias_of_later_generations(name, generations):
    """Full synthetic: model ``j`` smooths by ``h sqrt(j)``; the recursion adds ``j`` biases."""
    target, h = FAMILY[name], 0.15
    exact = smoothed.reference(target, h * generations**0.5)
    value, error = _found("kde-sandwich-lower", target, h, 10, generations)
    assert abs(value - exact) <= error + _REFERENCE
    noise, slack = _found("kde-recursion", target, h, 10**14, generations)
    one = smoothed.reference(target, h)
    assert abs(noise - generations * one) <= slack + 1e-6


@dataclass(frozen=True)
class _Square:
    """Uniform, or two uniforms side by side, on the unit square."""

    cut: float = 0.5
    left: float = 0.5
    dimension = 2
    support = ((0.0, 1.0), (0.0, 1.0))

    def window(self, tail):
        return self.support

    def density(self, x):
        inside = ((x >= 0) & (x <= 1)).all(axis=-1)
        first = np.where(x[..., 0] < self.cut, self.left / self.cut, self._right)
        return inside * first

    @property
    def _right(self):
        return (1 - self.left) / (1 - self.cut)

    def characteristic(self, *omega):
        u, v = np.broadcast_arrays(*omega)
        first = self.left * _uniform(u, 0, self.cut) + (1 - self.left) * _uniform(u, self.cut, 1)
        return first * _uniform(v, 0, 1)

    def finest_scale(self):
        return 1.0


def _uniform(w, a, b):
    return np.exp(-0.5j * w * (a + b)) * np.sinc(w * (b - a) / (2 * np.pi))


def _of_square(target, h, size):
    """Tensor Gauss-Legendre sums; smoothed uniforms in closed form."""
    cuts = [-9 * h, 0.0, target.cut, 1.0, 1 + 9 * h]
    nodes, weights = np.polynomial.legendre.leggauss(6)
    edges = np.unique(np.concatenate([np.linspace(a, b, 61) for a, b in pairwise(cuts)]))
    half = np.diff(edges) / 2
    x = ((edges[:-1] + half)[:, None] + half[:, None] * nodes).ravel()
    w = (half[:, None] * weights).ravel()

    def smooth(width, a, b):
        return ndtr((b - x) / width) - ndtr((a - x) / width)

    def first(width):
        low = target.left / target.cut * smooth(width, 0, target.cut)
        return low + target._right * smooth(width, target.cut, 1)

    mean = np.outer(first(h), smooth(h, 0, 1))
    narrow, root = h / np.sqrt(2), 1 / (2 * np.sqrt(np.pi) * h)
    second = root**2 * np.outer(first(narrow), smooth(narrow, 0, 1))
    mesh = np.stack(np.meshgrid(x, x, indexing="ij"), axis=-1)
    spread = np.maximum(second - mean**2, 0) / size
    return 0.5 * float(w @ np.sqrt((mean - target.density(mesh)) ** 2 + spread) @ w)


@pytest.mark.parametrize("target", [_Square(), _Square(0.37)], ids=["aligned", "in a cell"])
@pytest.mark.parametrize("size", [400, 10**9])
def test_jumps_in_the_plane(target, size):
    exact = _of_square(target, 0.12, size)
    value, error = _found("kde-sandwich", target, 0.12, size)
    assert abs(value - exact) <= error + 1e-6
    assert error < 0.03 * exact


_SETTING = Setting(cycles.full_synthetic(n=100), Normal(), (0.3,))


def _plant(monkeypatch, fine, coarse):
    module = sys.modules["bounds.kde.quantities"]
    monkeypatch.setattr(module, "loop_moments", lambda setting: (fine, coarse))


@pytest.mark.parametrize(
    "planted", [{"unresolved": 0.01}, {"left_out": np.array([0.01])}], ids=["unresolved", "tail"]
)
def test_each_known_part_is_in_the_error(planted, monkeypatch):
    """A planted part of 0.01 arrives whole, and once."""
    fine, found = loop_moments(_SETTING)[0], []
    for extra in ({}, planted):
        parts = {"unresolved": 0.0, "left_out": np.zeros(1)} | extra
        _plant(monkeypatch, replace(fine, **parts), fine)
        found.append(along(get("kde-sandwich"), _SETTING).error[0])
    assert found[1] - found[0] == pytest.approx(0.01, rel=1e-9)


def test_the_change_on_halving_is_in_the_error(monkeypatch):
    fine, _ = loop_moments(_SETTING)
    doubled = replace(fine, bias=2 * fine.bias)
    still = replace(fine, bias_alone_at_most=np.abs(fine.bias), unresolved=0.0)
    _plant(monkeypatch, still, doubled)
    found = along(get("kde-sandwich-lower"), _SETTING)
    np.testing.assert_allclose(found.error, found.value, rtol=1e-12)


def test_a_part_of_the_pool_drawn_without_replacement():
    """Two of four points: the draw has ``(4 - 2) / (4 - 1)`` of the variance of free draws."""
    widths = (0.4, 0.4)
    parts = [
        loop_moments(Setting(cycles.balanced(n=2, data=data), Normal(), widths))[0]
        for data in ("subsampled", "reused")
    ]
    drawn = parts[0].variance[1] - parts[1].variance[1]
    np.testing.assert_allclose(drawn, 2 / 3 * parts[0].kernel_variance[1] / 2, atol=1e-12)


@pytest.mark.parametrize("tail", [1e-3, 1e-6])
@pytest.mark.parametrize("law", [stats.norm(), stats.laplace(), stats.t(2), stats.t(4)])
def test_the_root_beyond_a_window_is_bounded(law, tail):
    def root(u):
        return float(np.sqrt(law.pdf(np.exp(u))) * np.exp(u))

    exact = 2 * quad(root, np.log(law.isf(tail)), 80, limit=500)[0]
    assert exact <= root_beyond(Frozen(law), tail) <= 1.5 * exact


def test_a_tail_too_heavy_for_the_root_is_told():
    """The density of a Cauchy law has no integrable root; its bias has a value."""
    cauchy = Frozen(stats.cauchy())
    with pytest.raises(ParameterError, match=r"^target .*is infinite") as raised:
        _found("kde-sandwich", cauchy, 0.4)
    assert "\n" not in str(raised.value)
    value, error = _found("kde-sandwich-lower", cauchy, 0.4)
    exact = 0.5 * quad(_cauchy_gap, -200, 200, points=[-1, 0, 1], limit=500)[0]
    assert abs(value - exact) <= error + 1e-6
    assert error < 2e-3


def _cauchy_gap(x):
    """Smoothed by Voigt's profile."""
    return abs(voigt_profile(x, 0.4, 1.0) - stats.cauchy.pdf(x))


@pytest.mark.slow
def test_a_heavy_tail_that_is_cut_counts_as_error():
    moments = loop_moments(Setting(cycles.full_synthetic(n=10**4), Frozen(stats.t(2)), (0.5,)))[0]
    assert 0 < moments.unresolved < 1e-3
    assert 0 < moments.left_out[0] < 5e-3


def test_places_known_to_rounding_only_are_refused():
    with pytest.raises(ParameterError, match=r"^target: at .* subtract a constant"):
        kde_quantities(bandwidth=1e-7, n=10, target=gaussian_mixture([1.0], [1e9], 1e-6))
