"""Running and fitting networks whose layers are all trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from empirics.diffusion.engine import LineEngine, on_line
from empirics.diffusion.features import PRESETS, RandomFeatures, draw_features
from empirics.diffusion.fokker_planck import SdeLaw
from empirics.diffusion.law import EULER_STEPS, OdeLaw, SdeLineLaw, SdeSampled
from empirics.diffusion.line_grid import LineGrid, line_grid
from empirics.diffusion.loop import Trained
from empirics.diffusion.probability_flow import flow_masses, score_and_divergence
from empirics.diffusion.samplers import sampler_named
from empirics.errors import of_generation
from empirics.grid_laws import Record
from empirics.models.protocol import FittedModel
from empirics.points_loop import PointsLoop
from empirics.trained.draws import TrainingData
from empirics.trained.networks import Networks
from empirics.trained.training import stream_of, train

if TYPE_CHECKING:
    from empirics.experiment import Experiment
    from empirics.models.trained_diffusion import TrainedDiffusion

__all__ = ["TrainedEngine", "TrainedLearner", "fitted"]

Array = np.ndarray
_BATCH = 16
Pairs = Sequence[tuple[RandomFeatures, Float[Array, "dimension width"]]]


def _trained(
    model: TrainedDiffusion, data: TrainingData, streams: Sequence[np.random.Generator]
) -> Pairs:
    """Networks of all replicates, each from the same initial weights."""
    preset, dimension = PRESETS[model.preset], data.points.shape[1]
    features = draw_features(preset, model.process, model.width, dimension, model.seed)
    start = Networks.initial(features, len(streams), model.device)
    return train(start, data, model.plan, [stream_of(s) for s in streams]).each()


def fitted(
    model: TrainedDiffusion,
    samples: Float[Array, "size ..."],
    generator: np.random.Generator,
    grid: LineGrid | None,
) -> FittedModel:
    """Train on points; ``grid`` is there on the line only, to hold the density of an SDE's law.

    Raises:
        InputError: points that are not finite, or off the grid, or training that explodes.
    """
    if grid is not None:
        grid.check_points(samples)
    points = samples[:, None] if samples.ndim == 1 else samples
    ((features, theta),) = _trained(model, TrainingData.equal(points), [generator])
    if not sampler_named(model.sampler).stochastic:
        return OdeLaw(features, theta, model.accuracy.ode_steps)
    if grid is None:
        return SdeSampled(features, theta, EULER_STEPS)
    law = _law(grid, True, [(features, theta)])
    return SdeLineLaw(features, theta, EULER_STEPS, grid.axis, law)


def _law(grid: LineGrid, stochastic: bool, networks: Pairs) -> SdeLaw:
    if stochastic:
        return grid.sde_law(grid.scores(lambda x, t: _scores(networks, x, t)))
    laws = [flow_masses(f, theta, grid.axis, grid.ode_steps) for f, theta in networks]
    return SdeLaw.joined(laws)


def _scores(networks: Pairs, x: Float[Array, "points"], t: float) -> Float[Array, "batch points"]:
    return np.stack(
        [score_and_divergence(f, theta, x[:, None], t)[0][:, 0] for f, theta in networks]
    )


@dataclass(frozen=True, eq=False)
class TrainedLearner:
    """What trains a batch of replicates on the line, and measures the networks."""

    grid: LineGrid
    model: TrainedDiffusion
    streams: Sequence[np.random.Generator]

    def learn(
        self, mixture: Float[Array, "batch cells"], measure: Float[Array, "batch cells"], size: int
    ) -> Trained:
        """Train on minibatches drawn from a measure, without its negative part."""
        del size
        data = TrainingData.weighted(self.grid.axis.centres[:, None], measure)
        return self.measured(_trained(self.model, data, self.streams), mixture)

    def measured(self, networks: Pairs, mixture: Float[Array, "batch cells"]) -> Trained:
        """Laws and score risks of trained networks."""
        if not sampler_named(self.model.sampler).stochastic:
            return Trained(_law(self.grid, False, networks))
        scores = self.grid.scores(lambda x, t: _scores(networks, x, t))
        risk, error = self.grid.score_risk(scores, mixture)
        return Trained(self.grid.sde_law(scores), risk=risk[:, 0], risk_error=error[:, 0])

    def fit(self, samples: Float[Array, "size"], generator: np.random.Generator) -> FittedModel:
        """Train on points of the line."""
        return fitted(self.model, samples, generator, self.grid)


@dataclass(frozen=True, eq=False)
class TrainedEngine(LineEngine):
    """What runs an experiment with a ``TrainedDiffusion`` model in one dimension."""

    experiment: Experiment
    model: TrainedDiffusion

    @cached_property
    def grid(self) -> LineGrid:
        """The grid that holds the target."""
        return line_grid(on_line(self.experiment.target), self.model.process, self.model.accuracy)

    def batch(self) -> int:
        """Networks that are trained together."""
        return _BATCH

    def learner(self, streams: Sequence[np.random.Generator]) -> TrainedLearner:
        """Training draws its minibatches from the replicates' streams."""
        return TrainedLearner(self.grid, self.model, streams)

    def by_points(self, replicate: int) -> Iterator[Record]:
        """Training sets are points, drawn by steps of the sampler."""
        e, loop, learner = self.experiment, self.loop(1), self.learner(())
        points = PointsLoop(e.target, learner, e.cycle, e.stream(replicate))
        rows = e.cycle.weight_matrix(e.generations)
        for j in range(1, e.generations + 1):
            points.advance()
            law = points.laws[j]
            assert isinstance(law, SdeLineLaw | OdeLaw)
            with of_generation(j):
                models = learner.measured([(law.features, law.theta)], loop.masses(rows[j - 1, :j]))
            yield loop.record(j, rows[j - 1, :j], models)
