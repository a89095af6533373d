r"""The Hellinger distance of a law to the real one.

.. math:: H(q, p)^2 = \frac12 \int (\sqrt q - \sqrt p)^2
          \ge \frac12 \sum_i (\sqrt{q_i} - \sqrt{p_i})^2,

where the sum over cells misses a term of second order in their width. It is a metric with
``H^2 <= TV <= sqrt(2) H``, so a TV of ``e`` between masses and true ones moves it by at most
``sqrt(e)``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from empirics.quantities import CellLaw, Columns, Quantity, RealLaw, columns, in_the_limit

__all__ = ["KINDS", "Hellinger"]

Array = np.ndarray


@dataclass(frozen=True)
class Hellinger(Quantity):
    """Hellinger distance of the law to the real one, in [0, 1]."""

    def measure(self, law: CellLaw, real: RealLaw) -> Columns:
        """The distance, and a bound on its error."""
        p = np.broadcast_to(real.masses, law.masses.shape)
        root = np.sqrt(p)

        def square(q: Array, p: Array, cells: int = 1) -> Array:
            del cells
            return law.total((np.sqrt(q) - np.sqrt(p)) ** 2) / 2

        value, error = square(law.masses, p), np.zeros(len(p))
        if law.grid is not None:
            value, error = in_the_limit(square, law.masses, p)
        error = error + law.swing(lambda m: (np.sqrt(m) - root) ** 2 / 2)
        value = np.clip(value, 0.0, 1.0)
        here = np.sqrt(value)
        up, down = np.sqrt(value + error) - here, here - np.sqrt(np.maximum(value - error, 0.0))
        return columns(self, here, np.maximum(up, down) + np.sqrt(law.error) + np.sqrt(real.error))


KINDS = (Hellinger,)
