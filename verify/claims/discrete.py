r"""Resampling letters: an upper bound from the exact variance, for any real share.

.. math:: \mathbb{E}\,\mathrm{TV}(p_j, p_0) \le \frac{\sqrt{A-1}}{2} \sqrt{\rho_j}, \qquad
          \rho_j = \frac1n \frac{1 - r^j}{1 - r}, \quad r = (1-a)^2 (1 - 1/n),

for ``A`` equally likely letters, by Jensen letter by letter.
"""

from __future__ import annotations

import sympy as sp

from bounds import Bound, Constants, Evidence, Side, Source, Statistic, cycles
from bounds.functions import GeometricDepth
from bounds.notation import a, j, n
from empirics.closed_form import Discrete
from verify.claim import Claim, Loop
from verify.controls import Control
from verify.scale import Scale
from verify.statements import BoundHolds

__all__ = ["CLAIM"]

_LETTERS = 20
_SHARES = (0.02, 0.1, 0.3, 1.0)
_forgotten = (1 - a) ** 2 * (1 - 1 / n)
_UPPER = sp.sqrt(_LETTERS - 1) / 2 * sp.sqrt(GeometricDepth(1 - _forgotten, j) / n)


def _bound(side: Side, factor: sp.Expr) -> Bound:
    return Bound(
        name="discrete",
        title="Resampled letters, mean TV",
        statement="The mean TV is at most half the sum of the letters' standard deviations.",
        expression=factor * _UPPER,
        hypotheses=(),
        source=Source("This catalogue", "discrete-resampling", Evidence.PROVED),
        side=side,
        statistic=Statistic.MEAN,
        constants=Constants.GIVEN,
    )


def _loops(scale: Scale) -> tuple[Loop, ...]:
    runs = scale.pick(2000, 40_000)
    law = (1 / _LETTERS,) * _LETTERS
    return tuple(
        Loop(
            f"real share {share:g}",
            Discrete(
                real=law,
                cycle=cycles.fresh_real(n=1000, share=share),
                generations=12,
                replicates=runs,
            ),
        )
        for share in _SHARES
    )


CLAIM = Claim(
    name="discrete",
    sentence=(
        "A loop that resamples letters has mean TV below half the sum of the letters' exact"
        " standard deviations, and within 3 % of the normal value sqrt(2/pi) of that."
    ),
    source="discrete-resampling, proved in the catalogue",
    loops=_loops,
    statements=(
        BoundHolds(_bound(Side.UPPER, sp.Integer(1))),
        BoundHolds(_bound(Side.PREDICTION, sp.sqrt(2 / sp.pi)), tolerance=0.03),
    ),
    controls=(Control.SCALED, Control.GENERATION, Control.SIDE),
)
