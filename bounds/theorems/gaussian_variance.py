r"""Fitting the variance of a normal law again and again: it collapses, at a known pace.

.. math:: \mathbb{E}\log\frac{s_j^2}{s_0^2} = j\Bigl[\psi\bigl(\tfrac\nu2\bigr)
          - \log\tfrac\nu2\Bigr] \approx -\frac{j}{\nu}, \qquad
          \mathbb{E}\log\frac{s_j^2}{s_0^2} = j\Bigl[\psi\bigl(\tfrac\nu2\bigr)
          - \log\tfrac{\nu+1}2\Bigr] \approx -\frac{2j}{\nu + 1},

for the unbiased and the maximum-likelihood variance, with :math:`\nu = n - 1` degrees of freedom.

Derived: theory notes, B5.3: the ratio of successive variances is chi-square over a constant.
"""

from __future__ import annotations

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.cycles import FullSynthetic
from bounds.functions import LogMinusDigamma
from bounds.loop_facts import ModelKind, known
from bounds.notation import j, nu
from bounds.theorems._paper_form import FRESH, from_the_notes, of_cycle
from bounds.theorems._quantities import LOG_VARIANCE

__all__ = ["BOUNDS"]


def _loss(name: str, title: str, divisor: sp.Expr, text: str) -> Bound:
    return Bound(
        name=name,
        title=title,
        statement="The mean logarithm of the fitted over the real variance, j times one step's.",
        expression=-j * LogMinusDigamma(divisor / 2, nu / 2),
        hypotheses=(
            of_cycle(FullSynthetic),
            FRESH,
            Hypothesis(
                "normal variance",
                f"the real law is normal; the fitted variance is {text}",
                loop=known(model=ModelKind.NORMAL_VARIANCE, target="normal"),
            ),
        ),
        source=from_the_notes("B5.3"),
        side=Side.EXACT,
        statistic=Statistic.AVERAGE,
        constants=Constants.GIVEN,
        quantity=LOG_VARIANCE,
        tight=Tightness.TIGHT,
    )


BOUNDS = (
    _loss(
        "gaussian-variance",
        "Gaussian variance, unbiased",
        nu,
        "the sum of squares over n - 1",
    ),
    _loss(
        "gaussian-variance-mle",
        "Gaussian variance, maximum likelihood",
        nu + 1,
        "the sum of squares over n",
    ),
)
