"""One generation of kernel density estimation."""

from bounds import cycles
from verify.claim import Claim, Loop
from verify.controls import Control
from verify.scale import Scale
from verify.settings import RING, THREE_MODES, kde
from verify.statements import BoundHolds

__all__ = ["CLAIM"]


def _loops(scale: Scale) -> tuple[Loop, ...]:
    runs, plane = scale.pick((800, 160), (4000, 256))
    line = tuple(
        Loop("1-D", kde(THREE_MODES, 0.55, cycles.full_synthetic(n=n), 1, runs), n, "n")
        for n in (300, 3000, 30_000, 1_000_000)
    )
    ring = kde(RING, 0.45, cycles.full_synthetic(n=4000), 1, plane)
    return (*line, Loop("2-D", ring, 4000, "n"))


CLAIM = Claim(
    name="one-step",
    sentence=(
        "The mean TV of a kernel density estimate to the law of its sample is at most half the"
        " integral of the root of its mean squared error."
    ),
    source="kde-one-step, proved in the catalogue",
    loops=_loops,
    statements=(BoundHolds("kde-one-step"),),
    controls=(Control.SCALED, Control.EXPONENT, Control.SIDE),
)
