"""A batch of replicates of one diffusion loop on the line, generation by generation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from empirics.diffusion.candidates import Candidates
from empirics.diffusion.flow import GradientFlow
from empirics.diffusion.line import LineTables
from empirics.diffusion.record import DiffusionRecord, divergence_to_tv
from empirics.diffusion.samplers import Sampler
from empirics.diffusion.training_time import TrainingTime
from empirics.distances.cells import total_variation
from empirics.errors import InputError
from empirics.grid import Grid
from empirics.target_law import TargetLaw

__all__ = ["LineLoop"]

Array = np.ndarray
_LEAST_MASS = 1e-10
"""Cells with less mass are left out of KL; their share is below 1e-7."""
_ROUNDING = 1e-13
"""Generated masses below this are rounding of the solver, and may have been negative."""


@dataclass(eq=False)
class LineLoop:
    """Laws ``p_0`` (real), ``p_1``, ... of a batch of replicates, on cells.

    Args:
        tables: what all models share.
        target: the real law on the cells.
        rule: when training stops.
        sampler: which law a score generates.
        batch: number of replicates.
    """

    tables: LineTables
    target: TargetLaw
    rule: TrainingTime
    sampler: Sampler
    batch: int
    _laws: dict[int, Array] = field(default_factory=dict, init=False)
    _bounds: dict[int, Array] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.grid = Grid((self.tables.axis,))
        self._laws[0] = np.tile(self.target.masses, (self.batch, 1))
        self._bounds[0] = np.zeros(self.batch)
        self._smooth = self.target.left is not None and not np.any(self._jumps())

    def masses(self, row: Array) -> Float[Array, "batch cells"]:
        """Cell masses of the mixture with weights ``row``."""
        return np.sum([w * self._laws[k] for k, w in enumerate(row) if w > 0], axis=0)

    def forget(self, needed: Iterable[int]) -> None:
        """Keep only the laws that are needed."""
        self._laws = {k: self._laws[k] for k in needed if k in self._laws}

    def node_weights(self, row: Array, shares: Array | None) -> Float[Array, "batch nodes"]:
        """Training measure on the nodes: shares of the points per cell, or the mixture itself.

        Points count at the centre of their cell. The mean of the measure is put right by adding
        the difference between the mixture and its binned version, to sixth order in the cell.
        """
        mixture = self.masses(row)
        shares = mixture if shares is None else shares
        if self._smooth:
            second = _second_difference(mixture)
            shares = shares - second / 24 + 3 * _second_difference(second) / 640
        return shares @ self.tables.binning

    def learn(self, j: int, row: Array, nodes: Array, size: int) -> DiffusionRecord:
        """Train model ``j`` on a measure, find its law and measure it.

        Raises:
            InputError: the law is not finite.
        """
        mixture = self.masses(row)
        flow = GradientFlow.of(*self.tables.moments(nodes))
        tau = self.rule.choose(Candidates(size, flow, mixture, self.tables))
        theta = flow.weights(tau[:, None])[:, 0]
        law = self.sampler.law(self.tables, theta)
        if not np.isfinite(law.masses).all():
            raise InputError(
                f"generation {j}: the generated law is not finite at training_time ="
                f" {tau.max():.3g}; train for a shorter time"
            )
        self._laws[j] = law.masses / law.masses.sum(axis=1, keepdims=True)
        return self._measure(j, row, theta, tau, law.error, law.defect)

    def _measure(
        self, j: int, row: Array, theta: Array, tau: Array, error: Array, defect: Array
    ) -> DiffusionRecord:
        mixture, masses = self.masses(row), self._laws[j]
        tv = total_variation(masses, self.target, 1.0, self.grid)
        models = np.sum(
            [w * self._laws[k] for k, w in enumerate(row) if w > 0 and k > 0] or [0 * masses],
            axis=0,
        )
        step = total_variation(masses - models, self.target, float(row[0]), self.grid)
        defect = defect + self.target.mass_defect
        prior, risk = self._path(mixture, theta)
        smoothing = np.full(self.batch, self._smoothing())
        self._bounds[j] = smoothing + divergence_to_tv(prior + risk)
        self._bounds[j] = self._bounds[j] + sum(
            w * self._bounds[k] for k, w in enumerate(row) if w > 0
        )
        return DiffusionRecord(
            tv=tv.value,
            tv_error=tv.error + error + defect,
            one_step_tv=step.value,
            one_step_error=step.error + error + defect,
            noise=np.full(self.batch, np.nan),
            mass_defect=defect,
            kl=_divergence(self._stopped(mixture), masses),
            kl_bound=prior + risk,
            kl_prior=prior,
            score_risk=risk,
            smoothing=smoothing,
            tv_bound=np.minimum(self._bounds[j], 1.0),
            training_time=tau,
        )

    def _path(self, mixture: Array, theta: Array) -> tuple[Array, Array]:
        """Terms of Girsanov's bound; NaN where it does not apply."""
        if not self.sampler.stochastic:
            return np.full(self.batch, np.nan), np.full(self.batch, np.nan)
        risk = self.tables.score_risk(theta[:, None], mixture)[:, 0]
        second = mixture @ self.tables.axis.centres**2 + self.tables.axis.step**2 / 12
        return self.tables.process.prior_divergence(second, 1), risk

    def _smoothing(self) -> float:
        stopped = self._stopped(self._laws[0][:1] if 0 in self._laws else self.target.masses[None])
        return float(0.5 * np.abs(stopped - self.target.masses).sum())

    def _stopped(self, masses: Array) -> Float[Array, "batch cells"]:
        return self.tables.stopped(masses)

    def _jumps(self) -> np.ndarray:
        """Whether the target's density jumps somewhere."""
        left, right = self.target.left, self.target.right
        assert left is not None
        assert right is not None
        gap = np.abs(left[1:] - right[:-1])
        return gap > 1e-3 * self.target.masses.max()


def _second_difference(masses: Float[Array, "batch cells"]) -> Float[Array, "batch cells"]:
    padded = np.pad(masses, ((0, 0), (1, 1)))
    return padded[:, 2:] - 2 * masses + padded[:, :-2]


def _divergence(p: Float[Array, "batch cells"], q: Float[Array, "batch cells"]) -> Array:
    """``sum p log(p / q)`` over the cells."""
    held = p > _LEAST_MASS
    ratio = np.log(np.where(held, p, 1.0)) - np.log(np.where(held, np.maximum(q, _ROUNDING), 1.0))
    return np.asarray(np.where(held, p * ratio, 0.0).sum(axis=1))
