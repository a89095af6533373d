"""Diffusion loops predicted without running them: mean TV, and the bound of the predicted risk."""

from bounds import cycles
from empirics.models import Diffusion, PowerTime
from verify.claim import Claim, Loop
from verify.controls import Control
from verify.scale import Scale
from verify.settings import diffusion
from verify.statements import BoundHolds
from verify.statistics import MeanInterval

__all__ = ["CLAIM"]


def _loops(scale: Scale) -> tuple[Loop, ...]:
    width, steps, runs = scale.pick((32, 4, 400), (64, 6, 4000))
    model = Diffusion(width=width, training_time=PowerTime(0.5, 1.0))
    loops = {
        "full synthetic": cycles.full_synthetic(n=1000),
        "fresh real 30 %": cycles.fresh_real(n=1000, share=0.3),
        "accumulating, reused": cycles.accumulating(n=1000, data="reused"),
    }
    return tuple(Loop(name, diffusion(model, c, steps, runs)) for name, c in loops.items())


CLAIM = Claim(
    name="diffusion-clt",
    sentence=(
        "Linear response predicts the mean TV of a diffusion loop of 1000 points within 5 %,"
        " fresh and reused data alike, and the direct bound of its predicted score risk holds."
    ),
    source="diffusion-clt and diffusion-risk-prediction of the catalogue; a prediction",
    loops=_loops,
    statements=(
        BoundHolds("diffusion-clt", tolerance=0.05, method=MeanInterval.STUDENT),
        BoundHolds("diffusion-risk-prediction", method=MeanInterval.STUDENT),
    ),
    controls=(Control.SCALED, Control.EXPONENT, Control.GENERATION),
)
