"""Diffusion models in the plane: what those with the same features share, and their fitting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Float

from empirics.diffusion.accuracy import PlaneAccuracy, check_jumps, plane_axis
from empirics.diffusion.cell_laws import CellLaws, Trained
from empirics.diffusion.features import PRESETS, RandomFeatures, draw_features
from empirics.diffusion.fokker_planck import SolvedLaw
from empirics.diffusion.law import EULER_STEPS, OdeLaw, SdePlaneLaw
from empirics.diffusion.moments import plane_moments
from empirics.diffusion.noising import (
    PlaneNoised,
    centred,
    plane_noised,
    point_weights,
    stop_matrix,
)
from empirics.diffusion.plane_law import (
    FaceTable,
    NodeScores,
    plane_flow_law,
    rough,
    scores_on_nodes,
    solved,
    solvers,
)
from empirics.diffusion.plane_nodes import NodeGrids, node_grids, paired
from empirics.diffusion.process import OrnsteinUhlenbeck, Sampler, built_once
from empirics.diffusion.training_time import TrainingTime, VectorFlow
from empirics.errors import InputError
from empirics.grid import Axis, Grid
from empirics.targets import Target

if TYPE_CHECKING:
    from empirics.loop import TrainingSet
    from empirics.protocols import FittedModel, HasLogDensity

__all__ = [
    "CarriedLaw",
    "PlaneCandidates",
    "PlaneLaws",
    "PlaneModel",
    "PlaneModels",
    "PlaneTables",
    "plane_tables",
]

Array = np.ndarray
_LEAST_DENSITY = 1e-13
"""Density below which a score is rounding and its share of the risk is nil."""
_FINER_FOR_KINKS = 2.0
"""A kink is interpolated to second order only."""
_MOST_ASTRAY = 1e-3
"""Mass at the ends of the grid above which the score is held to drive it out."""
_Noised = tuple[Float[Array, "nodes nodes"], Float[Array, "2 nodes nodes"]]


@dataclass(frozen=True, eq=False)
class PlaneModels:
    """Trained networks, and their scores at the nodes, which are found once."""

    tables: PlaneTables
    theta: Float[Array, "models 2 features"]

    @cached_property
    def scores(self) -> NodeScores:
        """At the nodes of every time of the risk."""
        return scores_on_nodes(self.tables.features, self.theta, self.tables.nodes)

    def __len__(self) -> int:
        return len(self.theta)


class CarriedLaw(NamedTuple):
    """A law carried to the times of the risk: density and gradient at the nodes of each."""

    noised: tuple[_Noised, ...]


@dataclass(frozen=True, eq=False)
class PlaneTables:
    """Tables for one draw of features, one process, one grid.

    ``axis`` has the cells of laws; ``nodes`` are those of score risk and law, ``training`` others.
    """

    features: RandomFeatures
    axis: Axis
    training: NodeGrids
    nodes: NodeGrids
    noised: PlaneNoised
    faces: list[FaceTable]
    ode_steps: int
    stopping: Float[Array, "cells cells"]

    @property
    def process(self) -> OrnsteinUhlenbeck:
        """The forward process."""
        return self.features.process

    @property
    def grid(self) -> Grid:
        """The cells of laws."""
        return Grid((self.axis, self.axis))

    def models(self, theta: Float[Array, "models 2 features"]) -> PlaneModels:
        """Networks with these output weights."""
        return PlaneModels(self, theta)

    def moments(
        self, weights: Float[Array, "batch cells cells"]
    ) -> tuple[Float[Array, "batch features features"], Float[Array, "batch 2 features"]]:
        """``Sigma`` and ``C`` of a batch of measures on the cells' centres."""
        return plane_moments(self.features, self.training, self.axis, weights)

    def sde_law(self, models: PlaneModels) -> SolvedLaw:
        """Laws of the reverse SDE."""
        three = [table.solver for table in self.faces]
        laws = [
            solved(three, [table.steps(models.scores, i) for table in self.faces])
            for i in range(len(models))
        ]
        return SolvedLaw.joined(laws)

    def ode_law(self, models: PlaneModels) -> SolvedLaw:
        """Laws of the probability-flow ODE."""
        laws = [
            plane_flow_law(self.features, theta, self.axis, self.ode_steps)
            for theta in models.theta
        ]
        return SolvedLaw.joined(laws)

    def sde_fitted(self, models: PlaneModels) -> SdePlaneLaw:
        """One network's law under the reverse SDE."""
        return SdePlaneLaw(
            self.features,
            models.theta[0],
            EULER_STEPS,
            self.axis,
            lambda: self.sde_law(models),
        )

    def ode_fitted(self, models: PlaneModels) -> OdeLaw:
        """One network's law under the probability-flow ODE."""
        return OdeLaw(self.features, models.theta[0], self.ode_steps)

    def rough_law(self, models: PlaneModels) -> Float[Array, "models half half"]:
        """Laws of the reverse SDE on cells twice as wide, for comparing many networks."""
        three = [table.solver for table in self.faces]
        laws = [
            rough(three, [table.steps(models.scores, i) for table in self.faces[1:]])
            for i in range(len(models))
        ]
        return np.concatenate(laws)

    def carried(self, masses: Float[Array, "cells cells"]) -> CarriedLaw:
        """A law with these masses at time 0, as :meth:`score_risks` needs it of all models."""
        return CarriedLaw(tuple(self.noised(masses, i) for i in range(len(self.nodes))))

    def score_risks(
        self, models: PlaneModels, masses: Float[Array, "models cells cells"] | CarriedLaw
    ) -> tuple[Float[Array, "models"], Float[Array, "models"]]:
        r"""``int E|s - grad log p_t|^2 dt`` of every model, and its numerical error.

        Args:
            models: whose scores these are.
            masses: at time 0, of the law of each; or one law carried before for all of them.
        """
        if isinstance(masses, CarriedLaw):
            one, noised = np.zeros(len(models), dtype=int), masses.noised
            return self._risks(lambda i: [noised[i]], models.scores, one)
        laws = masses
        own = np.arange(len(models))
        return self._risks(lambda i: [self.noised(law, i) for law in laws], models.scores, own)

    def _risks(
        self, noised_at: Callable[[int], list[_Noised]], scores: NodeScores, law_of: Array
    ) -> tuple[Float[Array, "models"], Float[Array, "models"]]:
        rates = np.zeros((len(self.nodes), len(law_of)))
        for i, axis in enumerate(self.nodes.axes):
            noised = noised_at(i)
            for model, k in enumerate(law_of):
                p, gradient = noised[k]
                held = p > _LEAST_DENSITY
                away = scores[i][model][:, held] * p[held] - gradient[:, held]
                rates[i, model] = axis.step**2 * ((away**2).sum(axis=0) / p[held]).sum()
        return self.nodes.times.integrate(rates)


