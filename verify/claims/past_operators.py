"""Loops whose samples pass an operator stay under the recursion with its proved constant."""

from __future__ import annotations

from typing import Any

from bounds import cycles
from bounds.cycles import DataCycle
from bounds.cycles.accumulating_with_share import AccumulatingWithShare
from bounds.cycles.weighted_real import WeightedReal
from empirics.closed_form import Discrete, GaussianMean
from empirics.operators import (
    BestOf,
    Composed,
    Exponential,
    KeepTop,
    MatrixChannel,
    Noise,
    PerLetter,
    Tilt,
    Toward,
)
from verify.claim import Claim, Loop, Quantifier
from verify.claims._loops import loops_of
from verify.controls import Control
from verify.scale import Scale
from verify.settings import every_cycle, past_operators
from verify.statements import BoundHolds

__all__ = ["CLAIM"]

_N = 1000
_LAW = (0.4, 0.3, 0.2, 0.1)
_SCORES = PerLetter((0.0, 0.5, 1.0, 2.0))
_MATRIX = MatrixChannel(
    ((0.7, 0.1, 0.1, 0.1), (0.1, 0.7, 0.1, 0.1), (0.1, 0.1, 0.7, 0.1), (0.1, 0.1, 0.1, 0.7))
)
_LETTERS = {
    "matrix": _MATRIX,
    "curation": BestOf(2, _SCORES, "bradley-terry"),
    "matrix, then best 80 %": Composed((_MATRIX, KeepTop(0.8, _SCORES))),
}
_NORMAL = {"noise, then tilt": Composed((Noise(0.2), Tilt(Exponential(Toward(0.5, 2.0)))))}


def _cycles() -> dict[str, DataCycle]:
    """One of every kind, and one of every protocol."""
    return {
        **every_cycle(_N),
        "accumulating, 30 % real": AccumulatingWithShare(n=_N, share="3/10"),
        "weighted real": WeightedReal(n=_N, share="3/10", lam=1),
        "30 %, reused": cycles.fresh_real(n=_N, share=0.3, data="reused"),
    }


def _loops(scale: Scale) -> tuple[Loop, ...]:
    letters: dict[str, Any] = {"real": _LAW, "replicates": scale.pick(100, 2000)}
    normal: dict[str, Any] = {"one_step": True, "replicates": scale.pick(50, 500)}
    how = {"generations": scale.pick(3, 8)}
    closed = (
        Loop(f"{words} {name}, {cycle}", make(cycle=kind, between=operator, **given, **how))
        for cycle, kind in _cycles().items()
        for words, make, given, operators in (
            ("letters:", Discrete, letters, _LETTERS),
            ("normal mean:", GaussianMean, normal, _NORMAL),
        )
        for name, operator in operators.items()
    )
    return (*loops_of(past_operators(scale)), *closed)


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
