"""Keep the best share by a score: truncation selection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from jaxtyping import Float
from msgspec import Meta

from bounds import operators
from empirics.errors import InputError, number
from empirics.operators._base import Selection, Space, scored
from empirics.operators._scores import PLAIN, Score, ScoreWord, Terms, levels_of

__all__ = ["KINDS", "KeepTop", "keep_top"]

Array = np.ndarray


@dataclass(frozen=True)
class KeepTop(Selection):
    """The law restricted to its own best share by a score.

    Of points, those above a threshold are kept: the law's own, found once from many of its points,
    in a loop; that of the batch itself if there is no such threshold. Points at the threshold are
    kept at random, so that the share comes out. The constant is ``1 / share``
    (``keep-top-constant``).

    Args:
        share: of the law that is kept, in (0, 1].
        score: of points; any score, larger is better.

    Raises:
        InputError: an argument is outside its range.
    """

    share: float
    score: Score
    _threshold: tuple[float, float] | None = field(default=None, repr=False, init=False)

    def __post_init__(self) -> None:
        if not number("share", self.share, above=0) <= 1:
            raise InputError(f"share = {self.share!r}: must be a number in (0, 1]")
        if not callable(self.score):
            raise InputError(f"score = {self.score!r}: must be a score, such as Along(1.0)")

    settles = True

    def settled(self, points: Float[Array, "size ..."], generator: Any) -> KeepTop:
        """The same with the threshold of these points."""
        del generator
        made = KeepTop(self.share, self.score)
        object.__setattr__(made, "_threshold", self._found(scored(self.score, points)))
        return made

    def samples(
        self, points: Float[Array, "size ..."], generator: np.random.Generator
    ) -> Float[Array, "kept ..."]:
        """Points above the threshold."""
        scores = scored(self.score, points)
        if not len(points):
            return points
        level, part = self._threshold or self._found(scores)
        kept = (scores > level) | ((scores == level) & (generator.random(len(points)) < part))
        return points[kept]

    def _found(self, scores: Float[Array, "size"]) -> tuple[float, float]:
        """The threshold, and the part that is kept of the points at it."""
        wanted = self.share * len(scores)
        level = float(np.sort(scores)[::-1][min(int(np.ceil(wanted)), len(scores)) - 1])
        above, at = (scores > level).sum(), (scores == level).sum()
        return level, float((wanted - above) / at)

    def odds(
        self, masses: Float[Array, "batch cells"], scores: Float[Array, "cells"]
    ) -> Float[Array, "batch cells"]:
        """One above the threshold, zero below it, in part at it."""
        levels = levels_of(masses, scores)
        above = 1 - levels.up_to
        at = levels.up_to - levels.below
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(at > 0, (self.share - above) / at, above < self.share)
        return np.clip(part, 0.0, 1.0)[:, levels.level]

    def constant(self, real: Float[Array, "..."], space: Space) -> float:
        """``1 / share``."""
        del real, space
        return float(operators.keep_top(self.share))


def keep_top(
    share: Annotated[float, Meta(gt=0, le=1)], score: ScoreWord = "along", terms: Terms = PLAIN
) -> KeepTop:
    """Keep the best share by a score.

    Args:
        share: in (0, 1].
        score: ``"toward"`` a centre, ``"along"`` or ``"sigmoid"`` along a direction, or
            ``"per-letter"``.
        terms: its parameters.

    Raises:
        InputError: a parameter is not the score's.
    """
    return KeepTop(share, terms.score(score, "score"))


KINDS = (keep_top,)
