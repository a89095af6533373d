r"""The bandwidth that balances smoothing bias and sampling error, and the rate it gives.

.. math:: \min_h \Bigl[c_b h^\beta + c_s n^{-1/2} h^{-d/2}\Bigr]
          \sim n^{-\beta/(2\beta + d)} \quad\text{at}\quad
          h^* = \Bigl(\frac{c_s d}{2 \beta c_b \sqrt n}\Bigr)^{2/(2\beta + d)} .

Both are derived here, not typed: the derivative in ``h`` vanishes where the two terms' exponents
balance. ``beta = 2`` gives :math:`n^{-2/(d+4)}`, ``beta = 1`` gives :math:`n^{-1/(d+2)}`.

Derived: theory notes, B3.4, from the constants of :mod:`bounds.theorems.kde_bias` and
:mod:`bounds.theorems.kde_noise`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.notation import beta, c_b, c_s, d, h, n
from bounds.theorems._kde import FIXED_BANDWIDTH, KERNEL, REAL_ONLY
from bounds.theorems._paper_form import from_the_notes
from bounds.theorems._powers import least_of_two_powers
from bounds.theorems._quantities import BANDWIDTH

__all__ = ["BOUNDS", "ERROR_TERMS", "RATE"]

_smoothing = c_b * h**beta
_sampling = c_s / sp.sqrt(n) * h ** (-d / 2)
ERROR_TERMS = (_smoothing, _sampling)
r"""The two terms :math:`c_b h^\beta` and :math:`c_s n^{-1/2} h^{-d/2}`."""

_best, RATE = least_of_two_powers(_smoothing, _sampling, h)

_TWO_TERMS = Hypothesis(
    "two terms", "the one-step error is at most c_b h^beta + c_s n^-1/2 h^-d/2 for every h"
)
_COMMON: dict[str, Any] = {
    "hypotheses": (KERNEL, FIXED_BANDWIDTH, REAL_ONLY, _TWO_TERMS),
    "source": from_the_notes("B3.4"),
    "constants": Constants.GIVEN,
}


def _bandwidth(name: str, title: str, order: sp.Expr) -> Bound:
    return Bound(
        name=name,
        title=title,
        statement="The bandwidth at which smoothing bias plus sampling error is least.",
        expression=_best.subs(beta, order),
        side=Side.EXACT,
        statistic=Statistic.EVERY_LOOP,
        quantity=BANDWIDTH,
        tight=Tightness.TIGHT,
        **_COMMON,
    )


_AT_BEST = Hypothesis("best bandwidth", "the bandwidth is the h* of this n, in 'kde-bandwidth'")


def _error(name: str, title: str, order: sp.Expr) -> Bound:
    return Bound(
        name=name,
        title=title,
        statement="With the best bandwidth, smoothing bias and sampling error add up to this.",
        expression=RATE.subs(beta, order),
        side=Side.UPPER,
        statistic=Statistic.FIRST_GENERATION,
        **{**_COMMON, "hypotheses": (*_COMMON["hypotheses"], _AT_BEST)},
    )


BOUNDS = (
    _bandwidth("kde-bandwidth", "KDE bandwidth, two derivatives", sp.Integer(2)),
    _bandwidth("kde-bandwidth-first-order", "KDE bandwidth, one derivative", sp.Integer(1)),
    _bandwidth("kde-bandwidth-smooth", "KDE bandwidth, smoothness beta", beta),
    _error("kde-best-error", "KDE error, two derivatives", sp.Integer(2)),
    _error("kde-best-error-first-order", "KDE error, one derivative", sp.Integer(1)),
    _error("kde-best-error-smooth", "KDE error, smoothness beta", beta),
)
