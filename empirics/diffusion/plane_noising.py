r"""The forward process acting on laws and measures on a square grid, one axis at a time.

The transition kernel is a product, so a law of cell masses ``m`` becomes ``D m D'`` with the
matrix ``D`` that noises a law of the line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import fft

from empirics.diffusion.noising import lagrange, push_forward
from empirics.diffusion.plane_nodes import NodeGrids
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.grid import Axis

__all__ = [
    "PlaneNoised",
    "centred",
    "noised_measures",
    "plane_noised",
    "point_weights",
    "stop_matrix",
]

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class PlaneNoised:
    """Densities and gradients, at the nodes of every time, of laws given by cell masses."""

    density: tuple[Float[Array, "_nodes cells"], ...]
    slope: tuple[Float[Array, "_nodes cells"], ...]

    def __call__(
        self, masses: Float[Array, "cells cells"], i: int
    ) -> tuple[Float[Array, "nodes nodes"], Float[Array, "2 nodes nodes"]]:
        """Density and gradient at time number ``i``."""
        D, G = self.density[i], self.slope[i]
        left, right = D @ masses, masses @ D.T
        return left @ D.T, np.stack([G @ right, left @ G.T])


def plane_noised(axis: Axis, grids: NodeGrids) -> PlaneNoised:
    """Tables for laws on the cells of ``axis``."""
    pairs = [
        _density_matrices(axis, nodes.centres, float(t), grids.process)
        for nodes, t in zip(grids.axes, grids.times.times, strict=True)
    ]
    density, slope = zip(*pairs, strict=True)
    return PlaneNoised(density, slope)


def _density_matrices(
    axis: Axis, points: Float[Array, "points"], t: float, process: OrnsteinUhlenbeck
) -> tuple[Float[Array, "points cells"], Float[Array, "points cells"]]:
    """Density and derivative at points, from cell masses of a law that is band-limited to them."""
    w = 2 * np.pi * fft.rfftfreq(axis.cells, axis.step)
    a, noise = process.decay(np.array(t)), process.variance(np.array(t))
    damped = np.exp(-0.5 * noise * w**2) / np.sinc(a * w * axis.step / (2 * np.pi))
    # Both signs of every frequency but the first and, for an even number of cells, the last.
    damped[1:] *= 2
    damped[-1] /= 2 - axis.cells % 2
    damped /= axis.cells * axis.step
    out, back = np.exp(1j * np.outer(points, w)), np.exp(-1j * a * np.outer(w, axis.centres))
    waves = out * damped
    return (waves @ back).real, ((1j * w * waves) @ back).real


def stop_matrix(axis: Axis, process: OrnsteinUhlenbeck) -> Float[Array, "cells cells"]:
    """Matrix that turns cell masses at time 0 into those at ``stop``, on the line."""
    if process.stop == 0:
        return np.eye(axis.cells)
    w = 2 * np.pi * fft.rfftfreq(axis.cells, axis.step)
    at_centres, _ = _density_matrices(axis, axis.centres, process.stop, process)
    box = axis.step * np.sinc(w * axis.step / (2 * np.pi))
    return fft.irfft(fft.rfft(at_centres, axis=0) * box[:, None], axis.cells, axis=0)


def noised_measures(
    weights: Float[Array, "batch cells cells"],
    axis: Axis,
    nodes: Axis,
    t: float,
    process: OrnsteinUhlenbeck,
) -> tuple[Float[Array, "batch nodes nodes"], Float[Array, "batch 2 nodes nodes"]]:
    """Weights of the nodes at time ``t`` from weights of the cells' centres at time 0.

    The second are for the expectation of a function's gradient from its values.
    """
    P, Q = (push_forward(nodes, t, process, axis, slope) for slope in (False, True))
    left, right = P @ weights, weights @ P.T
    return left @ P.T, np.stack([Q @ right, left @ Q.T], axis=1)


def centred(masses: Float[Array, "batch cells cells"]) -> Float[Array, "batch cells cells"]:
    """Weights of the cells' centres under which smooth expectations equal those of the law.

    ``(1 - D/24 + 3 D^2/640)`` along either axis, ``D`` the second difference: exact to sixth order.
    """
    for _ in range(2):
        second = _second_difference(masses)
        masses = masses - second / 24 + 3 * _second_difference(second) / 640
        masses = masses.transpose(0, 2, 1)
    return masses


def _second_difference(masses: Float[Array, "batch cells cells"]) -> Array:
    padded = np.pad(masses, ((0, 0), (0, 0), (1, 1)))
    return padded[..., 2:] - 2 * masses + padded[..., :-2]


def point_weights(points: Float[Array, "points 2"], axis: Axis) -> Float[Array, "cells cells"]:
    """Weights of the cells' centres under which smooth expectations equal means over the points."""
    inside = np.clip(points, axis.low, axis.high)
    (rows, one), (columns, two) = (lagrange(inside[:, i], axis) for i in (0, 1))
    cells, n, total = axis.cells, len(points), np.zeros(axis.cells**2)
    for i in range(rows.shape[1]):
        places = rows[:, i, None] * cells + columns
        shares = one[:, i, None] * two / n
        total += np.bincount(places.ravel(), shares.ravel(), cells**2)
    return total.reshape(cells, cells)
