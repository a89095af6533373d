"""The path bound beyond frozen features on the line: all layers trained, and the plane."""

from itertools import starmap

from bounds import cycles
from empirics.models import Diffusion, PowerTime, TrainedDiffusion
from verify.claim import Claim, Loop, Quantifier
from verify.controls import Control
from verify.scale import Scale
from verify.settings import FIVE, diffusion
from verify.statements import BoundHolds

__all__ = ["CLAIM"]


def _loops(scale: Scale) -> tuple[Loop, ...]:
    steps, trained_runs, plane_runs = scale.pick((2, 16, 4), (6, 64, 24))
    width, optimiser_steps, plane_width = scale.pick((48, 400, 64), (128, 2000, 128))
    data = {
        "fresh": cycles.fresh_real(n=1000, share=0.3),
        "reused": cycles.real_plus_synthetic(n=1000, lam=1, data="reused"),
    }
    adam = TrainedDiffusion(width=width, steps=optimiser_steps)
    exact = Diffusion(width=plane_width, training_time=PowerTime(0.5, 1.0))
    record = ("kl-from-real",)
    trained = {
        f"all layers trained, {protocol}": diffusion(
            adam, cycle, steps, trained_runs, record=record
        )
        for protocol, cycle in data.items()
    }
    plane = diffusion(exact, data["reused"], steps, plane_runs, FIVE)
    return (*starmap(Loop, trained.items()), Loop("five modes in the plane, reused", plane))


CLAIM = Claim(
    name="diffusion-elsewhere",
    sentence=(
        "The bound from prior KL and score risk, per model and along the cycle, also holds in every"
        " run of loops whose networks have all layers trained by Adam, and of loops in the plane."
    ),
    source="diffusion-early-stopping-loop, proved in the catalogue",
    loops=_loops,
    statements=(BoundHolds("diffusion-girsanov"), BoundHolds("diffusion-early-stopping-loop")),
    quantifier=Quantifier.RUNS,
    controls=(Control.SIDE,),
)
"""Few runs: a tenth below the largest of them could not be seen."""
