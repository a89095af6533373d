"""The interface of an operator in a loop, and the passage of points and laws through one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from empirics.errors import InputError
from empirics.grid import Axis, Grid

__all__ = [
    "Acting",
    "AxisChannel",
    "Channel",
    "Draw",
    "Letters",
    "NormalImage",
    "Operator",
    "Selection",
    "Space",
    "acts_on_laws",
    "cdf_at",
    "drawn",
    "not_normal",
    "of_normal",
    "require_certified",
    "scored",
    "settled",
]

Array = np.ndarray
Draw = Callable[[int], Array]
_SETTLING = (2**12, 2**18)
"""Least and most points from which an operator learns what it needs to know of a law."""
_TIMES_SIZE = 16
"""Those points over the points that are wanted, so that what is learned is sharper than these."""
_DEGREE = 7
"""Of the spline through a distribution function: odd, and high enough for 1e-10 at six cells on a
standard deviation."""
_MOST_TRIED = 10**8
_PATIENCE = 10**4
"""Points tried for each point wanted before an operator counts as one that keeps nothing."""


@dataclass(frozen=True)
class Letters:
    """An alphabet ``0, 1, ...`` as a space whose cells are its letters."""

    count: int

    @property
    def dimension(self) -> int:
        """Letters are not in space."""
        return 0

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of letters."""
        return (self.count,)

    def points(self) -> Float[Array, "letters"]:
        """The letters, as points at which scores are taken."""
        return np.arange(self.count, dtype=float)


Space = Grid | Letters
"""The places at which laws have their masses."""


@dataclass(frozen=True)
class NormalImage:
    """The image of normal laws of one variance: ``N(m, v)`` passes to a normal law, for every m.

    Args:
        slope: the mean becomes ``slope * m + shift``.
        shift: see ``slope``.
        variance: of the law that ``N(m, v)`` passes to.
        constant: as of :meth:`Acting.constant`, for the normal real law that was asked about;
            ``None`` if none is known.
    """

    slope: float
    shift: float
    variance: float
    constant: float | None


@runtime_checkable
class Operator(Protocol):
    """A change of a model's samples before anyone trains on them.

    Further methods that a loop uses where there are any: those of :class:`Acting`; ``drawn(draw,
    size, generator)`` instead of ``samples``; where ``settles`` is true, ``settled(points,
    generator)``, the operator that knows what it needs of the law of the points.
    """

    def samples(
        self, points: Float[Array, "size ..."], generator: np.random.Generator
    ) -> Float[Array, "kept ..."]:
        """The image of independent points of one law; any number of points, in any order."""


class Acting(ABC):
    """An operator that also acts on laws given by their masses."""

    reach: float = 0.0
    """Standard deviation of what is added to a point along an axis: what a grid must hold."""
    settles: bool = False
    """Whether it depends on the law, and must be told of it by ``settled``."""

    @abstractmethod
    def samples(
        self, points: Float[Array, "size ..."], generator: np.random.Generator
    ) -> Float[Array, "kept ..."]:
        """The image of independent points of one law."""

    @abstractmethod
    def act(self, masses: Float[Array, "batch ..."], space: Space) -> Float[Array, "batch ..."]:
        """Masses of the laws ``Tp``; the total of each stays as it is.

        Args:
            masses: of the laws ``p``, not negative, batch axis first.
            space: their cells.

        Raises:
            InputError: it does not act on such a space, or not on one of the laws.
        """

    @abstractmethod
    def constant(self, real: Float[Array, "..."], space: Space) -> float:
        """A certified ``Lam`` with ``TV(Tp, Tp_0) <= Lam TV(p, p_0)`` for every law ``p``.

        Args:
            real: masses of ``p_0``, without a batch axis.
            space: its cells.

        Raises:
            InputError: none is known.
        """

    def of_normal(self, mean: float, variance: float) -> NormalImage:
        """The image of normal laws on the line, where these stay normal.

        Args:
            mean: of the real law, for the constant alone.
            variance: of all laws.

        Raises:
            InputError: what they pass to is not normal.
        """
        del mean, variance
        raise not_normal(self)

    def check_dimension(self, dimension: int) -> None:
        """Refuse points of so many coordinates; 0 stands for letters.

        Raises:
            InputError: it does not act there.
        """
        del dimension


class Selection(Acting):
    """An operator that keeps some points as they are, by a score of each."""

    score: Any

    def act(self, masses: Float[Array, "batch ..."], space: Space) -> Float[Array, "batch ..."]:
        """The score of a cell is that of its centre."""
        flat = masses.reshape(len(masses), -1)
        points = space.points().reshape(flat.shape[1], *([-1] if space.dimension > 1 else []))
        kept = flat * self.odds(flat, scored(self.score, points))
        total = kept.sum(axis=1, keepdims=True)
        if not np.all(total > 0):
            raise InputError(f"{self!r}: keeps nothing of a law")
        return (kept * (flat.sum(axis=1, keepdims=True) / total)).reshape(masses.shape)

    @abstractmethod
    def odds(
        self, masses: Float[Array, "batch cells"], scores: Float[Array, "cells"]
    ) -> Float[Array, "batch cells"]:
        """Density of ``Tp`` relative to ``p`` in every cell, up to a constant for each law."""

    def check_dimension(self, dimension: int) -> None:
        """Refuse a dimension that the score does not take."""
        if check := getattr(self.score, "check_dimension", None):
            check(dimension)


