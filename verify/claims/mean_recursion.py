"""The recursion with explicit one-step errors, for means."""

from verify.claim import Claim
from verify.claims._loops import line_loops
from verify.controls import Control
from verify.statements import BoundHolds

__all__ = ["CLAIM"]

CLAIM = Claim(
    name="mean-recursion",
    sentence=(
        "The mean TV of a kernel-density loop with fresh data is at most the sum of smoothing bias"
        " and expected noise of all generations, each weighted by its influence."
    ),
    source="kde-recursion, proved in the catalogue",
    loops=line_loops,
    statements=(BoundHolds("kde-recursion"),),
    controls=(Control.SCALED, Control.EXPONENT, Control.GENERATION, Control.SIDE),
)
