r"""Resampling a discrete law with a share of real points: the exact mean squared error.

.. math:: \mathbb{E}\|p_j - p_0\|_2^2 = \frac{1-S}{n} \, \frac{1 - \rho^j}{1 - \rho}, \qquad
          \rho = (1-a)^2 \Bigl(1 - \frac1n\Bigr), \quad S = \|p_0\|_2^2,

and from it, over K symbols,

.. math:: \mathbb{E}\,\mathrm{TV}(p_j, p_0) \le \frac12 \sqrt{K\, \mathbb{E}\|p_j - p_0\|_2^2} .

One point of a fair coin attains it. For a small share the error is of order :math:`a^{-1/2}`, where
the recursion says :math:`a^{-1}`.

Derived: theory notes, B5.2, by the law of total variance; Cauchy and Schwarz for the second.
"""

from __future__ import annotations

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.cycles import DataCycle, FreshReal, FullSynthetic
from bounds.functions import GeometricDepth
from bounds.loop_facts import ModelKind, known
from bounds.notation import K, S, a, j, n
from bounds.theorems._paper_form import FRESH, from_the_notes
from bounds.theorems._quantities import L2_ERROR

__all__ = ["BOUNDS", "HYPOTHESES"]


def _has_a_real_share(cycle: DataCycle) -> bool:
    return isinstance(cycle, FreshReal | FullSynthetic)


_forgotten = 1 / n + (1 - 1 / n) * a * (2 - a)
_square = (1 - S) / n * GeometricDepth(_forgotten, j)

HYPOTHESES = (
    Hypothesis(
        "data cycle",
        "the data cycle is FreshReal, or FullSynthetic (share 0)",
        _has_a_real_share,
    ),
    FRESH,
    Hypothesis(
        "empirical measure",
        "the law is discrete, a model is its sample's frequencies",
        loop=known(model=ModelKind.EMPIRICAL),
    ),
)

_SQUARE = Bound(
    name="discrete-resampling",
    title="Discrete resampling",
    statement="The mean squared distance of resampled frequencies to the real ones.",
    expression=_square,
    hypotheses=HYPOTHESES,
    source=from_the_notes("B5.2"),
    side=Side.EXACT,
    statistic=Statistic.AVERAGE,
    constants=Constants.GIVEN,
    quantity=L2_ERROR,
    tight=Tightness.TIGHT,
)

_TV = Bound(
    name="discrete-resampling-tv",
    title="Discrete resampling, TV",
    statement="The mean distance of resampled frequencies to real ones is at most this.",
    expression=sp.sqrt(K * _square) / 2,
    hypotheses=HYPOTHESES,
    source=from_the_notes("B5.2"),
    side=Side.UPPER,
    statistic=Statistic.MEAN,
    constants=Constants.GIVEN,
    tight=Tightness.TIGHT,
)

BOUNDS = (_SQUARE, _TV)
