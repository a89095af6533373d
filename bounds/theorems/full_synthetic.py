"""Full synthetic data: the error grows linearly with the generation."""

from bounds.bound import Bound, Constants, Side, Statistic, Tightness
from bounds.cycles import FullSynthetic
from bounds.notation import j
from bounds.theorems._paper_form import FRESH, RATE, from_the_paper, of_cycle, one_step_rate

__all__ = ["BOUND"]

BOUND = Bound(
    name="full-synthetic",
    title="Full synthetic data",
    statement="Trained on the last model alone, each generation adds its one-step error.",
    expression=j * one_step_rate,
    hypotheses=(of_cycle(FullSynthetic), FRESH, RATE),
    source=from_the_paper("corollary on fully synthetic data", "Theorem 1 (B1), closed form (a)"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
)
r"""To stay below a level at generation j, n must grow like :math:`j^{1/\gamma}`.

.. math:: \mathrm{TV}(p_j, p_0) \le j \, C n^{-\gamma}.

Source: Fu et al., ICML 2024, corollary on fully synthetic data (reconstructed).
Derived: Theorem 1 of the project's theory notes (B1), closed form (a).
"""
