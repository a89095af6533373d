"""Rewards, scores and weights of points, as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int

from bounds.discovery import Fields, Written
from empirics.errors import InputError, number, one_of
from empirics.parameters import Positive

__all__ = [
    "PLAIN",
    "Along",
    "BoundedWord",
    "Exponential",
    "Levels",
    "PerLetter",
    "Score",
    "ScoreTerms",
    "ScoreWord",
    "Sigmoid",
    "Terms",
    "Toward",
    "Vector",
    "levels_of",
]

Array = np.ndarray
Vector = Annotated[Any, Written(float | list[float] | None)]
"""A number, or one for each coordinate."""


@runtime_checkable
class Score(Protocol):
    """A number for every point; one that is bounded says its ``supremum``."""

    def __call__(self, points: Float[Array, "places ..."]) -> Float[Array, "places"]:
        """Scores of points ``(places,)``, or ``(places, d)`` in ``d > 1`` dimensions."""


def _vector(name: str, value: Any) -> float | tuple[float, ...]:
    value = value.tolist() if isinstance(value, np.ndarray) else value
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value):
        found = tuple(number(f"{name}[{i}]", v) for i, v in enumerate(value))
        return found[0] if len(found) == 1 else found
    return number(name, value)


def _check(name: str, value: Any, dimension: int) -> None:
    own = len(value) if isinstance(value, tuple) else 1
    if own != dimension:
        raise InputError(f"{name} = {value}: has {own} coordinates, the points have {dimension}")


@dataclass(frozen=True)
class Toward:
    """``-|x - centre|^2 / (2 width^2)``: the closer, the better; its largest value is 0.

    Args:
        centre: a number, or one for each coordinate.
        width: > 0.
    """

    centre: float | tuple[float, ...] = 0.0
    width: float = 1.0

    supremum = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "centre", _vector("centre", self.centre))
        number("width", self.width, above=0)

    def __call__(self, points: Float[Array, "places ..."]) -> Float[Array, "places"]:
        """Scores of points."""
        square = (points - np.asarray(self.centre)) ** 2
        return -0.5 * (square if square.ndim == 1 else square.sum(axis=1)) / self.width**2

    def check_dimension(self, dimension: int) -> None:
        """Refuse points of another dimension."""
        _check("centre", self.centre, max(dimension, 1))


@dataclass(frozen=True)
class Along:
    """``direction . x``, which has no largest value.

    Args:
        direction: a number, or one for each coordinate.
    """

    direction: float | tuple[float, ...] = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "direction", _vector("direction", self.direction))

    def __call__(self, points: Float[Array, "places ..."]) -> Float[Array, "places"]:
        """Scores of points."""
        return points * self.direction if points.ndim == 1 else points @ np.array(self.direction)

    def check_dimension(self, dimension: int) -> None:
        """Refuse points of another dimension."""
        _check("direction", self.direction, max(dimension, 1))


@dataclass(frozen=True)
class Sigmoid:
    """``height / (1 + exp(-(direction . x - level)))``, between 0 and ``height``.

    Args:
        direction: a number, or one for each coordinate.
        level: where the score is half its height.
        height: > 0.
    """

    direction: float | tuple[float, ...] = 1.0
    level: float = 0.0
    height: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "direction", _vector("direction", self.direction))
        number("level", self.level)
        number("height", self.height, above=0)

    @property
    def supremum(self) -> float:
        """Largest value of the score: its height."""
        return self.height

    def __call__(self, points: Float[Array, "places ..."]) -> Float[Array, "places"]:
        """Scores of points."""
        z = Along(self.direction)(points) - self.level
        return self.height * 0.5 * (1 + np.tanh(z / 2))

    def check_dimension(self, dimension: int) -> None:
        """Refuse points of another dimension."""
        _check("direction", self.direction, max(dimension, 1))


@dataclass(frozen=True)
class PerLetter:
    """One score for each letter of an alphabet.

    Args:
        values: finite numbers.
    """

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        found = _vector("values", self.values)
        object.__setattr__(self, "values", found if isinstance(found, tuple) else (found,))

    @property
    def supremum(self) -> float:
        """The largest of them."""
        return max(self.values)

    def __call__(self, points: Float[Array, "places"]) -> Float[Array, "places"]:
        """Scores of letters.

        Raises:
            InputError: a letter has none.
        """
        letters = np.asarray(points).astype(int)
        if letters.ndim != 1 or (len(letters) and letters.max() >= len(self.values)):
            raise InputError(f"values: are {len(self.values)}; must be one for each letter")
        return np.asarray(self.values)[letters]

    def check_dimension(self, dimension: int) -> None:
        """Refuse all but letters."""
        if dimension:
            raise InputError("values: are for letters; the points are numbers")


@dataclass(frozen=True)
class Exponential:
    """``e^r`` of a bounded reward ``r``, a weight.

    Args:
        reward: a score with a ``supremum``.
    """

    reward: Score

    def __post_init__(self) -> None:
        bounded(self.reward, "reward")

    @property
    def supremum(self) -> float:
        """``e`` to the reward's supremum."""
        return float(np.exp(bounded(self.reward, "reward")))

    def __call__(self, points: Float[Array, "places ..."]) -> Float[Array, "places"]:
        """Weights of points."""
        return np.exp(self.reward(points))

    def check_dimension(self, dimension: int) -> None:
        """Refuse a dimension that the reward does not take."""
        if check := getattr(self.reward, "check_dimension", None):
            check(dimension)


