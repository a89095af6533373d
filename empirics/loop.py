"""The loop: each generation draws its training data, learns, and is measured.

A data cycle says what every model is trained on; a family of models says how it learns and how its
law is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Protocol, TypeVar

import numpy as np

from bounds.cycles import DataCycle
from empirics.errors import of_generation
from empirics.pool import Draws, Pool, Training

__all__ = ["Family", "generations"]

Array = np.ndarray
Data = TypeVar("Data")
Measured = TypeVar("Measured", covariant=True)


class Family(Protocol[Data, Measured]):
    """Models of one kind in a loop: law 0 is the real one, law ``j`` that of model ``j``."""

    def learn(self, j: int, row: Array, training: Training[Data]) -> Measured:
        """Train model ``j``, keep its law, and measure it.

        Args:
            j: number of the model, from 1.
            row: its mixing weights over laws ``0..j-1``.
            training: its training data.
        """

    def forget(self, needed: Collection[int]) -> None:
        """Drop every law that no later generation needs."""


def generations(
    cycle: DataCycle,
    count: int,
    family: Family[Data, Measured],
    draws: Draws[Data] | None,
    seen: Callable[[int], object] | None = None,
) -> Iterator[Measured]:
    """Train and measure models ``1..count`` in turn.

    Args:
        cycle: the data cycle.
        count: number of models.
        family: what learns and is measured.
        draws: how training data is drawn; ``None`` if every model learns its mixture itself.
        seen: called with the number of each model, before laws are forgotten.

    Raises:
        InputError: a model cannot be trained or measured; it names the generation.
    """
    rows = cycle.weight_matrix(count)
    pool = None if draws is None else Pool(cycle, draws)
    for j in range(1, count + 1):
        row, size = rows[j - 1, :j], int(cycle.size(j))
        training = Training(None, size) if pool is None else pool.training(row, size)
        with of_generation(j):
            measured = family.learn(j, row, training)
        if seen is not None:
            seen(j)
        yield measured
        family.forget(np.flatnonzero(rows[j:].any(axis=0)).tolist())
