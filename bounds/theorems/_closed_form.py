"""Shared steps of the closed forms' proofs: their start, and checks of the rows of G."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp

from bounds.checks import Check, exact
from bounds.cycles import DataCycle
from bounds.notation import G, epsilon, j, k
from bounds.printing.typeset import latex
from bounds.proof import Step
from bounds.propagation import influence_symbolic
from bounds.theorems._paper_form import FRESH, RATE

__all__ = ["BELIEVED", "attained", "averaged", "geometric_sum", "row_check", "start"]

BELIEVED = (
    "Proved: the closed form, given the one-step rate. Believed: that a trained diffusion model has"
    " this rate; the exponent 1/4 is attributed to Fu et al. (2024) by Fu et al. (2025). The route"
    " of the paper (triangle inequality through the training mixture, Pinsker, the score framework"
    " of Li et al., 2023, with one hidden ReLU layer, bounded data and a random-feature Monte Carlo"
    " step of probability 1 - delta) is known; its coefficients and corollaries are reconstructed."
)

_GENERATIONS = 7
_SHARES = (Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(1))

Row = Callable[[int, int, Fraction], Fraction]
"""The entry of G in row j and column k for a share."""


def start(error: sp.Expr) -> Step:
    """Return the step that puts the one-step rate into error propagation."""
    sum_of_errors = sp.Sum(G[j, k] * error, (k, 1, j))
    return Step(
        "Put the one-step rate of every model, that of training on as many fresh points as it has,"
        " into error propagation.",
        rf"\mathrm{{TV}}(p_j, p_0) \le {latex(sp.Sum(G[j, k] * epsilon[k], (k, 1, j)))}"
        rf" = {latex(sum_of_errors)}",
        ("error-propagation", RATE.name, FRESH.name, "data cycle"),
    )


def attained() -> Step:
    """Return the step that says where the bound is an equality."""
    return Step(
        "Aligned errors of that size attain it as long as it is at most 1 up to generation j: the"
        " last step of error propagation.",
        uses=("error-propagation",),
    )


def row_check(cycle: Callable[[Fraction], DataCycle], claim: Row, *wrong: Row) -> Check:
    """Return the check of a closed form of G against the inverse of ``I - W``."""

    def holds(row: Row) -> bool:
        return all(_row_is(influence_symbolic(cycle(a), _GENERATIONS), row, a) for a in _SHARES)

    cases = f"G of {_GENERATIONS} generations by its recursion"
    return exact(holds, claim, *wrong, cases=cases)


def _row_is(matrix: sp.Matrix, row: Row, share: Fraction) -> bool:
    return all(
        matrix[i - 1, m - 1] == sp.Rational(str(row(i, m, share)))
        for i in range(1, _GENERATIONS + 1)
        for m in range(1, i + 1)
    )


def geometric_sum(wrong: Callable[[int], int], terms: sp.Symbol) -> Check:
    """Return the check that ``(1 - u^terms) / (1 - u)`` is a sum of so many powers of u."""
    u = sp.Symbol("u", positive=True)
    return exact(
        lambda count: all(
            sp.cancel((1 - u**i) / (1 - u) - sum(u**power for power in range(count(i)))) == 0
            for i in range(1, 9)
        ),
        lambda i: i,
        wrong,
        cases=f"the geometric sum of {terms} terms, each at most 1, {terms} = 1..8",
    )


def averaged(error: sp.Expr) -> Callable[[Any, Any], sp.Expr]:
    """``D_{j+1} = e_{j+1} + sum_{k<=j} D_k / (j+1)``, its sum removed by the step before."""
    following_error = error.subs(j, j + 1)
    return lambda now, following: (j + 1) * (following - following_error) - j * (now - error) - now
