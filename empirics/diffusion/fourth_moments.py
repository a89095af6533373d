r"""Mean squares of products of two sample means, exactly, for matrices and vectors of points.

With ``n`` independent points, ``E_x`` symmetric of mean zero, ``a_x`` a row of mean zero and ``M``
diagonal,

.. math:: \mathbb{E}\Bigl|\tfrac1n\sum_i a_{x_i} \tfrac1n\sum_k E_{x_k} M^{1/2}\Bigr|^2
          = \frac{A + (n - 1)(B + C + D)}{n^3},

.. math:: A = \mathbb{E}|a E M^{1/2}|^2, \quad B = |\mathbb{E}\,a E M^{1/2}|^2, \quad
          C = \mathrm{tr}(\mathrm{Cov}(a)\,\mathbb{E}[E M E]), \quad
          D = \sum_{pmr} T_{pmr} M_m T_{rpm}, \quad T_{pmr} = \mathbb{E}\,a_p E_{mr}.

Derived: of four indices only equal ones and three pairings leave a mean; ``D <= C`` by
Cauchy-Schwarz.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

__all__ = ["PointMatrices", "Weighted"]

Array = np.ndarray


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
    def least_eigenvalue(self) -> float:
        """Least eigenvalue of all matrices; rounding of a quadrature may leave it below zero."""
        return float(np.linalg.eigvalsh(self.matrices)[:, 0].min())

    @cached_property
    def largest_eigenvalue(self) -> float:
        """Largest eigenvalue of all matrices."""
        return float(np.linalg.eigvalsh(self.matrices)[:, -1].max())

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
