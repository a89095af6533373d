"""Diffusion loops under one Girsanov step from each model straight to the real law, run by run."""

from verify.claim import Claim, Loop, Quantifier
from verify.claims.diffusion_bounds import CLAIM as CHAINED
from verify.claims.diffusion_elsewhere import CLAIM as ELSEWHERE
from verify.controls import Control
from verify.scale import Scale
from verify.statements import BoundHolds

__all__ = ["CLAIM"]


def _loops(scale: Scale) -> tuple[Loop, ...]:
    return (*CHAINED.loops(scale), *ELSEWHERE.loops(scale))


CLAIM = Claim(
    name="diffusion-direct",
    sentence=(
        "In every run of a diffusion loop that samples by the reverse SDE - on the line and in the"
        " plane, frozen features or all layers trained, every data cycle, fresh and reused data -"
        " the distance of each model to real data is at most the early-stopping bias plus what its"
        " score risk under the real law allows, without a sum over generations."
    ),
    source="diffusion-direct, proved in the catalogue",
    loops=_loops,
    statements=(BoundHolds("diffusion-direct"), BoundHolds("diffusion-sharper")),
    quantifier=Quantifier.RUNS,
    controls=(Control.SIDE,),
)
