r"""Gradient flow of least squares at every training time, from one eigendecomposition.

The convention, everywhere: training time ``tau`` is the time of the flow

.. math:: \frac{d\Theta}{d\tau} = -\nabla L = -2(\Theta\Sigma - C), \quad \Theta(0) = 0, \qquad
          \Theta(\tau) = C\,V\,\frac{1 - e^{-2\tau\ell}}{\ell}\,V', \quad \Sigma = V \ell V'.

Source: the flow of ``gradient-flow-drift``; :math:`\Theta = A/\sqrt m`, so a flow on
``A`` is slower by the factor ``m``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

__all__ = ["GradientFlow", "VectorFlow"]

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """The flow of a batch of quadratic losses."""

    values: Float[Array, "batch features"]
    vectors: Float[Array, "batch features features"]
    drive: Float[Array, "batch features"]

    @classmethod
    def of(
        cls, sigma: Float[Array, "batch features features"], cross: Float[Array, "batch features"]
    ) -> GradientFlow:
        """Decompose; eigenvalues below zero are rounding of the quadrature."""
        values, vectors = np.linalg.eigh(sigma)
        drive = np.einsum("bk,bkj->bj", cross, vectors)
        return cls(np.maximum(values, 0.0), vectors, drive)

    def weights(self, tau: Float[Array, "batch times"]) -> Float[Array, "batch times features"]:
        """``Theta(tau)`` at several training times of each loss."""
        return np.einsum("bkj,btj->btk", self.vectors, self.modes(tau))

    def modes(self, tau: Float[Array, "batch times"]) -> Float[Array, "batch times features"]:
        """Coordinates of ``Theta(tau)`` along the eigenvectors."""
        tau = tau[..., None]
        exponent = 2 * tau * self.values[:, None]
        small = exponent < 1e-12
        growth = np.where(
            small,
            2 * tau,
            -np.expm1(-exponent) / np.where(small, 1.0, self.values[:, None]),
        )
        return self.drive[:, None] * growth


@dataclass(frozen=True, eq=False)
class VectorFlow:
    """One :class:`GradientFlow` per row of ``Theta``.

    ``Sigma`` does not depend on the output, so that all rows have the same modes.
    """

    rows: tuple[GradientFlow, ...]

    @classmethod
    def of(
        cls,
        sigma: Float[Array, "batch features features"],
        cross: Float[Array, "batch outputs features"],
    ) -> VectorFlow:
        """The flow of these matrices, decomposed once for all training times."""
        first = GradientFlow.of(sigma, cross[:, 0])
        drives = np.einsum("bok,bkj->obj", cross[:, 1:], first.vectors)
        others = (GradientFlow(first.values, first.vectors, drive) for drive in drives)
        return cls((first, *others))

    def weights(
        self, tau: Float[Array, "batch times"]
    ) -> Float[Array, "batch times outputs features"]:
        """``Theta(tau)`` at several training times of each loss."""
        return np.stack([row.weights(tau) for row in self.rows], axis=2)
