"""Loops of score models whose laws live on cells: on the line and in the plane."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Protocol

import numpy as np
from jaxtyping import Float

from empirics.diffusion.cell_laws import CellLaws, Trained
from empirics.diffusion.line_laws import LineLaws
from empirics.diffusion.line_model import LineModel, LineTables, line_tables
from empirics.diffusion.model import Diffusion
from empirics.diffusion.plane_model import PlaneLaws, PlaneModel, PlaneTables, plane_tables
from empirics.diffusion.process import sampler_named
from empirics.errors import InputError
from empirics.experiment import Experiment, Sampling
from empirics.grid import Grid
from empirics.loop import (
    CellDraws,
    KeptLaws,
    PointDraws,
    Training,
    TrainingSet,
    generations,
    keeping,
)
from empirics.points_engine import fit
from empirics.protocols import FittedModel
from empirics.quantities import RealLaw, Record, Recorder
from empirics.target_law import TargetLaw, target_law
from empirics.targets import Target, Univariate

__all__ = ["CellEngine", "FrozenEngine", "Learner", "on_line", "tables_of"]

Array = np.ndarray
_BATCH = {1: 32, 2: 8}
"""Replicates that are run together, by dimension."""


class Learner(Protocol):
    """A trainer of the models of a generation, one per replicate."""

    def learn(
        self, mixture: Float[Array, "batch ..."], measure: Float[Array, "batch ..."], size: int
    ) -> Trained:
        """Train every replicate's model.

        Args:
            mixture: cell masses of the law that each is to learn.
            measure: the training data, at the cells' centres; entries may be negative, where the
                mean was put right.
            size: number of training points.
        """

    def learn_points(
        self, mixture: Float[Array, "batch ..."], training: TrainingSet, law: FittedModel
    ) -> Trained:
        """The generated law and the score error of ``law``, which was fitted to points."""

    def fit(self, samples: Float[Array, "size ..."], generator: np.random.Generator) -> FittedModel:
        """Train on points, for a law that can be sampled."""


class CellEngine(ABC):
    """The engine of experiments whose score models live on cells."""

    experiment: Experiment

    @property
    def batch(self) -> int:
        """Replicates that are run together."""
        return _BATCH[self.experiment.target.dimension]

    @property
    def real_law(self) -> tuple[TargetLaw, Grid]:
        """The real law on the cells of the loop."""
        laws = self.laws(1)
        return laws.target, laws.cells

    @abstractmethod
    def laws(self, replicates: int) -> CellLaws:
        """The laws of a batch, before the first generation."""

    @abstractmethod
    def learner(self, streams: Sequence[np.random.Generator]) -> Learner:
        """The trainer of a batch of replicates with these random streams."""

    def run(self, replicates: range, kept: KeptLaws | None = None) -> Iterator[Record]:
        """Run replicates together; one at a time where training sets are points."""
        e, laws = self.experiment, self.laws(len(replicates))
        if e.quantities:
            real = RealLaw.of(e.target, laws.target, laws.cells)
            noised = laws.stopped(real.masses[None])[0] if laws.process.stop else None
            laws.recorder = Recorder(e.quantities, replace(real, noised=noised))
        laws.between = e.operator
        streams, seen = [e.stream(r) for r in replicates], keeping(kept, laws)
        if e.sampling is Sampling.POINTS:
            points = PointDraws(e.target, streams[0], e.operator)
            learn = partial(_from_points, laws, self.learner(()), points)
            return generations(e.cycle, e.generations, learn, points, seen, laws.forget)
        counted = partial(_from_counts, laws, self.learner(streams))
        cells = CellDraws(streams, laws.cells.shape, laws.masses)
        draws = None if e.sampling is Sampling.POPULATION else cells
        return generations(e.cycle, e.generations, counted, draws, seen, laws.forget)


def _from_counts(
    laws: CellLaws, learner: Learner, j: int, row: Array, training: Training[Array]
) -> Record:
    """Train and measure models on shares of points per cell, or on the mixture itself."""
    mixture, measure = laws.masses(row), laws.measure(row, training.data)
    return laws.record(j, row, learner.learn(mixture, measure, training.size))


def _from_points(
    laws: CellLaws,
    learner: Learner,
    draws: PointDraws,
    j: int,
    row: Array,
    training: Training[TrainingSet],
) -> Record:
    """Train a model on points, and measure it on the cells."""
    law, data = fit(learner, draws, training), training.data
    assert data is not None
    return laws.record(j, row, learner.learn_points(laws.masses(row), data, law))


@dataclass(frozen=True, eq=False)
class FrozenEngine(CellEngine):
    """The engine of experiments with a ``Diffusion`` model on the line or in the plane."""

    experiment: Experiment

    @cached_property
    def _tables(self) -> LineTables | PlaneTables:
        return tables_of(self.experiment)

    def laws(self, replicates: int) -> CellLaws:
        """The laws of a batch, before the first generation."""
        tables, target = self._tables, self.experiment.target
        if isinstance(tables, PlaneTables):
            return PlaneLaws(target_law(target, tables.grid), replicates, tables=tables)
        return LineLaws.of(target, replicates, tables.grid)

    def learner(self, streams: Sequence[np.random.Generator]) -> Learner:
        """Exact training, which draws nothing."""
        del streams
        model, tables = _frozen(self.experiment), self._tables
        sampler = sampler_named(model.sampler)
        if isinstance(tables, PlaneTables):
            return PlaneModel(tables, model.rule, sampler)
        return LineModel(tables, model.rule, sampler)


def tables_of(experiment: Experiment) -> LineTables | PlaneTables:
    """The tables that all models of an experiment with a ``Diffusion`` share.

    Raises:
        InputError: another model, or a target without exact masses on the line.
    """
    target, m = experiment.target, _frozen(experiment)
    drawn = (m.preset, m.width, m.process, m.seed)
    if target.dimension == 2:
        return plane_tables(target, *drawn, m.accuracy.plane)
    return line_tables(on_line(target), *drawn, m.accuracy)


def on_line(target: Target) -> Univariate:
    """The target, which must have exact masses on the line.

    Raises:
        InputError: it has none.
    """
    if not isinstance(target, Univariate):
        raise InputError(f"target {type(target).__name__}: has no exact masses on the line")
    return target


def _frozen(experiment: Experiment) -> Diffusion:
    if not isinstance(experiment.model, Diffusion):
        raise InputError(f"model {type(experiment.model).__name__}: must be a Diffusion")
    return experiment.model
