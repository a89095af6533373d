"""Targets and loops that several claims share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bounds import cycles
from bounds.cycles import DataCycle
from empirics import Experiment, targets
from empirics.models import Diffusion, Kde, PowerRule, TrainedDiffusion
from empirics.targets import Target
from verify.claim import Loop, Scale

__all__ = [
    "FIVE",
    "LAMBDA",
    "PROTOCOLS",
    "RING",
    "STANDARD",
    "THREE_MODES",
    "diffusion",
    "every_cycle",
    "kde",
    "line_loops",
    "plane_loops",
    "transition_loops",
]

THREE_MODES = targets.gaussian_mixture([0.3, 0.4, 0.3], [-2.0, 0.0, 1.5], [0.5, 0.3, 0.6])
STANDARD = targets.gaussian_mixture([0.3, 0.4, 0.3], [-1.2, 0.0, 1.2], [0.32, 0.25, 0.32])
"""Three modes on the scale of the prior of a diffusion."""
FIVE = targets.gaussian_mixture(
    [1 / 5] * 5, [(1.1 * np.cos(a), 1.1 * np.sin(a)) for a in np.arange(5) * 2 * np.pi / 5], 0.3
)
"""Five modes in the plane, on that scale too."""
RING = targets.gaussian_mixture(
    [1 / 8] * 8, [(np.cos(a), np.sin(a)) for a in np.arange(8) * np.pi / 4], 0.2
)
LAMBDA = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 320.0, 640.0)
"""Synthetic points per real point: 0 to 32 times generation 20."""
PROTOCOLS: dict[str, dict[str, Any]] = {
    "fresh, real start": {"data": "fresh", "real_start": True},
    "fresh, granted start": {"data": "fresh", "real_start": False},
    "reused": {"data": "reused", "real_start": True},
}
"""Real data fresh or reused; generation 1 on the n real points that exist or on (1 + lambda) n."""


def kde(
    target: Target, constant: float, cycle: DataCycle, generations: int, replicates: int
) -> Experiment:
    """A loop of kernel density estimates with bandwidth ``constant * n^(-1/(d+4))``."""
    return Experiment(
        target=target,
        model=Kde(PowerRule(constant)),
        cycle=cycle,
        generations=generations,
        replicates=replicates,
    )


def diffusion(
    model: Diffusion | TrainedDiffusion,
    cycle: DataCycle,
    generations: int,
    replicates: int,
    target: Target = STANDARD,
) -> Experiment:
    """A loop of diffusion models, by default on the standard three-mode mixture."""
    return Experiment(
        target=target,
        model=model,
        cycle=cycle,
        generations=generations,
        replicates=replicates,
    )


def every_cycle(n: int) -> dict[str, DataCycle]:
    """One data cycle of every kind, data fresh."""
    return {
        "full synthetic": cycles.full_synthetic(n=n),
        "fresh real 30 %": cycles.fresh_real(n=n, share=0.3),
        "balanced": cycles.balanced(n=n),
        "accumulating": cycles.accumulating(n=n),
        "real + 4 x synthetic": cycles.real_plus_synthetic(n=n, lam=4),
    }


def line_loops(scale: Scale, cycles: Mapping[str, DataCycle]) -> tuple[Loop, ...]:
    """Loops on the three-mode mixture."""
    steps, runs = scale.pick((6, 1000), (20, 4000))
    return tuple(
        Loop(name, kde(THREE_MODES, 0.55, cycle, steps, runs)) for name, cycle in cycles.items()
    )


def plane_loops(scale: Scale, cycles: Mapping[str, DataCycle]) -> tuple[Loop, ...]:
    """Loops on the ring of eight modes."""
    steps, runs = scale.pick((3, 180), (10, 512))
    return tuple(
        Loop(f"2-D, {name}", kde(RING, 0.45, cycle, steps, runs)) for name, cycle in cycles.items()
    )


def transition_loops(
    lengths: tuple[int, int], target: Target, constant: float, protocols: tuple[str, ...]
) -> tuple[Loop, ...]:
    """Loops over the grid of lambda, 500 real points; ``lengths``: generations and replicates."""
    generations, runs = lengths
    grid = [lam for lam in LAMBDA if lam <= 32 * generations]
    return tuple(
        Loop(
            protocol,
            kde(
                target,
                constant,
                cycles.real_plus_synthetic(n=500, lam=lam, **PROTOCOLS[protocol]),
                generations,
                runs,
            ),
            lam,
            "lambda",
        )
        for protocol in protocols
        for lam in grid
    )
