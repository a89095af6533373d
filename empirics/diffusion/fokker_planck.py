r"""The law of the reverse SDE on the line and in the plane, by conservative schemes.

In :math:`s = T - t` the sampler :math:`dY = [Y + 2 s_\theta(Y, t)]\,ds + \sqrt2\,dB` has the law

.. math:: \partial_s q = -\nabla\!\cdot(b\,q) + \Delta q, \qquad b = x + 2 s_\theta(x, t).

Fluxes through the cells' faces are exponentially fitted (Chang and Cooper, J. Comput. Phys. 6,
1970), so that mass is kept and stationary states are exact.

On the line, masses stay positive; time steps are implicit midpoint,
:math:`q' = 2\,(1 - \tfrac{\tau}{2} L)^{-1} q - q`. Two resolutions give fourth order by Richardson
extrapolation and an estimate of what is left. A half step is one tridiagonal system per law. LAPACK
solves one after the other and waits for every division; where numba is installed (``pip install
'.[fast]'``) and much is to be solved, the lines of this file are compiled, which divide for several
laws at a time. Both do the same operations in the same order, so the numbers are the same.

Mass that reaches an end of the grid is absorbed. What is missing at last is thus the probability
of ever being there, and the total variation to the law on the whole line is at most that.

In the plane a step treats one axis after the other (Peaceman and Rachford, J. SIAM 3, 1955), both
at the step's midpoint in time, which is of second order. While noise is wide, cells are two or four
times as wide; they are split spectrally, which keeps mass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Float
from scipy.linalg.lapack import dgtsv
from scipy.ndimage import maximum_filter

from empirics.compiled import Work, compiled
from empirics.diffusion.plane_nodes import coarser, doubled
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.grid import Axis
from empirics.targets.gaussian_mixture import standard_normal_masses

__all__ = [
    "FaceScores",
    "Field",
    "FokkerPlanck",
    "PlaneFokkerPlanck",
    "SolvedLaw",
    "bernoulli",
    "extrapolated",
    "midpoint_step",
    "normal_masses",
    "refine",
    "solve_tridiagonal",
    "widest",
]

Array = np.ndarray
_REMAINS = 0.4
"""Part of the fine solution's error that extrapolation may leave; 0.3 is the most seen."""
_NEARBY = 2
"""Cells to either side that are looked at for the size of a difference."""
ScoreSteps = Callable[[int], Float[Array, "batch faces"]]
FaceScores = tuple[Float[Array, "batch inner cells"], Float[Array, "batch cells inner"]]
Field = Callable[[Float[Array, "points 2"], float], Float[Array, "points 2"]]
_TINY = np.finfo(float).tiny
_WORK = Work(2**25)
"""Unknowns solved for."""
_AT_ONCE = 8
"""Laws whose divisions run at the same time."""


@dataclass(frozen=True)
class FokkerPlanck:
    """A solver on one grid.

    Args:
        axis: cells, wide enough that hardly any mass reaches the ends.
        steps: time steps, equal in the process's graded clock.
    """

    process: OrnsteinUhlenbeck
    axis: Axis
    steps: int

    @property
    def edges(self) -> Float[Array, "steps+1"]:
        """Ends of the time steps, from ``stop`` to ``horizon``."""
        return self.process.edges(self.steps)

    @property
    def midpoints(self) -> Float[Array, "steps"]:
        """Times at which the score is needed, in the same order."""
        return 0.5 * (self.edges[1:] + self.edges[:-1])

    @property
    def faces(self) -> Float[Array, "faces"]:
        """Inner cell boundaries, where the score is needed."""
        return self.axis.edges[1:-1]

    def solve(self, score: ScoreSteps) -> Float[Array, "batch cells"]:
        """Cell masses at ``stop`` of the law started from ``N(0, 1)`` at ``horizon``.

        Args:
            score: values at all faces at ``midpoints[i]``, for a step ``i``.
        """
        for masses in self.history(score):
            last = masses
        return last

    def history(self, score: ScoreSteps) -> Iterator[Float[Array, "batch cells"]]:
        """Masses at ``edges[steps]``, ..., ``edges[0]``."""
        masses, lengths, faces = normal_masses(self.axis)[None], np.diff(self.edges), self.faces
        for i in range(self.steps - 1, -1, -1):
            drift = 2 * score(i)
            drift += faces
            masses = np.broadcast_to(masses, (len(drift), self.axis.cells))
            yield masses
            masses = midpoint_step(drift, 0.5 * lengths[i], self.axis.step, masses)
        yield masses


