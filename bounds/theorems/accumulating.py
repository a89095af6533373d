"""Accumulating data: generation j has j n points, and the error stays bounded for ever."""

from __future__ import annotations

import sympy as sp

from bounds.bound import Bound, Constants, Side, Statistic, Tightness
from bounds.calculus.certificates import Difference, Lemma, Lemmas, recursion
from bounds.calculus.identities import advanced
from bounds.calculus.monotone import Direction
from bounds.checks import identity, induction, nonnegative
from bounds.cycles import Accumulating
from bounds.evaluate import compiled
from bounds.notation import NOTATION, C, gamma, j, k, n
from bounds.proof import Proof, Step
from bounds.theorems._closed_form import attained, averaged, start
from bounds.theorems._paper_form import FRESH, RATE, of_cycle, one_step_rate, proved_here
from bounds.theorems.accumulation_constant import limit
from bounds.theorems.balanced import ancestor_step
from bounds.values import FloatArray, plain

__all__ = ["BOUND", "growth_step", "limit_constant"]


def growth_step() -> Step:
    """Return the step that shows that the bracket does not fall from one generation to the next."""
    D, rise = BOUND.expression, _rise()
    return Step(
        "From one generation to the next the bound changes by a nonnegative amount.",
        rise,
        check=identity(
            advanced(D, j) - D - rise,
            advanced(D, j) - D - rise.subs(gamma, gamma / 2),
            advanced(D, j) - D - rise * j,
        ),
    )


def _steps() -> tuple[Step, ...]:
    D, e = BOUND.expression, C * (j * n) ** -gamma
    of_ancestor = one_step_rate * k**-gamma
    return (
        start(of_ancestor),
        ancestor_step(Accumulating),
        Step(
            "Generation k has k n points; the model's own error enters whole, those of its"
            " ancestors with weight 1/(k+1). The sum solves D_1 = e_1,"
            " D_{j+1} = e_{j+1} + (D_1 + ... + D_j)/(j+1).",
            D,
            check=induction(
                D,
                averaged(e),
                one_step_rate,
                one_step_rate * (j**-gamma + sp.Sum(k**-gamma / k, (k, 1, j - 1))),
            ),
        ),
        growth_step(),
        Step(
            "That amount is the rate times a factor between 0 and 1, as 1 - gamma is positive.",
            r"1 - \bigl(\tfrac{j}{j+1}\bigr)^{1-\gamma} \ge 0",
            check=nonnegative(1 - (j / (j + 1)) ** (1 - gamma), 1 - (j / (j + 1)) ** (gamma - 1)),
        ),
        Step(
            "The sum converges, its terms being at most k^(-1-gamma), and the term j^-gamma tends"
            " to zero: the bound, which does not fall in j, is at or below its limit in all"
            " generations.",
            r"\sup_j D_j = C n^{-\gamma} \sum_{k \ge 1} \frac{k^{-\gamma}}{k+1}"
            r" \le C n^{-\gamma} \zeta(1 + \gamma)",
            ("Hurwitz zeta",),
            nonnegative(
                k ** (-1 - gamma) * (1 - k / (k + 1)), k ** (-1 - gamma) * (k / (k + 1) - 1)
            ),
        ),
        attained(),
    )


_EXPRESSION = one_step_rate * (j**-gamma + sp.Sum(k**-gamma / (k + 1), (k, 1, j - 1)))


def _rise() -> sp.Expr:
    """The increase of the bound from one generation to the next."""
    return one_step_rate * (j + 1) ** -gamma * (1 - (j / (j + 1)) ** (1 - gamma))


def _lemmas(D: sp.Expr) -> tuple[Lemma, ...]:
    return (
        recursion(D, one_step_rate, averaged(C * (j * n) ** -gamma)),
        Lemma(
            "monotone in generation",
            "does not fall in generation",
            Difference(D, j, _rise()),
            ("generation", Direction.RISING),
        ),
    )


BOUND = Bound(
    name="accumulating",
    title="Accumulating data",
    statement=(
        "With equal weights and j n points in generation j, the error is bounded over all"
        " generations."
    ),
    expression=_EXPRESSION,
    hypotheses=(of_cycle(Accumulating), FRESH, RATE),
    source=proved_here("from error-propagation"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
    proof=Proof(_steps),
    lemmas=Lemmas(_EXPRESSION, _lemmas),
)
r"""The points of every generation are drawn anew; kept batches violate the rate's independence.

.. math:: \mathrm{TV}(p_j, p_0) \le C n^{-\gamma}
   \Bigl[ j^{-\gamma} + \sum_{k<j} \frac{k^{-\gamma}}{k+1} \Bigr].

Derived: the proof above.
"""


def limit_constant(exponent: float | str | FloatArray) -> float | FloatArray:
    r"""Return the limit :math:`a_\gamma = \sum_{k \ge 1} k^{-\gamma}/(k+1)` of the bracket.

    Derived: :mod:`bounds.theorems.accumulation_constant`, which is above it by less than 1e-19.

    Args:
        exponent: gamma in (0, 1).
    """
    g = NOTATION["gamma"].expect(exponent, BOUND.title)
    value: float | FloatArray = plain(compiled(limit)(gamma=g))
    return value
