"""Loops of networks whose layers are all trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from empirics.diffusion.engine import CellEngine, on_line
from empirics.diffusion.line_laws import LineGrid, LineLaws, line_grid
from empirics.experiment import Experiment
from empirics.trained.fitting import TrainedLearner
from empirics.trained.model import TrainedDiffusion

__all__ = ["TrainedEngine"]

_BATCH = 16


@dataclass(frozen=True, eq=False)
class TrainedEngine(CellEngine):
    """The engine of experiments with a ``TrainedDiffusion`` model in one dimension."""

    experiment: Experiment

    @property
    def batch(self) -> int:
        """Networks that are trained together."""
        return _BATCH

    @cached_property
    def grid(self) -> LineGrid:
        """The grid that holds the target."""
        model = self._model
        return line_grid(on_line(self.experiment.target), model.process, model.accuracy)

    def laws(self, replicates: int) -> LineLaws:
        """The laws of a batch, before the first generation."""
        return LineLaws.of(self.experiment.target, replicates, self.grid)

    def learner(self, streams: Sequence[np.random.Generator]) -> TrainedLearner:
        """Training draws its minibatches from the replicates' streams."""
        return TrainedLearner(self.grid, self._model, streams)

    @property
    def _model(self) -> TrainedDiffusion:
        assert isinstance(self.experiment.model, TrainedDiffusion)
        return self.experiment.model
