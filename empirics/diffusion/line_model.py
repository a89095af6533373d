"""Fitting a diffusion model to points of the line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from empirics.diffusion.candidates import Candidates
from empirics.diffusion.cell_laws import Trained
from empirics.diffusion.flow import GradientFlow
from empirics.diffusion.line import LineTables
from empirics.diffusion.line_grid import Carried
from empirics.diffusion.noising import node_weights
from empirics.diffusion.samplers import Sampler
from empirics.diffusion.training_time import TrainingTime

if TYPE_CHECKING:
    from empirics.pool import TrainingSet
    from empirics.protocols import FittedModel, HasLogDensity

__all__ = ["LineModel"]

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class LineModel:
    """A model bound to its tables, so that nothing is computed twice in a loop."""

    tables: LineTables
    rule: TrainingTime
    sampler: Sampler

    def node_weights(self, points: Float[Array, "size"]) -> Float[Array, "nodes"]:
        """The empirical measure on the nodes.

        Raises:
            InputError: a point is not finite, or off the grid.
        """
        self.tables.grid.check_points(points)
        return node_weights(points, np.full(len(points), 1 / len(points)), self.tables.noised.axis)

    def learn(
        self, mixture: Float[Array, "batch cells"], measure: Float[Array, "batch cells"], size: int
    ) -> Trained:
        """Train on measures at the cells' centres."""
        return self.learn_nodes(mixture, measure @ self.tables.binning, size)

    def learn_nodes(
        self, mixture: Float[Array, "batch cells"], nodes: Float[Array, "batch nodes"], size: int
    ) -> Trained:
        """Train on measures at the nodes of the quadrature."""
        flow = GradientFlow.of(*self.tables.moments(nodes))
        tau = self.rule.choose(Candidates(size, flow, mixture, self.tables))
        theta = flow.weights(tau[:, None])[:, 0]
        law = self.sampler.law(self.tables, theta)
        if not self.sampler.stochastic:
            return Trained(law, tau)
        return Trained(law, tau, partial(self._score_risk, theta))

    def _score_risk(self, theta: Array, masses: Array | Carried) -> tuple[Array, Array]:
        risk, error = self.tables.score_risk(theta[:, None], masses)
        return risk[:, 0], error[:, 0]

    def learn_points(
        self, mixture: Float[Array, "batch cells"], training: TrainingSet, law: FittedModel
    ) -> Trained:
        """Train on points once more, to measure what ``law``, fitted to them, is."""
        del law
        return self.learn_nodes(mixture, self.node_weights(training.points)[None], training.size)

    def fit(self, samples: Float[Array, "size"], generator: np.random.Generator) -> HasLogDensity:
        """Train on points; an oracle takes the points themselves for the law."""
        del generator
        weights = self.node_weights(samples)[None]
        flow = GradientFlow.of(*self.tables.moments(weights))
        cells = np.histogram(samples, self.tables.axis.edges)[0] / len(samples)
        tau = self.rule.choose(Candidates(len(samples), flow, cells[None], self.tables))
        return self.sampler.fitted(self.tables, flow.weights(tau[:, None])[:, 0])
