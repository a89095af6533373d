r"""Data that accumulates while every new batch has a share ``a`` of real points.

.. math:: G_{jk} = \frac{c}{j}
          \frac{\Gamma(j+c)\,\Gamma(k+1)}{\Gamma(j)\,\Gamma(k+1+c)} \quad (k < j),
          \qquad c = 1 - a,

.. math:: \mathrm{TV}(p_j, p_0) \le C n^{-\gamma}
          \Bigl[ j^{-\gamma} + \sum_{k<j} G_{jk} k^{-\gamma} \Bigr],

which falls like :math:`j^{-\min(\gamma, a)}`: the real share that makes the best of the data is
:math:`a \ge \gamma`. For ``a = 0`` it is ``accumulating``, which does not fall.

Source: the cycle is that of Wang, Niu and Li, 2026 (arXiv 2602.16065). Derived: the proof below.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from bounds.bound import Bound, Constants, Side, Statistic, Tightness
from bounds.checks import identity
from bounds.cycles.accumulating_with_share import AccumulatingWithShare
from bounds.notation import a, gamma, j, k
from bounds.proof import Proof, Step
from bounds.theorems._closed_form import attained, row_check, start
from bounds.theorems._paper_form import FRESH, RATE, of_cycle, one_step_rate, proved_here

__all__ = ["BOUND"]

_c = 1 - a


def _influence(c: sp.Expr) -> sp.Expr:
    """``G_jk`` for ``k < j``."""
    upper = sp.loggamma(j + c, evaluate=False) - sp.loggamma(j, evaluate=False)
    lower = sp.loggamma(k + 1 + c, evaluate=False) - sp.loggamma(k + 1, evaluate=False)
    return c / j * sp.exp(upper - lower)


def _entry(j_: int, k_: int, share: Fraction) -> Fraction:
    """The entry of G in row ``j`` and column ``k``, a product of ratios of factorials."""
    c, product = 1 - share, Fraction(1)
    for i in range(k_ + 1, j_):
        product *= (i + c) / i
    return Fraction(1) if j_ == k_ else c / j_ * product


def _steps() -> tuple[Step, ...]:
    c = sp.Symbol("c", positive=True)
    step = sp.gammasimp(_as_gamma(c).subs(j, j + 1) * (j + 1) / (_as_gamma(c) * j) - (j + c) / j)
    return (
        start(one_step_rate * k**-gamma),
        Step(
            "Of the j n points of generation j every model before it gave c n, so its weight is"
            " c/j; a sum over ancestors gains c/j of what the sum before had, and so is multiplied"
            " by (j + c)/j from one generation to the next: a ratio of gamma functions.",
            sp.Eq(sp.Symbol("G_{jk}"), _influence(_c), evaluate=False),
            ("data cycle",),
            row_check(
                lambda share: AccumulatingWithShare(n=1, share=share),
                _entry,
                lambda row, column, share: _entry(row, column, share / 2),
                lambda row, column, share: _entry(row, column, share) * (2 if row > column else 1),
            ),
        ),
        Step(
            "The ratio of gamma functions has these factors.",
            r"\frac{(j+1)\, G_{j+1,k}}{j\, G_{jk}} = \frac{j+c}{j}",
            check=identity(step, step + c / j),
        ),
        Step(
            "Generation k has k n points; the model's own error enters whole.",
            BOUND.expression,
        ),
        attained(),
    )


def _as_gamma(c: sp.Expr) -> sp.Expr:
    return c / j * sp.gamma(j + c) * sp.gamma(k + 1) / (sp.gamma(j) * sp.gamma(k + 1 + c))


BOUND = Bound(
    name="accumulating-with-share",
    watched=True,
    title="Accumulating data with a fresh real share",
    statement=(
        "With all data kept and a share a of real points in every batch the error falls like the"
        " generation to the power of minus the smaller of the rate's exponent and the share."
    ),
    expression=one_step_rate * (j**-gamma + sp.Sum(k**-gamma * _influence(_c), (k, 1, j - 1))),
    hypotheses=(of_cycle(AccumulatingWithShare), FRESH, RATE),
    source=proved_here("from error-propagation", "", "wang2026"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
    proof=Proof(_steps),
)
