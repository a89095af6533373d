"""Diffusion loops under one Girsanov step from each model straight to the real law, run by run."""

import bounds
from bounds import Bound
from empirics import Experiment
from verify.claim import Claim, Loop, Quantifier
from verify.claims.diffusion_bounds import CLAIM as CHAINED
from verify.claims.diffusion_elsewhere import CLAIM as ELSEWHERE
from verify.controls import Control
from verify.scale import Scale
from verify.statements import BoundHolds

__all__ = ["CLAIM"]


def _loops(scale: Scale) -> tuple[Loop, ...]:
    return (*CHAINED.loops(scale), *ELSEWHERE.loops(scale))


def _sharpest(loop: Loop) -> Bound:
    """The smallest of what the loop records: on cells of the plane no KL is known from above."""
    recorded = isinstance(loop.spec, Experiment) and loop.spec.record
    return bounds.get("diffusion-sharpest" if recorded else "diffusion-sharper")


CLAIM = Claim(
    name="diffusion-direct",
    sentence=(
        "In every run of a diffusion loop that samples by the reverse SDE - on the line and in the"
        " plane, frozen features or all layers trained, every data cycle, fresh and reused data -"
        " the distance of each model to real data is at most the early-stopping bias plus what its"
        " score risk under the real law allows, without a sum over generations, or what the exact"
        " divergence of the real law to it does, where that is known."
    ),
    source="diffusion-direct, proved in the catalogue",
    loops=_loops,
    statements=(BoundHolds("diffusion-direct"), BoundHolds(_sharpest)),
    quantifier=Quantifier.RUNS,
    controls=(Control.SIDE,),
)
