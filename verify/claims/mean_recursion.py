"""The recursion with explicit one-step errors, for means."""

from verify.claim import Claim, Loop, Scale
from verify.claims._loops import every_cycle, line_loops
from verify.controls import Control
from verify.statements import BoundHolds

__all__ = ["CLAIM"]


def _loops(scale: Scale) -> tuple[Loop, ...]:
    return line_loops(scale, every_cycle(1000))


CLAIM = Claim(
    name="mean-recursion",
    sentence=(
        "The mean TV of a kernel-density loop with fresh data is at most the sum of smoothing bias"
        " and expected noise of all generations, each weighted by its influence."
    ),
    source="kde-recursion, proved in the catalogue",
    loops=_loops,
    statements=(BoundHolds("kde-recursion"),),
    controls=(Control.SCALED, Control.EXPONENT, Control.GENERATION, Control.SIDE),
)
