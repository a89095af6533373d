"""Tilting a law by a weight: filtering, importance, reward tilting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from bounds import operators
from empirics.errors import InputError
from empirics.operators._base import NormalImage, Selection, Space, not_normal, scored
from empirics.operators._scores import (
    PLAIN,
    BoundedWord,
    Exponential,
    Score,
    Terms,
    Toward,
    bounded,
)

__all__ = ["KINDS", "Tilt", "tilt"]

Array = np.ndarray
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Tilt(Selection):
    r"""``Tp = p h / E_p h`` for a fixed weight ``h >= 0``.

    Of points, each is kept with probability ``h / sup h``, so that those kept are independent draws
    of ``Tp``. The constant is ``sup h / E_{p_0} h`` (``tilt-constant``).

    Args:
        weight: ``h``, a score with a ``supremum``; ``Exponential(r)`` for ``e^r``.

    Raises:
        InputError: the weight has no supremum, or it is not positive.
    """

    weight: Score

    def __post_init__(self) -> None:
        if not bounded(self.weight, "weight") > 0:
            raise InputError(f"weight = {self.weight!r}: must have a supremum > 0")

    @property
    def score(self) -> Any:
        """Score by which the law is tilted: the weight."""
        return self.weight

    def samples(
        self, points: Float[Array, "size ..."], generator: np.random.Generator
    ) -> Float[Array, "kept ..."]:
        """Points kept with probability ``h / sup h``."""
        odds = self._checked(scored(self.weight, points)) / bounded(self.weight, "weight")
        return points[generator.random(len(points)) < odds]

    def odds(
        self, masses: Float[Array, "batch cells"], scores: Float[Array, "cells"]
    ) -> Float[Array, "batch cells"]:
        """Weight of the points of every cell."""
        return np.broadcast_to(self._checked(scores), masses.shape)

    def constant(self, real: Float[Array, "..."], space: Space) -> float:
        """``sup h / E_{p_0} h``.

        Raises:
            InputError: the weight vanishes on the real law.
        """
        points = space.points().reshape(real.size, *([-1] if space.dimension > 1 else []))
        weights = self._checked(scored(self.weight, points))
        mean = float(weights @ real.ravel()) / float(real.sum())
        if not mean > 0:
            raise InputError(f"weight = {self.weight!r}: vanishes on the real law")
        return float(operators.tilt(bounded(self.weight, "weight"), mean))

    def of_normal(self, mean: float, variance: float) -> NormalImage:
        r"""By a weight ``exp(-(x - c)^2 / (2 w^2))``: the product of two normal densities.

        .. math:: N\Bigl(\frac{w^2 m + v c}{w^2 + v}, \frac{w^2 v}{w^2 + v}\Bigr), \qquad
                  \mathbb{E}\, h = \sqrt{\frac{w^2}{w^2 + v}}\, e^{-(m - c)^2 / (2 (w^2 + v))}.
        """
        reward = self.weight.reward if isinstance(self.weight, Exponential) else None
        if not isinstance(reward, Toward):
            raise not_normal(self)
        centre, square = float(np.ravel(reward.centre)[0]), reward.width**2
        total = square + variance
        keep = square / total
        mean_weight = np.sqrt(keep) * np.exp(-((mean - centre) ** 2) / (2 * total))
        constant = float(operators.tilt(1.0, mean_weight)) if mean_weight > 0 else None
        return NormalImage(keep, (1 - keep) * centre, keep * variance, constant)

    def _checked(self, weights: Array) -> Array:
        supremum = bounded(self.weight, "weight")
        if len(weights) and not 0 <= weights.min() <= weights.max() <= supremum * (1 + _ROUNDING):
            raise InputError(
                f"weight = {self.weight!r}: has values from {weights.min():.6g} to"
                f" {weights.max():.6g}; tilt-constant requires 0 <= h <= sup h = {supremum:.6g}"
            )
        return weights


def tilt(reward: BoundedWord = "toward", terms: Terms = PLAIN) -> Tilt:
    """Tilt by ``e^r`` of a reward.

    Args:
        reward: ``"toward"`` a centre, ``"sigmoid"`` along a direction, or ``"per-letter"``.
        terms: its parameters.

    Raises:
        InputError: a parameter is not the reward's.
    """
    return Tilt(Exponential(terms.score(reward, "reward")))


KINDS = (tilt,)
