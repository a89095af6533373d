"""The high-probability bound on one generation."""

from verify.claim import Claim, Quantifier
from verify.claims._loops import line_loops
from verify.controls import Control
from verify.statements import BoundHolds

__all__ = ["CLAIM"]

CLAIM = Claim(
    name="each-generation",
    sentence=(
        "With probability 95 % a given generation of a kernel-density loop with fresh data stays"
        " below the weighted bias and noise plus one deviation term."
    ),
    source="kde-high-probability-single, proved in the catalogue",
    loops=line_loops,
    statements=(BoundHolds("kde-high-probability-single", {"delta": 0.05}),),
    quantifier=Quantifier.SHARE_OF_RUNS,
    controls=(Control.SCALED, Control.GENERATION, Control.SIDE),
)
