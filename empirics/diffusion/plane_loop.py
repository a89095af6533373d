"""A batch of replicates of one diffusion loop in the plane, generation by generation."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from empirics.diffusion.cell_loop import CellLoop, Trained
from empirics.diffusion.plane_candidates import PlaneCandidates
from empirics.diffusion.plane_noising import centred
from empirics.diffusion.plane_tables import PlaneTables
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.diffusion.record import DiffusionRecord
from empirics.diffusion.samplers import Sampler
from empirics.diffusion.training_time import TrainingTime
from empirics.diffusion.vector_flow import VectorFlow
from empirics.errors import InputError
from empirics.grid import Grid

__all__ = ["PlaneLoop"]

Array = np.ndarray
_MOST_ASTRAY = 1e-3
"""Mass at the ends of the grid above which the score is held to drive it out."""


@dataclass(eq=False)
class PlaneLoop(CellLoop):
    """Laws of a batch of replicates in the plane.

    Args:
        tables: what all models share.
        rule: when training stops.
        sampler: which law a score generates.
    """

    tables: PlaneTables = field(kw_only=True)
    rule: TrainingTime = field(kw_only=True)
    sampler: Sampler = field(kw_only=True)

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
        return self.tables.stopped(masses)

    def prior_divergence(self, masses: Float[Array, "batch cells cells"]) -> Float[Array, "batch"]:
        """Bound on KL of the laws, noised up to ``horizon``, to the prior."""
        x, step = self.tables.axis.centres, self.tables.axis.step
        second = (masses.sum(axis=2) + masses.sum(axis=1)) @ x**2 + step**2 / 6
        return self.process.prior_divergence(second, 2)

    def weights(self, row: Array, shares: Array | None) -> Float[Array, "batch cells cells"]:
        """Training measure on the centres: shares of the points per cell, or the mixture itself.

        Points count at the centre of their cell. The mean of the measure is put right by adding
        the difference between the mixture and its binned version, to sixth order in the cell.
        """
        mixture = self.masses(row)
        return centred(mixture) if shares is None else shares + centred(mixture) - mixture

    def learn(self, j: int, row: Array, weights: Array, size: int) -> DiffusionRecord:
        """Train model ``j`` on a measure, find its law and measure it.

        Raises:
            InputError: the law is not finite, or driven off the grid.
        """
        mixture = self.masses(row)
        flow = VectorFlow.of(*self.tables.moments(weights))
        tau = self.rule.choose(PlaneCandidates(size, flow, mixture, self.tables))
        models = self.tables.models(flow.weights(tau[:, None])[:, 0])
        law = self.sampler.law(self.tables, models)
        if not np.isfinite(law.masses).all() or law.defect.max() > _MOST_ASTRAY:
            raise InputError(
                f"generation {j}: the generated law is not finite, or leaves the grid, at"
                f" training_time = {tau.max():.3g}; change that, or use more units or preset 'tanh'"
            )
        if not self.sampler.stochastic:
            return self.record(j, row, Trained(law, tau))
        risk, error = self.tables.score_risks(models, mixture)
        return self.record(j, row, Trained(law, tau, risk, error))
