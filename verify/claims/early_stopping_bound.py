"""The explicit bound on an early-stopped diffusion model."""

from bounds import cycles
from empirics.models import Diffusion, FixedTime
from verify.claim import Claim, Loop, Quantifier
from verify.controls import Control
from verify.scale import Scale
from verify.settings import diffusion
from verify.statements import BoundHolds

__all__ = ["CLAIM"]

_TIMES = (1.0, 3.0, 10.0, 30.0)


def _loops(scale: Scale) -> tuple[Loop, ...]:
    width, runs = scale.pick((64, 16), (256, 200))
    return tuple(
        Loop(
            f"n = {n}",
            diffusion(
                Diffusion(width=width, training_time=FixedTime(tau)),
                cycles.full_synthetic(n=n),
                1,
                runs,
            ),
            tau,
            "training time",
        )
        for n in (1000, 100_000)
        for tau in _TIMES
    )


CLAIM = Claim(
    name="early-stopping-bound",
    sentence=(
        "In every run, a diffusion model with frozen features that is trained by gradient flow up"
        " to a given time misses the law of its sample by at most a prior, an approximation and an"
        " estimation term, all of them computed and none fitted."
    ),
    source="diffusion-early-stopping, proved in the catalogue",
    loops=_loops,
    statements=(BoundHolds("diffusion-early-stopping"),),
    quantifier=Quantifier.RUNS,
    controls=(Control.SCALED, Control.SIDE),
)
