"""A share of fresh real data: the error stays below the one-step error over that share."""

from fractions import Fraction

import sympy as sp

from bounds.bound import Bound, Constants, Side, Statistic, Tightness
from bounds.calculus.certificates import Lemma, Lemmas, recursion
from bounds.checks import induction, nonnegative
from bounds.cycles import FreshReal
from bounds.functions import GeometricDepth
from bounds.notation import a, j
from bounds.proof import Proof, Step
from bounds.theorems._closed_form import BELIEVED, attained, row_check, start
from bounds.theorems._paper_form import FRESH, RATE, from_the_paper, of_cycle, one_step_rate

__all__ = ["BOUND"]


def _cycle(share: Fraction) -> FreshReal:
    return FreshReal(n=1, share=share)


def _steps() -> tuple[Step, ...]:
    D, e = BOUND.expression, one_step_rate
    return (
        start(e),
        Step(
            "Each generation after the first keeps the weight 1 - a on the last model; the walk"
            " survives j - k steps with the power of it, the zeroth power being 1.",
            r"G_{jk} = (1 - a)^{j - k}",
            ("data cycle",),
            row_check(
                _cycle, lambda j, k, a: (1 - a) ** (j - k), lambda j, k, a: (1 - a) ** (j - k + 1)
            ),
        ),
        Step(
            "The geometric sum, all sizes being n; it solves D_1 = e, D_{j+1} = (1 - a) D_j + e.",
            D.doit(),
            check=induction(
                D,
                lambda now, then: then - (1 - a) * now - e,
                e,
                e * GeometricDepth(a, j + 1),
                e * (1 - a) ** (j - 1) / a,
            ),
        ),
        Step(
            "The power that is taken off is not negative, so for a > 0 no generation exceeds the"
            " one-step error over the share.",
            e * (1 - (1 - a) ** j) / a <= e / a,
            check=nonnegative(e * (1 - a) ** j, -e * (1 - a) ** j),
        ),
        attained(),
    )


_EXPRESSION = one_step_rate * GeometricDepth(a, j)


def _lemmas(D: sp.Expr) -> tuple[Lemma, ...]:
    return (recursion(D, one_step_rate, lambda now, then: then - (1 - a) * now - one_step_rate),)


BOUND = Bound(
    name="fresh-real",
    title="Fresh real share",
    statement=(
        "A share of fresh real points in every generation forgets old errors geometrically, so the"
        " error never exceeds the one-step error over the share."
    ),
    expression=_EXPRESSION,
    hypotheses=(of_cycle(FreshReal), FRESH, RATE),
    source=from_the_paper("corollary on a constant share of real data", "error-propagation"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
    proof=Proof(_steps, BELIEVED),
    lemmas=Lemmas(_EXPRESSION, _lemmas),
)
r"""The full synthetic bound is its limit at share 0.

.. math:: \mathrm{TV}(p_j, p_0) \le C n^{-\gamma} \, \frac{1 - (1-a)^j}{a}.

Source: Fu et al., ICML 2024, corollary on a constant share of real data (reconstructed).
Derived: the proof above.
"""
