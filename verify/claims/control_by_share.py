"""Control by the share of real data: enough of it keeps TV below a level for ever."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache

import bounds
from bounds import cycles
from bounds.made_once import made_once
from verify.claim import Claim, Loop
from verify.controls import Control
from verify.scale import Scale
from verify.settings import THREE_MODES, kde
from verify.statements import BoundHolds, at_most
from verify.values import along

__all__ = ["CLAIM"]

_LEVELS = (0.3, 0.2, 0.1)
_STEPS = 20
_N = 2000
_SHARES = tuple(i / 50 for i in range(1, 51))


def _enough() -> list[float]:
    """The smallest shares at which the recursion stays below the levels for twenty generations."""
    places = [bisect_left(_SHARES, -v, key=lambda share: -_recursion(share)) for v in _LEVELS]
    return [_SHARES[place] for place in places]


@cache
def _recursion(share: float) -> float:
    experiment = kde(THREE_MODES, 0.55, cycles.fresh_real(n=_N, share=share), _STEPS, 2)
    return float(along(bounds.get("kde-recursion"), experiment).value.max())


def _loops(scale: Scale) -> tuple[Loop, ...]:
    shares = made_once("control-by-share", _enough)  # a second of quadrature
    return tuple(
        Loop(
            "TV",
            kde(
                THREE_MODES,
                0.55,
                cycles.fresh_real(n=_N, share=share),
                _STEPS,
                scale.pick(400, 4000),
            ),
            level,
            "level",
        )
        for level, share in zip(_LEVELS, shares, strict=True)
    )


CLAIM = Claim(
    name="control-by-share",
    sentence=(
        "Training on 2000 points per generation is controlled by the share of fresh real data:"
        " with the share that the recursion asks for, mean TV stays below 0.3, 0.2 and 0.1 for"
        " twenty generations."
    ),
    source="abstract of the paper (v2); kde-recursion, proved in the catalogue",
    loops=_loops,
    statements=(BoundHolds(lambda loop: at_most(float(loop.x or 0))),),
    controls=(Control.SCALED, Control.SIDE),
)
