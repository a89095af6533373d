"""The loop without samples: multinomial cell counts instead of points.

A kernel density estimate is linear in the empirical measure, and the counts of ``n`` independent
points in the cells of a grid are exactly multinomial, so a generation costs ``O(G log G)``
whatever ``n`` is. Counts sit at the cell centres; the mean of the estimate is put right by adding
the difference between the law and its own binned version, so that binning affects neither the mean
nor, to leading order, the covariance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from bounds.cycles import DataCycle, Protocol
from empirics.grid import Grid
from empirics.grid_laws import GridLaws, Record, Source
from empirics.smoothing import Smoother
from empirics.target_law import TargetLaw

__all__ = ["CountsLoop"]

Array = np.ndarray
_NEGLIGIBLE = 1e-16
"""Cells with less mass than this at both ends of the grid are never drawn."""


@dataclass
class CountsLoop:
    """A batch of replicates of one loop of kernel density estimates on one grid.

    Args:
        cycle: the data cycle.
        target: the real law on the grid.
        smoothers: the kernel of every generation.
        streams: one random generator per replicate.
    """

    cycle: DataCycle
    target: TargetLaw
    smoothers: Sequence[Smoother]
    streams: Sequence[np.random.Generator]
    grid: Grid = field(init=False)
    laws: GridLaws = field(init=False)
    _batches: dict[int, Array] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.grid = self.smoothers[0].grid
        self.laws = GridLaws(self.target, self.grid)

    def run(self) -> list[Record]:
        """All generations in turn."""
        rows = self.cycle.weight_matrix(len(self.smoothers))
        records = []
        for j, smoother in enumerate(self.smoothers, start=1):
            row = rows[j - 1, :j]
            source = self._source(row, int(self.cycle.size(j)))
            records.append(self.laws.learn(j, row, source, smoother))
            self.laws.forget(np.flatnonzero(rows[j:].any(axis=0)).tolist())
        return records

    def _source(self, row: Array, size: int) -> Source:
        """The training data of a generation, before its kernel."""
        fresh = self.cycle.data is Protocol.FRESH
        if fresh:
            binned = self._draw(self.laws.masses(row), size) / size
        elif self.cycle.data is Protocol.REUSED:
            binned = self._pool(row)
        elif self.cycle.data is Protocol.RESAMPLED:
            binned = self._draw(self._pool(row), size) / size
        else:
            binned = self._subsample(row, size) / size
        spectrum = self.laws.unbinned(row) + self.grid.transform(binned)
        return Source(spectrum, self._squared_weights(row, size), size if fresh else None)

    def _squared_weights(self, row: Array, size: int) -> float:
        if self.cycle.data is not Protocol.REUSED:
            return 1 / size
        used: list[int] = np.flatnonzero(row).tolist()
        return float(sum(row[k] ** 2 / self._batch_size(k) for k in used))

    def _pool(self, row: Array) -> Float[Array, "replicates *cells"]:
        """Weighted counts of the stored batches, each drawn when it is first needed."""
        used: list[int] = np.flatnonzero(row).tolist()
        for k in set(used) - set(self._batches):
            self._batches[k] = self._draw(self.laws.masses(np.eye(k + 1)[k]), self._batch_size(k))
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
        flat = np.broadcast_to(masses, (replicates, *self.grid.shape)).reshape(replicates, -1)
        occupied = np.flatnonzero(flat.max(axis=0) > _NEGLIGIBLE)
        cells = slice(occupied[0], occupied[-1] + 1)
        probabilities = flat[:, cells] / flat[:, cells].sum(axis=1, keepdims=True)
        counts = np.zeros(flat.shape)
        for r, generator in enumerate(self.streams):
            counts[r, cells] = generator.multinomial(size, probabilities[r])
        return counts.reshape(replicates, *self.grid.shape)
