r"""Fitting a normal mean: the exact mean TV of every protocol.

Five protocols have their law in the catalogue. With a fresh real share ``a`` it is

.. math:: \mathbb{E}\,\mathrm{TV}(p_j, p_0) = \frac2\pi \arctan\frac{\sqrt{R_j / n}}{2}, \qquad
          R_j = \sum_{i < j} (1-a)^{2i},

as the mean of n points of the mixture adds 1 to ``(1-a)^2`` times the last model's variance ratio.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

import bounds
from bounds import Bound, Constants, Evidence, Side, Source, Statistic, cycles
from bounds.cycles.weighted_real import WeightedReal
from bounds.functions import GeometricDepth
from bounds.notation import a, j, n
from empirics.closed_form import GaussianMean
from verify.claim import Claim, Loop
from verify.controls import Control
from verify.scale import Scale
from verify.statements import BoundHolds

__all__ = ["CLAIM"]

_N = 100
_SHARE = "fresh real 30 %"
_CYCLES = {
    "full synthetic": cycles.full_synthetic(n=_N),
    _SHARE: cycles.fresh_real(n=_N, share="3/10"),
    "real + 4 x synthetic, fresh": cycles.real_plus_synthetic(n=_N, lam=4),
    "real + 4 x synthetic, reused": cycles.real_plus_synthetic(n=_N, lam=4, data="reused"),
    "accumulating, reused": cycles.accumulating(n=_N, data="reused"),
    "weighted real, renewed": WeightedReal(n=_N, share="3/10", lam=4),
}
_ENTRIES = {
    "full synthetic": "gaussian-mean-tv",
    "real + 4 x synthetic, fresh": "gaussian-mean-fresh-tv",
    "real + 4 x synthetic, reused": "gaussian-mean-reused-tv",
    "accumulating, reused": "gaussian-mean-accumulated-tv",
    "weighted real, renewed": "gaussian-mean-weighted-tv",
}


def _law(loop: Loop) -> Bound:
    """The catalogue's, or that of a fresh real share."""
    return _of_share() if loop.group == _SHARE else bounds.get(_ENTRIES[loop.group])


@cache
def _of_share() -> Bound:
    variance_ratio = GeometricDepth(1 - (1 - a) ** 2, j)
    return Bound(
        name="gaussian-mean-share",
        title="Gaussian mean, fresh real share, TV",
        statement="The mean distance of the fitted to the real normal law.",
        expression=2 / sp.pi * sp.atan(sp.sqrt(variance_ratio / n) / 2),
        hypotheses=(),
        source=Source("This claim", "by recursion of variances", Evidence.PROVED),
        side=Side.EXACT,
        statistic=Statistic.MEAN,
        constants=Constants.GIVEN,
    )


def _loops(scale: Scale) -> tuple[Loop, ...]:
    runs = scale.pick(60_000, 1_000_000)
    return tuple(
        Loop(name, GaussianMean(cycle=cycle, generations=10, replicates=runs))
        for name, cycle in _CYCLES.items()
    )


CLAIM = Claim(
    name="gaussian-mean",
    sentence=(
        "A loop that fits a normal mean has exactly the mean TV that its closed form gives, under"
        " every protocol: synthetic data helps if real data is fresh and hurts if it is reused."
    ),
    source=(
        "gaussian-mean-tv and its kin, proved in the catalogue; within 2 %, as equality cannot be"
        " shown"
    ),
    loops=_loops,
    statements=(BoundHolds(_law, tolerance=0.02),),
    controls=(Control.SCALED, Control.GENERATION),
)
