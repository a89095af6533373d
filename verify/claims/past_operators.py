"""Loops whose samples pass an operator stay under the recursion with its proved constant."""

from __future__ import annotations

from bounds import cycles
from empirics.closed_form import Discrete
from empirics.operators import BestOf, KeepTop, MatrixChannel, PerLetter
from verify.claim import Claim, Loop, Quantifier
from verify.claims._loops import loops_of
from verify.controls import Control
from verify.scale import Scale
from verify.settings import past_operators
from verify.statements import BoundHolds

__all__ = ["CLAIM"]

_LAW = (0.4, 0.3, 0.2, 0.1)
_SCORES = PerLetter((0.0, 0.5, 1.0, 2.0))
_ROWS = ((0.7, 0.1, 0.1, 0.1), (0.1, 0.7, 0.1, 0.1), (0.1, 0.1, 0.7, 0.1), (0.1, 0.1, 0.1, 0.7))
_LETTERS = {
    "letters, matrix": MatrixChannel(_ROWS),
    "letters, curation": BestOf(2, _SCORES, "bradley-terry"),
    "letters, best 80 %": KeepTop(0.8, _SCORES),
}


def _loops(scale: Scale) -> tuple[Loop, ...]:
    letters = tuple(
        Loop(
            name,
            Discrete(
                real=_LAW,
                cycle=cycles.fresh_real(n=1000, share=0.3),
                generations=8,
                replicates=scale.pick(200, 2000),
                between=operator,
            ),
        )
        for name, operator in _LETTERS.items()
    )
    return (*loops_of(past_operators(scale)), *letters)


CLAIM = Claim(
    name="past-operators",
    sentence=(
        "Whatever operator the samples pass - noise, biased sampling, a tilt, a choice among draws,"
        " the best share -, every run of every data cycle stays under the recursion that counts the"
        " operator's constant and bias."
    ),
    source="operator-recursion and the operators' constants, proved in the catalogue",
    loops=_loops,
    statements=(BoundHolds("operator-recursion"),),
    quantifier=Quantifier.RUNS,
    controls=(Control.SCALED, Control.GENERATION, Control.SIDE),
)
