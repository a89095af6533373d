"""Choice among K independent draws: best of K, and curation by preferences."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

import numpy as np
from jaxtyping import Float
from msgspec import Meta

from bounds import operators
from empirics.errors import InputError, integer, one_of
from empirics.operators._base import Selection, Space, scored
from empirics.operators._scores import PLAIN, Score, ScoreWord, Terms, levels_of

__all__ = ["KINDS", "BestOf", "Choice", "best_of"]

Array = np.ndarray
_MOST = 10_000
_STEP = 0.35
"""Of the logarithmic variable in Laplace's integral; its error is near exp(-pi^2 / step)."""
_LEFT = 28.0
"""Range of that variable below the largest reward: the rest has mass e^-28."""
_RIGHT = 4.0
_NONE = 1e-18
"""Mass of a cell that no draw comes from."""


class Choice(StrEnum):
    """The way in which one of K draws is chosen by their rewards."""

    HARD = "hard"
    BRADLEY_TERRY = "bradley-terry"


@dataclass(frozen=True)
class BestOf(Selection):
    r"""One of ``K`` independent draws, chosen by a reward.

    ``"hard"``: the one with the largest reward, ties broken evenly. ``"bradley-terry"``: draw ``i``
    with probability :math:`e^{r(x_i)} / \sum_l e^{r(x_l)}`, the curation of Ferbach et al.,
    "Self-consuming generative models with curated data provably optimize human preferences",
    NeurIPS 2024. The constant is ``K`` (``choice-constant``).

    Args:
        draws: ``K`` >= 1.
        reward: a score of points.
        choice: ``"hard"`` or ``"bradley-terry"``.

    Raises:
        InputError: an argument is outside its range.
    """

    draws: int
    reward: Score
    choice: Choice | str = Choice.HARD

    def __post_init__(self) -> None:
        integer("draws", self.draws, at_least=1, at_most=_MOST)
        if not callable(self.reward):
            raise InputError(f"reward = {self.reward!r}: must be a score, such as Along(1.0)")
        one_of("choice", self.choice, list(Choice))
        object.__setattr__(self, "choice", Choice(self.choice))

    @property
    def score(self) -> Score:
        """Score by which the best is chosen: the reward."""
        return self.reward

    def samples(
        self, points: Float[Array, "size ..."], generator: np.random.Generator
    ) -> Float[Array, "kept ..."]:
        """One of every ``K`` points."""
        groups = len(points) // self.draws
        rewards = scored(self.reward, points[: groups * self.draws]).reshape(groups, self.draws)
        if self.choice is Choice.BRADLEY_TERRY:
            # The largest of rewards with Gumbel's noise is a choice by Bradley and Terry's odds.
            rewards = rewards + generator.gumbel(size=rewards.shape)
        best = rewards == rewards.max(axis=1, keepdims=True)
        # Ties are broken evenly: of the best, the one with the largest uniform number.
        chosen = np.where(best, generator.random(best.shape), -1.0).argmax(axis=1)
        return points[: groups * self.draws].reshape(groups, self.draws, *points.shape[1:])[
            np.arange(groups), chosen
        ]

    def odds(
        self, masses: Float[Array, "batch cells"], scores: Float[Array, "cells"]
    ) -> Float[Array, "batch cells"]:
        """Density of the chosen relative to a draw's."""
        if self.choice is Choice.HARD:
            return _hard(masses, scores, self.draws)
        return _bradley_terry(masses, scores, self.draws)

    def constant(self, real: Float[Array, "..."], space: Space) -> float:
        """Lipschitz constant in TV: ``K``."""
        del real, space
        return float(operators.choice_linear(self.draws))


def _hard(masses: Array, scores: Array, draws: int) -> Float[Array, "batch cells"]:
    r"""``(F^K - F_-^K) / (F - F_-)``: ``F`` the share of rewards up to a level, ``F_-`` below it.

    The quotient is the sum of the products ``F^i F_-^{K-1-i}``, which cancels nowhere.
    """
    levels = levels_of(masses, scores)
    upper, lower = levels.up_to, levels.below
    total = np.zeros_like(upper)
    power = np.ones_like(upper)
    # Horner's rule, in K steps; the order keeps it exact where F_- is zero.
    for _ in range(draws):
        total = total * lower + power
        power = power * upper
    return total[:, levels.level]


def _bradley_terry(masses: Array, scores: Array, draws: int) -> Float[Array, "batch cells"]:
    r"""``E[K u / (u + S)]`` for ``u = e^r`` and ``S`` the sum of the others' ``e^{r_i}``.

    By Laplace's integral it is :math:`K u \int_0^\infty e^{-tu}\, \phi(t)^{K-1} dt`,
    :math:`\phi(t) = E e^{-t e^{r}}`, for the others are independent; in ``log t`` the trapezoidal
    rule converges exponentially.
    """
    seen = masses.max(axis=0) > _NONE
    r, shares = scores[seen] - scores[seen].max(), masses[:, seen]
    times = np.arange(-_LEFT, _RIGHT - r.min(), _STEP)
    # Numbers too small to be held in full would make every product slow.
    rate = np.exp(np.minimum(times[:, None] + r, 6.0))
    decay = np.exp(-rate)
    mean = shares @ decay.T / shares.sum(axis=1, keepdims=True)
    others = np.exp((draws - 1) * np.log(np.maximum(mean, 1e-300)))
    others[others < _NONE] = 0.0
    found = np.zeros(masses.shape)
    found[:, seen] = draws * _STEP * (others @ (decay * rate))
    return found


def best_of(
    draws: Annotated[int, Meta(ge=1, le=_MOST)],
    reward: ScoreWord = "along",
    choice: Literal["hard", "bradley-terry"] = "hard",
    terms: Terms = PLAIN,
) -> BestOf:
    """One of ``draws`` points, chosen by a reward.

    Args:
        draws: K >= 1.
        reward: ``"toward"`` a centre, ``"along"`` or ``"sigmoid"`` along a direction, or
            ``"per-letter"``.
        choice: ``"hard"``, the best, or ``"bradley-terry"``.
        terms: parameters of the reward.

    Raises:
        InputError: a parameter is not the reward's.
    """
    return BestOf(draws, terms.score(reward, "reward"), choice)


KINDS = (best_of,)
