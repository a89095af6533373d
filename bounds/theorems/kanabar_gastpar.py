r"""Discrete estimation from contaminated samples: what a point of known real share is worth.

.. math:: \frac{c_1}{\sum_k n_k \alpha_k^2} \le r_j \le
          \frac{1 - 1/K}{\sum_k n_k \alpha_k^2},

where generation k gives ``n_k`` points of which a known share ``alpha_k`` is real, unmarked, and
the others come of the last estimate: a point counts ``alpha^2``, against ``alpha`` if it were
marked. The upper side is attained in the mean by the estimate

.. math:: \hat p_k = \frac{(W_k - n_k \alpha_k (1 - \alpha_k))\, \hat p_{k-1}
          + n_k \alpha_k e_k}{W_k + n_k \alpha_k^2}, \qquad W_k = \sum_{i<k} n_i \alpha_i^2,

``e_k`` the frequencies of batch k, which is an average, so a law, where
:math:`n_k \alpha_k (1 - \alpha_k) \le W_k`. Kanabar and Gastpar have the constant 3 under their
condition (8); the lower constant is free here.

Source: Kanabar and Gastpar, 2025 (the lower side reconstructed; most regimes). Derived: the upper
side with its constant, by the proofs below.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Source, Statistic, Tightness
from bounds.checks import Law, exact, identity, over_laws
from bounds.notation import C, K, j, k, real_shares, size
from bounds.proof import Proof, Step
from bounds.statement import Evidence
from bounds.theorems._paper_form import proved_here
from bounds.theorems._quantities import ESTIMATE_ERROR, MINIMAX_ERROR

__all__ = ["BOUNDS"]

_worth = sp.Sum(size[k] * real_shares[k] ** 2, (k, 1, j))
_SHARES = Hypothesis("known shares", "the share of real points in every generation is known")
_UNMARKED = Hypothesis("unmarked points", "no point says whether it is real")
_AVERAGE = Hypothesis(
    "an average",
    "every batch but the first, which is real, has n_k alpha_k (1 - alpha_k) of at most the sum of"
    " n_i alpha_i^2 over the batches before it; its other points come of the last estimate",
)
_LETTERS = Hypothesis("finite alphabet", "the real law is on K letters")
_HYPOTHESES = (_SHARES, _UNMARKED, _AVERAGE, _LETTERS)

_REAL: Law = (Fraction(2, 3), Fraction(1, 3))
_BATCHES = ((3, Fraction(1)), (2, Fraction(1, 2)), (2, Fraction(3, 4)))
"""Points and real shares of three generations, small enough to follow every run."""


def _errors() -> list[Fraction]:
    """The exact mean squared errors of the estimate in three generations."""
    known: dict[Fraction, Fraction] = {Fraction(0): Fraction(1)}
    errors, before = [], Fraction(0)
    for points, share in _BATCHES:
        following: dict[Fraction, Fraction] = {}
        worth = points * share**2
        for last, chance in known.items():
            p = share * _REAL[0] + (1 - share) * last
            for drawn in product((0, 1), repeat=points):
                new = sum(drawn)
                step = p**new * (1 - p) ** (points - new)
                kept = before - points * share * (1 - share)
                here = (kept * last + share * new) / (before + worth)
                following[here] = following.get(here, Fraction(0)) + chance * step
        known, before = following, before + worth
        errors.append(sum((2 * (p - _REAL[0]) ** 2 * c for p, c in known.items()), Fraction(0)))
    return errors


def _recursion_holds(power: int) -> bool:
    """Whether exact errors are those of the recursion with ``(1 - alpha)`` to this power."""
    gap = 1 - sum(p**2 for p in _REAL)
    worth, total, last, expected = Fraction(0), Fraction(0), Fraction(0), []
    for points, share in _BATCHES:
        worth += points * share**2
        total += points * share**2 * (gap - (1 - share) ** power * last)
        last = total / worth**2
        expected.append(last)
    return _errors() == expected


def _steps() -> tuple[Step, ...]:
    W, points, share, gap = sp.symbols("W n alpha s", positive=True)
    kept = W - points * share * (1 - share)
    real = (kept + points * share * (1 - share)) / (W + points * share**2)
    return (
        Step(
            "In the mean a batch is alpha p_0 + (1 - alpha) of the last estimate; put in, the last"
            " estimate has the weight W_k and the real law that of the batch, so the mean of the"
            " estimate is p_0, and its error what W_k is of the sum of the last one's, and new"
            " noise.",
            r"\hat p_k - p_0 = \frac{W_k (\hat p_{k-1} - p_0) + n_k \alpha_k \xi_k}{W_{k+1}}",
            (_SHARES.name, _UNMARKED.name, _AVERAGE.name),
            identity(
                real - W / (W + points * share**2),
                real - W / (W + points * share),
            ),
        ),
        Step(
            "The noise has the mean square (1 - S - (1 - alpha)^2 V_{k-1})/n_k, as for letters"
            " drawn from a mixture: a recursion, which holds to the fraction in a loop of three"
            " generations.",
            r"W_{k+1}^2 V_k = W_k^2 V_{k-1} + n_k \alpha_k^2 \bigl(1 - S - (1-\alpha_k)^2"
            r" V_{k-1}\bigr)",
            ("law of total variance", _LETTERS.name),
            exact(_recursion_holds, 2, 1, cases="all runs of three generations of two letters"),
        ),
        Step(
            "Leave out what is subtracted, and add up: the sum of n alpha^2 cancels once; S is at"
            " least 1/K.",
            _UPPER.expression,
            ("Cauchy-Schwarz",),
            identity(
                (gap * W / W**2) - gap / W,
                (gap * W / W**2) - gap / W**2,
            ),
        ),
    )


def _steps_of_tv() -> tuple[Step, ...]:
    def bounded(factor: Fraction) -> Callable[[Law, Law], bool]:
        return lambda p, q: (
            sum(abs(u - v) for u, v in zip(p, q, strict=True)) ** 2
            <= factor * len(p) * sum((u - v) ** 2 for u, v in zip(p, q, strict=True))
        )

    return (
        Step(
            "Over K letters the sum of K sizes is at most the root of K times the sum of squares.",
            r"\mathrm{TV}(p, q) \le \frac12 \sqrt{K \|p - q\|^2}",
            ("Cauchy-Schwarz", "definition of total variation"),
            over_laws(bounded(Fraction(1)), bounded(Fraction(1, 2)), count=2),
        ),
        Step(
            "The mean of a root is at most the root of the mean, which is bounded.",
            _TV.expression,
            ("Jensen", "kanabar-gastpar", *(item.name for item in _HYPOTHESES)),
            identity(K * _UPPER.expression - (K - 1) / _worth, K * _UPPER.expression - K / _worth),
        ),
    )


_COMMON: dict[str, Any] = {
    "hypotheses": _HYPOTHESES,
    "source": proved_here("by recursion of squared errors", "", "kanabar2025"),
    "side": Side.UPPER,
    "constants": Constants.GIVEN,
}

_UPPER = Bound(
    name="kanabar-gastpar",
    title="Effective sample size from above",
    statement="The weighted estimate's mean squared error is at most this, a point worth alpha^2.",
    expression=(1 - 1 / K) / _worth,
    statistic=Statistic.AVERAGE,
    quantity=ESTIMATE_ERROR,
    tight=Tightness.TIGHT,
    proof=Proof(_steps),
    **_COMMON,
)
_TV = Bound(
    name="kanabar-gastpar-tv",
    title="Effective sample size, TV",
    statement="The weighted estimate's mean distance to the real law is at most this.",
    expression=sp.sqrt((K - 1) / _worth) / 2,
    statistic=Statistic.MEAN,
    tight=Tightness.UNKNOWN,
    proof=Proof(_steps_of_tv),
    **_COMMON,
)
_LOWER = Bound(
    name="kanabar-gastpar-lower",
    title="Effective sample size from below",
    statement="No estimate's squared error is below this for all laws, a point worth alpha^2.",
    expression=C / _worth,
    hypotheses=(
        _SHARES,
        _UNMARKED,
        Hypothesis(
            "a regime of the paper",
            "sizes and shares are in a regime that the paper covers; it is none if the sum of"
            " n alpha^2 is so small that the bounds exceed the largest error",
        ),
    ),
    source=Source(
        "Kanabar and Gastpar, 2025",
        "minimax bounds",
        Evidence.RECONSTRUCTED,
        "in most regimes",
        ("kanabar2025",),
    ),
    side=Side.LOWER,
    statistic=Statistic.EVERY_LOOP,
    constants=Constants.FREE,
    quantity=MINIMAX_ERROR,
    proof=Proof(
        tuple,
        "Proved: nothing here. Believed: this side, in most regimes, from the paper's statement of"
        " its minimax bounds.",
    ),
)

BOUNDS = (_UPPER, _TV, _LOWER)
