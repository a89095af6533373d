"""The choice of an engine for an experiment: the model's own on a grid, or points and draws."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Protocol

from empirics.distances.classifier import Judge
from empirics.errors import InputError, require
from empirics.experiment import Experiment
from empirics.grid import Grid
from empirics.points_engine import PointsEngine
from empirics.protocols import OnGrid
from empirics.result import KeptLaws, Record
from empirics.target_law import TargetLaw

__all__ = ["Engine", "GridEngine", "engine_for", "on_grid_engine"]


class Engine(Protocol):
    """A runner of the replicates of one experiment."""

    @property
    def batch(self) -> int:
        """Replicates that are run together where training sets are counts."""

    def run(self, replicates: range, kept: KeptLaws | None = None) -> Iterable[Record]:
        """Run replicates together, one record per generation; ``kept`` takes in their laws."""


class GridEngine(Engine, Protocol):
    """An engine that holds laws on a grid."""

    @property
    def real_law(self) -> tuple[TargetLaw, Grid]:
        """The real law on the cells of the loop."""


def engine_for(experiment: Experiment, judge: Judge | None = None) -> Engine:
    """The engine of an experiment.

    Args:
        experiment: what to run.
        judge: what tells samples apart where no density is known.

    Raises:
        InputError: the target does not fit its grid, the model's library is not installed, or
            there are grids to measure on and a judge.
    """
    require(experiment.model)
    if not (experiment.on_grid and isinstance(experiment.model, OnGrid)):
        return PointsEngine(experiment, judge)
    if judge is not None:
        raise InputError(
            f"classifier, embedding: {type(experiment.model).__name__} is measured on a grid here,"
            " without samples; leave them out"
        )
    return on_grid_engine(experiment)


def on_grid_engine(experiment: Experiment) -> GridEngine:
    """The engine of a loop whose laws are on a grid."""
    module, _, name = experiment.model.grid_engine.partition(":")  # type: ignore[attr-defined]
    engine: GridEngine = getattr(import_module(module), name)(experiment)
    return engine