def normal_masses(axis: Axis) -> Float[Array, "cells"]:
    """Masses of ``N(0, 1)`` given that it is on the grid."""
    masses = standard_normal_masses(axis.edges)
    return np.asarray(masses / masses.sum())


def refine(masses: Float[Array, "batch cells"]) -> Float[Array, "batch fine"]:
    """Split every cell in two, by the quartic that has the masses of five cells."""
    padded = np.pad(masses, ((0, 0), (2, 2)))
    near = [padded[:, i : i + masses.shape[1]] for i in range(5)]
    tilt = (22 * (near[3] - near[1]) - 3 * (near[4] - near[0])) / 256
    out = np.empty((len(masses), 2 * masses.shape[1]))
    out[:, ::2], out[:, 1::2] = masses / 2 - tilt, masses / 2 + tilt
    return out


@dataclass(frozen=True, eq=False)
class SolvedLaw:
    """A law that was solved for on a grid, by the SDE or the ODE.

    ``masses`` of the cells, an estimate of their ``error`` in total variation that is meant to
    cover it, and the mass that was lost, ``defect``.

    ``doubt`` is by how much every single mass may be wrong, as resolutions differ there.
    """

    masses: Float[Array, "batch *cells"]
    error: Float[Array, "batch"]
    defect: Float[Array, "batch"]
    doubt: Float[Array, "batch *cells"]

    @classmethod
    def joined(cls, laws: Sequence[SolvedLaw]) -> SolvedLaw:
        """One batch of several."""
        names = (f.name for f in fields(cls))
        return cls(*(np.concatenate([getattr(law, name) for law in laws]) for name in names))


def extrapolated(
    fine: Float[Array, "batch cells"], coarse: Float[Array, "batch half"]
) -> SolvedLaw:
    """Combine solutions with both steps halved.

    The error of the fine solution is a third of the difference to leading order; the one of the
    extrapolation is of fourth order and taken to be less than 0.4 of that third.
    """
    correction = (fine - refine(coarse)) / 3
    signed = fine + correction
    masses = np.maximum(signed, 0.0)
    error = _REMAINS * 0.5 * np.abs(correction).sum(axis=1)
    defect = np.abs(signed.sum(axis=1) - 1) + (masses - signed).sum(axis=1)
    return SolvedLaw(masses, error, defect, widest(correction))


def widest(differences: Float[Array, "batch *cells"]) -> Float[Array, "batch *cells"]:
    """Largest size nearby: what two resolutions differ by vanishes in some cells by chance."""
    size = (1,) + (2 * _NEARBY + 1,) * (differences.ndim - 1)
    return np.asarray(maximum_filter(np.abs(differences), size, mode="nearest"))


def midpoint_step(
    drift: Float[Array, "batch faces"], dt: float, width: float, masses: Float[Array, "batch cells"]
) -> Float[Array, "batch cells"]:
    """Cell masses after one step.

    Args:
        drift: ``b`` at the inner faces, in the middle of the step.
        dt: half the step's length.
        width: of a cell.
        masses: before the step.
    """
    rate, flux = dt / width**2, bernoulli(drift * width)
    if _WORK.pays(masses.size):
        out = np.empty(masses.shape)
        compiled(_swept)(flux, drift, rate, rate * width, np.ascontiguousarray(masses), out)
        return out
    half = _solved(flux, drift, rate, rate * width, masses)
    half *= 2
    half -= masses
    return half


def bernoulli(z: Array) -> Array:
    """``z / (e^z - 1)``; one at zero, where the smallest of numbers stands for it."""
    if not z.all():
        z = np.where(z == 0, _TINY, z)
    below = np.asarray(np.expm1(z))
    return np.divide(z, below, out=below)


