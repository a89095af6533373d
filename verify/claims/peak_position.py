"""The end of the ascent, against the peak of the bound."""

from __future__ import annotations

import bounds.theorems.phase_transition as granted
import bounds.theorems.phase_transition_real_start as real_start
from verify.claim import Claim, Loop, Quantifier
from verify.claims.rise_and_fall import curves
from verify.controls import Control
from verify.statements import PeakAt

__all__ = ["CLAIM"]

_GAMMA = 0.4
"""Rate exponent of a kernel density estimate on the line, 2/(d+4)."""


def _predicted(loop: Loop, generation: int) -> float | None:
    theorem = granted if "granted" in loop.group else real_start
    return theorem.peak(generation, _GAMMA)


CLAIM = Claim(
    name="peak-position",
    sentence=(
        "The amount of synthetic data at which mean TV is largest is within a factor 1.6 of where"
        " the bound has its peak, at generation 10 (at paper scale 20 too) and under every"
        " protocol."
    ),
    source="the peak of phase-transition in the catalogue; measured",
    loops=curves,
    statements=(PeakAt(_predicted, 1.6, (10, 20)),),
    quantifier=Quantifier.GROUPS,
    controls=(Control.SCALED,),
)
