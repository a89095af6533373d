"""Balanced data: real data and all earlier models in equal parts, and logarithmic growth."""

import sympy as sp

from bounds.bound import Bound, Constants, Side, Statistic, Tightness
from bounds.cycles import Balanced
from bounds.notation import j
from bounds.theorems._paper_form import FRESH, RATE, from_the_paper, of_cycle, one_step_rate

__all__ = ["BOUND"]

BOUND = Bound(
    name="balanced",
    title="Balanced data",
    statement=(
        "With equal weight on real data and every earlier model, the error grows like the harmonic"
        " numbers."
    ),
    expression=one_step_rate * sp.harmonic(j),
    hypotheses=(of_cycle(Balanced), FRESH, RATE),
    source=from_the_paper("corollary on balanced data", "Theorem 1 (B1), closed form (c)"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
)
r"""Every generation has the same number of points.

.. math:: \mathrm{TV}(p_j, p_0) \le C n^{-\gamma} \, H_j.

Source: Fu et al., ICML 2024, corollary on balanced data (reconstructed).
Derived: Theorem 1 of the project's theory notes (B1), closed form (c).
"""
