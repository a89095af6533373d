"""Operators one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Annotated, Any

import numpy as np
from jaxtyping import Float

from bounds import operators
from bounds.discovery import Part
from empirics.errors import InputError
from empirics.operators._base import (
    Acting,
    Draw,
    NormalImage,
    Operator,
    Space,
    acts_on_laws,
    drawn,
    of_normal,
    require_certified,
)

__all__ = ["KINDS", "Composed", "each"]

Array = np.ndarray


@dataclass(frozen=True)
class Composed(Acting):
    """Every sample passes all operators, the first one first.

    Args:
        parts: the operators.

    Raises:
        InputError: there is none, or one is no operator.
    """

    parts: Annotated[tuple[Any, ...], Part("empirics.operators", several=True)]

    def __post_init__(self) -> None:
        parts = tuple(self.parts) if isinstance(self.parts, Sequence) else ()
        if not parts or not all(isinstance(part, Operator) for part in parts):
            raise InputError(f"parts = {self.parts!r}: must be operators, at least one")
        object.__setattr__(self, "parts", parts)

    @property
    def reach(self) -> float:  # type: ignore[override]
        """Standard deviation of the noise of all operators together."""
        return float(np.sqrt(sum(getattr(p, "reach", 0.0) ** 2 for p in self.parts)))

    @property
    def acts_on_laws(self) -> bool:
        """Whether every operator acts on laws, not only on samples."""
        return all(map(acts_on_laws, self.parts))

    @property
    def settles(self) -> bool:  # type: ignore[override]
        """Whether one of the operators depends on the law that it acts on."""
        return any(getattr(part, "settles", False) for part in self.parts)

    def settled(self, points: Float[Array, "size ..."], generator: np.random.Generator) -> Composed:
        """Every operator settled for what reaches it."""
        done = []
        for part in self.parts:
            own = part.settled(points, generator) if getattr(part, "settles", False) else part
            points = own.samples(points, generator)
            done.append(own)
        return Composed(tuple(done))

    def drawn(
        self, draw: Draw, size: int, generator: np.random.Generator
    ) -> Float[Array, "size ..."]:
        """Points of the last law."""
        *before, last = self.parts
        if not before:
            return drawn(last, draw, size, generator)
        earlier = Composed(tuple(before))
        return drawn(last, lambda n: earlier.drawn(draw, n, generator), size, generator)

    def samples(
        self, points: Float[Array, "size ..."], generator: np.random.Generator
    ) -> Float[Array, "kept ..."]:
        """The points that are left after all operators."""
        for part in self.parts:
            points = part.samples(points, generator)
        return points

    def act(self, masses: Float[Array, "batch ..."], space: Space) -> Float[Array, "batch ..."]:
        """All operators, one after the other."""
        for part in self.parts:
            masses = part.act(masses, space)
        return masses

    def constant(self, real: Float[Array, "..."], space: Space) -> float:
        """The product of the constants, each at what has become of the real law by then."""
        found = []
        for part in self.parts:
            found.append(require_certified(part).constant(real, space))
            if part is not self.parts[-1]:
                real = part.act(real[None], space)[0]
        return float(prod(found) if len(found) != 2 else operators.composition(*found))

    def of_normal(self, mean: float, variance: float) -> NormalImage:
        """All operators, one after the other."""
        image = NormalImage(1.0, 0.0, variance, 1.0)
        for part in self.parts:
            real = image.slope * mean + image.shift
            image = _after(image, of_normal(part, real, image.variance))
        return image

    def check_dimension(self, dimension: int) -> None:
        """Refuse a dimension that one of the operators does not take."""
        for part in self.parts:
            if check := getattr(part, "check_dimension", None):
                check(dimension)


def _after(first: NormalImage, second: NormalImage) -> NormalImage:
    known = first.constant is not None and second.constant is not None
    return NormalImage(
        second.slope * first.slope,
        second.slope * first.shift + second.shift,
        second.variance,
        operators.composition(first.constant, second.constant) if known else None,
    )


def each(
    parts: Annotated[Sequence[Any], Part("empirics.operators", several=True)],
) -> tuple[Any, ...]:
    """One operator for the samples of each model.

    Args:
        parts: operators of models 1, 2, ...
    """
    return tuple(parts)


KINDS = (Composed, each)
