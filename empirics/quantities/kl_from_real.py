r"""The Kullback-Leibler divergence of the real law to a model, in nats.

.. math:: KL(P_{t_0} p_0 \| p_j) \ge \sum_i p_i \log\frac{p_i}{q_i},

with the real law noised until generation stops, where a diffusion stops early: ``D_0`` of the entry
``diffusion-exact-kl``. (``kl-to-real`` is the other way round.) If every mass ``q_i`` is within
``delta_i`` of the true one, and both sum to one, the sum is within

.. math:: \sum_i \Bigl|\frac{p_i}{q_i} - 1\Bigr| \delta_i
          + \sum_i p_i \Bigl[-\log\Bigl(1 - \frac{\delta_i}{q_i}\Bigr) - \frac{\delta_i}{q_i}\Bigr],

since what is wrong in one cell is made up for in others, where ``p/q`` is nearly the same. Cells
where the real law has less mass than can be told from nothing are left out; they count in the error
as if the model had 1e-13 of the real law's mass there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import rel_entr

from empirics.grid import paired
from empirics.quantities import CellLaw, Columns, Quantity, RealLaw, columns

__all__ = ["KINDS", "KlFromReal"]

Array = np.ndarray
_LEAST, _TOLD = 1e-10, 4.0
"""Mass of the real law in a cell, and multiple of its doubt, below which the cell is left out."""
_ROUNDING = 1e-13
"""Masses below it are rounding."""


@dataclass(frozen=True)
class KlFromReal(Quantity):
    """``KL(p_0 || p_j)``.

    The error is infinite where the model's mass is no larger than its own error in a cell where
    the real law has some: nothing then limits the divergence from above.
    """

    def measure(self, law: CellLaw, real: RealLaw) -> Columns:
        """The divergence, and a bound on its error."""
        noised = real.masses if real.noised is None else real.noised
        p = np.broadcast_to(noised, law.masses.shape)
        if law.grid is None:
            return columns(self, law.total(rel_entr(p, law.masses)), np.zeros(len(p)))
        found = _Cells.of(p, law)
        wide = found.divergence - _Cells(*map(paired, found)).divergence
        error = np.abs(wide) + found.moved + found.left_out + real.error * abs(np.log(_ROUNDING))
        return columns(self, np.maximum(found.divergence, 0.0), error)


class _Cells(NamedTuple):
    """Masses of two laws, and by how much each of the second may be wrong."""

    p: Float[Array, "batch *cells"]
    q: Float[Array, "batch *cells"]
    doubt: Float[Array, "batch *cells"]

    @classmethod
    def of(cls, p: Array, law: CellLaw) -> _Cells:
        """The real law and a model's; mass gone astray may be missing in any cell."""
        lost = law.error.reshape(-1, *(1,) * (law.masses.ndim - 1))
        doubt = lost + (_ROUNDING if law.doubt is None else law.doubt)
        return cls(p, law.masses, np.broadcast_to(doubt, p.shape))

    @property
    def held(self) -> Bool[Array, "batch *cells"]:
        """Cells in which the model's mass is told from its numerical error."""
        return np.asarray(self.p > np.maximum(_LEAST, _TOLD * self.doubt))

    def total(self, values: Float[Array, "batch *cells"]) -> Float[Array, "batch"]:
        """Sum over the cells that count."""
        return np.asarray(np.where(self.held, values, 0.0).reshape(len(self.p), -1).sum(axis=1))

    @property
    def divergence(self) -> Float[Array, "batch"]:
        """Of the first law to the second one, which cells as wide as these show."""
        return self.total(rel_entr(self.p, np.maximum(self.q, _ROUNDING)))

    @property
    def moved(self) -> Float[Array, "batch"]:
        """Largest effect of the doubts; infinite where a mass may be nothing."""
        with np.errstate(divide="ignore", invalid="ignore"):
            part = self.doubt / self.q
            rest = np.where(part < 1, -np.log1p(-part) - part, np.inf)
            first = np.abs(self.p / self.q - 1) * self.doubt
            return self.total(first + self.p * rest)

    @property
    def left_out(self) -> Float[Array, "batch"]:
        """The mass that the other cells may hold, and its contribution."""
        rest = np.where(self.held, 0.0, np.abs(self.p) * abs(np.log(_ROUNDING)) + self.doubt)
        return np.asarray(rest.reshape(len(self.p), -1).sum(axis=1))


KINDS = (KlFromReal,)
