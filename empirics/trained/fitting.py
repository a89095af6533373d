"""Fitting networks whose layers are all trained, and measuring them on the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from empirics.diffusion.cell_laws import Trained
from empirics.diffusion.features import PRESETS, RandomFeatures, draw_features
from empirics.diffusion.fokker_planck import SolvedLaw
from empirics.diffusion.law import EULER_STEPS, OdeLaw, SdeLineLaw, SdeSampled
from empirics.diffusion.line_laws import Carried, LineGrid, LineScores
from empirics.diffusion.probability_flow import flow_masses, score_and_divergence
from empirics.diffusion.process import sampler_named
from empirics.loop import TrainingSet
from empirics.protocols import FittedModel
from empirics.trained.networks import Networks
from empirics.trained.training import TrainingData, stream_of, train

if TYPE_CHECKING:
    from empirics.trained.model import TrainedDiffusion

__all__ = ["TrainedLearner", "fitted"]

Array = np.ndarray
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
    law = grid.sde_law(_scores(grid, [(features, theta)]))
    return SdeLineLaw(features, theta, EULER_STEPS, grid.axis, law)


def _scores(grid: LineGrid, networks: Pairs) -> LineScores:
    def score(x: Float[Array, "points"], t: float) -> Float[Array, "batch points"]:
        return np.stack(
            [score_and_divergence(f, theta, x[:, None], t)[0][:, 0] for f, theta in networks]
        )

    return grid.scores(score)


@dataclass(frozen=True, eq=False)
class TrainedLearner:
    """The trainer of a batch of replicates on the line, which also measures the networks."""

    grid: LineGrid
    model: TrainedDiffusion
    streams: Sequence[np.random.Generator]

    def learn(
        self, mixture: Float[Array, "batch cells"], measure: Float[Array, "batch cells"], size: int
    ) -> Trained:
        """Train on minibatches drawn from a measure, without its negative part."""
        del mixture, size
        data = TrainingData.weighted(self.grid.axis.centres[:, None], measure)
        return self.measured(_trained(self.model, data, self.streams))

    def measured(self, networks: Pairs) -> Trained:
        """Laws and score risks of trained networks."""
        grid = self.grid
        if not sampler_named(self.model.sampler).stochastic:
            laws = [flow_masses(f, theta, grid.axis, grid.ode_steps) for f, theta in networks]
            return Trained(SolvedLaw.joined(laws))
        scores = _scores(grid, networks)

        def score_risk(masses: Float[Array, "batch cells"] | Carried) -> tuple[Array, Array]:
            risk, error = grid.score_risk(scores, masses)
            return risk[:, 0], error[:, 0]

        return Trained(grid.sde_law(scores), score_risk=score_risk)

    def learn_points(
        self, mixture: Float[Array, "batch cells"], training: TrainingSet, law: FittedModel
    ) -> Trained:
        """Measure the network of a law that was fitted to points."""
        del mixture, training
        assert isinstance(law, SdeLineLaw | OdeLaw)
        return self.measured([(law.features, law.theta)])

    def fit(self, samples: Float[Array, "size"], generator: np.random.Generator) -> FittedModel:
        """Train on points of the line."""
        return fitted(self.model, samples, generator, self.grid)
