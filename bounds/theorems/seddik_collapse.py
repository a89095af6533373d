r"""When full synthetic resampling has collapsed to one symbol, and how long that takes.

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

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Source, Statistic, Tightness
from bounds.cycles import FullSynthetic
from bounds.functions import GeometricDepth
from bounds.loop_facts import ModelKind, known
from bounds.notation import K, S, j, n
from bounds.source import Evidence
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
        Hypothesis("two symbols", "the real law has K >= 2 symbols, so 1/K <= S < 1"),
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


def _probability(name: str, title: str, side: Side, value: sp.Expr) -> Bound:
    return Bound(
        name=name,
        title=title,
        statement="The probability that a generation of resampled data is one symbol.",
        expression=value,
        side=side,
        statistic=Statistic.EVERY_LOOP,
        quantity=COLLAPSE_PROBABILITY,
        **_COMMON,
    )


def _time(name: str, title: str, side: Side, value: sp.Expr) -> Bound:
    return Bound(
        name=name,
        title=title,
        statement="The mean number of generations until resampled data is one symbol.",
        expression=value,
        side=side,
        statistic=Statistic.AVERAGE,
        quantity=COLLAPSE_TIME,
        **_COMMON,
    )


BOUNDS = (
    _probability(
        "seddik-collapse",
        "Collapse probability from above",
        Side.UPPER,
        (1 - _most) + _most * GeometricDepth(1 / n, j) / n,
    ),
    _probability(
        "seddik-collapse-lower",
        "Collapse probability from below",
        Side.LOWER,
        1 - n * (1 - S) * (1 - 1 / n) ** j,
    ),
    _time(
        "seddik-collapse-time",
        "Collapse time from above",
        Side.UPPER,
        1 + (1 - S) * n * (n - 1),
    ),
    _time(
        "seddik-collapse-time-lower",
        "Collapse time from below",
        Side.LOWER,
        1 + _most * (n - 1),
    ),
)