@built_once
def plane_tables(
    target: Target,
    preset: str,
    width: int,
    process: OrnsteinUhlenbeck,
    seed: int,
    accuracy: PlaneAccuracy,
) -> PlaneTables:
    """Build the tables, or return the ones built before; the target sets the grid."""
    axis = plane_axis(target, accuracy)
    check_jumps(target, axis, process)
    kind, fine = PRESETS[preset], accuracy.per_bend
    finer = fine * _FINER_FOR_KINKS if kind.kinked else fine
    training, nodes = (
        node_grids(process, lambda t: kind.bend(t, process), axis.high, times, per_bend)
        for times, per_bend in ((accuracy.training_times, fine), (accuracy.risk_times, finer))
    )
    faces = [FaceTable.of(s, nodes) for s in solvers(process, axis, accuracy.steps)]
    return PlaneTables(
        draw_features(kind, process, width, 2, seed),
        axis,
        training,
        nodes,
        plane_noised(axis, nodes),
        faces,
        accuracy.ode_steps,
        stop_matrix(axis, process),
    )


@dataclass(eq=False)
class PlaneLaws(CellLaws):
    """Laws of a batch of replicates in the plane.

    Args:
        tables: what all models share.
    """

    tables: PlaneTables = field(kw_only=True)

    _least_mass = 1e-12
    """The share of cells with less is below 1e-6."""
    _rounding = 1e-15

    @property
    def process(self) -> OrnsteinUhlenbeck:
        """The forward process."""
        return self.tables.process

    @property
    def cells(self) -> Grid:
        """The cells of the tables."""
        return self.tables.grid

    def stopped(self, masses: Float[Array, "batch cells cells"]) -> Array:
        """Cell masses of laws noised up to ``stop``."""
        stopping = self.tables.stopping
        return masses if self.process.stop == 0 else stopping @ masses @ stopping.T

    def prior_divergence(self, masses: Float[Array, "batch cells cells"]) -> Float[Array, "batch"]:
        """Bound on KL of the laws, noised up to ``horizon``, to the prior."""
        x, step = self.tables.axis.centres, self.tables.axis.step
        second = (masses.sum(axis=2) + masses.sum(axis=1)) @ x**2 + step**2 / 6
        return self.process.prior_divergence(second, 2)

    def carried(self, masses: Float[Array, "batch cells cells"]) -> CarriedLaw:
        """The real law, the same for all models, at the times of the risk."""
        return self.tables.carried(masses[0])

    def measure(self, row: Array, shares: Array | None) -> Float[Array, "batch cells cells"]:
        """Training measure on the centres."""
        mixture = self.masses(row)
        return centred(mixture) if shares is None else shares + centred(mixture) - mixture


