r"""Constants of the explicit bound from a target and a training time, for all numbers of points.

Points lie in cells, as in a loop's training sets, so that moments over them are exact sums;
integrals over noising time come with the error that nested rules tell, and what happens between
two training times is bounded by derivatives.

Mean squares of products of two sample means are exact, too. With ``n`` independent points, ``E_x``
symmetric of mean zero, ``a_x`` a row of mean zero and ``M`` diagonal,

.. math:: \mathbb{E}\Bigl|\tfrac1n\sum_i a_{x_i} \tfrac1n\sum_k E_{x_k} M^{1/2}\Bigr|^2
          = \frac{A + (n - 1)(B + C + D)}{n^3},

.. math:: A = \mathbb{E}|a E M^{1/2}|^2, \quad B = |\mathbb{E}\,a E M^{1/2}|^2, \quad
          C = \mathrm{tr}(\mathrm{Cov}(a)\,\mathbb{E}[E M E]), \quad
          D = \sum_{pmr} T_{pmr} M_m T_{rpm}, \quad T_{pmr} = \mathbb{E}\,a_p E_{mr}.

Of the four indices only equal ones and three pairings leave a mean; ``D <= C`` by Cauchy-Schwarz.

Derived: the proof of ``diffusion-explicit``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.special import logsumexp

from empirics.diffusion.line_laws import LineLaws
from empirics.diffusion.line_model import LineTables
from empirics.diffusion.training_time import GradientFlow, Influence, flow_factor
from empirics.targets import Univariate

__all__ = ["Constants", "PointMatrices", "Weighted", "first_generation", "settled"]

Array = np.ndarray
_DRAWN = 1e-16
"""Mass of a cell below which no point is drawn from it."""
_RATIO = 1.04
"""Of neighbouring training times at which sizes are computed."""
_STRIDE = 4
"""Of these times, one of so many serves while a time is early."""
_LATE = 1 / 30
"""Part of ``tau`` from which times are late: what is bounded roughly counts most there."""
_FIRST = 0.05
"""First of them, over the inverse of the largest eigenvalue."""
_TAIL = np.geomspace(1e-3, 1e3, 600)


@dataclass(frozen=True, eq=False)
class Weighted:
    """Vectors whose products with the diagonal of ``M`` are ``A`` and ``B + C + D``."""

    once: Float[Array, "features"]
    paired: Float[Array, "features"]

    def root(self, diagonal: Float[Array, "features"], n: int) -> float:
        """Root of the mean square for ``n`` points."""
        square = (self.once + (n - 1) * self.paired) @ diagonal / float(n) ** 3
        return float(np.sqrt(max(square, 0.0)))


@dataclass(frozen=True, eq=False)
class PointMatrices:
    """Points drawn independently, each with a positive semidefinite matrix.

    Args:
        probability: of every point.
        matrices: theirs, in coordinates in which ``M`` is diagonal.
    """

    probability: Float[Array, "points"]
    matrices: Float[Array, "points features features"]

    @cached_property
    def mean(self) -> Float[Array, "features features"]:
        """``E S_x``."""
        return np.tensordot(self.probability, self.matrices, 1)

    @cached_property
    def deviations(self) -> Float[Array, "points features features"]:
        """``E_x = S_x - E S_x``."""
        return self.matrices - self.mean

    @cached_property
    def squares(self) -> Float[Array, "features features features"]:
        """``E[E_{im} E_{jm}]`` with ``m`` first."""
        weighted = self.deviations * np.sqrt(self.probability)[:, None, None]
        columns = np.ascontiguousarray(weighted.transpose(2, 1, 0))
        return columns @ columns.transpose(0, 2, 1)

    @cached_property
    def spread(self) -> Weighted:
        """``M``-weighted mean squares that bound those of any ``a`` with ``E|a|^2 = 1``.

        By Cauchy-Schwarz: ``A`` is at most the largest ``|E_x M^{1/2}|^2``, ``B`` its mean, and
        ``C`` and ``D`` the trace of ``E[E M E]``, which is that mean too.
        """
        sizes = (self.deviations**2).sum(axis=1)
        mean = self.probability @ sizes
        return Weighted(sizes.max(axis=0), 3 * mean)

    @cached_property
    def eigenvalues(self) -> tuple[float, float]:
        """Least and largest of all matrices; rounding of a quadrature may leave one below zero."""
        values = np.linalg.eigvalsh(self.matrices)
        return float(values[:, 0].min()), float(values[:, -1].max())

    def second_moment(
        self, diagonal: Float[Array, "features"], shift: float
    ) -> Float[Array, "features"]:
        """Eigenvalues of ``E X^2`` for ``X = M^{1/2} (S_x + shift) M^{1/2}``."""
        mean = self.mean + shift * np.eye(len(diagonal))
        square = np.tensordot(diagonal, self.squares, 1) + (mean * diagonal) @ mean
        root = np.sqrt(diagonal)
        return np.maximum(np.linalg.eigvalsh(root[:, None] * square * root), 0.0)

    def products(self, rows: Float[Array, "points features"], exact: bool = True) -> Weighted:
        """The mean square for ``a_x`` with these values, which need not have mean zero.

        Args:
            rows: ``a_x``.
            exact: take ``D``; otherwise the larger ``C`` in its place, which is quicker.
        """
        p = self.probability
        rows = rows - p @ rows
        product = np.matmul(rows[:, None], self.deviations)[:, 0]
        covariance = (rows * p[:, None]).T @ rows
        C = np.tensordot(self.squares, covariance, 2)
        return Weighted(
            p @ product**2, (p @ product) ** 2 + C + (self._crossed(rows) if exact else C)
        )

    def _crossed(self, rows: Array) -> Float[Array, "features"]:
        points, k = rows.shape
        T = ((rows * self.probability[:, None]).T @ self.deviations.reshape(points, -1)).reshape(
            k, k, k
        )
        return np.asarray((T * T.transpose(1, 2, 0)).sum(axis=(0, 2)))


@dataclass(frozen=True, eq=False)
class Constants:
    """The constants that do not depend on the number of points.

    ``products`` and ``bends`` belong to ``a_x`` and its second derivative at every time, ``crude``
    bounds the root of ``E|a''''|^2`` on every interval.
    """

    stopping: float
    prior: float
    risk: float
    values: Float[Array, "features"]
    points: PointMatrices
    influence: Influence
    largest: float
    negative: float
    rates: Float[Array, "rules features features"]
    gradients: Float[Array, "rules features"]
    covariance: Float[Array, "features features"]
    times: Float[Array, "nodes"]
    products: tuple[Weighted, ...]
    bends: tuple[Weighted, ...]
    crude: Float[Array, "intervals"]

    def eta(self, shift: float, rare: float, n: int) -> float:
        """Smallest ``eta`` that is exceeded with probability ``rare`` at most."""
        w = self.points.second_moment(1 / (self.values + shift), self.negative)
        t = _TAIL / np.sqrt(w.max())
        exponents = logsumexp(0.5 * t[:, None] ** 2 * w, axis=1)
        return float(((exponents - np.log(rare)) / t).min() / np.sqrt(n))

    def sizes(self, wide: float, n: int) -> tuple[Array, Array]:
        """Root mean squares at the nodes, and how far they may be above chords between."""
        M, square = 1 / (self.values + wide), np.diff(self.times) ** 2 / 8
        sizes = np.array([w.root(M, n) for w in self.products])
        bends = np.array([w.root(M, n) for w in self.bends])
        most = np.maximum(bends[1:], bends[:-1])
        most = most + square * self.points.spread.root(M, n) * self.crude
        return sizes, square * most

    def domination(self, rest: float) -> float:
        """Smallest ``c`` with ``Sigma_risk <= c (Sigma + rest)``."""
        root = 1 / np.sqrt(self.values + rest)
        whitened = root[:, None] * self.rates * root
        return max(settled(np.linalg.eigvalsh(whitened)[:, -1]), 1.0)

    def gradient_noise(self, n: int) -> float:
        """Standard deviation of the first-order change of the score risk."""
        noise = np.einsum("ri,ij,rj->r", self.gradients, self.covariance, self.gradients)
        return settled(np.sqrt(np.maximum(noise, 0.0) / n))


@dataclass(frozen=True, eq=False)
class _Population:
    """A law that is learned, and what its points do to the flow, at any training time.

    Sizes at a time are kept: the times of one ``tau`` are among those of a longer one.
    """

    stopping: float
    masses: Float[Array, "1 cells"]
    flow: GradientFlow
    points: PointMatrices
    influence: Influence
    _kept: dict[tuple[float, ...], Any] = field(default_factory=dict)

    def product(self, s: float) -> Weighted:
        """Mean squares of products with ``a_x(s)``."""
        return self._once((s,), lambda: self.points.products(self.influence.rows(s)))

    def bend(self, s: float) -> Weighted:
        """Mean squares of products with the second derivative of ``a_x(s)``."""
        return self._once(
            (s, 2), lambda: self.points.products(self.influence.rows(s, 2), exact=False)
        )

    def crude(self, low: float, high: float) -> float:
        """Bound on the root of ``E|a''''|^2`` between two times."""
        return self._once(
            (low, high, 4), lambda: _crude(self.flow, self.influence, self.points, low, high)
        )

    def _once(self, key: tuple[float, ...], computed: Callable[[], Any]) -> Any:
        if key not in self._kept:
            self._kept[key] = computed()
        return self._kept[key]


