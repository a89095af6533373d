"""Diffusion models on the line: what those with the same features share, and their fitting."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from empirics.diffusion.accuracy import Accuracy
from empirics.diffusion.cell_laws import Trained
from empirics.diffusion.features import PRESETS, RandomFeatures, draw_features
from empirics.diffusion.fokker_planck import SolvedLaw
from empirics.diffusion.law import EULER_STEPS, OdeLaw, SdeLineLaw
from empirics.diffusion.line_laws import Carried, LineGrid, LineScores, line_grid
from empirics.diffusion.moments import MomentTable, compress, moment_table
from empirics.diffusion.noising import NoisedLaws, binning, node_weights
from empirics.diffusion.probability_flow import flow_masses
from empirics.diffusion.process import OrnsteinUhlenbeck, Sampler, built_once
from empirics.diffusion.training_time import GradientFlow, TrainingTime
from empirics.grid import Axis
from empirics.targets import Univariate

if TYPE_CHECKING:
    from empirics.loop import TrainingSet
    from empirics.protocols import FittedModel, HasLogDensity

__all__ = ["Candidates", "LineModel", "LineScore", "LineTables", "line_tables"]

Array = np.ndarray
_BACKGROUND = 0.01
"""Mass of the uniform law in the reference of the compression."""


@dataclass(frozen=True, eq=False)
class LineScore:
    """Scores ``skip x + Theta phi`` on fixed points at fixed times, for any ``Theta``."""

    points: Float[Array, "points"]
    features: list[Float[Array, "points features"]]
    skip: float

    def __call__(self, theta: Float[Array, "batch features"], i: int) -> Float[Array, "..."]:
        """Score at all points at time number ``i``."""
        score = theta @ self.features[i].T
        score += self.skip * self.points
        return score


@dataclass(frozen=True, eq=False)
class LineTables:
    """Tables for one draw of features on one grid.

    The nodes of training are those of the risk.
    """

    features: RandomFeatures
    grid: LineGrid
    moments: MomentTable
    binning: Float[Array, "cells nodes"]
    risk_score: LineScore
    law_scores: tuple[LineScore, LineScore]

    @property
    def process(self) -> OrnsteinUhlenbeck:
        """The forward process."""
        return self.features.process

    @property
    def axis(self) -> Axis:
        """Axis of cells on which laws live."""
        return self.grid.axis

    @property
    def noised(self) -> NoisedLaws:
        """Laws carried to the times of the risk."""
        return self.grid.noised

    def scores(self, theta: Float[Array, "batch ... features"]) -> LineScores:
        """The values of a batch of networks that the grid asks for."""
        fine, coarse = self.law_scores
        return LineScores(
            lambda i: fine(theta, i),
            lambda i: coarse(theta, i),
            lambda i: self.risk_score(theta, i),
        )

    def sde_law(self, theta: Float[Array, "batch features"]) -> SolvedLaw:
        """Law of the reverse SDE for a batch of networks."""
        return self.grid.sde_law(self.scores(theta))

    def ode_law(self, theta: Float[Array, "batch features"]) -> SolvedLaw:
        """Law of the probability-flow ODE for a batch of networks."""
        return flow_masses(self.features, theta, self.axis, self.grid.ode_steps)

    def sde_fitted(self, theta: Float[Array, "1 features"]) -> SdeLineLaw:
        """One network's law under the reverse SDE."""
        law = self.sde_law(theta)
        return SdeLineLaw(self.features, theta, EULER_STEPS, self.axis, law)

    def ode_fitted(self, theta: Float[Array, "1 features"]) -> OdeLaw:
        """One network's law under the probability-flow ODE."""
        return OdeLaw(self.features, theta, self.grid.ode_steps)

    def rough_law(self, theta: Float[Array, "batch features"]) -> Float[Array, "batch nodes"]:
        """The coarser solution alone, for comparing many networks."""
        return self.grid.solvers[1].solve(self.scores(theta).coarse)

    def score_risk(
        self,
        theta: Float[Array, "batch models features"],
        masses: Float[Array, "batch cells"] | Carried,
    ) -> tuple[Float[Array, "batch models"], Float[Array, "batch models"]]:
        """See :meth:`empirics.diffusion.line_laws.LineGrid.score_risk`."""
        return self.grid.score_risk(self.scores(theta), masses)


@built_once
def line_tables(
    target: Univariate,
    preset: str,
    width: int,
    process: OrnsteinUhlenbeck,
    seed: int,
    accuracy: Accuracy,
) -> LineTables:
    """Build the tables, or return the ones built before.

    Args:
        target: the real law; it sets the grid and the directions kept of feature space.
        seed: of the frozen weights.
    """
    grid = line_grid(target, process, accuracy)
    axis, nodes = grid.axis, grid.noised.axis
    times = process.quadrature(accuracy.training_times)
    raw = draw_features(PRESETS[preset], process, width, 1, seed)
    density = NoisedLaws(nodes, times.times, process)(target.interval_mass(nodes.edges)[None])[0]
    reference = np.maximum(density[0], 0) + _BACKGROUND / (axis.high - axis.low)
    features = compress(raw, nodes, times, reference, accuracy.compression)
    fine, coarse = (_scores(features, s.faces, s.midpoints) for s in grid.solvers)
    return LineTables(
        features,
        grid,
        moment_table(features, nodes, times),
        binning(axis, nodes),
        _scores(features, nodes.centres, grid.risk_times.times),
        (fine, coarse),
    )


def _scores(features: RandomFeatures, points: Array, times: Array) -> LineScore:
    tables = [features.values(points[:, None], float(t)) for t in times]
    return LineScore(points, tables, features.preset.skip)


@dataclass(frozen=True, eq=False)
class Candidates:
    """The models of one generation at all training times."""

    size: int
    flow: GradientFlow
    mixture: Float[Array, "batch cells"]
    tables: LineTables

    @property
    def batch(self) -> int:
        """Number of replicates."""
        return len(self.mixture)

    def path_divergence(self, tau: Float[Array, "batch times"]) -> Float[Array, "batch times"]:
        """Score risk of every time under each mixture."""
        return self.tables.score_risk(self.flow.weights(tau), self.mixture)[0]

    def distance(self, tau: Float[Array, "batch times"]) -> Float[Array, "batch times"]:
        """TV of every time's law from each mixture, on the coarser grid."""
        theta = self.flow.weights(tau)
        law = self.tables.rough_law(theta.reshape(-1, theta.shape[-1]))
        wide = self.mixture[:, ::2] + self.mixture[:, 1::2]
        away = law.reshape(*tau.shape, -1) - wide[:, None]
        return 0.5 * np.abs(away).sum(axis=-1)


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
