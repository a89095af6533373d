r"""The Kullback-Leibler divergence of a law to the real one, in nats.

.. math:: KL(q \| p) = \int q \log\frac qp \ge \sum_i q_i \log\frac{q_i}{p_i},

where the sum over cells misses a term of second order in their width. (The column ``kl`` of a
diffusion loop is another: from the mixture that was learned to the model.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import entr

from empirics.quantities import CellLaw, Columns, Quantity, RealLaw, columns, in_the_limit
from empirics.quantities.entropy import most_moved

__all__ = ["KINDS", "KlToReal"]

Array = np.ndarray
_SEEN = 1e-12
"""Mass of a cell above which it is more than rounding."""
_UNDERFLOW = -745.0
"""Logarithm of the smallest positive number."""


@dataclass(frozen=True)
class KlToReal(Quantity):
    """``KL(p_j || p_0)``.

    It is infinite, for certain, where the law has mass outside the real law's support. Where the
    real density is positive but too small for a number, a lower limit is given and the error is
    infinite.
    """

    def measure(self, law: CellLaw, real: RealLaw) -> Columns:
        """The divergence, and a bound on its error."""
        logs = np.maximum(real.log_masses, _UNDERFLOW)
        p = np.broadcast_to(np.exp(logs), law.masses.shape)

        def divergence(q: Array, p: Array, cells: int = 1) -> Array:
            del cells
            return -law.total(entr(q) + q * np.log(p))

        value, error = divergence(law.masses, p), np.zeros(len(p))
        if law.grid is not None:
            value, error = in_the_limit(divergence, law.masses, p)
        error = error + most_moved(law) + law.error * np.ptp(logs)
        error = error + law.swing(lambda m: entr(m) + m * logs) + _of_real(law, p, real)
        missed = (real.log_masses <= _UNDERFLOW) & (law.masses > _SEEN)
        outside = _any(missed & _outside(real))
        error = np.where(_any(missed), np.inf, error)
        return columns(
            self, np.where(outside, np.inf, np.maximum(value, 0.0)), np.where(outside, 0.0, error)
        )


def _of_real(law: CellLaw, p: Array, real: RealLaw) -> Float[Array, "batch"]:
    """Largest effect of errors of the real masses, each at most as large as all together."""
    if not real.unresolved:
        return np.zeros(len(p))
    with np.errstate(over="ignore"):
        ratio = np.where(law.masses > _SEEN, law.masses / p, 0.0)
    return np.asarray(real.unresolved * ratio.reshape(len(ratio), -1).max(axis=1))


def _any(cells: Bool[Array, "batch *cells"]) -> Bool[Array, "batch"]:
    return np.asarray(cells.reshape(len(cells), -1).any(axis=1))


def _outside(real: RealLaw) -> Bool[Array, "*cells"]:
    """Cells outside the box that holds the real law; letters that it lacks."""
    if real.grid is None or real.target is None:
        return np.asarray(real.masses == 0)
    out = np.zeros(real.grid.shape, dtype=bool)
    for i, (axis, (low, high)) in enumerate(zip(real.grid.axes, real.target.support, strict=True)):
        out |= real.grid.along((axis.centres < low) | (axis.centres > high), i)
    return out


KINDS = (KlToReal,)
