r"""What accumulating data never exceeds, over all generations.

.. math:: \mathrm{TV}(p_j, p_0) \le a_\gamma\, C n^{-\gamma}, \qquad
          a_\gamma = \sum_{k \ge 1} \frac{k^{-\gamma}}{k+1}
          \le \sum_{k<K} \frac{k^{-\gamma}}{k+1}
          + \sum_{m=0}^{M} (-1)^m \zeta(1+\gamma+m, K), \quad M \text{ even}.

The tail is an alternating series of Hurwitz zeta functions, so a sum that ends with a positive term
is above it; here it exceeds the constant by less than :math:`10^{-19}`. Partial sums of the series
itself converge like :math:`K^{-\gamma}` only. The analogue for variances is :math:`\pi^2/6`.
The float formula loses digits like :math:`10^{-16}/\gamma`, from rounding ``1 + gamma``; see
:mod:`bounds.accuracy`.

Derived: Theorem 1 of the project's theory notes (B1), closed form (d).
"""

from __future__ import annotations

import sympy as sp

from bounds.bound import Bound, Constants, Side, Statistic, Tightness
from bounds.cycles import Accumulating
from bounds.notation import gamma, k
from bounds.theorems._paper_form import FRESH, RATE, from_the_notes, of_cycle, one_step_rate

__all__ = ["BOUND", "limit"]

_HEAD = 32
_LAST = 12


def _constant() -> sp.Expr:
    head = sp.Sum(k**-gamma / (k + 1), (k, 1, _HEAD - 1))
    tail = [(-1) ** m * sp.zeta(1 + gamma + m, _HEAD) for m in range(_LAST + 1)]
    return sp.Add(head, *tail)


limit = _constant()
r"""An upper bound on :math:`a_\gamma`, exact to 19 digits."""

BOUND = Bound(
    name="accumulation-constant",
    title="Accumulating data, all generations",
    statement="With equal weights and j n points in generation j, no generation exceeds this.",
    expression=one_step_rate * limit,
    hypotheses=(of_cycle(Accumulating), FRESH, RATE),
    source=from_the_notes("Theorem 1 (B1), closed form (d)"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.NOT_TIGHT,
)
