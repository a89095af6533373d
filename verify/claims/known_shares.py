"""A point of a batch of known real share counts for the square of that share."""

from __future__ import annotations

from bounds import cycles
from empirics.closed_form import KnownShares
from verify.claim import Claim, Loop
from verify.controls import Control
from verify.scale import Scale
from verify.statements import BoundHolds

__all__ = ["CLAIM"]

_LAW = (0.1,) * 10
_ROWS: dict[str, tuple[int | str, ...]] = {
    "half of it real": (1, "1/2", "1/2", "1/2", "1/2", "1/2"),
    "ever less of it real": (1, "4/5", "3/5", "2/5", "3/10", "1/5"),
}


def _loops(scale: Scale) -> tuple[Loop, ...]:
    return tuple(
        Loop(
            name,
            KnownShares(
                real=_LAW,
                cycle=cycles.custom(rows=list(map(_row, range(6), shares)), n=200),
                generations=6,
                replicates=scale.pick(4000, 40_000),
            ),
        )
        for name, shares in _ROWS.items()
    )


def _row(before: int, share: int | str) -> list[int | str]:
    """A share of real points, all others of the last model."""
    if before == 0:
        return [1]
    up, _, down = str(share).partition("/")
    return [share, *([0] * (before - 1)), f"{int(down) - int(up)}/{down}"]


CLAIM = Claim(
    name="known-shares",
    sentence=(
        "Where a known share of every batch is real and nothing is marked, the weighted estimate of"
        " ten letters has a mean TV of at most half the root of nine over the sum of n alpha^2."
    ),
    source="kanabar-gastpar-tv, proved in the catalogue",
    loops=_loops,
    statements=(BoundHolds("kanabar-gastpar-tv"),),
    controls=(Control.SCALED, Control.SIDE),
)
