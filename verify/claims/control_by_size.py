"""Control by the amount of data: enough points keep TV below any level."""

from __future__ import annotations

from bounds import cycles
from verify.claim import Claim
from verify.claims._loops import controlled_loops
from verify.controls import Control
from verify.statements import BoundHolds, at_most

__all__ = ["CLAIM"]

_LOOPS = controlled_loops(
    "control-by-size",
    (0.2, 0.1, 0.05),
    [int(1000 * 1.1**i) for i in range(120)],
    lambda n: cycles.full_synthetic(n=n),
    5,
)

CLAIM = Claim(
    name="control-by-size",
    sentence=(
        "Full synthetic training is controlled by the size of the training sets: with as many"
        " points as the recursion asks for, mean TV stays below 0.2, 0.1 and 0.05 for five"
        " generations."
    ),
    source="abstract of the paper (v2); kde-recursion, proved in the catalogue",
    loops=_LOOPS,
    statements=(BoundHolds(lambda loop: at_most(float(loop.x or 0))),),
    controls=(Control.SCALED, Control.SIDE),
)