@lru_cache(maxsize=8)
def first_generation(tables: LineTables, target: Univariate, tau: float) -> Constants:
    """The constants that generation 1 determines, for all numbers of points.

    Args:
        target: the law that is learned.
    """
    law = _population(tables, target)
    values, vectors = law.flow.values[0], law.flow.vectors[0]
    theta = law.flow.weights(np.array([[tau]]))[0]
    risk, error = tables.score_risk(theta[None], law.masses)
    gram, slope = _risk_matrices(tables, theta[0], law.masses)
    times, probability = _times(tau, float(values[-1])), law.points.probability
    last = law.influence.rows(tau)
    last = last - probability @ last
    const = float(np.linalg.norm(np.diag(values) - law.points.mean, 2))
    least, largest = law.points.eigenvalues
    return Constants(
        law.stopping,
        float(tables.grid.prior_divergence(law.masses)[0]),
        float(risk[0, 0] + error[0, 0]),
        values,
        law.points,
        law.influence,
        largest + const,
        max(-least, 0.0),
        vectors.T @ gram @ vectors,
        slope @ vectors,
        (last * probability[:, None]).T @ last,
        times,
        tuple(map(law.product, times)),
        tuple(map(law.bend, times)),
        np.array([law.crude(*ends) for ends in _pairs(times)]),
    )


