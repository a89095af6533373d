"""Targets and experiments that claims and figures share.

An experiment has one seed wherever it is used (:func:`seeded`), so that it is one cell of a store,
computed once.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from bounds import cycles
from bounds.cycles import DataCycle
from empirics import Experiment, Numerics, targets
from empirics.models import Diffusion, Kde, PowerRule, PowerTime, TrainedDiffusion
from empirics.operators import (
    BestOf,
    Exponential,
    KeepTop,
    Mixed,
    Noise,
    Rounding,
    Shrinking,
    Tilt,
    Toward,
)
from empirics.quantities.hallucinated import Hallucinated
from empirics.targets import Target
from verify.scale import Scale

__all__ = [
    "FIVE",
    "LEVEL",
    "OPERATORS",
    "RING",
    "STANDARD",
    "THREE_MODES",
    "apart_loops",
    "diffusion",
    "every_cycle",
    "hallucinating",
    "kde",
    "past_operators",
    "sandwich",
    "seeded",
]

_Loop = TypeVar("_Loop")

THREE_MODES = targets.gaussian_mixture([0.3, 0.4, 0.3], [-2.0, 0.0, 1.5], [0.5, 0.3, 0.6])
STANDARD = targets.GaussianMixture((0.3, 0.4, 0.3), (-1.2, 0.0, 1.2), (0.32, 0.25, 0.32))
"""Three modes on the scale of the prior of a diffusion."""
FIVE = targets.gaussian_mixture(
    [1 / 5] * 5, [(1.1 * np.cos(a), 1.1 * np.sin(a)) for a in np.arange(5) * 2 * np.pi / 5], 0.3
)
"""Five modes in the plane, on that scale too."""
RING = targets.gaussian_mixture(
    [1 / 8] * 8, [(np.cos(a), np.sin(a)) for a in np.arange(8) * np.pi / 4], 0.2
)
_APART = targets.GaussianMixture((0.3, 0.4, 0.3), (-1.2, 0.0, 1.2), (0.12, 0.12, 0.12))
"""Three modes with next to nothing between them."""
LEVEL = 0.01
"""Density below which real data counts as scarce."""
_SHARE: dict[str, Any] = {"n": 1000, "share": 0.3}
_PLANE: dict[str, Any] = {"n": 4000, "share": 0.3}


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
    sampling: str | None = None,
    record: tuple[str, ...] = (),
) -> Experiment:
    """A loop of diffusion models, by default on the standard three-mode mixture."""
    return Experiment(
        target=target,
        model=model,
        cycle=cycle,
        generations=generations,
        replicates=replicates,
        numerics=Numerics(sampling=sampling),
        record=record,
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


OPERATORS = {
    "noise": Noise(0.2),
    "shrinking": Shrinking(0.8, 0.0),
    "tilt": Tilt(Exponential(Toward(0.5, 2.0))),
    "best of two": Mixed(BestOf(2, Toward(0.5)), 0.5),
    "best 80 %": KeepTop(0.8, Toward(0.0)),
}
"""One operator of every kind, weak enough for its bound to say something for a few generations."""


def past_operators(scale: Scale) -> dict[str, Experiment]:
    """Every operator in every cycle."""
    operators = {**OPERATORS, "rounding": Rounding(0.3)}
    steps, runs = scale.pick((3, 60), (8, 1000))
    return {
        f"{name}, {words}": replace(kde(THREE_MODES, 0.55, cycle, steps, runs), between=operator)
        for words, cycle in every_cycle(1000).items()
        for name, operator in operators.items()
    }


def sandwich(scale: Scale) -> dict[str, Experiment]:
    """Every cycle on the line, and one with reused or resampled data, on the line and the plane."""
    line = every_cycle(1000) | {
        "30 %, reused": cycles.fresh_real(**_SHARE, data="reused"),
        "30 %, resampled": cycles.fresh_real(**_SHARE, data="resampled"),
        "accumulating, reused": cycles.accumulating(n=1000, data="reused"),
    }
    plane = {
        "30 %": cycles.fresh_real(**_PLANE),
        "30 %, reused": cycles.fresh_real(**_PLANE, data="reused"),
        "30 %, resampled": cycles.fresh_real(**_PLANE, data="resampled"),
    }
    steps, runs = scale.pick((6, 1000), (20, 4000))
    on_line = {name: kde(THREE_MODES, 0.55, cycle, steps, runs) for name, cycle in line.items()}
    steps, runs = scale.pick((3, 180), (10, 512))
    in_plane = {f"2-D, {name}": kde(RING, 0.45, c, steps, runs) for name, c in plane.items()}
    return on_line | in_plane


def hallucinating(scale: Scale) -> dict[str, Experiment]:
    """Loops on modes far apart that record their mass where real data is scarce."""
    quick, paper = (64, (5, 32), (8, 200)), (256, (12, 64), (12, 2000))
    return apart_loops(1000, *scale.pick(quick, paper))


def apart_loops(
    n: int, width: int, diffusion_runs: tuple[int, int], kde_runs: tuple[int, int]
) -> dict[str, Experiment]:
    """Loops on modes far apart, of ``n`` points; pairs are generations and replicates."""
    some = {
        "full synthetic": cycles.full_synthetic(n=n),
        "fresh real 30 %": cycles.fresh_real(n=n, share=0.3),
        "accumulating": cycles.accumulating(n=n),
    }
    found = {}
    for name, cycle in some.items():
        model = Diffusion(width=width, training_time=PowerTime(1.0, 1.1))
        found[f"diffusion, {name}"] = diffusion(model, cycle, *diffusion_runs, _APART)
        found[f"kde, {name}"] = kde(_APART, 0.25, cycle, *kde_runs)
    record = (Hallucinated(LEVEL),)
    return {name: replace(loop, record=record) for name, loop in found.items()}


def seeded(loop: _Loop, seed: int = 0) -> _Loop:
    """The loop with a seed of its own, whatever else is run.

    Args:
        loop: an experiment, or a closed-form loop.
        seed: of all randomness.
    """
    text = f"{seed} {replace(loop, seed=0)!r}"  # type: ignore[type-var]
    own = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return replace(loop, seed=own)  # type: ignore[type-var]
