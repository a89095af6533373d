r"""The two matrices of least squares in the plane, on a quadrature grid of space and time.

As on the line (:mod:`empirics.diffusion.moments`), with a row of ``C`` per output:

.. math:: \Sigma = \int E\,\varphi\varphi'\,dt, \qquad
          C_i = -\int E[\partial_i\varphi + \mathrm{skip}\,x_i\,\varphi]\,dt.

The training measure is carried to the nodes of every time, at a cost that does not depend on the
number of points. The gradient is moved from the units to the noise by the formula
``E f'(X) = E f(X) Z / sigma``; being an integral, not a mean over draws, it has no variance, and
units with kinks are as easy as smooth ones. Features are made on the way, for a batch of measures
at once, and not stored.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from empirics.diffusion.features import RandomFeatures
from empirics.diffusion.plane_nodes import NodeGrids
from empirics.diffusion.plane_noising import noised_measures
from empirics.grid import Axis

__all__ = ["plane_moments"]

Array = np.ndarray
_LEAST_WEIGHT = 1e-13
"""Nodes with less weight are left out; all of them together weigh less than 1e-8."""
_BLOCK = 2048


def plane_moments(
    features: RandomFeatures,
    grids: NodeGrids,
    axis: Axis,
    weights: Float[Array, "batch cells cells"],
) -> tuple[Float[Array, "batch features features"], Float[Array, "batch 2 features"]]:
    """``Sigma`` and ``C`` of a batch of measures.

    Args:
        features: of two coordinates.
        grids: nodes in space and time.
        axis: the cells whose centres carry the measures.
        weights: the measures.
    """
    batch, k = len(weights), features.count
    sums = _Sums(features, np.zeros((batch, k, k)), np.zeros((batch, 2, k)))
    for i, (nodes, w) in enumerate(zip(grids.axes, grids.times.weights, strict=True)):
        t, x = float(grids.times.times[i]), grids.points(i)
        measures, slopes = noised_measures(w * weights, axis, nodes, t, grids.process)
        measures, slopes = measures.reshape(batch, -1), slopes.reshape(batch, 2, -1)
        slopes += features.preset.skip * x.T * measures[:, None]
        size = np.maximum(np.abs(measures), np.abs(slopes).max(axis=1)).max(axis=0)
        held = np.flatnonzero(size > _LEAST_WEIGHT * w)
        for start in range(0, len(held), _BLOCK):
            chosen = held[start : start + _BLOCK]
            sums.add(x[chosen], t, measures[:, chosen], slopes[:, :, chosen])
    return sums.sigma, sums.cross


class _Sums:
    """Adds up both matrices, in arrays that are kept from block to block."""

    def __init__(self, features: RandomFeatures, sigma: Array, cross: Array) -> None:
        self.features, self.sigma, self.cross = features, sigma, cross
        self._phi, self._root = (np.empty((_BLOCK, features.count)) for _ in range(2))
        self._product = np.empty(sigma.shape[1:])

    def add(
        self,
        x: Float[Array, "points 2"],
        t: float,
        measures: Float[Array, "batch points"],
        slopes: Float[Array, "batch 2 points"],
    ) -> None:
        """Add the part of some nodes, with weights of either sign."""
        phi = self._phi[: len(x)]
        for part in self.features.parts(np.arange(len(x))):
            phi[part] = self.features.values(x[part], t)
        self.cross -= slopes @ phi
        for b, weight in enumerate(measures):
            root = np.multiply(np.sqrt(np.abs(weight))[:, None], phi, out=self._root[: len(x)])
            self._add_square(b, root, 1.0)
            if (negative := weight < 0).any():
                self._add_square(b, root[negative], -2.0)

    def _add_square(self, b: int, root: Array, factor: float) -> None:
        """A product with its own transpose costs half as much as any other."""
        product = np.matmul(root.T, root, out=self._product)
        product *= factor
        self.sigma[b] += product
