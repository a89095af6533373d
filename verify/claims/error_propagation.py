"""Error propagation of mixed training: kernel-density loops, run by run."""

from verify.claim import Claim, Quantifier
from verify.claims.sandwich_above import sandwich_loops
from verify.controls import Control
from verify.statements import BoundHolds

__all__ = ["CLAIM"]

CLAIM = Claim(
    name="error-propagation",
    sentence=(
        "In every run of a kernel-density loop on mixed data, TV is at most the sum of all measured"
        " one-step errors, each weighted by the chance of descending from its model."
    ),
    source="error-propagation, proved in the catalogue; the form of the paper's main theorem",
    loops=sandwich_loops,
    statements=(BoundHolds("error-propagation"),),
    quantifier=Quantifier.RUNS,
    controls=(Control.SCALED, Control.GENERATION, Control.SIDE),
)
