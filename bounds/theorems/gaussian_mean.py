r"""Fitting the mean of a normal law of known variance: the loop's exact law, four protocols.

With :math:`u = \lambda/(1+\lambda)` the variance of the fitted mean, over :math:`s^2/n`, is

.. math:: R_j = j, \qquad \frac{1 + u^{2j-1}}{1+u}, \qquad
          1 + \frac{u (1 - u^{2(j-1)})}{1+u}, \qquad \sum_{k \le j} \frac1{k^2},

for full synthetic data, n real and lambda n synthetic points drawn anew, the same with one real set
that is kept, and all data kept. The mean is normal, so with it

.. math:: \mathrm{TV}(p_j, p_0) = 2\Phi\Bigl(\frac{|\mu_j|}{2s}\Bigr) - 1, \qquad
          \mathbb{E}\,\mathrm{TV}(p_j, p_0) = \frac2\pi \arctan\Bigl(\frac12\sqrt{R_j/n}\Bigr).

Errors of different generations cancel here, where the recursion adds them: planted truth.

Derived: theory notes, B5.1; the mean over runs from
:math:`\mathbb{E}\,\mathrm{erf}(c|Z|) = \frac2\pi \arctan(\sqrt2 c)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.cycles import Accumulating, DataCycle, FullSynthetic, Protocol, RealPlusSynthetic
from bounds.notation import j, k, lam, n, z
from bounds.theorems._paper_form import WHOLE, from_the_notes
from bounds.theorems._quantities import VARIANCE_RATIO

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "source": from_the_notes("B5.1"),
    "side": Side.EXACT,
    "constants": Constants.GIVEN,
    "tight": Tightness.TIGHT,
}
_NORMAL = Hypothesis(
    "normal mean", "the real law is N(mu, s^2), s is known, and a model's mean is its sample's"
)


@dataclass(frozen=True)
class _Follows:
    kind: type[DataCycle]
    data: Protocol

    def __call__(self, cycle: DataCycle) -> bool:
        honest = getattr(cycle, "real_start", True)
        return type(cycle) is self.kind and cycle.data is self.data and honest


def _cycle(kind: type[DataCycle], data: Protocol, text: str) -> Hypothesis:
    return Hypothesis("data cycle", text, _Follows(kind, data))


_u = lam / (1 + lam)

_PROTOCOLS = (
    (
        "gaussian-mean",
        "Gaussian mean, full synthetic",
        j,
        _cycle(
            FullSynthetic,
            Protocol.FRESH,
            "the data cycle is FullSynthetic with fresh data",
        ),
    ),
    (
        "gaussian-mean-fresh",
        "Gaussian mean, fresh real data",
        (1 + lam) * (1 + _u ** (2 * j - 1)) / (1 + 2 * lam),
        _cycle(
            RealPlusSynthetic,
            Protocol.FRESH,
            "the data cycle is RealPlusSynthetic with real_start, exactly n points real and fresh",
        ),
    ),
    (
        "gaussian-mean-reused",
        "Gaussian mean, one real set kept",
        1 + lam * (1 - _u ** (2 * (j - 1))) / (1 + 2 * lam),
        _cycle(
            RealPlusSynthetic,
            Protocol.REUSED,
            "the data cycle is RealPlusSynthetic with one real set of n points, data = 'reused';"
            " synthetic points are used in the next generation only",
        ),
    ),
    (
        "gaussian-mean-accumulated",
        "Gaussian mean, all data kept",
        sp.Sum(1 / k**2, (k, 1, j)),
        _cycle(
            Accumulating,
            Protocol.REUSED,
            "the data cycle is Accumulating with data = 'reused'",
        ),
    ),
)


def _hypotheses(ratio: sp.Expr, cycle: Hypothesis) -> tuple[Hypothesis, ...]:
    return (cycle, WHOLE, _NORMAL) if lam in ratio.free_symbols else (cycle, _NORMAL)


def _faces(name: str, title: str, ratio: sp.Expr, cycle: Hypothesis) -> Iterator[Bound]:
    yield Bound(
        name=name,
        title=title,
        statement="The variance of the fitted mean over that of one sample's mean.",
        expression=ratio,
        hypotheses=_hypotheses(ratio, cycle),
        statistic=Statistic.EVERY_LOOP,
        quantity=VARIANCE_RATIO,
        **_COMMON,
    )
    yield Bound(
        name=f"{name}-tv",
        title=f"{title}, TV",
        statement="The mean distance of the fitted to the real normal law.",
        expression=2 / sp.pi * sp.atan(sp.sqrt(ratio) / (2 * sp.sqrt(n))),
        hypotheses=_hypotheses(ratio, cycle),
        statistic=Statistic.MEAN,
        **_COMMON,
    )


_OF_SHIFT = Bound(
    name="gaussian-shift",
    title="Gaussian shift",
    statement="The distance of two normal laws of one variance, by the distance of their means.",
    expression=sp.erf(z / (2 * sp.sqrt(2))),
    hypotheses=(_NORMAL,),
    statistic=Statistic.EVERY_RUN,
    **_COMMON,
)

BOUNDS = (*(face for protocol in _PROTOCOLS for face in _faces(*protocol)), _OF_SHIFT)
