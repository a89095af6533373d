"""The bound on one diffusion model that is known before a point is drawn, and how fast it falls."""

from collections.abc import Sequence

import numpy as np

from bounds import Side, cycles, get
from empirics import Experiment
from empirics.models import Diffusion, FixedTime, PowerTime, TrainingTime
from verify.claim import Claim, Loop, Measured, Quantifier
from verify.controls import Control
from verify.estimates import slope_weights
from verify.scale import Scale
from verify.settings import diffusion
from verify.statements import BoundHolds, RateExponent
from verify.values import along

__all__ = ["CLAIM"]

_TIMES = {1000: (10.0, 30.0, 100.0), 10_000: (100.0, 1000.0)}
_RULE = "tau = 16 n^(1/2)"


def _loops(scale: Scale) -> tuple[Loop, ...]:
    width, runs, sizes = scale.pick((48, 720, 3), (128, 2000, 5))

    def one(rule: TrainingTime, n: int) -> Experiment:
        model = Diffusion(width=width, training_time=rule)
        return diffusion(model, cycles.full_synthetic(n=n), 1, runs)

    by_time = tuple(
        Loop(f"n = {n}", one(FixedTime(tau), n), tau, "training time")
        for n, times in _TIMES.items()
        for tau in times
    )
    many = [round(n) for n in np.geomspace(1000, 10_000, sizes)]
    return (*by_time, *(Loop(_RULE, one(PowerTime(16.0), n), n, "n") for n in many))


def _rate(loops: Sequence[Measured]) -> float:
    """The bound's own exponent along the same loops."""
    bound, specs = get("diffusion-explicit"), [m.loop.spec for m in loops]
    values = [along(bound, spec).value[0] for spec in specs if isinstance(spec, Experiment)]
    weights = slope_weights(np.log([m.loop.x or 1.0 for m in loops]))
    return -float(weights @ np.log(values))


CLAIM = Claim(
    name="explicit-bound",
    sentence=(
        "The mean TV of a diffusion model with frozen features is at most a number that is computed"
        " from the real law, the training time and n before a point is drawn; with training times"
        " 16 n^(1/2) and n = 1000 to 10 000 it falls faster than n^(-1/5), and that number falls at"
        " the same rate within 0.05 in the exponent."
    ),
    source="diffusion-explicit, proved in the catalogue; rates measured",
    loops=_loops,
    statements=(
        BoundHolds("diffusion-explicit"),
        RateExponent(1 / 5, Side.LOWER, (1,), groups=(_RULE,), off=0.25),
        RateExponent(_rate, Side.PREDICTION, (1,), tolerance=0.05, groups=(_RULE,), off=0.5),
    ),
    quantifier=Quantifier.GROUPS,
    controls=(Control.SCALED, Control.EXPONENT, Control.SIDE),
)
