"""The central limit curve through the sandwich."""

from bounds import cycles
from verify.claim import Claim, Loop
from verify.controls import Control
from verify.scale import Scale
from verify.settings import THREE_MODES, kde
from verify.statements import BoundHolds

__all__ = ["CLAIM"]


def _loops(scale: Scale) -> tuple[Loop, ...]:
    steps, runs = scale.pick((6, 2000), (20, 10_000))
    loops = {
        "30 %, fresh": cycles.fresh_real(n=1000, share=0.3),
        "30 %, reused": cycles.fresh_real(n=1000, share=0.3, data="reused"),
        "30 %, resampled": cycles.fresh_real(n=1000, share=0.3, data="resampled"),
    }
    return tuple(
        Loop(name, kde(THREE_MODES, 0.55, cycle, steps, runs)) for name, cycle in loops.items()
    )


CLAIM = Claim(
    name="clt",
    sentence=(
        "The central limit curve predicts the mean TV of a kernel-density loop of 1000 points"
        " within 5 %."
    ),
    source="kde-clt of the catalogue; a prediction",
    loops=_loops,
    statements=(BoundHolds("kde-clt", tolerance=0.05),),
    controls=(Control.SCALED, Control.EXPONENT, Control.GENERATION),
)
