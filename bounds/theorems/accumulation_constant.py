r"""A ceiling on accumulating data that holds in all generations.

.. math:: \mathrm{TV}(p_j, p_0) \le a_\gamma\, C n^{-\gamma}, \qquad
          a_\gamma = \sum_{k \ge 1} \frac{k^{-\gamma}}{k+1}
          \le \sum_{k<K} \frac{k^{-\gamma}}{k+1}
          + \sum_{m=0}^{M} (-1)^m \zeta(1+\gamma+m, K), \quad M \text{ even}.

The tail is an alternating series of Hurwitz zeta functions, so a sum that ends with a positive term
is above it; here it exceeds the constant by less than :math:`10^{-19}`. Partial sums of the series
itself converge like :math:`K^{-\gamma}` only. The analogue for variances is :math:`\pi^2/6`.
The float formula loses digits like :math:`10^{-16}/\gamma`, from rounding ``1 + gamma``; see
:mod:`bounds.accuracy`.

Derived: the proof below.
"""

from __future__ import annotations

import sympy as sp

from bounds.bound import Bound, Constants, Side, Statistic, Tightness
from bounds.checks import enclosed, identity, nonnegative
from bounds.cycles import Accumulating
from bounds.notation import gamma, k
from bounds.proof import Proof, Step
from bounds.theorems._paper_form import FRESH, RATE, of_cycle, one_step_rate, proved_here

__all__ = ["BOUND", "limit"]

_HEAD = 32
_LAST = 12


def _constant() -> sp.Expr:
    head = sp.Sum(k**-gamma / (k + 1), (k, 1, _HEAD - 1))
    tail = [(-1) ** m * sp.zeta(1 + gamma + m, _HEAD, evaluate=False) for m in range(_LAST + 1)]
    return sp.Add(head, *tail)


limit = _constant()
r"""An upper bound on :math:`a_\gamma`, exact to 19 digits."""


def _steps() -> tuple[Step, ...]:
    partial = sum((-1) ** m * k ** (-m - 1) for m in range(_LAST + 1))
    cleared = sp.expand(sp.expand(partial * k ** (_LAST + 1)) * (k + 1))
    surplus = sp.Rational(1, (_LAST + 1) * (_HEAD - 1) ** (_LAST + 1))
    return (
        Step(
            "The bound of accumulating data does not fall in the generation and tends to the whole"
            " series, which no generation exceeds.",
            r"\mathrm{TV}(p_j, p_0) \le a_\gamma C n^{-\gamma}",
            ("accumulating", "data cycle", "fresh data", "one-step rate"),
        ),
        Step(
            f"For k >= {_HEAD} expand 1/(k+1) as a finite geometric sum in -1/k: with an even last"
            " power the sum is above it.",
            rf"\sum_{{m=0}}^{{{_LAST}}} (-1)^m k^{{-m-1}} = \frac{{1 + k^{{-{_LAST + 1}}}}}{{k+1}}",
            check=identity(
                cleared - k ** (_LAST + 1) - 1,
                cleared - k ** (_LAST + 1) + 1,
                cleared - k**_LAST - 1,
            ),
        ),
        Step(
            "The surplus is positive, whatever k.",
            rf"\frac{{k^{{-{_LAST + 1}}}}}{{k+1}} > 0",
            check=nonnegative(k ** -(_LAST + 1) / (k + 1), (-k) ** -(_LAST + 1) / (k + 1)),
        ),
        Step(
            f"Multiply by k^(-gamma) and add up over k >= {_HEAD}: each power gives one Hurwitz"
            f" zeta function; the {_HEAD - 1} terms before stay as they are, and a_gamma is at most"
            " the sum.",
            limit,
            ("Hurwitz zeta",),
        ),
        Step(
            "As k^(-gamma) <= 1 and k + 1 > k, all surpluses together are less than the integral"
            f" of x^(-{_LAST + 2}) from {_HEAD - 1} on, hence less than 10^-19.",
            rf"\sum_{{k \ge {_HEAD}}} k^{{-\gamma-{_LAST + 1}}}/(k+1)"
            rf" < \frac{{1}}{{{_LAST + 1} \cdot {_HEAD - 1}^{{{_LAST + 1}}}}} < 10^{{-19}}",
            check=enclosed(
                sp.Rational(1, 10**19) - surplus,
                sp.Rational(1, 10**21) - surplus,
            ),
        ),
    )


BOUND = Bound(
    name="accumulation-constant",
    title="Accumulating data, all generations",
    statement="With equal weights and j n points in generation j, no generation exceeds this.",
    expression=one_step_rate * limit,
    hypotheses=(of_cycle(Accumulating), FRESH, RATE),
    source=proved_here("from accumulating"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.NOT_TIGHT,
    proof=Proof(_steps),
)
