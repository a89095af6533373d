"""Laws by the levels of a score: how much lies below each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

__all__ = ["Levels", "levels_of"]

Array = np.ndarray


@dataclass(frozen=True)
class Levels:
    """Shares of laws up to and below every distinct score, and the level of every cell."""

    up_to: Float[Array, "batch levels"]
    below: Float[Array, "batch levels"]
    level: Int[Array, "cells"]


def levels_of(masses: Float[Array, "batch cells"], scores: Float[Array, "cells"]) -> Levels:
    """Shares by level; cells of one score are of one level."""
    distinct, level = np.unique(scores, return_inverse=True)
    order = np.argsort(level, kind="stable")
    starts = np.searchsorted(level[order], np.arange(len(distinct)))
    at = np.add.reduceat(masses[:, order], starts, axis=1)
    up_to = at.cumsum(axis=1)
    total = up_to[:, -1:]
    below = np.concatenate([np.zeros_like(total), up_to[:, :-1]], axis=1)
    return Levels(up_to / total, below / total, level)
