r"""The two matrices of least squares in the plane, on a quadrature grid of space and time.

As on the line (:mod:`empirics.diffusion.moments`), with a row of ``C`` per output:

.. math:: \Sigma = \int E\,\varphi\varphi'\,dt, \qquad
          C_i = -\int E[\partial_i\varphi + \mathrm{skip}\,x_i\,\varphi]\,dt.

The training measure is carried to the nodes of every time; its cost does not depend on the number
of points. Features are made on the way, for a batch of measures at once, and not stored.
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
_CHUNK = 1024
"""Nodes handled at once, so that their features stay in a cache."""


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
    sigma, cross = np.zeros((batch, k, k)), np.zeros((batch, 2, k))
    for i, (nodes, w) in enumerate(zip(grids.axes, grids.times.weights, strict=True)):
        t = float(grids.times.times[i])
        carried = noised_measures(weights, axis, nodes, t, grids.process).reshape(batch, -1)
        held = np.flatnonzero(np.abs(carried).max(axis=0) > _LEAST_WEIGHT)
        points = grids.points(i)
        for start in range(0, len(held), _CHUNK):
            chosen = held[start : start + _CHUNK]
            _add(features, points[chosen], t, w * carried[:, chosen], sigma, cross)
    return sigma, cross


def _add(
    features: RandomFeatures, x: Array, t: float, weights: Array, sigma: Array, cross: Array
) -> None:
    """Add the part of some nodes, with weights of either sign."""
    phi, gradients = features.values_and_mean_gradients(x, t, weights)
    cross -= gradients
    for b, weight in enumerate(weights):
        cross[b] -= features.preset.skip * (x * weight[:, None]).T @ phi
        root = np.sqrt(np.abs(weight))[:, None] * phi
        negative = weight < 0
        # A product with its own transpose costs half as much.
        sigma[b] += root.T @ root
        if negative.any():
            root = root[negative]
            sigma[b] -= 2 * (root.T @ root)