@dataclass(frozen=True, eq=False)
class PlaneCandidates:
    """The models of one generation at all training times."""

    size: int
    flow: VectorFlow
    mixture: Float[Array, "batch cells cells"]
    tables: PlaneTables

    @property
    def batch(self) -> int:
        """Number of replicates."""
        return len(self.mixture)

    def path_divergence(self, tau: Float[Array, "batch times"]) -> Float[Array, "batch times"]:
        """Score risk of every time under each mixture."""
        return np.stack(
            [
                self.tables.score_risks(models, self.tables.carried(mixture))[0]
                for models, mixture in zip(self._models(tau), self.mixture, strict=True)
            ]
        )

    def distance(self, tau: Float[Array, "batch times"]) -> Float[Array, "batch times"]:
        """TV of every time's law from each mixture, on coarser cells."""
        laws = (self.tables.rough_law(models) for models in self._models(tau))
        return np.stack(
            [
                0.5 * np.abs(law - paired(mixture[None])).sum(axis=(1, 2))
                for law, mixture in zip(laws, self.mixture, strict=True)
            ]
        )

    def _models(self, tau: Array) -> list[PlaneModels]:
        return [self.tables.models(theta) for theta in self.flow.weights(tau)]


@dataclass(frozen=True, eq=False)
class PlaneModel:
    """A model bound to its tables, so that nothing is computed twice in a loop."""

    tables: PlaneTables
    rule: TrainingTime
    sampler: Sampler

    def weights(self, points: Float[Array, "size 2"]) -> Float[Array, "cells cells"]:
        """The empirical measure on the cells' centres.

        Raises:
            InputError: a point is not finite, or off the grid.
        """
        axis = self.tables.axis
        if not np.isfinite(points).all():
            raise InputError("samples: must be finite numbers")
        outside = (np.abs(points) > axis.high).any(axis=1)
        if outside.any():
            raise InputError(
                f"samples: {outside.mean():.2%} lie outside the grid [{axis.low:.4g},"
                f" {axis.high:.4g}]^2; standardise the data"
            )
        return point_weights(points, axis)

    def learn(
        self,
        mixture: Float[Array, "batch cells cells"],
        measure: Float[Array, "batch cells cells"],
        size: int,
    ) -> Trained:
        """Train on measures at the cells' centres.

        Raises:
            InputError: the law is not finite, or driven off the grid.
        """
        flow = VectorFlow.of(*self.tables.moments(measure))
        tau = self.rule.choose(PlaneCandidates(size, flow, mixture, self.tables))
        models = self.tables.models(flow.weights(tau[:, None])[:, 0])
        law = self.sampler.law(self.tables, models)
        if not np.isfinite(law.masses).all() or law.defect.max() > _MOST_ASTRAY:
            raise InputError(
                "the generated law is not finite, or leaves the grid, at training_time ="
                f" {tau.max():.3g}; change that, or use more units or preset 'tanh'"
            )
        if not self.sampler.stochastic:
            return Trained(law, tau)
        return Trained(law, tau, partial(self.tables.score_risks, models))

    def learn_points(
        self, mixture: Float[Array, "batch cells cells"], training: TrainingSet, law: FittedModel
    ) -> Trained:
        """Train on points once more, to measure what ``law``, fitted to them, is."""
        del law
        return self.learn(mixture, self.weights(training.points)[None], training.size)

    def fit(self, samples: Float[Array, "size 2"], generator: np.random.Generator) -> HasLogDensity:
        """Train on points; an oracle takes the points themselves for the law."""
        del generator
        flow = VectorFlow.of(*self.tables.moments(self.weights(samples)[None]))
        edges = self.tables.axis.edges
        cells = np.histogramdd(samples, (edges, edges))[0] / len(samples)
        tau = self.rule.choose(PlaneCandidates(len(samples), flow, cells[None], self.tables))
        theta = flow.weights(tau[:, None])[:, 0]
        return self.sampler.fitted(self.tables, self.tables.models(theta))
