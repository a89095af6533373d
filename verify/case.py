"""One bound held against one set of runs, and the tests of all its generations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from bounds import Side, Statistic
from bounds.kde import Along
from empirics.runs import Runs
from verify.statistics import MeanInterval

__all__ = ["Case", "Tests"]

Array = np.ndarray
_NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Case:
    """Values of a bound held against runs.

    Args:
        runs: what was measured.
        values: ``(generations,)``, or ``(runs, generations)`` where every run has its own.
        side: of the values.
        statistic: what they speak of.
        alpha: error rate that one row may spend, or one chain of nested rows.
        limit_alpha: error rate of one row's confidence limits.
        delta: probability with which the bound may fail, where it may.
        tolerance: relative distance within which a prediction holds.
        method: how a mean is tested.
        scale: how far a run's TV strays from its mean (:func:`verify.facts.deviation_scale`).
        limits: whether limits of means are computed, and what would be refuted.
    """

    runs: Runs
    values: Along
    side: Side
    statistic: Statistic
    alpha: float
    limit_alpha: float
    delta: float = _NAN
    tolerance: float = 0.05
    method: MeanInterval = MeanInterval.BETTING
    scale: Float[Array, "generations"] | None = None
    limits: bool = True

    @property
    def least(self) -> Float[Array, "runs generations"]:
        """TV less its numerical error."""
        return np.maximum(self.runs.tv - self.runs.tv_error, 0.0)

    @property
    def most(self) -> Float[Array, "runs generations"]:
        """TV plus its numerical error."""
        return np.minimum(self.runs.tv + self.runs.tv_error, 1.0)

    @property
    def allowance(self) -> Float[Array, "..."]:
        """Distance within which a two-sided statement counts as supported; else zero."""
        if self.side in (Side.PREDICTION, Side.EXACT):
            return np.asarray(self.tolerance * self.values.value)
        return np.zeros(np.shape(self.values.value))

    @property
    def margin(self) -> Float[Array, "..."]:
        """Distance within which a two-sided statement is not violated: none if it is exact."""
        if self.side is Side.PREDICTION:
            return self.allowance
        return np.zeros(np.shape(self.values.value))

    @property
    def distance(self) -> Float[Array, "runs generations"]:
        """The excess of TV over the value; of a two-sided statement, its distance."""
        gap = self.runs.tv - self.values.value
        if self.side is Side.UPPER:
            return np.asarray(gap)
        return np.asarray(-gap if self.side is Side.LOWER else np.abs(gap))

    @property
    def missed(self) -> float:
        """Chance that the numerical error of one run and generation does not hold.

        That limits do not hold together is counted once, for all rows.
        """
        return 0.0 if self.runs.limits_only else 1 - self.runs.error_confidence

    @property
    def ratios(self) -> Float[Array, "runs generations"]:
        """Surely exceeded multiples of the bound; of a lower bound, multiples not reached."""
        if self.side is Side.LOWER:
            return self.most / np.maximum(self.values.value - self.values.error, 1e-300)
        return self.least / np.maximum(self.values.value + self.values.error, 1e-300)


@dataclass(frozen=True)
class Tests:
    """One number per generation each."""

    measured: Array
    low: Array
    high: Array
    p_violation: Array
    p_support: Array
    refuted_below: Array
