"""What computes an experiment: the model's engine on a grid, or points and draws."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Protocol

from empirics.experiment import Experiment
from empirics.extras import require
from empirics.laws import KeptLaws
from empirics.points_engine import PointsEngine
from empirics.protocols import OnGrid
from empirics.record import Record

__all__ = ["Engine", "engine_for"]


class Engine(Protocol):
    """What runs the replicates of one experiment."""

    @property
    def batch(self) -> int:
        """Replicates that are run together where training sets are counts."""

    def run(self, replicates: range, kept: KeptLaws | None = None) -> Iterable[Record]:
        """Run replicates together, one record per generation; ``kept`` takes in their laws."""


def engine_for(experiment: Experiment) -> Engine:
    """The engine of an experiment.

    Raises:
        InputError: the target does not fit its grid, or the model's library is not installed.
    """
    require(experiment.model)
    if not (experiment.on_grid and isinstance(experiment.model, OnGrid)):
        return PointsEngine(experiment)
    module, _, name = experiment.model.grid_engine.partition(":")
    engine: Engine = getattr(import_module(module), name)(experiment)
    return engine
