"""Loops that several claims share."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import bounds
from bounds import cycles
from bounds.cycles import DataCycle
from bounds.made_once import made_once
from empirics import Experiment
from empirics.targets import Target
from verify.claim import Loop
from verify.scale import Scale
from verify.settings import THREE_MODES, every_cycle, kde, sandwich
from verify.values import along

__all__ = ["PROTOCOLS", "controlled_loops", "line_loops", "loops_of", "transition_loops"]

_LAMBDA = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 320.0, 640.0)
"""Synthetic points per real point: 0 to 32 times generation 20."""
PROTOCOLS: dict[str, dict[str, Any]] = {
    "fresh, real start": {"data": "fresh", "real_start": True},
    "fresh, granted start": {"data": "fresh", "real_start": False},
    "reused": {"data": "reused", "real_start": True},
}
"""Real data fresh or reused; generation 1 on the n real points that exist or on (1 + lambda) n."""


def loops_of(experiments: Mapping[str, Experiment]) -> tuple[Loop, ...]:
    """A loop for each experiment, without a curve."""
    return tuple(Loop(name, experiment) for name, experiment in experiments.items())


def line_loops(scale: Scale) -> tuple[Loop, ...]:
    """Loops on the three-mode mixture, data fresh."""
    known = sandwich(scale)
    return loops_of({name: known[name] for name in every_cycle(1)})


def transition_loops(
    lengths: tuple[int, int], target: Target, constant: float, protocols: tuple[str, ...]
) -> tuple[Loop, ...]:
    """Loops over the grid of lambda, 500 real points; ``lengths``: generations and replicates."""
    grid = [lam for lam in _LAMBDA if lam <= 32 * lengths[0]]
    return tuple(
        Loop(
            protocol,
            kde(target, constant, _real_plus(lam, protocol), *lengths),
            lam,
            "lambda",
        )
        for protocol in protocols
        for lam in grid
    )


def _real_plus(lam: float, protocol: str) -> DataCycle:
    return cycles.real_plus_synthetic(n=500, lam=lam, **PROTOCOLS[protocol])


def controlled_loops(
    name: str,
    levels: Sequence[float],
    places: Sequence[float],
    cycle: Callable[[Any], DataCycle],
    generations: int,
) -> Callable[[Scale], tuple[Loop, ...]]:
    """Loops at the first of some places at which the recursion stays below each level.

    Args:
        name: under which the places are kept, which take a second of quadrature.
        levels: of mean TV.
        places: of more and more data; the recursion falls along them.
        cycle: the data cycle at a place.
        generations: of every loop.
    """

    def loop(place: float, replicates: int) -> Experiment:
        return kde(THREE_MODES, 0.55, cycle(place), generations, replicates)

    @cache
    def recursion(place: float) -> float:
        return float(along(bounds.get("kde-recursion"), loop(place, 2)).value.max())

    def enough() -> list[float]:
        found = [bisect_left(places, -v, key=lambda place: -recursion(place)) for v in levels]
        return [places[at] for at in found]

    def loops(scale: Scale) -> tuple[Loop, ...]:
        chosen, replicates = made_once(name, enough), scale.pick(400, 4000)
        return tuple(
            Loop("TV", loop(place, replicates), level, "level")
            for level, place in zip(levels, chosen, strict=True)
        )

    return loops
