"""A batch of replicates of one loop on the line: their laws, and what is measured of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from jaxtyping import Float

from empirics.diffusion.fokker_planck import SdeLaw
from empirics.diffusion.line_grid import LineGrid
from empirics.diffusion.record import DiffusionRecord, divergence_to_tv
from empirics.distances.cells import total_variation
from empirics.errors import InputError
from empirics.grid import Grid
from empirics.target_law import TargetLaw

__all__ = ["Learner", "LineLoop", "Trained"]

Array = np.ndarray
_LEAST_MASS = 1e-10
"""Cells with less mass are left out of KL; their share is below 1e-7."""
_ROUNDING = 1e-13
"""Generated masses below this are rounding of the solver, and may have been negative."""


@dataclass(frozen=True, eq=False)
class Trained:
    """Models of one generation, one per replicate.

    Args:
        law: what they generate.
        training_time: in the convention of :mod:`empirics.diffusion.flow`; NaN for training that
            is no gradient flow.
        risk: their score risk under the mixture that they learned; NaN where Girsanov's bound does
            not speak of the law.
        risk_error: its numerical error.

    Raises:
        InputError: a law is not finite.
    """

    law: SdeLaw
    training_time: Float[Array, "batch"] | float = np.nan
    risk: Float[Array, "batch"] | float = np.nan
    risk_error: Float[Array, "batch"] | float = np.nan

    def __post_init__(self) -> None:
        if not np.isfinite(self.law.masses).all():
            raise InputError(
                "the generated law is not finite; train for a shorter time, or in smaller steps"
            )


class Learner(Protocol):
    """What trains the models of a generation."""

    def learn(
        self, mixture: Float[Array, "batch cells"], measure: Float[Array, "batch cells"], size: int
    ) -> Trained:
        """Train every replicate's model.

        Args:
            mixture: the law that each is to learn.
            measure: the training data, at the cells' centres; entries may be negative, where the
                mean was put right.
            size: number of training points.
        """


@dataclass(eq=False)
class LineLoop:
    """Laws ``p_0`` (real), ``p_1``, ... of a batch of replicates, on cells.

    Args:
        grid: what they are measured with.
        target: the real law on the cells.
        batch: number of replicates.
    """

    grid: LineGrid
    target: TargetLaw
    batch: int
    _laws: dict[int, Array] = field(default_factory=dict, init=False)
    _bounds: dict[int, Array] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._laws[0] = np.tile(self.target.masses, (self.batch, 1))
        self._bounds[0] = np.zeros(self.batch)
        self._smooth = self.target.left is not None and not np.any(self._jumps())
        self._smoothing, self._smoothing_error = self._stopping_bias()

    def masses(self, row: Array) -> Float[Array, "batch cells"]:
        """Cell masses of the mixture with weights ``row``."""
        return np.sum([w * self._laws[k] for k, w in enumerate(row) if w > 0], axis=0)

    def forget(self, needed: Iterable[int]) -> None:
        """Keep only the laws that are needed."""
        self._laws = {k: self._laws[k] for k in needed if k in self._laws}

    def measure(self, row: Array, shares: Array | None) -> Float[Array, "batch cells"]:
        """Training measure: shares of the points per cell, or the mixture itself.

        Points count at the centre of their cell. The mean of the measure is put right by adding
        the difference between the mixture and its binned version, to sixth order in the cell.
        """
        mixture = self.masses(row)
        shares = mixture if shares is None else shares
        if not self._smooth:
            return shares
        second = _second_difference(mixture)
        return shares - second / 24 + 3 * _second_difference(second) / 640

    def record(self, j: int, row: Array, models: Trained) -> DiffusionRecord:
        """Take in the models of generation ``j`` and measure them."""
        law = models.law
        masses = law.masses / law.masses.sum(axis=1, keepdims=True)
        self._laws[j] = masses
        mixture, grid = self.masses(row), Grid((self.grid.axis,))
        tv = total_variation(masses, self.target, 1.0, grid)
        learned = sum((w * self._laws[k] for k, w in enumerate(row) if w > 0 and k > 0), 0 * masses)
        step = total_variation(masses - learned, self.target, float(row[0]), grid)
        defect = law.defect + self.target.mass_defect
        risk, risk_error = (self._each(value) for value in (models.risk, models.risk_error))
        prior = np.where(np.isnan(risk), np.nan, self.grid.prior_divergence(mixture))
        self._chain(j, row, prior + risk + risk_error)
        return DiffusionRecord(
            tv=tv.value,
            tv_error=tv.error + law.error + defect,
            one_step_tv=step.value,
            one_step_error=step.error + law.error + defect,
            noise=np.full(self.batch, np.nan),
            mass_defect=defect,
            kl=_divergence(self.grid.stopped(mixture), masses),
            kl_bound=prior + risk,
            kl_prior=prior,
            score_risk=risk,
            score_risk_error=risk_error,
            smoothing=self._each(self._smoothing),
            smoothing_error=self._each(self._smoothing_error),
            tv_bound=np.minimum(self._bounds[j], 1.0),
            training_time=self._each(models.training_time),
        )

    def _chain(self, j: int, row: Array, divergence: Array) -> None:
        """The bound on TV of model ``j`` from its own step and those before it."""
        passed = sum(w * self._bounds[k] for k, w in enumerate(row) if w > 0)
        smoothing = self._smoothing + self._smoothing_error
        self._bounds[j] = smoothing + divergence_to_tv(divergence) + passed

    def _each(self, value: Array | float) -> Float[Array, "batch"]:
        return np.array(np.broadcast_to(value, (self.batch,)), dtype=float)

    def _stopping_bias(self) -> tuple[float, float]:
        """TV of the real law to itself noised until generation stops, and its error."""
        if self.grid.process.stop == 0:
            return 0.0, 0.0
        stopped = self.grid.stopped(self.target.masses[None])
        tv = total_variation(stopped, self.target, 1.0, Grid((self.grid.axis,)))
        return float(tv.value[0]), float(tv.error[0]) + self.target.mass_defect

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
