"""The certified sandwich from above, for every way in which data is used."""

from verify.claim import Claim, Loop
from verify.claims._loops import loops_of
from verify.controls import Control
from verify.scale import Scale
from verify.settings import sandwich
from verify.statements import BoundHolds

__all__ = ["CLAIM", "sandwich_loops"]


def sandwich_loops(scale: Scale) -> tuple[Loop, ...]:
    """Every cycle on the line, and one with reused or resampled data, on the line and the plane."""
    return loops_of(sandwich(scale))


CLAIM = Claim(
    name="sandwich-above",
    sentence=(
        "The mean TV of a kernel-density loop is at most half the integral of the root of squared"
        " bias plus accumulated variance, with fresh, reused and resampled data, on the line and"
        " in the plane."
    ),
    source="kde-sandwich, proved in the catalogue",
    loops=sandwich_loops,
    statements=(BoundHolds("kde-sandwich"),),
    controls=(Control.SCALED, Control.EXPONENT, Control.GENERATION, Control.SIDE),
)
