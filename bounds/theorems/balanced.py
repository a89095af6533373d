"""Balanced data: real data and all earlier models in equal parts, and logarithmic growth."""

from fractions import Fraction

import sympy as sp

from bounds.bound import Bound, Constants, Side, Statistic, Tightness
from bounds.calculus.certificates import Lemma, Lemmas, recursion
from bounds.checks import induction
from bounds.cycles import Balanced, DataCycle
from bounds.notation import j
from bounds.proof import Proof, Step
from bounds.theorems._closed_form import BELIEVED, attained, averaged, row_check, start
from bounds.theorems._paper_form import FRESH, RATE, from_the_paper, of_cycle, one_step_rate

__all__ = ["BOUND", "ancestor_step"]


def ancestor_step(kind: type[DataCycle]) -> Step:
    """Return the step that finds G where all laws so far have one weight, as in this cycle."""
    return Step(
        "All of {real data, model 1, ..., model j-1} have weight 1/j. A jump of the walk"
        " from above k is uniform on all lower indices, hence uniform on 0..k once it lands there:"
        " the first ancestor of model j with an index of at most k < j is k with probability"
        " 1/(k+1), and a walk that passes k does not come back.",
        r"G_{jk} = \frac{1}{k+1} \quad (k < j), \qquad G_{jj} = 1",
        ("data cycle",),
        row_check(
            lambda a: kind(n=1),
            lambda j, k, a: Fraction(1, k + 1) if k < j else Fraction(1),
            lambda j, k, a: Fraction(1, k + 1),
            lambda j, k, a: Fraction(1, k) if k < j else Fraction(1),
        ),
    )


def _steps() -> tuple[Step, ...]:
    D, e = BOUND.expression, one_step_rate
    return (
        start(e),
        ancestor_step(Balanced),
        Step(
            "The row sums to 1 + 1/2 + ... + 1/j; the harmonic number solves D_1 = e,"
            " D_{j+1} = e + (D_1 + ... + D_j)/(j+1).",
            D,
            check=induction(
                D, averaged(e), e, e * (sp.harmonic(j) + 1 - 1 / j), e * sp.harmonic(j) ** 2
            ),
        ),
        attained(),
    )


_EXPRESSION = one_step_rate * sp.harmonic(j)


def _lemmas(D: sp.Expr) -> tuple[Lemma, ...]:
    return (recursion(D, one_step_rate, averaged(one_step_rate)),)


BOUND = Bound(
    name="balanced",
    title="Balanced data",
    statement=(
        "With equal weight on real data and every earlier model, the error grows like the harmonic"
        " numbers."
    ),
    expression=_EXPRESSION,
    hypotheses=(of_cycle(Balanced), FRESH, RATE),
    source=from_the_paper("corollary on balanced data", "error-propagation"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
    proof=Proof(_steps, BELIEVED),
    lemmas=Lemmas(_EXPRESSION, _lemmas),
)
r"""Every generation has the same number of points.

.. math:: \mathrm{TV}(p_j, p_0) \le C n^{-\gamma} \, H_j.

Source: Fu et al., ICML 2024, corollary on balanced data (reconstructed).
Derived: the proof above.
"""
