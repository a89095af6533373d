r"""Fitting the variance of a normal law again and again: it collapses, at a known pace.

.. math:: \mathbb{E}\log\frac{s_j^2}{s_0^2} = j\Bigl[\psi\bigl(\tfrac\nu2\bigr)
          - \log\tfrac\nu2\Bigr] \approx -\frac{j}{\nu}, \qquad
          \mathbb{E}\log\frac{s_j^2}{s_0^2} = j\Bigl[\psi\bigl(\tfrac\nu2\bigr)
          - \log\tfrac{\nu+1}2\Bigr] \approx -\frac{2j}{\nu + 1},

for the unbiased and the maximum-likelihood variance, with :math:`\nu = n - 1` degrees of freedom.

Derived: the proofs below: the ratio of successive variances is chi-square over a constant.
"""

from __future__ import annotations

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import identity
from bounds.cycles import FullSynthetic
from bounds.functions import LogMinusDigamma
from bounds.hypotheses import ModelKind, known
from bounds.notation import j, nu
from bounds.printing.typeset import latex
from bounds.proof import Proof, Step
from bounds.theorems._paper_form import FRESH, of_cycle, proved_here
from bounds.theorems._quantities import LOG_VARIANCE

__all__ = ["BOUNDS"]


def _steps(divisor: sp.Expr) -> tuple[Step, ...]:
    s = sp.Symbol("s", real=True)
    moment = 2**s * sp.gamma(nu / 2 + s) / sp.gamma(nu / 2)
    one_step = sp.log(2) + sp.digamma(nu / 2) - sp.log(divisor)
    value = -j * LogMinusDigamma(divisor / 2, nu / 2)
    return (
        Step(
            "Given the last model, a normal law, the fitted variance over its variance is a"
            " chi-square variable with nu = n - 1 degrees of freedom over a constant; s_0^2 is the"
            " real variance.",
            rf"s_{{j+1}}^2 = s_j^2 \, \chi^2_\nu / ({latex(divisor)})",
            ("sample variance", "normal variance", "data cycle", "fresh data"),
        ),
        Step(
            "The mean of the logarithm of a chi-square variable is the slope of its moments at 0,"
            " which are finite for all orders s > -nu/2, on both sides of 0.",
            r"\mathbb{E} \log \chi^2_\nu = \frac{d}{ds} \mathbb{E} (\chi^2_\nu)^s \Big|_{s=0} ="
            r" \log 2 + \psi(\nu/2)",
            ("Gaussian integrals",),
            identity(
                moment.diff(s).subs(s, 0) - sp.log(2) - sp.digamma(nu / 2),
                moment.diff(s).subs(s, 0) - sp.log(2) - sp.digamma(nu),
                moment.diff(s).subs(s, 0) - sp.digamma(nu / 2),
            ),
        ),
        Step(
            "Logarithms of successive ratios add up; j of them have j times the mean of one.",
            value,
            check=identity(
                value.doit() - j * one_step,
                value.doit() - (j + 1) * one_step,
                value.doit() - j * (one_step + sp.log(divisor) - sp.log(2 * divisor)),
            ),
        ),
    )


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
                "the real law is normal, a model is normal with its training points' mean and a"
                f" fitted variance, {text} from that mean, n = nu + 1",
                loop=known(model=ModelKind.NORMAL_VARIANCE, target="normal"),
            ),
        ),
        source=proved_here("by the logarithm of chi-square"),
        side=Side.EXACT,
        statistic=Statistic.AVERAGE,
        constants=Constants.GIVEN,
        quantity=LOG_VARIANCE,
        tight=Tightness.TIGHT,
        proof=Proof(lambda: _steps(divisor)),
    )


BOUNDS = (
    _loss(
        "gaussian-variance",
        "Gaussian variance, unbiased",
        nu,
        "the sum of squared deviations over n - 1",
    ),
    _loss(
        "gaussian-variance-mle",
        "Gaussian variance, maximum likelihood",
        nu + 1,
        "the sum of squared deviations over n",
    ),
)
