r"""Square grids: nodes for every time, fine enough for units that bend on the scale of the noise.

Units, scores and noised laws vary on a length that grows from a fraction of the data's scale at
``stop`` to one at ``horizon``, so that a late grid has thirty times fewer nodes than an early one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np
from jaxtyping import Float
from scipy import fft

from empirics.diffusion.process import NestedTimes, OrnsteinUhlenbeck
from empirics.grid import Axis, lagrange

__all__ = ["NodeGrids", "coarser", "doubled", "interpolation", "node_grids", "paired"]

Array = np.ndarray
_LEAST_NODES = 24


@dataclass(frozen=True, eq=False)
class NodeGrids:
    """Gauss-Legendre times of the graded clock and, for each, the axis whose centres are nodes."""

    process: OrnsteinUhlenbeck
    times: NestedTimes
    axes: tuple[Axis, ...]

    def __len__(self) -> int:
        return len(self.axes)

    def points(self, i: int) -> Float[Array, "points 2"]:
        """All nodes at time number ``i``."""
        x = self.axes[i].centres
        return np.stack(np.meshgrid(x, x, indexing="ij"), axis=-1).reshape(-1, 2)

    def clock_weights(self, t: Float[Array, "at"]) -> Float[Array, "at times"]:
        r"""Weights of polynomial interpolation in the clock, :math:`\sum_k (k+\frac12) P_k P_k`."""
        z = self.process.clock(t)
        nodes, weights = self._legendre
        order = np.arange(len(nodes))
        legendre = np.polynomial.legendre.legvander
        scaled = legendre(z, len(nodes) - 1) * (order + 0.5)
        return scaled @ (legendre(nodes, len(nodes) - 1) * weights[:, None]).T

    @cached_property
    def _legendre(self) -> tuple[Array, Array]:
        return np.polynomial.legendre.leggauss(len(self.axes))


def node_grids(
    process: OrnsteinUhlenbeck,
    bend: Callable[[float], float],
    reach: float,
    times: int,
    per_bend: float,
) -> NodeGrids:
    """Grids on ``[-reach, reach]`` in both axes.

    Args:
        bend: length on which what is put on the nodes changes, at a time.
        reach: half the side of the square.
        times: number of times, a multiple of 4.
        per_bend: nodes on that length.
    """
    nodes = process.nested_quadrature(times)
    counts = [max(_LEAST_NODES, ceil(2 * reach * per_bend / bend(float(t)))) for t in nodes.times]
    return NodeGrids(process, nodes, tuple(Axis(-reach, 2 * reach / n, n) for n in counts))


def interpolation(points: Float[Array, "points"], axis: Axis) -> Float[Array, "points nodes"]:
    """Matrix of local polynomial interpolation from the nodes of an axis."""
    cells, weights = lagrange(points, axis)
    matrix = np.zeros((len(points), axis.cells))
    np.put_along_axis(matrix, cells, weights, axis=1)
    return matrix


def coarser(axis: Axis, level: int = 1) -> Axis:
    """Cells ``2^level`` times as wide."""
    return Axis(axis.low, axis.step * 2**level, axis.cells // 2**level)


def paired(masses: Float[Array, "batch cells cells"]) -> Float[Array, "batch half half"]:
    """Masses of cells twice as wide."""
    batch, cells, _ = masses.shape
    return masses.reshape(batch, cells // 2, 2, cells // 2, 2).sum(axis=(2, 4))


def doubled(masses: Float[Array, "batch half half"]) -> Float[Array, "batch cells cells"]:
    """Every cell split in four by the band-limited law with these masses, which keeps mass."""
    cells = masses.shape[-1]
    w = 2 * np.pi * fft.rfftfreq(cells)
    # From masses of whole cells to those of halves, whose first centre lies a quarter lower.
    factor = np.exp(-0.25j * w) * np.sinc(w / (4 * np.pi)) / np.sinc(w / (2 * np.pi))
    factor[-1] /= 1 + (cells % 2 == 0)
    for _ in range(2):
        spectrum = fft.rfft(masses, axis=-1) * factor
        masses = fft.irfft(spectrum, 2 * cells, axis=-1).transpose(0, 2, 1)
    return masses
