r"""One step of the Fokker-Planck equation on the line, for a batch of laws: implicit midpoint.

.. math:: q' = 2\,(1 - \tfrac{\tau}{2} L)^{-1} q - q

with the exponentially fitted fluxes of :mod:`empirics.diffusion.fokker_planck`. A half step is one
tridiagonal system per law. LAPACK solves one after the other and waits for every division; where
numba is installed (``pip install '.[fast]'``) and much is to be solved, the lines of this file are
compiled, which divide for several laws at a time. Both do the same operations in the same order, so
the numbers are the same.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.linalg.lapack import dgtsv

from empirics.compiled import Work, compiled

__all__ = ["bernoulli", "midpoint_step"]

Array = np.ndarray
_TINY = np.finfo(float).tiny
_WORK = Work(2**25)
"""Unknowns solved for."""
_AT_ONCE = 8
"""Laws whose divisions run at the same time."""


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
