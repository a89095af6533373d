r"""The mass of a law where the real density is low: hallucination, between modes and beyond them.

.. math:: q\{x : p_0(x) < \text{level}\} \le \mathrm{TV}(q, p_0) + p_0\{x : p_0(x) < \text{level}\}

(entry ``hallucinated-mass`` of the catalogue).

Source: Aithal, Maini, Lipton and Kolter, NeurIPS 2024, who call samples between the modes of the
data hallucinations by mode interpolation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float

from empirics.errors import number
from empirics.grid import Grid
from empirics.parameters import Positive
from empirics.quantities import CellLaw, Columns, Quantity, RealLaw, columns
from empirics.targets import Target

__all__ = ["KINDS", "Hallucinated"]

Array = np.ndarray
_PARTS = {1: 32, 2: 8}
"""Parts of a cell, along each axis, at whose middles the real density is looked at."""


@dataclass(frozen=True)
class Hallucinated(Quantity):
    """Mass where the real density is below ``level``, and beside it the real law's own mass there.

    In a cell through which the level runs the mass counts by the share of the cell that is below.
    The error is what that can be wrong by if the level runs straight and the density is linear
    there, and what the masses' own errors can move.

    Args:
        level: density, in units of one over a length (line) or an area (plane), or probability of a
            letter; > 0.

    Raises:
        InputError: the level is not positive.
    """

    level: Positive = 0.01

    def __post_init__(self) -> None:
        number("level", self.level, above=0)

    def measure(self, law: CellLaw, real: RealLaw) -> Columns:
        """The mass, a bound on its error, and both for the real law."""
        below = _below(real, self.level)
        own, own_error = _mass(real.masses[None], below)
        value, error = _mass(law.masses, below)
        each = np.ones(len(law.masses))
        return columns(self, value, error + law.off(below)) | {
            "hallucinated_real": own * each,
            "hallucinated_real_error": (own_error + real.error) * each,
        }


def _mass(masses: Array, below: Float[Array, "*cells"]) -> tuple[Array, Array]:
    """Mass below the level, and how far it may be off in the cells through which the level runs."""
    cells = tuple(range(1, masses.ndim))
    crossed = (below > 0) & (below < 1)
    share = 1 / (2 * _PARTS.get(masses.ndim - 1, 1)) * (masses.ndim - 1)
    varies = sum(np.abs(np.gradient(masses, axis=axis)) for axis in cells)
    wrong = np.where(crossed, share * masses + varies / 4, 0.0)
    return (masses * below).sum(axis=cells), np.asarray(wrong).sum(axis=cells)


def _below(real: RealLaw, level: float) -> Float[Array, "*cells"]:
    if real.grid is None or real.target is None:
        return np.asarray(real.masses < level, dtype=float)
    return _shares(real.target, real.grid, level)


@lru_cache(maxsize=16)
def _shares(target: Target, grid: Grid, level: float) -> Float[Array, "*cells"]:
    """Share of every cell in which the density is below the level."""
    parts = _PARTS[grid.dimension]
    inside = (np.arange(parts) + 0.5) / parts - 0.5
    if grid.dimension == 1:
        (axis,) = grid.axes
        x = np.add.outer(axis.centres, axis.step * inside)
        return np.asarray((target.density(x) < level).mean(axis=1))
    rows, columns_ = (np.add.outer(a.centres, a.step * inside) for a in grid.axes)
    found = []
    for row in rows:
        mesh = np.stack(np.broadcast_arrays(row[:, None, None], columns_), axis=-1)
        found.append((target.density(mesh) < level).mean(axis=(0, 2)))
    return np.stack(found)


KINDS = (Hallucinated,)
