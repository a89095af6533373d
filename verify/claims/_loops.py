"""Loops that several claims share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bounds import cycles
from bounds.cycles import DataCycle
from empirics import Experiment
from empirics.targets import Target
from verify.claim import Loop
from verify.scale import Scale
from verify.settings import every_cycle, kde, sandwich

__all__ = ["PROTOCOLS", "line_loops", "loops_of", "transition_loops"]

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
