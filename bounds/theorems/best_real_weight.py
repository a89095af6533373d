r"""The best weight of real points beside ``lambda`` times as many synthetic ones: the golden ratio.

.. math:: a^* = \frac{2}{1 + \sqrt{1 + 4\lambda}}, \qquad \min_a R_\infty(a) = R_\infty(a^*) = a^*,

for fitting a normal mean with both batches drawn anew in every generation, where

.. math:: R_\infty(a) = \frac{a^2 + (1-a)^2/\lambda}{a (2-a)}

is the variance of the fitted mean in the long run over that of one sample's mean. For
``lambda = 1`` it is the golden ratio 0.618..., against 2/3 at the natural weight 1/2; never is it
the share of real points among all, 1/(1 + lambda), for ``lambda > 0``.

Source: the question is that of He, Xu and Cheng, 2025 (arXiv 2502.18049). Derived: the proofs
below, from ``gaussian-mean-weighted``.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import identity, nonnegative
from bounds.cycles import Protocol
from bounds.cycles.weighted_real import WeightedReal
from bounds.hypotheses import ModelKind, known
from bounds.notation import lam
from bounds.proof import Proof, Step
from bounds.theorems._paper_form import WHOLE, proved_here
from bounds.theorems._quantities import LIMIT_RATIO, REAL_WEIGHT

__all__ = ["BOUNDS", "limit_ratio"]

_best = 2 / (1 + sp.sqrt(1 + 4 * lam))
_HYPOTHESES = (
    Hypothesis(
        "data cycle",
        "the data cycle is WeightedReal: n real points weigh a, lambda n of the last model 1 - a,"
        " all drawn anew",
        lambda cycle: type(cycle) is WeightedReal and cycle.data is Protocol.RENEWED,
    ),
    WHOLE,
    Hypothesis(
        "normal mean",
        "the real law is N(mu, s^2), s is known, and a model is N(m, s^2) with the weighted mean m"
        " of its training points",
        loop=known(model=ModelKind.NORMAL_MEAN, target="normal"),
    ),
)
_COMMON: dict[str, Any] = {
    "hypotheses": _HYPOTHESES,
    "source": proved_here("from gaussian-mean-weighted", "", "he2025"),
    "side": Side.EXACT,
    "statistic": Statistic.EVERY_LOOP,
    "constants": Constants.GIVEN,
    "tight": Tightness.TIGHT,
}


def limit_ratio(weight: sp.Expr) -> sp.Expr:
    """The variance of the fitted mean in the long run, over that of one sample's mean."""
    return (weight**2 + (1 - weight) ** 2 / lam) / (weight * (2 - weight))


def _steps() -> tuple[Step, ...]:
    w = sp.Symbol("a", positive=True)
    ratio = limit_ratio(w)
    numerator = lam * w**2 + w - 1
    slope = 2 * numerator / (lam * w**2 * (2 - w) ** 2)
    return (
        Step(
            "The powers of (1 - a)^2 < 1 vanish, and what is left is the sum of the geometric"
            " series.",
            ratio,
            ("gaussian-mean-weighted", *(item.name for item in _HYPOTHESES)),
            identity(
                ratio - (w**2 + (1 - w) ** 2 * (ratio + 1 / lam)),
                ratio - (w**2 + (1 - w) ** 2 * (ratio + 1)),
            ),
        ),
        Step(
            "Its slope has the sign of lambda a^2 + a - 1, which rises in a.",
            slope,
            check=identity(ratio.diff(w) - slope, ratio.diff(w) - slope / 2),
        ),
        Step(
            "That vanishes at one positive a, which is at most 1: the ratio falls before it and"
            " rises after it.",
            _best,
            check=identity(
                numerator.subs(w, _best),
                numerator.subs(w, 1 / (1 + lam)),
                numerator.subs(w, 2 / (1 + sp.sqrt(1 + 2 * lam))),
            ),
        ),
        Step(
            "It lies in (0, 1].",
            check=nonnegative(sp.sqrt(1 + 4 * lam) - 1, sp.sqrt(1 + 4 * lam) - 2),
        ),
    )


def _steps_of_value() -> tuple[Step, ...]:
    w = sp.Symbol("a", positive=True)
    at_root = limit_ratio(w).subs(lam, (1 - w) / w**2)
    return (
        Step(
            "Put in the best weight, at which lambda a^2 = 1 - a: the ratio is the weight itself.",
            _best,
            ("best-real-weight", *(item.name for item in _HYPOTHESES)),
            identity(at_root - w, at_root - w / 2, at_root - w**2),
        ),
    )


BOUNDS = (
    Bound(
        name="best-real-weight",
        title="Best weight of real data",
        statement="The weight of real points with which the fitted mean varies least.",
        expression=_best,
        quantity=REAL_WEIGHT,
        proof=Proof(_steps),
        **_COMMON,
    ),
    Bound(
        name="best-real-weight-ratio",
        title="Gaussian mean, best weight of real data",
        statement="With the best weight the variance ratio of the long run is that weight itself.",
        expression=_best,
        quantity=LIMIT_RATIO,
        proof=Proof(_steps_of_value),
        **_COMMON,
    ),
)
