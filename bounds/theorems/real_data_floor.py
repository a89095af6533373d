r"""What no algorithm can beat from a given number of real points.

.. math:: \sup_{p_0} \mathbb{E}\,\mathrm{TV}(p_j, p_0) \ge
          \Bigl(2\Phi\bigl(\tfrac{t}{2\sqrt{N_R}}\bigr) - 1\Bigr)
          \Bigl(1 - \Phi\bigl(\tfrac t2\bigr)\Bigr) \text{ for every } t,
          \qquad \ge \frac{1}{8 \sqrt{N_R}},

over normal laws of variance one: synthetic data adds nothing to the real points that enter. The
second is the largest value of the first at ``N_R = 1``; for many points the first is largest near
``t = 3/2`` and comes to :math:`0.1356/\sqrt{N_R}`.

Derived: theory notes, B5.5: data processing and Le Cam's two points. The first over
:math:`1/\sqrt{N_R}` rises in ``N_R``, because ``2 Phi - 1`` is concave, which gives the second.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic
from bounds.notation import N_R, t
from bounds.theorems._paper_form import from_the_notes
from bounds.theorems._quantities import MINIMAX_TV

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "hypotheses": (
        Hypothesis(
            "real points", "at most N_R real points ever enter the loop, fresh ones counted"
        ),
        Hypothesis("rich class", "the real law may be any N(theta, 1), or worse"),
    ),
    "source": from_the_notes("B5.5"),
    "side": Side.LOWER,
    "statistic": Statistic.EVERY_LOOP,
    "constants": Constants.GIVEN,
    "quantity": MINIMAX_TV,
}


def _two_phi_minus_one(x: sp.Expr) -> sp.Expr:
    return sp.erf(x / sp.sqrt(2))


_FLOOR = Bound(
    name="real-data-floor",
    title="Real-data floor",
    statement="Whatever the algorithm, some normal law is missed by at least 1/(8 sqrt(N_R)).",
    expression=1 / (8 * sp.sqrt(N_R)),
    **_COMMON,
)

_TWO_POINTS = Bound(
    name="real-data-floor-two-point",
    title="Real-data floor, two points",
    statement="Whatever the algorithm, one of two normal laws so far apart is missed by this.",
    expression=_two_phi_minus_one(t / (2 * sp.sqrt(N_R))) * sp.erfc(t / 2 / sp.sqrt(2)) / 2,
    **_COMMON,
)

BOUNDS = (_FLOOR, _TWO_POINTS)
