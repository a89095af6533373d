"""The certified sandwich from above, for every way in which data is used."""

from typing import Any

from bounds import cycles
from verify.claim import Claim, Loop, Scale
from verify.claims._loops import every_cycle, line_loops, plane_loops
from verify.controls import Control
from verify.statements import BoundHolds

__all__ = ["CLAIM", "sandwich_loops"]

_SHARE: dict[str, Any] = {"n": 1000, "share": 0.3}
_PLANE: dict[str, Any] = {"n": 4000, "share": 0.3}


def sandwich_loops(scale: Scale) -> tuple[Loop, ...]:
    """Every cycle on the line, and one with reused or resampled data, on the line and the plane."""
    line = every_cycle(1000) | {
        "30 %, reused": cycles.fresh_real(**_SHARE, data="reused"),
        "30 %, resampled": cycles.fresh_real(**_SHARE, data="resampled"),
        "accumulating, reused": cycles.accumulating(n=1000, data="reused"),
    }
    plane = {
        "30 %": cycles.fresh_real(**_PLANE),
        "30 %, reused": cycles.fresh_real(**_PLANE, data="reused"),
        "30 %, resampled": cycles.fresh_real(**_PLANE, data="resampled"),
    }
    return (*line_loops(scale, line), *plane_loops(scale, plane))


CLAIM = Claim(
    name="sandwich-above",
    sentence=(
        "The mean TV of a kernel-density loop is at most half the integral of the root of squared"
        " bias plus accumulated variance, with fresh, reused and resampled data, on the line and"
        " in the plane."
    ),
    source="kde-sandwich, proved in the catalogue",
    loops=sandwich_loops,
    statements=(BoundHolds("kde-sandwich"),),
    controls=(Control.SCALED, Control.EXPONENT, Control.GENERATION, Control.SIDE),
)
