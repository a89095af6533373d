"""Error propagation of mixed training: loops in closed form, run by run."""

from bounds import cycles
from empirics.closed_form import Discrete, GaussianMean
from verify.claim import Claim, Loop, Quantifier
from verify.controls import Control
from verify.scale import Scale
from verify.settings import every_cycle
from verify.statements import BoundHolds

__all__ = ["CLAIM"]

_LAW = (0.1,) * 10


def _loops(scale: Scale) -> tuple[Loop, ...]:
    runs = scale.pick(200, 4000)
    data = every_cycle(200) | {
        "real + 4 x synthetic, reused": cycles.real_plus_synthetic(n=200, lam=4, data="reused"),
        "accumulating, reused": cycles.accumulating(n=200, data="reused"),
    }
    letters = tuple(
        Loop(f"letters, {name}", Discrete(real=_LAW, cycle=c, generations=6, replicates=runs))
        for name, c in data.items()
    )
    normal = GaussianMean(
        cycle=data["full synthetic"], generations=6, replicates=runs, one_step=True
    )
    return (Loop("mean, full synthetic", normal), *letters)


CLAIM = Claim(
    name="closed-propagation",
    sentence=(
        "In every run of a loop that resamples letters (any data cycle) or fits a normal mean (full"
        " synthetic data), TV is at most the sum of all exact one-step errors, each weighted by its"
        " influence."
    ),
    source="error-propagation, proved in the catalogue",
    loops=_loops,
    statements=(BoundHolds("error-propagation"),),
    quantifier=Quantifier.RUNS,
    controls=(Control.SCALED, Control.GENERATION, Control.SIDE),
)
