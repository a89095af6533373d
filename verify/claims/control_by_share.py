"""Control by the share of real data: enough of it keeps TV below a level for ever."""

from __future__ import annotations

from bisect import bisect_left
from functools import cache

import bounds
from bounds import cycles
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


@cache
def _enough(level: float) -> float:
    """The smallest share at which the recursion stays below the level for twenty generations."""
    return _SHARES[bisect_left(_SHARES, -level, key=lambda share: -_recursion(share))]


@cache
def _recursion(share: float) -> float:
    experiment = kde(THREE_MODES, 0.55, cycles.fresh_real(n=_N, share=share), _STEPS, 2)
    return float(along(bounds.get("kde-recursion"), experiment).value.max())


def _loops(scale: Scale) -> tuple[Loop, ...]:
    return tuple(
        Loop(
            "TV",
            kde(
                THREE_MODES,
                0.55,
                cycles.fresh_real(n=_N, share=_enough(level)),
                _STEPS,
                scale.pick(400, 4000),
            ),
            level,
            "level",
        )
        for level in _LEVELS
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
