r"""Resampling letters: the catalogue's upper bound on mean TV, and how close it is.

Of ``A`` equally likely letters every frequency is close to normal, whose mean distance from its
mean is ``sqrt(2/pi)`` standard deviations; the bound, by Cauchy and Schwarz, has one.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import sympy as sp

import bounds
from bounds import Bound, Evidence, Side, Source, Tightness, cycles
from empirics.closed_form import Discrete
from verify.claim import Claim, Loop
from verify.controls import Control
from verify.scale import Scale
from verify.statements import BoundHolds

__all__ = ["CLAIM"]

_UPPER = "discrete-resampling-tv"
_LETTERS = 20
_SHARES = (0.02, 0.1, 0.3, 1.0)


@cache
def _normal() -> Bound:
    """The mean TV of normal frequencies of the same variance."""
    upper = bounds.get(_UPPER)
    return replace(
        upper,
        name="discrete-normal",
        title="Resampled letters, normal frequencies",
        statement="The mean TV is that of normal frequencies of equally likely letters.",
        expression=sp.sqrt(2 / sp.pi) * upper.expression,
        source=Source("This claim", "a normal approximation", Evidence.HEURISTIC),
        side=Side.PREDICTION,
        tight=Tightness.UNKNOWN,
        proof=None,
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
    source="discrete-resampling-tv, proved in the catalogue",
    loops=_loops,
    statements=(
        BoundHolds(_UPPER),
        BoundHolds(lambda loop: _normal(), tolerance=0.03),
    ),
    controls=(Control.SCALED, Control.GENERATION, Control.SIDE),
)
