"""Training data as counts of points in the cells of a grid, for every protocol of a data cycle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from bounds.cycles import DataCycle, Protocol

__all__ = ["CellCounts"]

Array = np.ndarray
_NEGLIGIBLE = 1e-16
"""Cells with less mass than this at both ends of the grid are never drawn."""


@dataclass
class CellCounts:
    """The draws of a batch of replicates of one loop.

    Args:
        cycle: the data cycle.
        streams: one random generator per replicate.
        shape: cells along each axis.
        masses: cell masses of the mixture with a given row of weights.
    """

    cycle: DataCycle
    streams: Sequence[np.random.Generator]
    shape: tuple[int, ...]
    masses: Callable[[Array], Array]
    _batches: dict[int, Array] = field(default_factory=dict, init=False)

    def shares(self, row: Array, size: int) -> Float[Array, "replicates *cells"]:
        """Share of the training points in every cell."""
        if self.cycle.data is Protocol.FRESH:
            return self._draw(self.masses(row), size) / size
        if self.cycle.data is Protocol.REUSED:
            return self._pool(row)
        if self.cycle.data is Protocol.RESAMPLED:
            return self._draw(self._pool(row), size) / size
        return self._subsample(row, size) / size

    def _pool(self, row: Array) -> Float[Array, "replicates *cells"]:
        """Weighted counts of the stored batches, each drawn when it is first needed."""
        used: list[int] = np.flatnonzero(row).tolist()
        for k in set(used) - set(self._batches):
            self._batches[k] = self._draw(self.masses(np.eye(k + 1)[k]), self._batch_size(k))
        return np.sum([row[k] / self._batch_size(k) * self._batches[k] for k in used], axis=0)

    def _batch_size(self, k: int) -> int:
        return int(self.cycle.batch_size(k))

    def _subsample(self, row: Array, size: int) -> Float[Array, "replicates *cells"]:
        """Counts of ``size`` points of the pool without replacement."""
        total = sum(self._batch_size(k) for k in np.flatnonzero(row).tolist())
        counts = np.rint(self._pool(row) * total).astype(int)
        drawn = [
            generator.multivariate_hypergeometric(c.ravel(), size, method="marginals")
            for generator, c in zip(self.streams, counts, strict=True)
        ]
        return np.reshape(drawn, counts.shape).astype(float)

    def _draw(self, masses: Array, size: int) -> Float[Array, "replicates *cells"]:
        """Multinomial counts of ``size`` points, each replicate from its own stream."""
        replicates = len(self.streams)
        flat = np.broadcast_to(masses, (replicates, *self.shape)).reshape(replicates, -1)
        occupied = np.flatnonzero(flat.max(axis=0) > _NEGLIGIBLE)
        cells = slice(occupied[0], occupied[-1] + 1)
        probabilities = flat[:, cells] / flat[:, cells].sum(axis=1, keepdims=True)
        counts = np.zeros(flat.shape)
        for r, generator in enumerate(self.streams):
            counts[r, cells] = generator.multinomial(size, probabilities[r])
        return counts.reshape(replicates, *self.shape)
