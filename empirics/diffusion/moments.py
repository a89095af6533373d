r"""The two matrices of least squares, as linear functions of the training measure.

Denoising score matching with the noise integrated out is implicit score matching on the noised
empirical measure. With weight :math:`g^2/2 = 1` its loss is, up to a constant,

.. math:: L(\Theta) = \Theta \Sigma \Theta' - 2 \Theta C, \quad
          \Sigma = \int E\,\varphi\varphi'\,dt, \quad
          C = -\int E[\nabla\!\cdot\varphi + \mathrm{skip}\cdot\varphi]\,dt.

Both are expectations under the measure at time 0 of functions of its point, so they are tabulated
once per draw of features and cost nothing that grows with the sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int

from empirics.diffusion.features import RandomFeatures
from empirics.diffusion.kinks import kink_quadrature
from empirics.diffusion.noising import push_forward
from empirics.diffusion.process import TimeNodes
from empirics.grid import Axis

__all__ = ["MomentTable", "compress", "moment_table"]

Array = np.ndarray
_ROUNDING = 1e-16
"""Weights of this size are rounding of the others, which sum to one."""


@dataclass(frozen=True, eq=False)
class MomentTable:
    """Rows: nodes of the training measure. Columns: upper triangle of ``Sigma``; ``C``."""

    gram: Float[Array, "nodes pairs"]
    cross: Float[Array, "nodes features"]

    @cached_property
    def _unpacked(self) -> Int[Array, "entries"]:
        """Column of ``gram`` that every entry of ``Sigma`` is found in."""
        k = self.cross.shape[1]
        rows, columns = np.triu_indices(k)
        where = np.empty((k, k), dtype=np.intp)
        where[rows, columns] = where[columns, rows] = np.arange(len(rows))
        return where.ravel()

    def __call__(
        self, weights: Float[Array, "batch nodes"]
    ) -> tuple[Float[Array, "batch features features"], Float[Array, "batch features"]]:
        """``Sigma`` and ``C`` of a batch of measures."""
        held = _held(weights)
        # Half of the symmetric product, and only nodes that carry weight.
        return self.unpacked(weights[:, held] @ self.gram[held]), weights @ self.cross

    def unpacked(self, gram: Float[Array, "rows pairs"]) -> Float[Array, "rows features features"]:
        """Symmetric matrices from their upper triangles."""
        k = self.cross.shape[1]
        return np.take(gram, self._unpacked, axis=1).reshape(-1, k, k)


def _held(weights: Float[Array, "batch nodes"]) -> slice:
    """The nodes between the outermost ones whose weights are above rounding."""
    held = np.flatnonzero(np.abs(weights).max(axis=0) > _ROUNDING)
    return slice(held[0], held[-1] + 1) if len(held) else slice(0, 0)


def moment_table(features: RandomFeatures, axis: Axis, nodes: TimeNodes) -> MomentTable:
    """Tabulate over the cell centres of ``axis`` with the given times."""
    k = features.count
    rows, columns = np.triu_indices(k)
    gram, cross = np.zeros((axis.cells, len(rows))), np.zeros((axis.cells, k))
    for t, w in zip(nodes.times, nodes.weights, strict=True):
        points, carry = _quadrature(features, axis, float(t))
        x, carry = points[:, None], w * carry.T
        phi, slope = features.values(x, t), features.gradients(x, t)[0]
        gram += carry @ (phi[:, rows] * phi[:, columns])
        cross -= carry @ (slope + features.preset.skip * x * phi)
    return MomentTable(gram, cross)


def _quadrature(
    features: RandomFeatures, axis: Axis, t: float
) -> tuple[Float[Array, "points"], Float[Array, "points nodes"]]:
    """Points, and their weights for every starting point."""
    if features.preset.kinked:
        return kink_quadrature(features.kinks(t), axis, t, features.process)
    return axis.centres, push_forward(axis, t, features.process)


def compress(
    features: RandomFeatures,
    axis: Axis,
    nodes: TimeNodes,
    reference: Float[Array, "times cells"],
    tolerance: float,
) -> RandomFeatures:
    """Rotate to the principal directions under a reference density; drop those below tolerance.

    Args:
        features: unrotated.
        axis: where the reference lives.
        nodes: times of the quadrature.
        reference: density that dominates every law of the loop, per time.
        tolerance: eigenvalue of ``Sigma`` below which a direction stays untrained at any
            training time well below its inverse.
    """
    gram = np.zeros((features.width, features.width))
    for t, w, density in zip(nodes.times, nodes.weights, reference, strict=True):
        phi = features.values(axis.centres[:, None], t)
        gram += phi.T @ (phi * (w * axis.step * density)[:, None])
    values, vectors = np.linalg.eigh(gram)
    return features.rotated(np.ascontiguousarray(vectors[:, values > tolerance][:, ::-1]))