@lru_cache(maxsize=4)
def _population(tables: LineTables, target: Univariate) -> _Population:
    laws, row = LineLaws.of(target, 1, tables.grid), np.ones(1)
    masses = laws.masses(row)
    flow = GradientFlow.of(*tables.moments(laws.measure(row, None) @ tables.binning))
    drawn = np.flatnonzero(masses[0] > _DRAWN)
    carried = tables.binning[drawn[0] : drawn[-1] + 1]
    probability = masses[0, drawn[0] : drawn[-1] + 1]
    probability = probability / probability.sum()
    influence = Influence(flow, carried @ tables.moments.gram, carried @ tables.moments.cross)
    unpacked = tables.moments.unpacked(influence.gram)
    vectors = flow.vectors[0]
    points = PointMatrices(probability, vectors.T @ unpacked @ vectors)
    return _Population(laws.smoothing, masses, flow, points, influence)


def _times(tau: float, largest: float) -> Float[Array, "nodes"]:
    """From 0 to ``tau``; those between are powers of one ratio, whatever ``tau`` is."""
    first = _FIRST / largest
    powers = np.arange(max(int(np.log(tau / first) / np.log(_RATIO)), 0) + 1)
    between = first * _RATIO**powers
    between = between[((powers % _STRIDE == 0) | (between > _LATE * tau)) & (between < tau)]
    return np.array([0.0, *between, tau])


def _pairs(times: Array) -> Iterator[tuple[float, float]]:
    return zip(times[:-1].tolist(), times[1:].tolist(), strict=True)


def _risk_matrices(
    tables: LineTables, theta: Float[Array, "features"], masses: Float[Array, "1 cells"]
) -> tuple[Float[Array, "rules features features"], Float[Array, "rules features"]]:
    """Quadratic and linear part of the score risk about ``theta``, for each rule of time."""
    noised, score = tables.noised, tables.risk_score
    density, slope = noised(masses[:, ::2] + masses[:, 1::2])
    p, dp = np.maximum(density[0], 0.0), slope[0]
    grams, gradients = [], []
    for i, phi in enumerate(score.features):
        grams.append(phi.T @ (phi * p[i][:, None]))
        gradients.append(2 * phi.T @ (score(theta, i) * p[i] - dp[i]))
    rules = tables.grid.risk_times.rules * noised.axis.step
    return np.tensordot(rules, np.stack(grams), 1), rules @ np.stack(gradients)


def settled(rules: Float[Array, "rules"]) -> float:
    """A value by the finest rule of time, plus what the coarser ones say of its error."""
    fine, half, quarter = (float(v) for v in rules)
    return fine + max(abs(fine - half), abs(fine - quarter) / 16)


def _crude(
    flow: GradientFlow, influence: Influence, points: PointMatrices, low: float, high: float
) -> float:
    """Bound on the root of ``E|a''''|^2`` between two times, by sizes of all coefficients."""
    values, drive = flow.values[0], np.abs(flow.drive[0])
    own = np.abs(flow_factor(values, low, 4))
    least, most = np.minimum.outer(values, values), np.maximum.outer(values, values)
    spread = 16 * (3 * _top(2, low, least, most) + 2 * high * _top(3, low, least, most))
    rows = np.abs(influence.cross @ influence.vectors) * own
    rows += np.einsum("ab,xab->xb", drive[:, None] * spread, np.abs(points.matrices))
    return float(np.sqrt(points.probability @ (rows**2).sum(axis=1)))


def _top(power: int, s: float, least: Array, most: Array) -> Array:
    """Largest ``l^power e^{-2 s l}`` between two eigenvalues."""
    at = np.clip(power / (2 * s) if s > 0 else np.inf, least, most)
    return np.asarray(at**power * np.exp(-2 * s * at))