class Channel(Acting):
    """A Markov kernel: ``Tp = int K(x, .) p(dx)``, the same for every law ``p``.

    Its constant is Dobrushin's coefficient, 1 unless the kernel says otherwise.
    """

    def act(self, masses: Float[Array, "batch ..."], space: Space) -> Float[Array, "batch ..."]:
        """Masses after the kernel, on a grid."""
        if not isinstance(space, Grid):
            raise InputError(f"between = {self!r}: acts on numbers, not on letters")
        return self._on_grid(masses, space)

    @abstractmethod
    def _on_grid(self, masses: Float[Array, "batch ..."], grid: Grid) -> Array:
        """Cell masses after the kernel."""

    def constant(self, real: Float[Array, "..."], space: Space) -> float:
        """At most one, as of every Markov kernel (``contraction of TV``)."""
        del real, space
        return 1.0

    def check_dimension(self, dimension: int) -> None:
        """Refuse a law of letters: the channel acts on numbers."""
        if dimension == 0:
            raise InputError(f"between = {self!r}: acts on numbers, not on letters")


class AxisChannel(Channel):
    """A channel that moves every coordinate by itself, given by what it does to a cdf."""

    def _on_grid(self, masses: Array, grid: Grid) -> Array:
        for i, axis in enumerate(grid.axes, start=1):
            masses = np.moveaxis(self._along(np.moveaxis(masses, i, -1), axis, i - 1), -1, i)
        return masses

    @abstractmethod
    def _along(self, masses: Float[Array, "... cells"], axis: Axis, number: int) -> Array:
        """Cell masses along one axis after the kernel; what leaves the grid is kept at its ends."""


def not_normal(operator: Any) -> InputError:
    """The refusal of an operator that does not take normal laws to normal laws."""
    return InputError(
        f"between = {operator!r}: takes a normal law to one that is not normal; a closed form needs"
        " Noise, Shrinking, a Tilt by Exponential(Toward(...)), or Composed of these"
    )


def of_normal(operator: Any, mean: float, variance: float) -> NormalImage:
    """The image of normal laws, as :meth:`Acting.of_normal`.

    Raises:
        InputError: what they pass to is not normal, or the operator does not say.
    """
    if not callable(getattr(operator, "of_normal", None)):
        raise not_normal(operator)
    image: NormalImage = operator.of_normal(mean, variance)
    return image


def require_certified(operator: Any) -> Any:
    """The operator, if it has a certified constant.

    Raises:
        InputError: it has none.
    """
    if not callable(getattr(operator, "constant", None)):
        raise InputError(f"between = {operator!r}: has no certified constant(real, space)")
    return operator


def scored(score: Any, points: Float[Array, "places ..."]) -> Float[Array, "places"]:
    """The scores that a function gives to points, checked.

    Raises:
        InputError: they are no finite numbers, one for each.
    """
    values = np.asarray(score(points), dtype=float)
    if values.shape != points.shape[:1] or not np.isfinite(values).all():
        raise InputError(f"{score!r}: must give one finite number for each point")
    return values


def acts_on_laws(operator: Any) -> bool:
    """Whether the operator acts on masses."""
    acts = getattr(operator, "acts_on_laws", None)
    return callable(getattr(operator, "act", None)) if acts is None else bool(acts)


def settled(operator: Any, draw: Draw, size: int, generator: np.random.Generator) -> Any:
    """The operator, told what it needs to know of the law that ``draw`` draws from.

    Args:
        operator: any.
        draw: gives so many independent points of the law.
        size: points that will be wanted of it.
        generator: source of the operator's randomness.
    """
    if not getattr(operator, "settles", False):
        return operator
    least, most = _SETTLING
    return operator.settled(draw(min(max(_TIMES_SIZE * size, least), most)), generator)


def drawn(
    operator: Any, draw: Draw, size: int, generator: np.random.Generator
) -> Float[Array, "size ..."]:
    """``size`` points of ``Tp``.

    Args:
        operator: ``T``; settled, if it depends on the law.
        draw: gives so many independent points of ``p``.
        size: points wanted.
        generator: source of the operator's randomness.

    Raises:
        InputError: the operator keeps next to nothing.
    """
    if hasattr(operator, "drawn"):
        return np.asarray(operator.drawn(draw, size, generator))
    parts: list[Array] = []
    have = tried = 0
    ask = size
    while have < size or not parts:
        part = np.asarray(operator.samples(draw(ask), generator), dtype=float)
        parts.append(part)
        have, tried = have + len(part), tried + ask
        if have < size:
            if tried > _PATIENCE * size + _SETTLING[1] and tried > _PATIENCE * have:
                raise InputError(f"between = {operator!r}: kept {have} of {tried} points")
            rate = max(have, 0.5) / tried
            ask = min(int((size - have) / rate * 1.05) + 16, max(_MOST_TRIED // 10, size))
    return np.concatenate(parts)[:size]


def cdf_at(masses: Float[Array, "... cells"], axis: Axis) -> Callable[[Array], Array]:
    """The distribution function between the edges of cells, from a spline through the edges.

    It is evaluated at points and gives an array with these on its last axis; below the grid it is
    zero and above the total.
    """
    # scipy.interpolate takes a quarter of a second to import, and few loops need it.
    from scipy.interpolate import make_interp_spline

    below = np.concatenate([np.zeros((*masses.shape[:-1], 1)), masses.cumsum(axis=-1)], axis=-1)
    spline = make_interp_spline(axis.edges, below, k=_DEGREE, axis=-1)

    def at(x: Array) -> Array:
        value = spline(np.clip(x, axis.low, axis.high))
        return np.clip(value, 0.0, below[..., -1:])

    return at
