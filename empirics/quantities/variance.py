r"""The variance of a law, summed over the axes: how much of its diversity is left.

.. math:: \mathrm{tr}\,\mathrm{Cov} = \sum_{\text{axes}}
          \Bigl(\sum_i m_i (c_i - \mu)^2 - \frac{h^2}{12}\Bigr),

with Sheppard's correction for masses put at the centres of cells of width ``h``, which leaves an
error of order ``h^4`` for a density with two continuous derivatives that vanishes at the ends, and
less for a smoother one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from empirics.grid import Axis, Grid, paired
from empirics.quantities import CellLaw, Columns, Quantity, RealLaw, columns

__all__ = ["KINDS", "Variance"]

Array = np.ndarray
_ROUNDING = 1e-14
"""Of a sum of squares, relative to the largest of them."""


@dataclass(frozen=True)
class Variance(Quantity):
    """Trace of the covariance of the law.

    The error is the difference that joining cells in pairs makes, and what the masses' own errors
    can move; it is infinite where the real law has a tail too heavy for any grid.
    """

    of_letters: ClassVar[bool] = False

    def measure(self, law: CellLaw, real: RealLaw) -> Columns:
        """The variance, and a bound on its error."""
        assert law.grid is not None
        value = error = np.zeros(len(law.masses))
        for i, axis in enumerate(law.grid.axes):
            others = tuple(k for k in range(1, law.masses.ndim) if k != i + 1)
            marginal = law.masses.sum(axis=others)
            fine, mean = _about_mean(marginal, axis)
            wide = Axis(axis.low, 2 * axis.step, axis.cells // 2)
            coarse, _ = _about_mean(paired(marginal), wide)
            value = value + fine
            squares = _squares(law.grid, i, mean)
            rounding = _ROUNDING * float(squares.max())
            error = error + np.abs(fine - coarse) + law.off(squares) + rounding
        return columns(self, value, error + real.far)


def _about_mean(masses: Float[Array, "batch cells"], axis: Axis) -> tuple[Array, Array]:
    """Variance and mean along one axis."""
    whole = masses.sum(axis=1)
    mean = masses @ axis.centres / whole
    away = axis.centres - mean[:, None]
    return (masses * away**2).sum(axis=1) / whole - axis.step**2 / 12, mean


def _squares(grid: Grid, i: int, mean: Float[Array, "batch"]) -> Float[Array, "batch *cells"]:
    """Squared distances from the means along an axis."""
    here = grid.along(grid.axes[i].centres, i)
    return np.asarray((here - mean.reshape(-1, *(1,) * grid.dimension)) ** 2)


KINDS = (Variance,)
