r"""Fitting a normal mean: the exact mean TV of every protocol.

.. math:: \mathbb{E}\,\mathrm{TV}(p_j, p_0) = \frac2\pi \arctan\frac{\sqrt{v_j / n}}{2},

with ``v_j = Var(mu_j) n`` of ``gaussian-mean``, one closed form per data cycle.
"""

from __future__ import annotations

import sympy as sp

from bounds import Bound, Constants, Evidence, Side, Source, Statistic, cycles
from bounds.functions import GeometricDepth
from bounds.notation import a, j, k, lam, n
from empirics.closed_form import GaussianMean
from verify.claim import Claim, Loop
from verify.controls import Control
from verify.scale import Scale
from verify.statements import BoundHolds

__all__ = ["CLAIM", "exact_law"]

_u = lam / (1 + lam)
_N = 100
_CASES = {
    "full synthetic": (cycles.full_synthetic(n=_N), j),
    "fresh real 30 %": (
        cycles.fresh_real(n=_N, share="3/10"),
        GeometricDepth(1 - (1 - a) ** 2, j),
    ),
    "real + 4 x synthetic, fresh": (
        cycles.real_plus_synthetic(n=_N, lam=4),
        (1 + _u ** (2 * j - 1)) / (1 + _u),
    ),
    "real + 4 x synthetic, reused": (
        cycles.real_plus_synthetic(n=_N, lam=4, data="reused"),
        1 + _u * (1 - _u ** (2 * (j - 1))) / (1 + _u),
    ),
    "accumulating, reused": (
        cycles.accumulating(n=_N, data="reused"),
        sp.Sum(1 / k**2, (k, 1, j)),
    ),
}


def exact_law(variance: sp.Expr, side: Side = Side.PREDICTION) -> Bound:
    """The mean TV of a loop whose mean has ``variance / n``."""
    return Bound(
        name="gaussian-mean",
        title="Normal mean, exact mean TV",
        statement="The fitted mean is normal, so the mean TV is known.",
        expression=2 / sp.pi * sp.atan(sp.sqrt(variance / n) / 2),
        hypotheses=(),
        source=Source("This catalogue", "gaussian-mean", Evidence.PROVED),
        side=side,
        statistic=Statistic.MEAN,
        constants=Constants.GIVEN,
    )


def _loops(scale: Scale) -> tuple[Loop, ...]:
    runs = scale.pick(60_000, 1_000_000)
    return tuple(
        Loop(name, GaussianMean(cycle=cycle, generations=10, replicates=runs))
        for name, (cycle, _) in _CASES.items()
    )


CLAIM = Claim(
    name="gaussian-mean",
    sentence=(
        "A loop that fits a normal mean has exactly the mean TV that its closed form gives, under"
        " every protocol: synthetic data helps if real data is fresh and hurts if it is reused."
    ),
    source="gaussian-mean, proved in the catalogue; within 2 %, as equality cannot be shown",
    loops=_loops,
    statements=(BoundHolds(lambda loop: exact_law(_CASES[loop.group][1]), tolerance=0.02),),
    controls=(Control.SCALED, Control.GENERATION),
)