def bounded(score: Any, name: str) -> float:
    """The supremum of a score.

    Raises:
        InputError: it has none.
    """
    if not callable(score):
        raise InputError(f"{name} = {score!r}: must be a score, such as Toward(0.5)")
    supremum = getattr(score, "supremum", None)
    if supremum is None:
        raise InputError(
            f"{name} = {score!r}: must be bounded and say its supremum, which tilt-constant needs"
        )
    return number(f"{name}.supremum", supremum)


_NAMED = {"toward": Toward, "along": Along, "sigmoid": Sigmoid, "per-letter": PerLetter}


ScoreWord = Literal["toward", "along", "sigmoid", "per-letter"]
"""Scores that a study names."""


BoundedWord = Literal["toward", "sigmoid", "per-letter"]
"""Those of them that have a supremum."""


@dataclass(frozen=True, kw_only=True)
class ScoreTerms:
    """Parameters of a score that a study names by a word.

    Args:
        centre: of ``"toward"``.
        width: of ``"toward"``, > 0.
        direction: of ``"along"`` and ``"sigmoid"``.
        level: of ``"sigmoid"``, where it is half its height.
        height: of ``"sigmoid"``, > 0.
        values: of ``"per-letter"``, one for each.
    """

    centre: Vector = None
    width: Positive | None = None
    direction: Vector = None
    level: float | None = None
    height: Positive | None = None
    values: Annotated[Any, Written(list[float] | None)] = None

    def score(self, word: str, name: str) -> Score:
        """The score of a word, the value of the parameter ``name``.

        Raises:
            InputError: no score is called so, or a parameter is not one of its own.
        """
        make: Any = _NAMED[one_of(name, word, _NAMED)]
        own = make.__dataclass_fields__
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        found = {name: value for name, value in given.items() if value is not None}
        if wrong := sorted(found.keys() - own.keys()):
            known = ", ".join(own)
            raise InputError(f"{wrong[0]}: is not known of the score {word!r}; it has {known}")
        made: Score = make(**found)
        return made


Terms = Annotated[ScoreTerms, Fields(tuple(f.name for f in fields(ScoreTerms)))]
"""They stand in the table of what has the score."""


PLAIN = ScoreTerms()


@dataclass(frozen=True)
class Levels:
    """Shares of laws up to and below every distinct score, and the level of every cell."""

    up_to: Float[Array, "batch levels"]
    below: Float[Array, "batch levels"]
    level: Int[Array, "cells"]


def levels_of(masses: Float[Array, "batch cells"], scores: Float[Array, "cells"]) -> Levels:
    """Shares by level; cells of one score are of one level."""
    distinct, level = np.unique(scores, return_inverse=True)
    order = np.argsort(level, kind="stable")
    starts = np.searchsorted(level[order], np.arange(len(distinct)))
    at = np.add.reduceat(masses[:, order], starts, axis=1)
    up_to = at.cumsum(axis=1)
    total = up_to[:, -1:]
    below = np.concatenate([np.zeros_like(total), up_to[:, :-1]], axis=1)
    return Levels(up_to / total, below / total, level)
