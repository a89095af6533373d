"""Smoothed laws on the line by composite Gauss-Legendre sums: an independent reference."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import stats

__all__ = ["FAMILY", "WIDTHS", "Blend", "reference"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)


@dataclass(frozen=True)
class Blend:
    """A mixture of ``scipy.stats`` laws, and the places where its density is not smooth."""

    weights: tuple
    laws: tuple
    breaks: tuple
    support: tuple = ((-np.inf, np.inf),)
    dimension = 1

    def density(self, x):
        return sum(w * law.pdf(x) for w, law in zip(self.weights, self.laws, strict=True))

    def interval_mass(self, edges):
        return sum(
            self._mass(w, law, edges) for w, law in zip(self.weights, self.laws, strict=True)
        )

    @staticmethod
    def _mass(weight, law, edges):
        right = np.where(edges[1:] > law.median(), -np.diff(law.sf(edges)), np.diff(law.cdf(edges)))
        return weight * right

    def window(self, tail):
        ends = [(law.ppf(tail), law.isf(tail)) for law in self.laws]
        return ((min(a for a, _ in ends), max(b for _, b in ends)),)


def _one(law, *breaks, support=((-np.inf, np.inf),)):
    return Blend((1.0,), (law,), breaks, support)


FAMILY = {
    "triangle": _one(stats.triang(0.2, -1, 3), -1, -0.4, 2, support=((-1.0, 2.0),)),
    "overlapping uniforms": Blend(
        (0.6, 0.4), (stats.uniform(0, 1), stats.uniform(0.63, 1.5)), (0, 0.63, 1, 2.13)
    ),
    "spike and laplace": Blend(
        (0.1, 0.9), (stats.norm(0.3, 0.03), stats.laplace()), (0, 0.3, 0.2, 0.4)
    ),
    "gamma and normal": Blend((0.5, 0.5), (stats.gamma(2.5), stats.norm(3, 0.4)), (0, 3)),
    "uniform": _one(stats.uniform(-0.5, 1), -0.5, 0.5, support=((-0.5, 0.5),)),
    "laplace": _one(stats.laplace(0.0137), 0.0137),
    "exponential": _one(stats.expon(), 0, support=((0.0, np.inf),)),
    "semicircle": _one(stats.semicircular(), -1, 1, support=((-1.0, 1.0),)),
    "normal": _one(stats.norm(), 0),
    "two normals": Blend((0.7, 0.3), (stats.norm(-1, 1), stats.norm(2, 0.3)), (0, 2)),
    "triangle and exponential": Blend(
        (0.5, 0.5), (stats.triang(0.5, -2, 1.7), stats.expon(-0.4)), (-2, -1.15, -0.3, -0.4)
    ),
}
WIDTHS = (0.05, 0.1, 0.2, 0.4, 0.7, 1.0)


def reference(target, h, size=np.inf, cells=24):
    """``1/2 int sqrt(b^2 + V / size)`` of one generation with a normal kernel of width ``h``."""
    ((low, high),) = target.window(1e-15)
    y, mass = _panels(target, (low, high), h / 4)
    mass = mass * target.density(y)
    x, weights = _panels(target, (low - 9 * h, high + 9 * h), h / cells)
    parts = np.array_split(np.arange(len(x)), max(1, len(x) * len(y) // 2**22))
    return 0.5 * sum(_part(target, h, size, x[p], weights[p], y, mass) for p in parts)


def _part(target, h, size, x, weights, y, mass):
    near = slice(*np.searchsorted(y, [x[0] - 10 * h, x[-1] + 10 * h]))
    kernel = np.exp(-0.5 * ((x[:, None] - y[None, near]) / h) ** 2) / (h * np.sqrt(2 * np.pi))
    mean, second = kernel @ mass[near], kernel**2 @ mass[near]
    variance = np.maximum(second - mean**2, 0) / size
    return float(weights @ np.sqrt((mean - target.density(x)) ** 2 + variance))


def _panels(target, window, width):
    """Nodes and weights on panels no wider than ``width`` that end at every break."""
    low, high = window
    cuts = sorted({low, high, *(b for b in target.breaks if low < b < high)})
    edges = np.concatenate(
        [np.linspace(a, b, int(np.ceil((b - a) / width)) + 1)[:-1] for a, b in pairwise(cuts)]
        + [[high]]
    )
    half = np.diff(edges) / 2
    nodes = (edges[:-1] + half)[:, None] + half[:, None] * _NODES
    return nodes.ravel(), (half[:, None] * _WEIGHTS).ravel()
