r"""The exact law of the reverse SDE on the line, by a conservative positive scheme.

In :math:`s = T - t` the sampler :math:`dY = [Y + 2 s_\theta(Y, t)]\,ds + \sqrt2\,dB` has the law

.. math:: \partial_s q = -\partial_x (b\,q) + \partial_{xx} q, \qquad b = x + 2 s_\theta(x, t).

Fluxes are exponentially fitted (Chang and Cooper, J. Comput. Phys. 6, 1970), so that mass is kept
and stationary states are exact; time steps are implicit midpoint,
:math:`q' = 2\,(1 - \tfrac{\tau}{2} L)^{-1} q - q`. Two resolutions give fourth order by Richardson
extrapolation and an estimate of what is left.

A half step is one tridiagonal system per law. LAPACK solves one after the other and waits for every
division; where numba is installed (``pip install '.[fast]'``) and much is to be solved, the lines
of this file are compiled, which divide for several laws at a time. Both do the same operations in
the same order, so the numbers are the same.

Mass that reaches an end of the grid is absorbed. What is missing at last is thus the probability
of ever being there, and the total variation to the law on the whole line is at most that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Float
from scipy.linalg.lapack import dgtsv
from scipy.ndimage import maximum_filter
from scipy.special import ndtr

from empirics.compiled import Work, compiled
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.grid import Axis

__all__ = [
    "FokkerPlanck",
    "SolvedLaw",
    "bernoulli",
    "extrapolated",
    "midpoint_step",
    "normal_masses",
    "refine",
    "widest",
]

Array = np.ndarray
_REMAINS = 0.4
"""Part of the fine solution's error that extrapolation may leave; 0.3 is the most seen."""
_NEARBY = 2
"""Cells to either side that are looked at for the size of a difference."""
ScoreSteps = Callable[[int], Float[Array, "batch faces"]]
_TINY = np.finfo(float).tiny
_WORK = Work(2**25)
"""Unknowns solved for."""
_AT_ONCE = 8
"""Laws whose divisions run at the same time."""


@dataclass(frozen=True)
class FokkerPlanck:
    """A solver on one grid.

    Args:
        process: the forward process.
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
    edges = axis.edges
    masses = np.where(edges[1:] > 0, ndtr(-edges[:-1]) - ndtr(-edges[1:]), np.diff(ndtr(edges)))
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
