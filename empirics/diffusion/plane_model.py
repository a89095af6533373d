"""Fitting a diffusion model to points of the plane."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from empirics.diffusion.cell_laws import Trained
from empirics.diffusion.noising import point_weights
from empirics.diffusion.plane_nodes import paired
from empirics.diffusion.plane_tables import PlaneModels, PlaneTables
from empirics.diffusion.process import Sampler
from empirics.diffusion.training_time import TrainingTime, VectorFlow
from empirics.errors import InputError

if TYPE_CHECKING:
    from empirics.loop import TrainingSet
    from empirics.protocols import FittedModel, HasLogDensity

__all__ = ["PlaneCandidates", "PlaneModel"]

Array = np.ndarray
_MOST_ASTRAY = 1e-3
"""Mass at the ends of the grid above which the score is held to drive it out."""


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
                self.tables.score_risk(models, mixture)
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
