"""Running an experiment with a ``Diffusion`` model in the plane."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from empirics.counts import CellCounts
from empirics.diffusion.plane_loop import PlaneLoop
from empirics.diffusion.plane_model import PlaneModel
from empirics.diffusion.plane_tables import PlaneTables, plane_tables
from empirics.diffusion.samplers import sampler_named
from empirics.grid_laws import Record
from empirics.points_loop import PointsLoop
from empirics.target_law import target_law

if TYPE_CHECKING:
    from empirics.experiment import Experiment
    from empirics.models.diffusion import Diffusion

__all__ = ["PlaneEngine"]

_BATCH = 8


@dataclass(frozen=True, eq=False)
class PlaneEngine:
    """What runs an experiment with a ``Diffusion`` model in two dimensions."""

    experiment: Experiment
    model: Diffusion

    @cached_property
    def tables(self) -> PlaneTables:
        """What all models of the experiment share."""
        m = self.model
        return plane_tables(
            self.experiment.target, m.preset, m.width, m.process, m.seed, m.accuracy.plane
        )

    def batch(self) -> int:
        """Replicates that are run together."""
        return _BATCH

    def by_counts(self, replicates: range) -> list[Record]:
        """Training sets are multinomial counts on the cells, or the mixtures themselves."""
        e, loop = self.experiment, self._loop(len(replicates))
        streams = [e.stream(r) for r in replicates]
        counts = CellCounts(e.cycle, streams, self.tables.grid.shape, loop.masses)
        rows = e.cycle.weight_matrix(e.generations)
        records: list[Record] = []
        for j in range(1, e.generations + 1):
            row, size = rows[j - 1, :j], int(e.cycle.size(j))
            shares = None if e.sampling == "population" else counts.shares(row, size)
            records.append(loop.learn(j, row, loop.weights(row, shares), size))
            loop.forget([0, *np.flatnonzero(rows[j:].any(axis=0)).tolist()])
        return records

    def by_points(self, replicate: int) -> Iterator[Record]:
        """Training sets are points, drawn by steps of the sampler."""
        e, loop = self.experiment, self._loop(1)
        bound = PlaneModel(self.tables, self.model.rule, sampler_named(self.model.sampler))
        points = PointsLoop(e.target, bound, e.cycle, e.stream(replicate))
        rows = e.cycle.weight_matrix(e.generations)
        for j in range(1, e.generations + 1):
            size = int(e.cycle.size(j))
            weights = bound.weights(points.advance().points)[None]
            yield loop.learn(j, rows[j - 1, :j], weights, size)

    def _loop(self, replicates: int) -> PlaneLoop:
        law = target_law(self.experiment.target, self.tables.grid)
        sampler = sampler_named(self.model.sampler)
        return PlaneLoop(law, replicates, tables=self.tables, rule=self.model.rule, sampler=sampler)
