"""A share of fresh real data: the error stays below the one-step error over that share."""

from bounds.bound import Bound, Constants, Side, Statistic, Tightness
from bounds.cycles import FreshReal
from bounds.functions import GeometricDepth
from bounds.notation import a, j
from bounds.theorems._paper_form import FRESH, RATE, from_the_paper, of_cycle, one_step_rate

__all__ = ["BOUND"]

BOUND = Bound(
    name="fresh-real",
    title="Fresh real share",
    statement=(
        "A share of fresh real points in every generation forgets old errors geometrically, so the"
        " error never exceeds the one-step error over the share."
    ),
    expression=one_step_rate * GeometricDepth(a, j),
    hypotheses=(of_cycle(FreshReal), FRESH, RATE),
    source=from_the_paper(
        "corollary on a constant share of real data", "Theorem 1 (B1), closed form (b)"
    ),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
)
r"""The full synthetic bound is its limit at share 0.

.. math:: \mathrm{TV}(p_j, p_0) \le C n^{-\gamma} \, \frac{1 - (1-a)^j}{a}.

Source: Fu et al., ICML 2024, corollary on a constant share of real data (reconstructed).
Derived: Theorem 1 of the project's theory notes (B1), closed form (b).
"""
