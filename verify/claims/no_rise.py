"""No ascent under fresh real data and a bandwidth that undersmooths."""

from empirics.targets import normal
from verify.claim import Claim, Loop, Quantifier
from verify.claims._loops import transition_loops
from verify.controls import Control
from verify.scale import Scale
from verify.statements import EveryRatio

__all__ = ["CLAIM"]


def _loops(scale: Scale) -> tuple[Loop, ...]:
    protocols = ("fresh, real start", "fresh, granted start")
    return transition_loops(scale.pick((10, 320), (20, 4000)), normal(), 0.5, protocols)


CLAIM = Claim(
    name="no-rise",
    sentence=(
        "There is no ascent with fresh real data and a bandwidth half as large as is best for one"
        " generation: no amount of synthetic data raises the mean TV of generations 5 and 10"
        " (N(0, 1), 500 real points, bandwidth constant 0.5)."
    ),
    source="measured; kde-clt of the catalogue predicts it",
    loops=_loops,
    statements=(EveryRatio((5, 10), most=1.05),),
    quantifier=Quantifier.GROUPS,
    controls=(Control.SCALED, Control.SIDE),
)
