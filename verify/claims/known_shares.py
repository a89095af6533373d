"""A point of a batch of known real share counts for the square of that share."""

from __future__ import annotations

from fractions import Fraction
from itertools import count

from bounds import cycles
from empirics.closed_form import KnownShares
from verify.claim import Claim, Loop
from verify.controls import Control
from verify.scale import Scale
from verify.statements import BoundHolds

__all__ = ["CLAIM"]

_LAW = (0.1,) * 10
_SHARES = {
    "half of it real": (Fraction(1, 2),) * 5,
    "ever less of it real": tuple(Fraction(share, 10) for share in (8, 6, 4, 3, 2)),
}


def _loops(scale: Scale) -> tuple[Loop, ...]:
    return tuple(
        Loop(
            name,
            KnownShares(
                real=_LAW,
                cycle=cycles.custom(rows=[[1], *map(_row, count(1), shares)], n=200),
                generations=6,
                replicates=scale.pick(4000, 40_000),
            ),
        )
        for name, shares in _SHARES.items()
    )


def _row(models: int, share: Fraction) -> list[str]:
    """A share of real points, all others of the last of so many models."""
    return [str(share), *["0"] * (models - 1), str(1 - share)]


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
