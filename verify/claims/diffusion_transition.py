"""The amount of synthetic data in diffusion loops: a bump if real data is reused, a dip if not."""

from bounds import cycles
from empirics.models import Diffusion, PowerTime
from verify.claim import Claim, Loop, Quantifier
from verify.controls import Control
from verify.scale import Scale
from verify.settings import diffusion
from verify.statements import Below, RiseAndFall

__all__ = ["CLAIM"]

_FEW = 4.0


def _loops(scale: Scale) -> tuple[Loop, ...]:
    width, steps, runs = scale.pick((64, 5, 320), (256, 10, 1000))
    model = Diffusion(width=width, training_time=PowerTime(0.5, 1.0))
    last = 30.0 * steps
    grids = {"reused": (0.0, 1.0, _FEW, last), "fresh": (0.0, _FEW)}
    return tuple(
        Loop(
            data,
            diffusion(model, cycles.real_plus_synthetic(n=500, lam=lam, data=data), steps, runs),
            lam,
            "lambda",
        )
        for data, grid in grids.items()
        for lam in grid
    )


CLAIM = Claim(
    name="diffusion-transition",
    sentence=(
        "With more synthetic data per real point, the mean TV of generation 5 (at paper scale 10"
        " too) of a diffusion loop first rises and then falls if the same 500 real points are used"
        " in every generation, and first falls if they are fresh."
    ),
    source="abstract of the paper (v2); measured",
    loops=_loops,
    statements=(
        RiseAndFall((5, 10), groups=("reused",)),
        Below({"fresh": (_FEW, (0.0,))}, (5, 10)),
    ),
    quantifier=Quantifier.GROUPS,
    controls=(Control.SCALED, Control.SIDE),
)
