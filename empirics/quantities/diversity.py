r"""The diversity of a law on letters: the chance that two of its points differ.

.. math:: 1 - \|q\|_2^2 = 1 - \sum_x q(x)^2

(Gini and Simpson's index).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from empirics.quantities import CellLaw, Columns, Quantity, RealLaw, columns

__all__ = ["KINDS", "Diversity"]


@dataclass(frozen=True)
class Diversity(Quantity):
    """Chance that two independent points are different letters, in [0, 1]."""

    of_cells: ClassVar[bool] = False

    def measure(self, law: CellLaw, real: RealLaw) -> Columns:
        """The diversity, and a bound on its error."""
        del real
        return columns(self, 1 - law.total(law.masses**2), 2 * law.error)


KINDS = (Diversity,)
