"""Shrinking towards a point: sampling with a bias for quality over diversity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from empirics.errors import InputError, number
from empirics.grid import Axis
from empirics.operators._base import AxisChannel, NormalImage, Space, cdf_at
from empirics.operators._scores import Vector
from empirics.parameters import Positive

__all__ = ["KINDS", "Shrinking"]

Array = np.ndarray


@dataclass(frozen=True)
class Shrinking(AxisChannel):
    r"""Move every point by :math:`x \mapsto c + \sqrt{\lambda}\,(x - c)`.

    Source: the biased sampling of Alemohammad et al., "Self-consuming generative models go MAD",
    ICLR 2024, where ``c`` is the mean of the law itself. A fixed ``c`` makes it a channel, whose
    constant is 1; with the law's own mean no constant is known.

    Args:
        factor: ``lambda`` > 0, by which variances are multiplied; below 1 for less diversity.
        centre: ``c``, a number or one for each coordinate; ``None`` for the law's own mean.

    Raises:
        InputError: an argument is no such number.
    """

    factor: Positive
    centre: Vector = None

    def __post_init__(self) -> None:
        number("factor", self.factor, above=0)
        if self.centre is None:
            return
        found = self.centre.tolist() if isinstance(self.centre, np.ndarray) else self.centre
        if isinstance(found, Sequence) and not isinstance(found, str):
            found = tuple(number(f"centre[{i}]", c) for i, c in enumerate(found))
        else:
            number("centre", found)
        object.__setattr__(self, "centre", found)

    def check_dimension(self, dimension: int) -> None:
        """Refuse letters, and a centre with another number of coordinates."""
        super().check_dimension(dimension)
        own = len(self.centre) if isinstance(self.centre, tuple) else 1
        if self.centre is not None and own not in (1, dimension):
            raise InputError(f"centre = {self.centre}: the points have {dimension} coordinates")

    @property
    def settles(self) -> bool:  # type: ignore[override]
        """Whether it moves with the law's mean."""
        return self.centre is None

    def settled(self, points: Float[Array, "size ..."], generator: Any) -> Shrinking:
        """The same around the mean of these points."""
        del generator
        return Shrinking(self.factor, np.atleast_1d(points.mean(axis=0)))

    def samples(
        self, points: Float[Array, "size ..."], generator: np.random.Generator
    ) -> Float[Array, "size ..."]:
        """The points, each moved towards the centre."""
        del generator
        centre = points.mean(axis=0) if self.centre is None else np.asarray(self.centre)
        return centre + np.sqrt(self.factor) * (points - centre)

    def of_normal(self, mean: float, variance: float) -> NormalImage:
        """The map of the mean; the variance times the factor."""
        del mean
        variance *= self.factor
        if self.centre is None:
            return NormalImage(1.0, 0.0, variance, None)
        root = float(np.sqrt(self.factor))
        return NormalImage(root, (1 - root) * float(np.ravel(self.centre)[0]), variance, 1.0)

    def constant(self, real: Float[Array, "..."], space: Space) -> float:
        """One for a fixed centre."""
        if self.centre is None:
            raise InputError(f"between = {self!r}: moves with the law's mean; no constant is known")
        return super().constant(real, space)

    def _along(self, masses: Float[Array, "... cells"], axis: Axis, number: int) -> Array:
        root = np.sqrt(self.factor)
        if self.centre is not None:
            centre = np.ravel(self.centre)[number if np.size(self.centre) > 1 else 0]
            return _moved(masses, axis, centre, root)
        sums = masses.reshape(len(masses), -1, masses.shape[-1]).sum(axis=1)
        means = (sums @ axis.centres) / sums.sum(axis=1)
        return np.stack([_moved(m, axis, c, root) for m, c in zip(masses, means, strict=True)])


def _moved(masses: Float[Array, "... cells"], axis: Axis, centre: float, root: float) -> Array:
    edges = centre + (axis.edges[1:-1] - centre) / root
    below = cdf_at(masses, axis)(edges)
    total = masses.sum(axis=-1, keepdims=True)
    ends = np.concatenate([np.zeros_like(total), below, total], axis=-1)
    return np.maximum(np.diff(ends, axis=-1), 0.0)


KINDS = (Shrinking,)
