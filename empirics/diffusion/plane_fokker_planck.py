r"""The law of the reverse SDE in the plane, by a conservative scheme, for any score.

In :math:`s = T - t` the sampler :math:`dY = [Y + 2 s(Y, t)]\,ds + \sqrt2\,dB` has the law

.. math:: \partial_s q = -\nabla\!\cdot(b\,q) + \Delta q, \qquad b = x + 2 s(x, t).

Fluxes through the cells' faces are exponentially fitted (Chang and Cooper, J. Comput. Phys. 6,
1970) as on the line, and a step treats one axis after the other (Peaceman and Rachford, J. SIAM 3,
1955), both at the step's midpoint in time, which is of second order. While noise is wide, cells are
two or four times as wide; they are split spectrally, which keeps mass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from empirics.diffusion.fokker_planck import bernoulli, normal_masses
from empirics.diffusion.plane_nodes import coarser, doubled
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.grid import Axis

__all__ = ["FaceScores", "Field", "PlaneFokkerPlanck", "solve_tridiagonal"]

Array = np.ndarray
FaceScores = tuple[Float[Array, "batch inner cells"], Float[Array, "batch cells inner"]]
Field = Callable[[Float[Array, "points 2"], float], Float[Array, "points 2"]]


@dataclass(frozen=True)
class PlaneFokkerPlanck:
    """A solver on square grids.

    Args:
        process: the forward process.
        axis: the finest cells, along both axes, wide enough that no mass reaches the ends.
        levels: for every time step, equal in the process's graded clock and ``stop`` first, how
            often its cells are doubled.
    """

    process: OrnsteinUhlenbeck
    axis: Axis
    levels: tuple[int, ...]

    @property
    def midpoints(self) -> Float[Array, "steps"]:
        """Times at which the score is needed, ``stop`` first."""
        edges = self.process.edges(len(self.levels))
        return 0.5 * (edges[1:] + edges[:-1])

    def at_faces(self, field: Field) -> Callable[[int], FaceScores]:
        """Scores for :meth:`solve` from a function of points and a time, taken at every face."""
        times = self.midpoints

        def score(i: int) -> FaceScores:
            values = [
                np.asarray(field(x.reshape(-1, 2), float(times[i])))[:, part].reshape(x.shape[:2])
                for part, x in enumerate(_faces(coarser(self.axis, self.levels[i])))
            ]
            return values[0][None], values[1][None]

        return score

    def solve(self, score: Callable[[int], FaceScores]) -> Float[Array, "batch cells cells"]:
        """Cell masses at ``stop`` of the law started from ``N(0, I)`` at ``horizon``.

        Args:
            score: first coordinate at the inner faces across the first axis and second at those
                across the second, of the cells and at the midpoint of step ``i``.
        """
        level, lengths = self.levels[-1], np.diff(self.process.edges(len(self.levels)))
        normal = normal_masses(coarser(self.axis, level))
        masses = np.outer(normal, normal)[None]
        for i in range(len(self.levels) - 1, -1, -1):
            for _ in range(level - self.levels[i]):
                masses = doubled(masses)
            level = self.levels[i]
            masses = _step(masses, score(i), lengths[i], coarser(self.axis, level))
        return masses


def _step(masses: Array, score: FaceScores, length: float, axis: Axis) -> Array:
    """One step of Peaceman and Rachford."""
    faces, batch = axis.edges[1:-1], len(score[0])
    masses = np.broadcast_to(masses, (batch, *masses.shape[1:]))
    one = _Sweep.of(faces[:, None] + 2 * score[0], 1, length / 2, axis.step)
    two = _Sweep.of(faces + 2 * score[1], 2, length / 2, axis.step)
    halfway = two.ahead(masses)
    return two.back(2 * one.back(halfway) - halfway)


def _faces(axis: Axis) -> tuple[Float[Array, "inner cells 2"], Float[Array, "cells inner 2"]]:
    """Centres of the inner faces across either axis."""
    edges, centres = axis.edges[1:-1], axis.centres
    across = np.meshgrid(edges, centres, indexing="ij")
    along = np.meshgrid(centres, edges, indexing="ij")
    return np.stack(across, axis=-1), np.stack(along, axis=-1)


@dataclass(frozen=True, eq=False)
class _Sweep:
    """``1 + r L`` and the inverse of ``1 - r L`` for the part ``L`` of one axis, ``r`` a time.

    Arrays have that axis first and one lane for everything else.
    """

    axis: int
    leftward: Float[Array, "inner lanes"]
    rightward: Float[Array, "inner lanes"]

    @classmethod
    def of(
        cls, drift: Float[Array, "batch rows columns"], axis: int, time: float, step: float
    ) -> _Sweep:
        rate, along = time / step**2, _lanes(drift, axis)
        leftward = rate * bernoulli(along * step)
        # B(-z) = B(z) + z
        return cls(axis, leftward, leftward + rate * step * along)

    def ahead(self, masses: Float[Array, "batch rows columns"]) -> Array:
        """``(1 + r L) masses``."""
        q = _lanes(masses, self.axis)
        flux, out = self.rightward * q[:-1] - self.leftward * q[1:], q.copy()
        out[:-1] -= flux
        out[1:] += flux
        return _unlaned(out, self.axis, masses.shape)

    def back(self, masses: Float[Array, "batch rows columns"]) -> Array:
        """``(1 - r L)^{-1} masses``."""
        q = _lanes(masses, self.axis)
        diagonal = np.ones_like(q)
        diagonal[:-1] += self.rightward
        diagonal[1:] += self.leftward
        solved = solve_tridiagonal(-self.rightward, diagonal, -self.leftward, q)
        return _unlaned(solved, self.axis, masses.shape)


def _lanes(values: Array, axis: int) -> Float[Array, "cells lanes"]:
    moved = np.moveaxis(values, axis, 0)
    return np.ascontiguousarray(moved.reshape(len(moved), -1))


def _unlaned(lanes: Array, axis: int, shape: tuple[int, ...]) -> Array:
    others = [n for i, n in enumerate(shape) if i != axis]
    return np.moveaxis(lanes.reshape(-1, *others), 0, axis)


def solve_tridiagonal(
    lower: Float[Array, "inner lanes"],
    diagonal: Float[Array, "cells lanes"],
    upper: Float[Array, "inner lanes"],
    right: Float[Array, "cells lanes"],
) -> Float[Array, "cells lanes"]:
    """One system per lane along the first axis, by Thomas' elimination.

    Columns of the systems met here add up to one with off-diagonals below zero, so that pivots
    stay above one and elimination is stable.

    Args:
        lower: below the diagonal, ``cells - 1`` rows.
        diagonal: overwritten.
        upper: above the diagonal, ``cells - 1`` rows.
        right: right-hand sides.
    """
    cells, factor, x = len(diagonal), np.empty(diagonal.shape[1]), right.copy()
    scratch = np.empty_like(factor)
    for i in range(1, cells):
        np.divide(lower[i - 1], diagonal[i - 1], out=factor)
        diagonal[i] -= np.multiply(factor, upper[i - 1], out=scratch)
        x[i] -= np.multiply(factor, x[i - 1], out=scratch)
    x[-1] /= diagonal[-1]
    for i in range(cells - 2, -1, -1):
        x[i] -= np.multiply(upper[i], x[i + 1], out=scratch)
        x[i] /= diagonal[i]
    return x
