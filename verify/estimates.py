r"""Ratios and exponents of mean TVs, with standard errors from independent runs.

Everything here is a contrast of logarithms of means,

.. math:: \theta = \sum_g \sum_j a_{gj} \log \overline{\mathrm{TV}}_{gj},

over independent loops ``g`` and generations ``j`` of the same runs: a ratio has coefficients
``1, -1``, an exponent those of a least-squares slope. Its variance is that of the runs' influence
``sum_j a_gj TV_rgj / mean_gj`` (delta method), its degrees of freedom Welch and Satterthwaite's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import stdtr, stdtrit

from bounds.errors import ParameterError
from empirics.runs import Runs

__all__ = ["Estimate", "Term", "log_contrast", "slope_weights"]

Array = np.ndarray


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error, degrees of freedom, and worst numerical error."""

    value: float
    error: float
    freedom: float
    slack: float = 0.0

    def p_above(self, threshold: float) -> float:
        """p-value of "at most ``threshold``"."""
        return self._p(self.value - self.slack - threshold)

    def p_below(self, threshold: float) -> float:
        """p-value of "at least ``threshold``"."""
        return self._p(threshold - self.value - self.slack)

    def limits(self, alpha: float) -> tuple[float, float]:
        """Two-sided limits at error rate ``alpha``."""
        half = float(stdtrit(self.freedom, 1 - alpha / 2)) * self.error + self.slack
        return self.value - half, self.value + half

    def _p(self, distance: float) -> float:
        if self.error == 0:
            return 0.0 if distance > 0 else 1.0
        return float(stdtr(self.freedom, -distance / self.error))


@dataclass(frozen=True, eq=False)
class Term:
    """Coefficients of one loop's generations in a contrast."""

    runs: Runs
    weights: Float[Array, "generations"]


def log_contrast(terms: Sequence[Term]) -> Estimate:
    """Estimate the contrast of logarithms of mean TVs, its variance and its numerical error.

    Raises:
        ParameterError: fewer than two runs of a loop, or a mean TV of zero.
    """
    parts = [_part(term) for term in terms]
    value, variance, slack = (sum(part[i] for part in parts) for i in range(3))
    spread = sum(
        part[1] ** 2 / (term.runs.replicates - 1) for part, term in zip(parts, terms, strict=True)
    )
    freedom = variance**2 / spread if spread > 0 else np.inf
    return Estimate(float(value), float(np.sqrt(variance)), float(freedom), float(slack))


def _part(term: Term) -> tuple[float, float, float]:
    runs, weights = term.runs, term.weights
    mean = runs.tv.mean(axis=0)
    if runs.replicates < 2:
        raise ParameterError(f"replicates = {runs.replicates}: at least 2 are required for a ratio")
    used = weights != 0
    if not np.all(mean[used] > 0):
        raise ParameterError("tv: a mean of zero has no logarithm")
    a, mean = weights[used], mean[used]
    influence = (runs.tv[:, used] / mean) @ a
    slack = np.abs(a) @ (runs.tv_error[:, used].mean(axis=0) / mean)
    return float(a @ np.log(mean)), float(influence.var(ddof=1) / runs.replicates), float(slack)


def slope_weights(x: Sequence[float] | Array) -> Float[Array, "points"]:
    """Coefficients of the least-squares slope over ``x``."""
    centred = np.asarray(x, dtype=float) - np.mean(x)
    return np.asarray(centred / (centred**2).sum())
