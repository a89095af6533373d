"""A batch of replicates of one diffusion loop in the plane, generation by generation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from empirics.diffusion.plane_candidates import PlaneCandidates
from empirics.diffusion.plane_noising import centred
from empirics.diffusion.plane_tables import PlaneModels, PlaneTables
from empirics.diffusion.record import DiffusionRecord, divergence_to_tv
from empirics.diffusion.samplers import Sampler
from empirics.diffusion.training_time import TrainingTime
from empirics.diffusion.vector_flow import VectorFlow
from empirics.distances.cells import total_variation
from empirics.errors import InputError
from empirics.target_law import TargetLaw

__all__ = ["PlaneLoop"]

Array = np.ndarray
_LEAST_MASS = 1e-12
"""Cells with less mass are left out of KL; their share is below 1e-6."""
_ROUNDING = 1e-15
"""Generated masses below this are rounding of the solver, and may have been negative."""
_MOST_ASTRAY = 1e-2
"""Mass at the ends of the grid above which the score is held to drive it out."""


@dataclass(eq=False)
class PlaneLoop:
    """Laws ``p_0`` (real), ``p_1``, ... of a batch of replicates, on cells.

    Args:
        tables: what all models share.
        target: the real law on the cells.
        rule: when training stops.
        sampler: which law a score generates.
        batch: number of replicates.
    """

    tables: PlaneTables
    target: TargetLaw
    rule: TrainingTime
    sampler: Sampler
    batch: int
    _laws: dict[int, Array] = field(default_factory=dict, init=False)
    _bounds: dict[int, Array] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        real = np.maximum(self.target.masses, 0.0)
        self._laws[0] = np.broadcast_to(real, (self.batch, *real.shape))
        self._bounds[0] = np.zeros(self.batch)
        self._smoothing, self._smoothing_error = self._stopping_bias()

    def masses(self, row: Array) -> Float[Array, "batch cells cells"]:
        """Cell masses of the mixture with weights ``row``."""
        return self._mixed(row, first=0)

    def forget(self, needed: Iterable[int]) -> None:
        """Keep only the laws that are needed."""
        self._laws = {k: self._laws[k] for k in needed if k in self._laws}

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
        self._laws[j] = law.masses / law.masses.sum(axis=(1, 2), keepdims=True)
        return self._measure(j, row, models, tau, law.error, law.defect)

    def _measure(
        self, j: int, row: Array, models: PlaneModels, tau: Array, error: Array, defect: Array
    ) -> DiffusionRecord:
        mixture, masses, grid = self.masses(row), self._laws[j], self.tables.grid
        tv = total_variation(masses, self.target, 1.0, grid)
        away = masses - self._mixed(row, first=1)
        step = total_variation(away, self.target, float(row[0]), grid)
        defect = defect + self.target.mass_defect
        prior, risk, risk_error = self._path(mixture, models)
        before = sum(w * self._bounds[k] for k, w in enumerate(row) if w > 0)
        step_bound = divergence_to_tv(prior + risk + risk_error)
        self._bounds[j] = self._smoothing + self._smoothing_error + step_bound + before
        return DiffusionRecord(
            tv=tv.value,
            tv_error=tv.error + error + defect,
            one_step_tv=step.value,
            one_step_error=step.error + error + defect,
            noise=np.full(self.batch, np.nan),
            mass_defect=defect,
            kl=_divergence(self.tables.stopped(mixture), masses),
            kl_bound=prior + risk,
            kl_prior=prior,
            score_risk=risk,
            score_risk_error=risk_error,
            smoothing=np.full(self.batch, self._smoothing),
            smoothing_error=np.full(self.batch, self._smoothing_error),
            tv_bound=np.minimum(self._bounds[j], 1.0),
            training_time=tau,
        )

    def _path(self, mixture: Array, models: PlaneModels) -> tuple[Array, Array, Array]:
        """Terms of Girsanov's bound and the error of the second; NaN where it does not apply."""
        if not self.sampler.stochastic:
            unknown = np.full(self.batch, np.nan)
            return unknown, unknown, unknown
        risk, error = self.tables.score_risks(models, mixture)
        x, step = self.tables.axis.centres, self.tables.axis.step
        one = (mixture.sum(axis=2) + mixture.sum(axis=1)) @ x**2
        return self.tables.process.prior_divergence(one + step**2 / 6, 2), risk, error

    def _stopping_bias(self) -> tuple[float, float]:
        """TV of the real law to itself noised until generation stops, and its error."""
        if self.tables.process.stop == 0:
            return 0.0, 0.0
        stopped = self.tables.stopped(self.target.masses[None])
        tv = total_variation(stopped, self.target, 1.0, self.tables.grid)
        return float(tv.value[0]), float(tv.error[0]) + self.target.mass_defect

    def _mixed(self, row: Array, first: int) -> Float[Array, "batch cells cells"]:
        terms = [w * self._laws[k] for k, w in enumerate(row) if w > 0 and k >= first]
        return np.sum(terms, axis=0) if terms else np.zeros(self._laws[max(self._laws)].shape)


def _divergence(
    p: Float[Array, "batch cells cells"], q: Float[Array, "batch cells cells"]
) -> Float[Array, "batch"]:
    """``sum p log(p / q)`` over the cells."""
    held = p > _LEAST_MASS
    ratio = np.log(np.where(held, p, 1.0)) - np.log(np.where(held, np.maximum(q, _ROUNDING), 1.0))
    return np.where(held, p * ratio, 0.0).sum(axis=(1, 2))
