"""Early stopping: a best training time, later with more data, and the rate at it."""

from bounds import Side, cycles
from empirics import Experiment
from empirics.models import BestTv, Diffusion, FixedTime, TrainingTime
from verify.claim import Claim, Loop, Quantifier
from verify.controls import Control
from verify.scale import Scale
from verify.settings import diffusion
from verify.statements import Below, RateExponent

__all__ = ["CLAIM"]

_SHORT, _MIDDLE, _LONG = 30.0, 1000.0, 1e6
_FEW, _MANY = 300, 30_000
_BEST = "best time"
_PLACES = {
    f"n = {_FEW}": (_MIDDLE, (_SHORT, _LONG)),
    f"n = {_MANY}": (_LONG, (_SHORT, _MIDDLE)),
}


def _loops(scale: Scale) -> tuple[Loop, ...]:
    width, runs, steps = scale.pick((64, 360, 3), (256, 1000, 5))

    def one(rule: TrainingTime, n: int) -> Experiment:
        model = Diffusion(width=width, training_time=rule)
        return diffusion(model, cycles.full_synthetic(n=n), 1, runs)

    times = tuple(
        Loop(f"n = {n}", one(FixedTime(tau), n), tau, "training time")
        for n in (_FEW, _MANY)
        for tau in (_SHORT, _MIDDLE, _LONG)
    )
    sizes = [int(_FEW * (_MANY / _FEW) ** (i / (steps - 1))) for i in range(steps)]
    return (*times, *(Loop(_BEST, one(BestTv(), n), n, "n") for n in sizes))


CLAIM = Claim(
    name="early-stopping",
    sentence=(
        "A diffusion model of 300 points is best at a training time between too short and too long"
        " ones; with 30 000 points the time that was too long is the best of the three; and at the"
        " best time mean TV falls faster than n^(-1/4), the rate of the bound (the best time is an"
        " oracle's)."
    ),
    source="abstract of the paper (v1); diffusion-early-stopping of the catalogue; measured",
    loops=_loops,
    statements=(
        Below(_PLACES, (1,)),
        RateExponent(1 / 4, Side.LOWER, (1,), groups=(_BEST,)),
    ),
    quantifier=Quantifier.GROUPS,
    controls=(Control.SCALED, Control.EXPONENT, Control.SIDE),
)
