"""The simultaneous high-probability bound."""

from verify.claim import Claim, Loop, Quantifier, Scale
from verify.claims._loops import every_cycle, line_loops
from verify.controls import Control
from verify.statements import BoundHolds

__all__ = ["CLAIM"]


def _loops(scale: Scale) -> tuple[Loop, ...]:
    return line_loops(scale, every_cycle(1000))


CLAIM = Claim(
    name="all-generations",
    sentence=(
        "With probability 95 % all generations of a kernel-density loop with fresh data stay below"
        " bias, noise and a deviation term, each weighted by its influence, at once."
    ),
    source="kde-high-probability, proved in the catalogue",
    loops=_loops,
    statements=(BoundHolds("kde-high-probability", {"delta": 0.05}),),
    quantifier=Quantifier.SHARE_OF_RUNS,
    controls=(Control.SCALED, Control.SIDE),
)
