r"""Resampling points of any continuous law: the exact error of the distribution function.

.. math:: \mathbb{E} \int (F_j - F)^2 \, dF = \frac{1}{6n} \, \frac{1 - \rho^j}{1 - \rho},
          \qquad \rho = (1-a)^2 \Bigl(1 - \frac1n\Bigr),

whatever the law: with no real share, :math:`(1 - (1 - 1/n)^j)/6`.

Derived: the proof below, from ``discrete-resampling`` at every threshold.
"""

from __future__ import annotations

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import identity
from bounds.hypotheses import known
from bounds.notation import S
from bounds.proof import Proof, Step
from bounds.theorems._paper_form import proved_here
from bounds.theorems._quantities import CDF_ERROR
from bounds.theorems.discrete_resampling import BOUNDS as _DISCRETE
from bounds.theorems.discrete_resampling import HYPOTHESES

__all__ = ["BOUND", "CONTINUOUS", "average_over_thresholds", "threshold_step"]

_SQUARE = _DISCRETE[0].expression
_MEAN = sp.Rational(1, 6)

CONTINUOUS = Hypothesis(
    "continuous law",
    "the real law is on the line and has no atoms; a model has the frequencies of its n independent"
    " training points",
    loop=known(dimension=1),
)


def threshold_step(entry: str) -> Step:
    """The step to the two letters that a threshold makes of points on the line."""
    u = sp.Symbol("u", positive=True)
    return Step(
        "A threshold x makes two letters of the points, left and right of it, whose frequencies are"
        " resampled as letters are, with S = F^2 + (1 - F)^2; their squared distance is"
        " twice that of F_j(x) to F(x).",
        r"\mathbb{E} (F_j(x) - F(x))^2 = \frac12 V_j, \quad \frac{1-S}{2} = F (1 - F)",
        (entry, CONTINUOUS.name),
        identity(
            (1 - u**2 - (1 - u) ** 2) / 2 - u * (1 - u), 1 - u**2 - (1 - u) ** 2 - u * (1 - u)
        ),
    )


def average_over_thresholds() -> Step:
    """The step to the mean over thresholds."""
    u = sp.Symbol("u", positive=True)
    mean = sp.integrate(u * (1 - u), (u, 0, 1))
    return Step(
        "Under the law itself F(x) is uniform on [0, 1].",
        r"\int F (1 - F) \, dF = \int_0^1 u (1 - u) \, du = \frac16",
        ("Fubini",),
        identity(mean - _MEAN, mean - sp.Rational(1, 4)),
    )


def _steps() -> tuple[Step, ...]:
    names = [item.name for item in HYPOTHESES[:-1]]
    return (
        threshold_step("discrete-resampling"),
        average_over_thresholds(),
        Step(
            "Put the mean in for (1 - S).",
            BOUND.expression,
            tuple(names),
            identity(
                BOUND.expression - _SQUARE.subs(S, 1 - _MEAN),
                BOUND.expression - _SQUARE.subs(S, _MEAN),
            ),
        ),
    )


BOUND = Bound(
    name="bootstrap-cdf",
    title="Bootstrap of a continuous law",
    statement="The mean squared error of the distribution function of resampled points.",
    expression=_SQUARE.subs(S, 1 - _MEAN),
    hypotheses=(*HYPOTHESES[:-1], CONTINUOUS),
    source=proved_here("from discrete-resampling, at every threshold"),
    side=Side.EXACT,
    statistic=Statistic.AVERAGE,
    constants=Constants.GIVEN,
    quantity=CDF_ERROR,
    tight=Tightness.TIGHT,
    proof=Proof(_steps),
)
