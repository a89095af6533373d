"""The certified sandwich from below."""

from verify.claim import Claim
from verify.claims.sandwich_above import sandwich_loops
from verify.controls import Control
from verify.statements import BoundHolds

__all__ = ["CLAIM"]

CLAIM = Claim(
    name="sandwich-below",
    sentence=(
        "The mean TV of a kernel-density loop is at least the TV of its mean law, with fresh,"
        " reused and resampled data, on the line and in the plane."
    ),
    source="kde-sandwich-lower, proved in the catalogue",
    loops=sandwich_loops,
    statements=(BoundHolds("kde-sandwich-lower"),),
    controls=(Control.SCALED, Control.SIDE),
)
