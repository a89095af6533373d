"""Running experiments with diffusion models on the line."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from empirics.counts import CellCounts
from empirics.diffusion.line import LineTables, line_tables
from empirics.diffusion.line_grid import LineGrid
from empirics.diffusion.line_model import LineModel
from empirics.diffusion.loop import Learner, LineLoop
from empirics.diffusion.samplers import sampler_named
from empirics.errors import InputError, of_generation
from empirics.grid import Grid
from empirics.grid_laws import Record
from empirics.points_loop import PointsLoop
from empirics.target_law import target_law
from empirics.targets import Target, Univariate

if TYPE_CHECKING:
    from empirics.experiment import Experiment
    from empirics.models.diffusion import Diffusion

Array = np.ndarray

__all__ = ["DiffusionEngine", "LineEngine", "on_line"]


_BATCH = 32


def on_line(target: Target) -> Univariate:
    """The target, which must have exact masses on the line.

    Raises:
        InputError: it has none.
    """
    if not isinstance(target, Univariate):
        raise InputError(f"target {type(target).__name__}: has no exact masses on the line")
    return target


class LineEngine(ABC):
    """What runs an experiment with any score model in one dimension."""

    experiment: Experiment

    @property
    @abstractmethod
    def grid(self) -> LineGrid:
        """What the laws are measured with."""

    @abstractmethod
    def learner(self, streams: Sequence[np.random.Generator]) -> Learner:
        """What trains a batch of replicates with these random streams."""

    @abstractmethod
    def by_points(self, replicate: int) -> Iterator[Record]:
        """Training sets are points, drawn by steps of the sampler."""

    def batch(self) -> int:
        """Replicates that are run together."""
        return _BATCH

    def by_counts(self, replicates: range) -> list[Record]:
        """Training sets are multinomial counts on the cells, or the mixtures themselves."""
        e, loop = self.experiment, self.loop(len(replicates))
        streams = [e.stream(r) for r in replicates]
        counts, learner = self._counts(loop, streams), self.learner(streams)
        rows = e.cycle.weight_matrix(e.generations)
        records: list[Record] = []
        for j in range(1, e.generations + 1):
            row, size = rows[j - 1, :j], int(e.cycle.size(j))
            shares = None if e.sampling == "population" else counts.shares(row, size)
            with of_generation(j):
                models = learner.learn(loop.masses(row), loop.measure(row, shares), size)
            records.append(loop.record(j, row, models))
            loop.forget([0, *np.flatnonzero(rows[j:].any(axis=0)).tolist()])
        return records

    def loop(self, replicates: int) -> LineLoop:
        """The laws of a batch, before the first generation."""
        law = target_law(self.experiment.target, Grid((self.grid.axis,)))
        return LineLoop(law, replicates, grid=self.grid)

    def _counts(self, loop: LineLoop, streams: Sequence[np.random.Generator]) -> CellCounts:
        return CellCounts(self.experiment.cycle, streams, (self.grid.axis.cells,), loop.masses)


@dataclass(frozen=True, eq=False)
class DiffusionEngine(LineEngine):
    """What runs an experiment with a ``Diffusion`` model in one dimension."""

    experiment: Experiment
    model: Diffusion

    @cached_property
    def tables(self) -> LineTables:
        """What all models of the experiment share."""
        target, model = on_line(self.experiment.target), self.model
        return line_tables(
            target, model.preset, model.width, model.process, model.seed, model.accuracy
        )

    @property
    def grid(self) -> LineGrid:
        """The grid of the tables."""
        return self.tables.grid

    def learner(self, streams: Sequence[np.random.Generator]) -> LineModel:
        """Exact training, which draws nothing."""
        del streams
        return LineModel(self.tables, self.model.rule, sampler_named(self.model.sampler))

    def first_training_sets(self, replicates: range) -> tuple[Array, Array, Array]:
        """The target's cell masses, it as a training measure, and every replicate's sample."""
        e, loop, row = self.experiment, self.loop(len(replicates)), np.ones(1)
        counts = self._counts(loop, [e.stream(r) for r in replicates])
        shares = counts.shares(row, int(e.cycle.size(1)))
        law, samples = (loop.measure(row, s) @ self.tables.binning for s in (None, shares))
        return loop.masses(row)[0], law[0], samples

    def by_points(self, replicate: int) -> Iterator[Record]:
        """Training sets are points, drawn by steps of the sampler."""
        e, loop, model = self.experiment, self.loop(1), self.learner(())
        points = PointsLoop(e.target, model, e.cycle, e.stream(replicate))
        rows = e.cycle.weight_matrix(e.generations)
        for j in range(1, e.generations + 1):
            row, size = rows[j - 1, :j], int(e.cycle.size(j))
            weights = model.node_weights(points.advance().points)[None]
            with of_generation(j):
                models = model.learn_nodes(loop.masses(row), weights, size)
            yield loop.record(j, row, models)
