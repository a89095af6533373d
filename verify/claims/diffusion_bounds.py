"""Diffusion loops under the bounds that their score errors make, run by run."""

from bounds import cycles
from bounds.cycles import DataCycle
from empirics.models import Diffusion, PowerTime
from verify.claim import Claim, Loop, Quantifier
from verify.controls import Control
from verify.scale import Scale
from verify.settings import diffusion, every_cycle
from verify.statements import BoundHolds

__all__ = ["CLAIM"]


def _loops(scale: Scale) -> tuple[Loop, ...]:
    width, steps, runs = scale.pick((64, 4, 96), (256, 15, 400))
    data = every_cycle(1000) | {
        "real + 4 x synthetic, reused": cycles.real_plus_synthetic(n=1000, lam=4, data="reused"),
        "accumulating, reused": cycles.accumulating(n=1000, data="reused"),
    }
    short, long = PowerTime(1.0, 0.5), PowerTime(0.5, 1.0)
    brief, far = (Diffusion(width=width, training_time=time) for time in (short, long))

    def loop(name: str, model: Diffusion, cycle: DataCycle) -> Loop:
        return Loop(name, diffusion(model, cycle, steps, runs, record=("kl-from-real",)))

    loops = [loop(f"{name}, tau = n/2", far, cycle) for name, cycle in data.items()]
    return (*loops, loop("full synthetic, tau = sqrt n", brief, data["full synthetic"]))


CLAIM = Claim(
    name="diffusion-bounds",
    sentence=(
        "In every run of a diffusion loop that samples by the reverse SDE, under every data cycle,"
        " the distance of each model to what it learned is at most what prior KL and score risk"
        " allow, and its distance to real data at most the sum of these, or of the measured"
        " one-step distances, each weighted by its influence."
    ),
    source="diffusion-early-stopping-loop, proved in the catalogue",
    loops=_loops,
    statements=(
        BoundHolds("diffusion-girsanov"),
        BoundHolds("diffusion-early-stopping-loop"),
        BoundHolds("error-propagation"),
    ),
    quantifier=Quantifier.RUNS,
    controls=(Control.SCALED, Control.GENERATION, Control.SIDE),
)
