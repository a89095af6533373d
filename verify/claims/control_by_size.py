"""Control by the amount of data: enough points keep TV below any level."""

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

_LEVELS = (0.2, 0.1, 0.05)
_STEPS = 5
_SIZES = [int(1000 * 1.1**i) for i in range(120)]


def _enough() -> list[int]:
    """Points per generation at which the recursion stays below the levels for five generations."""
    places = [bisect_left(_SIZES, -v, key=lambda n: -_recursion(n)) for v in _LEVELS]
    return [_SIZES[place] for place in places]


@cache
def _recursion(n: int) -> float:
    experiment = kde(THREE_MODES, 0.55, cycles.full_synthetic(n=n), _STEPS, 2)
    return float(along(bounds.get("kde-recursion"), experiment).value.max())


def _loops(scale: Scale) -> tuple[Loop, ...]:
    sizes = made_once("control-by-size", _enough)  # half a second of quadrature
    return tuple(
        Loop(
            "TV",
            kde(
                THREE_MODES,
                0.55,
                cycles.full_synthetic(n=n),
                _STEPS,
                scale.pick(400, 4000),
            ),
            level,
            "level",
        )
        for level, n in zip(_LEVELS, sizes, strict=True)
    )


CLAIM = Claim(
    name="control-by-size",
    sentence=(
        "Full synthetic training is controlled by the size of the training sets: with as many"
        " points as the recursion asks for, mean TV stays below 0.2, 0.1 and 0.05 for five"
        " generations."
    ),
    source="abstract of the paper (v2); kde-recursion, proved in the catalogue",
    loops=_loops,
    statements=(BoundHolds(lambda loop: at_most(float(loop.x or 0))),),
    controls=(Control.SCALED, Control.SIDE),
)
