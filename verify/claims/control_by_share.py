"""Control by the share of real data: enough of it keeps TV below a level for ever."""

from __future__ import annotations

from bounds import cycles
from verify.claim import Claim
from verify.claims._loops import controlled_loops
from verify.controls import Control
from verify.statements import BoundHolds, at_most

__all__ = ["CLAIM"]

_LOOPS = controlled_loops(
    "control-by-share",
    (0.3, 0.2, 0.1),
    tuple(i / 50 for i in range(1, 51)),
    lambda share: cycles.fresh_real(n=2000, share=share),
    20,
)

CLAIM = Claim(
    name="control-by-share",
    sentence=(
        "Training on 2000 points per generation is controlled by the share of fresh real data:"
        " with the share that the recursion asks for, mean TV stays below 0.3, 0.2 and 0.1 for"
        " twenty generations."
    ),
    source="abstract of the paper (v2); kde-recursion, proved in the catalogue",
    loops=_LOOPS,
    statements=(BoundHolds(lambda loop: at_most(float(loop.x or 0))),),
    controls=(Control.SCALED, Control.SIDE),
)
