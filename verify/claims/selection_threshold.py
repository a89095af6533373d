"""A share of fresh real data above 1 - 1/Lambda keeps selection in check, one below does not."""

from __future__ import annotations

from dataclasses import replace

from bounds import Side, cycles
from empirics.closed_form import Discrete
from empirics.operators import KeepTop, PerLetter
from verify.claim import Claim, Loop, Quantifier
from verify.controls import Control
from verify.scale import Scale
from verify.statements import Bounded

__all__ = ["CLAIM", "KEPT", "RARE", "selected"]

KEPT = 0.5
"""Share of the samples that is kept; the constant is 2, the threshold one half."""
RARE = 1e-4
"""Real mass of the letter that is kept first."""
_STEPS = 30
_GROUPS = {"above the threshold": (0.65, 0.8), "below the threshold": (0.2, 0.35)}


def selected(share: float, kept: float = KEPT, steps: int = _STEPS, runs: int = 200) -> Discrete:
    """Letters of which a rare one is selected, in a loop with a fresh real share."""
    return Discrete(
        real=(RARE, 1 - RARE),
        cycle=cycles.fresh_real(n=10**6, share=share),
        generations=steps,
        replicates=runs,
        between=KeepTop(kept, PerLetter((1.0, 0.0))),
    )


def _loops(scale: Scale) -> tuple[Loop, ...]:
    return tuple(
        Loop(group, replace(selected(share), replicates=scale.pick(2000, 20_000)), share, "share")
        for group, shares in _GROUPS.items()
        for share in shares
    )


CLAIM = Claim(
    name="selection-threshold",
    sentence=(
        "Where the best half of the samples is kept, a fresh real share above 1 - 1/Lambda = 1/2"
        " keeps the mean TV of generation 30 within a hundred times that of generation 1, and one"
        " below takes it a thousand times as far and more."
    ),
    source="operator-stability and operator-limit, proved in the catalogue",
    loops=_loops,
    statements=(
        Bounded(100.0, off=0.25, groups=("above the threshold",)),
        Bounded(1000.0, off=0.25, groups=("below the threshold",), side=Side.LOWER),
    ),
    quantifier=Quantifier.GROUPS,
    controls=(Control.SCALED, Control.SIDE),
)
