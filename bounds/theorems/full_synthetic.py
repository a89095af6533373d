"""Full synthetic data: the error grows linearly with the generation."""

from fractions import Fraction

import sympy as sp

from bounds.bound import Bound, Constants, Side, Statistic, Tightness
from bounds.calculus.certificates import Lemma, Lemmas, recursion
from bounds.checks import induction
from bounds.cycles import FullSynthetic
from bounds.notation import j
from bounds.proof import Proof, Step
from bounds.theorems._closed_form import BELIEVED, attained, row_check, start
from bounds.theorems._paper_form import FRESH, RATE, from_the_paper, of_cycle, one_step_rate

__all__ = ["BOUND"]

_ONE = Fraction(1)


def _steps() -> tuple[Step, ...]:
    D, e = BOUND.expression, one_step_rate
    return (
        start(e),
        Step(
            "All weight is on the last model, so the walk visits every earlier one.",
            r"G_{jk} = 1 \quad (k \le j)",
            ("data cycle",),
            row_check(
                lambda a: FullSynthetic(n=1),
                lambda j, k, a: _ONE,
                lambda j, k, a: _ONE / (1 + j - k),
            ),
        ),
        Step(
            "The sum of j errors, equal as all sizes are n; it solves D_1 = e, D_{j+1} = D_j + e.",
            D,
            check=induction(D, lambda now, then: then - now - e, e, (j + 1) * e, j**2 * e),
        ),
        attained(),
    )


_EXPRESSION = j * one_step_rate


def _lemmas(D: sp.Expr) -> tuple[Lemma, ...]:
    return (recursion(D, one_step_rate, lambda now, then: then - now - one_step_rate),)


BOUND = Bound(
    name="full-synthetic",
    title="Full synthetic data",
    statement="Trained on the last model alone, each generation adds its one-step error.",
    expression=_EXPRESSION,
    hypotheses=(of_cycle(FullSynthetic), FRESH, RATE),
    source=from_the_paper("corollary on fully synthetic data", "error-propagation"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
    proof=Proof(_steps, BELIEVED),
    lemmas=Lemmas(_EXPRESSION, _lemmas),
)
r"""To stay below a level at generation j, n must grow like :math:`j^{1/\gamma}`.

.. math:: \mathrm{TV}(p_j, p_0) \le j \, C n^{-\gamma}.

Source: Fu et al., ICML 2024, corollary on fully synthetic data (reconstructed).
Derived: the proof above.
"""
