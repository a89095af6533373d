"""Mass where real data is scarce stays below TV plus the real law's own mass there, run by run."""

from verify.claim import Claim, Loop, Quantifier
from verify.claims._loops import loops_of
from verify.controls import Control
from verify.scale import Scale
from verify.settings import hallucinating
from verify.statements import BoundHolds

__all__ = ["CLAIM"]


def _loops(scale: Scale) -> tuple[Loop, ...]:
    return loops_of(hallucinating(scale))


CLAIM = Claim(
    name="hallucinated-mass",
    sentence=(
        "In every run of diffusion and kernel density loops on modes far apart a model's mass where"
        " the real density is low is at most its TV to the real law plus that law's own mass there."
    ),
    source="hallucinated-mass, proved in the catalogue",
    loops=_loops,
    statements=(BoundHolds("hallucinated-mass"),),
    quantifier=Quantifier.RUNS,
    controls=(Control.SCALED, Control.SIDE),
)
