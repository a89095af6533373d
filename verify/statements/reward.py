"""The reward after a choice among draws, against what the choice is proved to bring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

import bounds
from bounds import Side, cycles
from empirics.runs import Runs
from verify.claim import Measured
from verify.estimates import Estimate, Term, log_contrast
from verify.statements.contrast import Contrast, ContrastStatement, grouped

__all__ = ["RewardRises"]

_RATIO = np.array([1.0, -1.0])
_ANY = cycles.full_synthetic(n=1)
"""Both means are of one generation, so that no cycle matters."""


@dataclass(frozen=True)
class RewardRises(ContrastStatement):
    """The mean reward of a generation is at least what ``curation-reward`` says of its data.

    Models on letters take on the mean of their data, which is that of its mixture: of the real law,
    and of earlier models past a choice among draws. So it holds of every data cycle whose points
    are drawn anew, generation by generation.

    Args:
        groups: loops that it is stated of, each with ``BestOf`` and its odds recorded as reward.
        off: relative distance from the truth of the scaled control.
    """

    groups: tuple[str, ...]
    off: float = 0.05

    statistic = "mean reward over the least that the choice brings"

    def contrasts(self, measured: Sequence[Measured]) -> list[Contrast]:
        """One per loop and generation from the second."""
        return [
            _contrast(m, j, self.off)
            for loops in grouped(measured, self.groups).values()
            for m in loops
            for j in range(2, m.runs.generations + 1)
        ]


def _contrast(m: Measured, j: int, off: float) -> Contrast:
    return Contrast(
        f"{m.loop.label}: reward", j, _estimate(m, j), 0.0, Side.LOWER, logarithmic=True, off=off
    )


def _estimate(m: Measured, j: int) -> Callable[[slice], Estimate]:
    reward = m.runs.recorded["reward"][:, j - 1]
    pair = Runs(cycle=_ANY, tv=np.stack([reward, _least(m, j)], axis=1))
    return lambda runs: log_contrast([Term(pair.only(runs), _RATIO)])


def _least(m: Measured, j: int) -> Float[np.ndarray, "runs"]:
    """The least reward of the mixture of generation ``j``, run by run."""
    row, recorded = m.runs.cycle.weights(j), m.runs.recorded
    found = float(row[0]) * recorded["reward_real"][:, 0]
    for k in range(1, j):
        operator = m.loop.spec.operator(k)  # type: ignore[union-attr]
        found = found + float(row[k]) * bounds.get("curation-reward").evaluate(
            reward_mean=recorded["reward"][:, k - 1],
            reward_variance=recorded["reward_variance"][:, k - 1],
            reward_supremum=m.loop.spec.record[0].score.supremum,  # type: ignore[union-attr]
            draws=operator.draws,
        )
    return np.asarray(found)
