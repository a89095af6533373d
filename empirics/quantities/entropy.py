r"""The entropy of a law, differential on cells and Shannon's on letters, in nats.

.. math:: H = -\int q \log q \le -\sum_i m_i \log\frac{m_i}{|\text{cell}|},

where the sum exceeds the integral by a term of second order in the cells' width (Jensen).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import entr

from empirics.quantities import CellLaw, Columns, Quantity, RealLaw, columns, in_the_limit

__all__ = ["KINDS", "Entropy", "most_moved"]

Array = np.ndarray


@dataclass(frozen=True)
class Entropy(Quantity):
    """Entropy of the law.

    The error is what extrapolating to narrow cells adds, and what the masses' own errors can move.
    """

    def measure(self, law: CellLaw, real: RealLaw) -> Columns:
        """The entropy, and a bound on its error."""
        log_cell = np.log(law.cell)

        def entropy(masses: Array, cells: int = 1) -> Array:
            return law.total(entr(masses) + masses * (log_cell + np.log(cells)))

        if law.grid is None:
            return columns(self, entropy(law.masses), most_moved(law))
        value, error = in_the_limit(entropy, law.masses)
        error = error + most_moved(law) + law.swing(lambda m: entr(m) + m * log_cell)
        return columns(self, value, error + real.far)


def most_moved(law: CellLaw) -> Float[Array, "batch"]:
    r"""By how much entropy over the cells can differ for a TV of ``law.error``.

    .. math:: e \log(N - 1) - e \log e - (1 - e) \log(1 - e)

    Source: Audenaert, J. Phys. A 40 (2007) 8127, for laws on ``N`` letters.
    """
    e = np.minimum(law.error, 0.5)
    cells = law.masses[0].size
    return np.asarray(e * np.log(max(cells - 1, 1)) + entr(e) + entr(1 - e))


KINDS = (Entropy,)
