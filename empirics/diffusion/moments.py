r"""The two matrices of least squares, as functions of the training measure.

Denoising score matching with the noise integrated out is implicit score matching on the noised
empirical measure. With weight :math:`g^2/2 = 1` its loss is, up to a constant,

.. math:: L(\Theta) = \Theta \Sigma \Theta' - 2 \Theta C, \quad
          \Sigma = \int E\,\varphi\varphi'\,dt, \quad
          C = -\int E[\nabla\!\cdot\varphi + \mathrm{skip}\cdot\varphi]\,dt.

On the line both are tabulated, as expectations under the measure at time 0 of functions of its
point, once per draw of features; no cost grows with the sample.

In the plane ``C`` has a row per output, and both are sums over a quadrature grid of space and time:

.. math:: \Sigma = \int E\,\varphi\varphi'\,dt, \qquad
          C_i = -\int E[\partial_i\varphi + \mathrm{skip}\,x_i\,\varphi]\,dt.

The training measure is carried to the nodes of every time, at a cost that does not depend on the
number of points. The gradient is moved from the units to the noise by the formula
``E f'(X) = E f(X) Z / sigma``; being an integral, not a mean over draws, it has no variance, and
units with kinks are as easy as smooth ones. Features are made on the way, for a batch of measures
at once, and not stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int
from scipy.special import ndtr

from empirics.diffusion.features import RandomFeatures
from empirics.diffusion.noising import noised_measures, push_forward
from empirics.diffusion.plane_nodes import NodeGrids
from empirics.diffusion.process import OrnsteinUhlenbeck, TimeNodes
from empirics.grid import Axis

__all__ = ["MomentTable", "compress", "kink_quadrature", "moment_table", "plane_moments"]

Array = np.ndarray
_ROUNDING = 1e-16
"""Weights of this size are rounding of the others, which sum to one."""
_CLOSEST = 1e-3
"""Kinks nearer to each other are not told apart: local moments would cancel."""
_LEAST_WEIGHT = 1e-13
"""Nodes with less weight are left out; all of them together weigh less than 1e-8."""
_BLOCK = 2048


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


def kink_quadrature(
    kinks: Float[Array, "kinks"], axis: Axis, t: float, process: OrnsteinUhlenbeck
) -> tuple[Float[Array, "points"], Float[Array, "points nodes"]]:
    r"""Points and weights of ``E[f(X_t) | X_0 = y]`` for every cell centre ``y``.

    Between neighbouring kinks the products are quadratic, so three points carry the moments of
    order 0 to 2 of the normal law there, which are closed forms. Weights may be negative.

    Args:
        kinks: where units bend, in any order; those off the axis do not matter.
        axis: its cell centres are the starting points.
        t: positive time.
    """
    a, sigma = process.transition(t)
    mean = a * axis.centres
    cuts = _separated(np.sort(kinks[(kinks > axis.low) & (kinks < axis.high)]), axis)
    inner = 0.5 * (cuts[1:] + cuts[:-1])
    centres = np.concatenate([[cuts[0] - 1], inner, [cuts[-1] + 1]])
    halves = np.concatenate([[1.0], 0.5 * np.diff(cuts), [1.0]])
    m0, m1, m2 = _local_moments(cuts, centres, halves, mean, sigma)
    points = np.concatenate([centres - halves / 2, centres, centres + halves / 2])
    return points, np.concatenate([2 * m2 - m1, m0 - 4 * m2, 2 * m2 + m1])


def _separated(sorted_kinks: Float[Array, "kinks"], axis: Axis) -> Float[Array, "cuts"]:
    if not len(sorted_kinks):
        return np.array([0.5 * (axis.low + axis.high)])
    apart = np.concatenate([[True], np.diff(sorted_kinks) > _CLOSEST])
    return np.asarray(sorted_kinks[apart])


def _local_moments(
    cuts: Array, centres: Array, halves: Array, mean: Array, sigma: float
) -> tuple[Array, Array, Array]:
    """Moments of ``((x - centre) / half)^r`` over the segments between cuts, ``r = 0, 1, 2``."""
    z = (cuts[:, None] - mean) / sigma
    below, peak = ndtr(z), np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    whole = np.ones_like(mean), mean, mean**2 + sigma**2
    partial = (
        below,
        mean * below - sigma * peak,
        (mean**2 + sigma**2) * below - sigma * peak * (cuts[:, None] + mean),
    )
    raw = [
        np.diff(np.concatenate([np.zeros((1, len(mean))), part, total[None]]), axis=0)
        for part, total in zip(partial, whole, strict=True)
    ]
    c, h = centres[:, None], halves[:, None]
    return (
        raw[0],
        (raw[1] - c * raw[0]) / h,
        (raw[2] - 2 * c * raw[1] + c**2 * raw[0]) / h**2,
    )


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
