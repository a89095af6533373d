"""Curation by preferences moves a loop away from the real law, towards the reward."""

from __future__ import annotations

from bounds import Side, cycles
from empirics.closed_form import Discrete
from empirics.operators import BestOf, PerLetter
from verify.claim import Claim, Loop, Quantifier
from verify.controls import Control
from verify.scale import Scale
from verify.statements import Bounded

__all__ = ["CLAIM"]

_LAW = (0.2, 0.8)
_REWARD = PerLetter((1.0, 0.0))
"""On two letters TV is what the better one has gained, so reward and distance are one number."""


def _loops(scale: Scale) -> tuple[Loop, ...]:
    data = {
        "curated, full synthetic": (
            cycles.full_synthetic(n=2000),
            BestOf(4, _REWARD, "bradley-terry"),
        ),
        "curated, fresh real 30 %": (
            cycles.fresh_real(n=2000, share=0.3),
            BestOf(4, _REWARD, "bradley-terry"),
        ),
        "plain": (cycles.fresh_real(n=2000, share=0.3), None),
    }
    return tuple(
        Loop(
            group,
            Discrete(
                real=_LAW,
                cycle=cycle,
                generations=10,
                replicates=scale.pick(4000, 40_000),
                between=between,
            ),
        )
        for group, (cycle, between) in data.items()
    )


CLAIM = Claim(
    name="curation",
    sentence=(
        "Curation by preferences (one of four draws, by Bradley and Terry's odds) raises the reward"
        " and moves mean TV away from the real law, ten times as far in ten generations as in the"
        " first and more; a loop of plain samples with the same real share stays within twice its"
        " first."
    ),
    source="curation-reward, proved in the catalogue; measured",
    loops=_loops,
    statements=(
        Bounded(
            10.0,
            off=0.25,
            groups=("curated, full synthetic", "curated, fresh real 30 %"),
            side=Side.LOWER,
        ),
        Bounded(2.0, off=0.25, groups=("plain",)),
    ),
    quantifier=Quantifier.GROUPS,
    controls=(Control.SCALED, Control.SIDE),
)