def _solved(flux: Array, drift: Array, rate: float, tilt: float, masses: Array) -> Array:
    """Solve ``(1 - dt L) q = masses`` for all of a batch in one tridiagonal system."""
    leftward, rightward = np.zeros(masses.shape), np.zeros(masses.shape)
    np.multiply(flux, rate, out=leftward[:, :-1])
    # B(-z) = B(z) + z
    np.multiply(drift, tilt, out=rightward[:, :-1])
    rightward += leftward
    diagonal = 1 + rightward
    diagonal[:, 1:] += leftward[:, :-1]
    # Out of the outermost cells: the rate at the face within that leads the same way.
    diagonal[:, 0] += leftward[:, 0]
    diagonal[:, -1] += rightward[:, -2]
    lower, upper = (np.negative(x, out=x).ravel()[:-1] for x in (rightward, leftward))
    ours = {f"overwrite_{name}": True for name in ("dl", "d", "du", "b")}
    solved = dgtsv(lower, diagonal.ravel(), upper, masses.flatten(), **ours)[3]
    return np.reshape(solved, masses.shape)


def _swept(flux: Array, drift: Array, rate: float, tilt: float, masses: Array, out: Array) -> None:
    """Whole steps of several laws at a time, by Thomas' elimination."""
    batch, cells = masses.shape
    last = cells - 1
    pivot, left = np.empty((cells, _AT_ONCE)), np.empty((cells, _AT_ONCE))
    right, x = np.empty(_AT_ONCE), np.empty((cells, _AT_ONCE))
    for first in range(0, batch, _AT_ONCE):
        laws = range(first, min(first + _AT_ONCE, batch))
        for law in laws:
            k = law - first
            left[0, k] = rate * flux[law, 0]
            right[k] = left[0, k] + tilt * drift[law, 0]
            pivot[0, k] = 1 + right[k] + left[0, k]
            x[0, k] = masses[law, 0]
        for i in range(1, last):
            for law in laws:
                k = law - first
                factor = -right[k] / pivot[i - 1, k]
                left[i, k] = rate * flux[law, i]
                right[k] = left[i, k] + tilt * drift[law, i]
                pivot[i, k] = 1 + right[k] + left[i - 1, k] - factor * -left[i - 1, k]
                x[i, k] = masses[law, i] - factor * x[i - 1, k]
        for law in laws:
            k = law - first
            factor = -right[k] / pivot[last - 1, k]
            own = 1 + left[last - 1, k] + right[k] - factor * -left[last - 1, k]
            x[last, k] = (masses[law, last] - factor * x[last - 1, k]) / own
            out[law, last] = 2 * x[last, k] - masses[law, last]
        for i in range(last - 1, -1, -1):
            for law in laws:
                k = law - first
                x[i, k] = (x[i, k] - -left[i, k] * x[i + 1, k]) / pivot[i, k]
                out[law, i] = 2 * x[i, k] - masses[law, i]


@dataclass(frozen=True)
class PlaneFokkerPlanck:
    """A solver on square grids.

    Args:
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
    one = _AxisPart.of(faces[:, None] + 2 * score[0], 1, length / 2, axis.step)
    two = _AxisPart.of(faces + 2 * score[1], 2, length / 2, axis.step)
    halfway = two.ahead(masses)
    return two.back(2 * one.back(halfway) - halfway)


def _faces(axis: Axis) -> tuple[Float[Array, "inner cells 2"], Float[Array, "cells inner 2"]]:
    """Centres of the inner faces across either axis."""
    edges, centres = axis.edges[1:-1], axis.centres
    across = np.meshgrid(edges, centres, indexing="ij")
    along = np.meshgrid(centres, edges, indexing="ij")
    return np.stack(across, axis=-1), np.stack(along, axis=-1)


@dataclass(frozen=True, eq=False)
class _AxisPart:
    """``1 + r L`` and the inverse of ``1 - r L`` for the part ``L`` of one axis, ``r`` a time.

    Arrays have that axis first and one lane for everything else.
    """

    axis: int
    leftward: Float[Array, "inner lanes"]
    rightward: Float[Array, "inner lanes"]

    @classmethod
    def of(
        cls, drift: Float[Array, "batch rows columns"], axis: int, time: float, step: float
    ) -> _AxisPart:
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
