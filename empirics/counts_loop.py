"""The loop without samples: multinomial cell counts instead of points.

A kernel density estimate is linear in the empirical measure, and the counts of ``n`` independent
points in the cells of a grid are exactly multinomial, so a generation costs ``O(G log G)``
whatever ``n`` is. Counts sit at the cell centres; the mean of the estimate is put right by adding
the difference between the law and its own binned version, so that binning affects neither the mean
nor, to leading order, the covariance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex

from bounds.cycles import DataCycle
from empirics.counts import CellCounts
from empirics.grid_laws import GridLaws, Record
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

    def run(self) -> list[Record]:
        """All generations in turn."""
        self.grid = self.smoothers[0].grid
        self.laws = GridLaws(self.target, self.grid)
        self._counts = CellCounts(self.cycle, self.streams, self.grid.shape, self.laws.masses)
        rows = self.cycle.weight_matrix(len(self.smoothers))
        records = []
        for j, smoother in enumerate(self.smoothers, start=1):
            row, size = rows[j - 1, :j], int(self.cycle.size(j))
            source = self._source(row, size)
            records.append(self.laws.learn(j, row, source, smoother, size))
            self.laws.forget(np.flatnonzero(rows[j:].any(axis=0)).tolist())
        return records

    def _source(self, row: Array, size: int) -> Complex[Array, "..."]:
        """Spectrum of the training data."""
        if self.population:
            mixture = self.laws.spectrum(row)
            return np.broadcast_to(
                mixture, (len(self.streams), *mixture.shape[-self.grid.dimension :])
            )
        return self.laws.unbinned(row) + self.grid.transform(self._counts.shares(row, size))
