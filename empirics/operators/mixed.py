"""An operator that only a share of the samples passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from jaxtyping import Float
from msgspec import Meta

from bounds import operators
from bounds.discovery import Part
from empirics.errors import InputError, number
from empirics.operators._base import (
    Acting,
    Draw,
    Operator,
    Space,
    acts_on_laws,
    drawn,
    require_certified,
)

__all__ = ["KINDS", "Mixed"]

Array = np.ndarray


@dataclass(frozen=True)
class Mixed(Acting):
    """``u T + (1 - u) id``: each sample passes ``T`` with probability ``u``.

    Args:
        operator: ``T``.
        share: ``u`` in [0, 1].

    Raises:
        InputError: an argument is outside its range.
    """

    operator: Annotated[Any, Part("empirics.operators")]
    share: Annotated[float, Meta(ge=0, le=1)]

    def __post_init__(self) -> None:
        if not number("share", self.share, at_least=0) <= 1:
            raise InputError(f"share = {self.share!r}: must be a number in [0, 1]")
        if not isinstance(self.operator, Operator):
            raise InputError(f"operator = {self.operator!r}: must have samples(points, generator)")

    @property
    def reach(self) -> float:  # type: ignore[override]
        """The reach of the operator."""
        return float(getattr(self.operator, "reach", 0.0))

    @property
    def acts_on_laws(self) -> bool:
        """Whether the operator maps laws, and the mixture with it."""
        return acts_on_laws(self.operator)

    @property
    def settles(self) -> bool:  # type: ignore[override]
        """Whether the operator depends on the law, and with it the mixture."""
        return bool(getattr(self.operator, "settles", False))

    def settled(self, points: Float[Array, "size ..."], generator: np.random.Generator) -> Mixed:
        """The same mixture with the operator told what it needs of the law of the points."""
        return Mixed(self.operator.settled(points, generator), self.share)

    def drawn(
        self, draw: Draw, size: int, generator: np.random.Generator
    ) -> Float[Array, "size ..."]:
        """Points of the mixture, as many of each part as fall to it."""
        passed = int(generator.binomial(size, self.share))
        parts = [draw(size - passed)] if passed < size else []
        if passed:
            parts.append(drawn(self.operator, draw, passed, generator))
        return generator.permutation(np.concatenate(parts)) if parts else draw(0)

    def samples(
        self, points: Float[Array, "size ..."], generator: np.random.Generator
    ) -> Float[Array, "kept ..."]:
        """Points that pass with probability ``u``; at most half of the points are tried for that.

        An operator that keeps few of its points lets few of the others be used.
        """
        half = len(points) // 2
        passed, plain = self.operator.samples(points[:half], generator), points[half:]
        labels = generator.random(len(plain) + len(passed)) < self.share
        enough = (labels.cumsum() <= len(passed)) & ((~labels).cumsum() <= len(plain))
        labels = labels[enough]
        out = np.empty((len(labels), *points.shape[1:]))
        out[labels], out[~labels] = passed[: labels.sum()], plain[: (~labels).sum()]
        return out

    def act(self, masses: Float[Array, "batch ..."], space: Space) -> Float[Array, "batch ..."]:
        """The mixture of both."""
        return self.share * self.operator.act(masses, space) + (1 - self.share) * masses

    def constant(self, real: Float[Array, "..."], space: Space) -> float:
        """``u Lam + 1 - u``."""
        inner = require_certified(self.operator).constant(real, space)
        return float(operators.mixture(self.share, inner))

    def check_dimension(self, dimension: int) -> None:
        """Refuse a dimension that the operator does not take."""
        if check := getattr(self.operator, "check_dimension", None):
            check(dimension)


KINDS = (Mixed,)
