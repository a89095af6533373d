"""Initial ascent and later decline in the amount of synthetic data."""

from empirics.targets import normal
from verify.claim import Claim, Loop, Quantifier
from verify.claims._loops import PROTOCOLS, transition_loops
from verify.controls import Control
from verify.scale import Scale
from verify.statements import RiseAndFall

__all__ = ["CLAIM", "curves"]


def curves(scale: Scale) -> tuple[Loop, ...]:
    """All protocols at the bandwidth constant that is best for one generation of N(0, 1)."""
    return transition_loops(scale.pick((10, 800), (20, 6000)), normal(), 1.06, tuple(PROTOCOLS))


CLAIM = Claim(
    name="rise-and-fall",
    sentence=(
        "With more synthetic data per real point, the mean TV of generations 5 and 10 (at paper"
        " scale 20) first rises and then falls, whether real data is fresh or reused and whatever"
        " generation 1 is trained on (N(0, 1), 500 real points, bandwidth constant 1.06)."
    ),
    source="abstract of the paper (v2); measured",
    loops=curves,
    statements=(RiseAndFall((5, 10, 20)),),
    quantifier=Quantifier.GROUPS,
    controls=(Control.SCALED, Control.SIDE),
)
