"""Accumulated letters lose diversity by the product law."""

from bounds import cycles
from empirics.closed_form import Discrete
from verify.claim import Claim, Loop
from verify.controls import Control
from verify.scale import Scale
from verify.statements import BoundHolds

__all__ = ["CLAIM"]

_LETTERS = 20
_POINTS = (2, 4, 10)


def _loops(scale: Scale) -> tuple[Loop, ...]:
    return tuple(
        Loop(
            f"{points} points a generation",
            Discrete(
                real=(1 / _LETTERS,) * _LETTERS,
                cycle=cycles.accumulating(n=points, data="reused"),
                generations=12,
                replicates=scale.pick(8000, 40_000),
                record=("diversity",),
            ),
        )
        for points in _POINTS
    )


CLAIM = Claim(
    name="product-law",
    sentence=(
        "Where all letters are kept and n of the last model are added in every generation, the mean"
        " diversity is the real one times the product of 1 - 1/(n k^2), and mean TV is at most half"
        " the root of what is lost of it times the number of letters."
    ),
    source=(
        "accumulation-product and accumulation-product-tv, proved in the catalogue; diversity"
        " within 2 %, as equality cannot be shown"
    ),
    loops=_loops,
    statements=(
        BoundHolds("accumulation-product", tolerance=0.02),
        BoundHolds("accumulation-product-tv"),
    ),
    controls=(Control.SCALED, Control.GENERATION),
)
