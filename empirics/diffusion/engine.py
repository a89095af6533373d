"""Running an experiment with a ``Diffusion`` model on the line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from empirics.counts import CellCounts
from empirics.diffusion.line import LineTables, line_tables
from empirics.diffusion.line_model import LineModel
from empirics.diffusion.loop import LineLoop
from empirics.diffusion.samplers import sampler_named
from empirics.errors import InputError
from empirics.grid import Grid
from empirics.grid_laws import Record
from empirics.points_loop import PointsLoop
from empirics.target_law import target_law
from empirics.targets import Univariate

if TYPE_CHECKING:
    from empirics.experiment import Experiment
    from empirics.models.diffusion import Diffusion

Array = np.ndarray

__all__ = ["DiffusionEngine"]


_BATCH = 32


@dataclass(frozen=True, eq=False)
class DiffusionEngine:
    """What runs an experiment with a ``Diffusion`` model in one dimension."""

    experiment: Experiment
    model: Diffusion

    @cached_property
    def tables(self) -> LineTables:
        """What all models of the experiment share."""
        target, model = self.experiment.target, self.model
        if not isinstance(target, Univariate):
            raise InputError(f"target {type(target).__name__}: has no exact masses on the line")
        return line_tables(
            target, model.preset, model.width, model.process, model.seed, model.accuracy
        )

    def _loop(self, replicates: int) -> LineLoop:
        law = target_law(self.experiment.target, Grid((self.tables.axis,)))
        sampler = sampler_named(self.model.sampler)
        return LineLoop(self.tables, law, self.model.rule, sampler, replicates)

    def batch(self) -> int:
        """Replicates that are run together."""
        return _BATCH

    def by_counts(self, replicates: range) -> list[Record]:
        """Training sets are multinomial counts on the cells, or the mixtures themselves."""
        e, loop = self.experiment, self._loop(len(replicates))
        streams = [e.stream(r) for r in replicates]
        counts = CellCounts(e.cycle, streams, (self.tables.axis.cells,), loop.masses)
        rows = e.cycle.weight_matrix(e.generations)
        records: list[Record] = []
        for j in range(1, e.generations + 1):
            row, size = rows[j - 1, :j], int(e.cycle.size(j))
            shares = None if e.sampling == "population" else counts.shares(row, size)
            records.append(loop.learn(j, row, loop.node_weights(row, shares), size))
            loop.forget([0, *np.flatnonzero(rows[j:].any(axis=0)).tolist()])
        return records

    def first_training_sets(self, replicates: range) -> tuple[Array, Array, Array]:
        """The target's cell masses, it as a training measure, and every replicate's sample."""
        e, loop, row = self.experiment, self._loop(len(replicates)), np.ones(1)
        streams = [e.stream(r) for r in replicates]
        counts = CellCounts(e.cycle, streams, (self.tables.axis.cells,), loop.masses)
        shares = counts.shares(row, int(e.cycle.size(1)))
        law = loop.node_weights(row, None)[0]
        return loop.masses(row)[0], law, loop.node_weights(row, shares)

    def by_points(self, replicate: int) -> Iterator[Record]:
        """Training sets are points, drawn by steps of the sampler."""
        e, loop = self.experiment, self._loop(1)
        tables = self.tables
        bound = LineModel(tables, self.model.rule, sampler_named(self.model.sampler))
        points = PointsLoop(e.target, bound, e.cycle, e.stream(replicate))
        rows = e.cycle.weight_matrix(e.generations)
        for j in range(1, e.generations + 1):
            size = int(e.cycle.size(j))
            training = points.advance()
            weights = bound.node_weights(training.points)[None]
            yield loop.learn(j, rows[j - 1, :j], weights, size)
