"""Loops of kernel density estimates on a grid: by cell counts, or by points measured there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bounds.cycles import Protocol
from empirics.binning import empirical_spectrum
from empirics.counts_loop import CountsLoop
from empirics.experiment import Experiment, Sampling
from empirics.grid import Grid
from empirics.grid_laws import GridLaws, Record, Source
from empirics.points_loop import PointsLoop, TrainingSet
from empirics.smoothing import Smoother
from empirics.target_law import target_law

__all__ = ["KdeEngine"]

_BATCH_NUMBERS = 2**16
"""Grid values of one law held by a batch of replicates: half a megabyte, which a cache holds."""


@dataclass(frozen=True, eq=False)
class KdeEngine:
    """What runs an experiment with a ``Kde`` model in one or two dimensions."""

    experiment: Experiment

    @cached_property
    def _smoothers(self) -> list[Smoother]:
        return self.experiment.smoothers()

    def batch(self) -> int:
        """Replicates that are run together."""
        return max(1, _BATCH_NUMBERS // int(np.prod(self._smoothers[0].grid.shape)))

    def by_counts(self, replicates: range) -> list[Record]:
        """Run replicates by cell counts."""
        law = target_law(self.experiment.target, self._smoothers[0].grid)
        streams = [self.experiment.stream(r) for r in replicates]
        everything = self.experiment.sampling is Sampling.POPULATION
        return CountsLoop(self.experiment.cycle, law, self._smoothers, streams, everything).run()

    def by_points(self, replicate: int) -> Iterator[Record]:
        """Run one replicate with points and measure its models on the grid."""
        e = self.experiment
        loop = PointsLoop(e.target, e.model, e.cycle, e.stream(replicate))
        grid = self._smoothers[0].grid
        laws = GridLaws(target_law(e.target, grid), grid)
        rows = e.cycle.weight_matrix(e.generations)
        for j, smoother in enumerate(self._smoothers, start=1):
            training = loop.advance()
            source = _source(training, grid, e.cycle.data is Protocol.FRESH)
            yield laws.learn(j, rows[j - 1, :j], source, smoother)


def _source(training: TrainingSet, grid: Grid, fresh: bool) -> Source:
    weights = training.weights
    return Source(
        empirical_spectrum(training.points, weights, grid)[None],
        1 / len(training.points) if weights is None else float((weights**2).sum()),
        training.size if fresh else None,
        from_points=True,
    )
