"""The simultaneous high-probability bound."""

from verify.claim import Claim, Quantifier
from verify.claims._loops import line_loops
from verify.controls import Control
from verify.statements import BoundHolds

__all__ = ["CLAIM"]

CLAIM = Claim(
    name="all-generations",
    sentence=(
        "With probability 95 % all generations of a kernel-density loop with fresh data stay below"
        " bias, noise and a deviation term, each weighted by its influence, at once."
    ),
    source="kde-high-probability, proved in the catalogue",
    loops=line_loops,
    statements=(BoundHolds("kde-high-probability", {"delta": 0.05}),),
    quantifier=Quantifier.SHARE_OF_RUNS,
    controls=(Control.SCALED, Control.SIDE),
)
