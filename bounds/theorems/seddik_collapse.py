r"""Collapse of full synthetic resampling to one symbol: its probability and its time.

.. math:: 1 - n (1-S)\Bigl(1-\frac1n\Bigr)^j \le \mathbb{P}(\text{one symbol})
          \le 1 - \frac{1-S}{1-1/K}\Bigl(1-\frac1n\Bigr)^j,

.. math:: 1 + \frac{(1-S)(n-1)}{1-1/K} \le \mathbb{E}\,T \le 1 + (1-S)\, n (n-1),
          \qquad S = \|p_0\|_2^2 .

Source: Seddik et al., 2024, Theorem 1. Derived: the mean of ``1 - ||p_j||^2`` is
:math:`(1-S)(1-1/n)^j`; it is between :math:`1/n` (for n >= 2) and :math:`1 - 1/K` while two symbols
or more are left, and zero afterwards. ``E T`` sums the probabilities. If n < K, n may replace K.
Two points of two symbols attain all four.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import comb
from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Source, Statistic, Tightness
from bounds.checks import Law, exact, identity, simplex
from bounds.cycles import FullSynthetic
from bounds.functions import GeometricDepth
from bounds.hypotheses import ModelKind, known
from bounds.notation import K, S, j, n
from bounds.proof import Proof, Step
from bounds.statement import Evidence
from bounds.theorems._paper_form import FRESH, of_cycle
from bounds.theorems._quantities import COLLAPSE_PROBABILITY, COLLAPSE_TIME

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "hypotheses": (
        of_cycle(FullSynthetic),
        FRESH,
        Hypothesis(
            "empirical measure",
            "the law is discrete, a model is its sample's frequencies",
            loop=known(model=ModelKind.EMPIRICAL),
        ),
        Hypothesis(
            "two symbols", "the real law has K >= 2 symbols, so 1/K <= S < 1", where=S >= 1 / K
        ),
    ),
    "source": Source(
        "Seddik et al., 2024 (arXiv 2404.05090)",
        "Theorem 1",
        Evidence.PROVED,
        "proof repeated from the identity of discrete resampling",
        ("seddik2024", "project"),
    ),
    "constants": Constants.GIVEN,
    "tight": Tightness.TIGHT,
}

_most = (1 - S) / (1 - sp.Integer(1) / K)
"""Mean loss of collision probability over its largest value."""


_NAMES = ("data cycle", FRESH.name, "empirical measure", "two symbols")
_ratio = 1 - 1 / n


def _loss(law: Law) -> Fraction:
    """One minus the collision probability: the chance that two points differ."""
    return 1 - sum((p**2 for p in law), Fraction(0))


def _shrinks_by(shift: int) -> bool:
    """Whether resampling n points of two symbols shrinks the mean loss by ``1 - 1/(n + shift)``."""
    for points in range(2, 7):
        for p in (Fraction(1, 3), Fraction(1, 2)):
            mean = sum(
                comb(points, m)
                * p**m
                * (1 - p) ** (points - m)
                * _loss((Fraction(m, points), Fraction(points - m, points)))
                for m in range(points + 1)
            )
            if mean != (1 - Fraction(1, points + shift)) * _loss((p, 1 - p)):
                return False
    return True


def _lies_between(low: Callable[[int], Fraction], high: Callable[[int], Fraction]) -> bool:
    """Whether frequencies with two symbols or more have a loss from ``low(n)`` to ``high(K)``."""
    return all(
        low(points) <= _loss(law) <= high(letters)
        for letters in (2, 3)
        for points in range(2, 7)
        for law in simplex(letters, points)
        if max(law) < 1
    )


_SHRINKS = Step(
    "By the identity of discrete resampling at share 0 the mean loss of collision probability"
    " shrinks by 1 - 1/n in every generation.",
    r"H_j := 1 - \|p_j\|_2^2, \qquad \mathbb{E} H_j = (1 - S) \bigl(1 - \tfrac1n\bigr)^j",
    ("discrete-resampling", *_NAMES),
    exact(_shrinks_by, 0, 1, -1, cases="two symbols, n = 2..6"),
)


def _between(text: str, formula: str, *wrong: Any) -> Step:
    right = (lambda points: Fraction(1, points), lambda letters: 1 - Fraction(1, letters))
    return Step(
        text,
        formula,
        ("two symbols", "empirical measure", "Cauchy-Schwarz"),
        exact(
            lambda ends: _lies_between(*ends),
            right,
            *wrong,
            cases="all frequencies, n to 6, K to 3",
        ),
    )


_MOST = _between(
    "While two symbols or more are left H is at most 1 - 1/K; once one is left it is zero.",
    r"\mathbb{E} H_j \le \bigl(1 - \tfrac1K\bigr) \mathbb{P}(\text{two or more})",
    (lambda points: Fraction(0), lambda letters: 1 - Fraction(2, letters)),
)
_LEAST = _between(
    "While two symbols or more are left H is at least (2/n)(1 - 1/n), hence at least 1/n for"
    " n >= 2; for n = 1 one symbol is left at once.",
    r"\mathbb{E} H_j \ge \tfrac1n \mathbb{P}(\text{two or more})",
    (lambda points: Fraction(2, points), lambda letters: Fraction(1)),
)


def _probability_steps(bounded: Step, value: sp.Expr, most: sp.Expr) -> tuple[Step, ...]:
    return (
        _SHRINKS,
        bounded,
        Step(
            "Solve for the probability of one symbol.",
            value,
            check=identity(
                value - 1 + most * _ratio**j, value - 1 + most * _ratio ** (j + 1), value - most
            ),
        ),
    )


def _time_steps(uses: str, value: sp.Expr, most: sp.Expr) -> tuple[Step, ...]:
    partial = sum(_ratio**m for m in range(1, 6))
    return (
        Step(
            "The mean number of generations is the sum over j >= 0 of the probability that two"
            " symbols or more are left; at j = 0 it is one.",
            r"\mathbb{E} T = 1 + \sum_{j \ge 1} \mathbb{P}(\text{two or more at } j)",
            ("tail sum", uses, *_NAMES),
        ),
        Step(
            "The geometric series from j = 1 on.",
            r"\sum_{j \ge 1} \bigl(1 - \tfrac1n\bigr)^j = n - 1",
            check=identity(
                partial + _ratio**6 * n - (n - 1),
                partial + _ratio**6 * n - n,
                partial + _ratio**5 * n - (n - 1),
            ),
        ),
        Step(
            "Add up.",
            value,
            check=identity(
                value - 1 - most * (n - 1), value - 1 - most * n, value - most * (n - 1)
            ),
        ),
    )


def _probability(name: str, title: str, side: Side, value: sp.Expr, proof: Proof) -> Bound:
    return Bound(
        name=name,
        title=title,
        statement="The probability that a generation of resampled data is one symbol.",
        expression=value,
        side=side,
        statistic=Statistic.EVERY_LOOP,
        quantity=COLLAPSE_PROBABILITY,
        proof=proof,
        **_COMMON,
    )


def _time(name: str, title: str, side: Side, value: sp.Expr, proof: Proof) -> Bound:
    return Bound(
        name=name,
        title=title,
        statement="The mean number of generations until resampled data is one symbol.",
        expression=value,
        side=side,
        statistic=Statistic.AVERAGE,
        quantity=COLLAPSE_TIME,
        proof=proof,
        **_COMMON,
    )


_above = (1 - _most) + _most * GeometricDepth(1 / n, j) / n
_below = 1 - n * (1 - S) * (1 - 1 / n) ** j
_longest = 1 + (1 - S) * n * (n - 1)
_shortest = 1 + _most * (n - 1)

BOUNDS = (
    _probability(
        "seddik-collapse",
        "Collapse probability from above",
        Side.UPPER,
        _above,
        Proof(lambda: _probability_steps(_MOST, _above, _most)),
    ),
    _probability(
        "seddik-collapse-lower",
        "Collapse probability from below",
        Side.LOWER,
        _below,
        Proof(lambda: _probability_steps(_LEAST, _below, n * (1 - S))),
    ),
    _time(
        "seddik-collapse-time",
        "Collapse time from above",
        Side.UPPER,
        _longest,
        Proof(lambda: _time_steps("seddik-collapse-lower", _longest, n * (1 - S))),
    ),
    _time(
        "seddik-collapse-time-lower",
        "Collapse time from below",
        Side.LOWER,
        _shortest,
        Proof(lambda: _time_steps("seddik-collapse", _shortest, _most)),
    ),
)
