r"""The bandwidth that balances smoothing bias and sampling error, and the rate it gives.

.. math:: \min_h \Bigl[c_b h^\beta + c_s n^{-1/2} h^{-d/2}\Bigr]
          \sim n^{-\beta/(2\beta + d)} \quad\text{at}\quad
          h^* = \Bigl(\frac{c_s d}{2 \beta c_b \sqrt n}\Bigr)^{2/(2\beta + d)} .

Both are derived here, not typed: the derivative in ``h`` vanishes where the two terms' exponents
balance. ``beta = 2`` gives :math:`n^{-2/(d+4)}`, ``beta = 1`` gives :math:`n^{-1/(d+2)}`.

Derived: the proofs below, from the constants of :mod:`bounds.theorems.kde_bias` and
:mod:`bounds.theorems.kde_noise`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import identity
from bounds.hypotheses import LoopFacts
from bounds.notation import beta, c_b, c_s, d, h, n
from bounds.proof import Proof, Step
from bounds.theorems._kde import FIXED_BANDWIDTH, KERNEL, REAL_ONLY
from bounds.theorems._paper_form import proved_here
from bounds.theorems._powers import least_of_two_powers, log_ratio
from bounds.theorems._quantities import BANDWIDTH

__all__ = ["BOUNDS", "ERROR_TERMS", "RATE", "TWO_TERMS"]

_smoothing = c_b * h**beta
_sampling = c_s / sp.sqrt(n) * h ** (-d / 2)
ERROR_TERMS = (_smoothing, _sampling)
r"""The two terms :math:`c_b h^\beta` and :math:`c_s n^{-1/2} h^{-d/2}`."""

_best, RATE = least_of_two_powers(_smoothing, _sampling, h)

TWO_TERMS = Hypothesis(
    "two terms", "the one-step error is at most c_b h^beta + c_s n^-1/2 h^-d/2 for every h"
)
_NEAR = 1e-6
"""Relative distance at which a bandwidth counts as the best one; the error is flat there."""
_COMMON: dict[str, Any] = {
    "hypotheses": (KERNEL, FIXED_BANDWIDTH, REAL_ONLY, TWO_TERMS),
    "source": proved_here("by the sum of two powers"),
    "constants": Constants.GIVEN,
}


_USED = (KERNEL.name, FIXED_BANDWIDTH.name, REAL_ONLY.name)


_BEST = "best bandwidth"


def _steps(order: sp.Expr) -> tuple[Step, ...]:
    """The minimum of the two terms: its place and their sum there."""
    smoothing = _smoothing.subs(beta, order)
    best, least = _best.subs(beta, order), RATE.subs(beta, order)
    slope = h * (smoothing + _sampling).diff(h)
    return (
        Step(
            "The bound on the bias rises and that on the sampling error falls in the bandwidth, as"
            " these two powers.",
            smoothing + _sampling,
            (TWO_TERMS.name, *_USED),
        ),
        Step(
            "The slope in log h is one growing exponential minus one falling one, so it rises: it"
            " vanishes once, and the sum is least there.",
            order * smoothing - d / 2 * _sampling,
            check=identity(
                slope - (order * smoothing - d / 2 * _sampling),
                slope - (order * smoothing - d * _sampling),
                slope - (2 * order * smoothing - d / 2 * _sampling),
            ),
        ),
        Step(
            "It vanishes at this bandwidth.",
            best,
            check=identity(
                (order * smoothing / (d / 2 * _sampling)).subs(h, best) - 1,
                (order * smoothing / (d * _sampling)).subs(h, best) - 1,
                (order * smoothing / (d / 2 * _sampling)).subs(h, best / 2) - 1,
            ),
        ),
        Step(
            "There the second term is 2/d times the order times the first; both together.",
            least,
            (_BEST,),
            check=identity(
                log_ratio((1 + 2 * order / d) * smoothing.subs(h, best), least),
                log_ratio((1 + order / d) * smoothing.subs(h, best), least),
                log_ratio((1 + 2 * order / d) * smoothing.subs(h, 2 * best), least),
            ),
        ),
    )


def _bandwidth(name: str, title: str, order: sp.Expr) -> Bound:
    return Bound(
        name=name,
        title=title,
        statement="The bandwidth at which bounds on bias and sampling error have the least sum.",
        expression=_best.subs(beta, order),
        side=Side.EXACT,
        statistic=Statistic.EVERY_LOOP,
        quantity=BANDWIDTH,
        tight=Tightness.TIGHT,
        proof=Proof(lambda: _steps(order)[:3]),
        **_COMMON,
    )


@dataclass(frozen=True)
class _IsBest:
    """Whether the first model has the best bandwidth, where it and the constants are known."""

    best: Bound

    def __call__(self, facts: LoopFacts, words: Mapping[str, Any]) -> bool:
        if not facts.bandwidths or not words.keys() >= set(self.best.parameters):
            return True
        best = self.best.evaluate(**{word: words[word] for word in self.best.parameters})
        return bool(np.all(np.abs(facts.bandwidths[0] / best - 1) <= _NEAR))


def _error(name: str, title: str, order: sp.Expr, best: Bound) -> Bound:
    chosen = Hypothesis(_BEST, "the bandwidth is h*", loop=_IsBest(best))
    return Bound(
        name=name,
        title=title,
        statement="With the best bandwidth, bias and sampling error add up to this at most.",
        expression=RATE.subs(beta, order),
        side=Side.UPPER,
        statistic=Statistic.FIRST_GENERATION,
        proof=Proof(lambda: _steps(order)),
        **_COMMON | {"hypotheses": (*_COMMON["hypotheses"], chosen)},
    )


_SECOND = _bandwidth("kde-bandwidth", "KDE bandwidth, two derivatives", sp.Integer(2))
_FIRST = _bandwidth("kde-bandwidth-first-order", "KDE bandwidth, one derivative", sp.Integer(1))
_SMOOTH = _bandwidth("kde-bandwidth-smooth", "KDE bandwidth, smoothness beta", beta)

BOUNDS = (
    _SECOND,
    _FIRST,
    _SMOOTH,
    _error("kde-best-error", "KDE error, two derivatives", sp.Integer(2), _SECOND),
    _error("kde-best-error-first-order", "KDE error, one derivative", sp.Integer(1), _FIRST),
    _error("kde-best-error-smooth", "KDE error, smoothness beta", beta, _SMOOTH),
)
