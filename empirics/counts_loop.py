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

from bounds.cycles import DataCycle, Protocol
from empirics.counts import CellCounts
from empirics.grid import Grid
from empirics.grid_laws import GridLaws, Record, Source
from empirics.smoothing import Smoother
from empirics.target_law import TargetLaw

__all__ = ["CountsLoop"]

Array = np.ndarray


@dataclass
class CountsLoop:
    """A batch of replicates of one loop of kernel density estimates on one grid.

    Args:
        cycle: the data cycle.
        target: the real law on the grid.
        smoothers: the kernel of every generation.
        streams: one random generator per replicate.
        population: whether every model learns its mixture itself.
    """

    cycle: DataCycle
    target: TargetLaw
    smoothers: Sequence[Smoother]
    streams: Sequence[np.random.Generator]
    population: bool = False
    grid: Grid = field(init=False)
    laws: GridLaws = field(init=False)
    _counts: CellCounts = field(init=False)

    def __post_init__(self) -> None:
        self.grid = self.smoothers[0].grid
        self.laws = GridLaws(self.target, self.grid)
        self._counts = CellCounts(self.cycle, self.streams, self.grid.shape, self.laws.masses)

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
        if self.population:
            mixture = self.laws.spectrum(row)
            shape = (len(self.streams), *mixture.shape[-self.grid.dimension :])
            return Source(np.broadcast_to(mixture, shape), 0.0, None)
        spectrum = self.laws.unbinned(row) + self.grid.transform(self._counts.shares(row, size))
        fresh = size if self.cycle.data is Protocol.FRESH else None
        return Source(spectrum, self._squared_weights(row, size), fresh)

    def _squared_weights(self, row: Array, size: int) -> float:
        if self.cycle.data is not Protocol.REUSED:
            return 1 / size
        used: list[int] = np.flatnonzero(row).tolist()
        return float(sum(row[k] ** 2 / int(self.cycle.batch_size(k)) for k in used))
