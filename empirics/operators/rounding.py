"""Rounding to a lattice, spread evenly over the lattice's cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from empirics.errors import number
from empirics.grid import Axis
from empirics.operators._base import AxisChannel, cdf_at
from empirics.parameters import Positive

__all__ = ["KINDS", "Rounding"]

Array = np.ndarray


@dataclass(frozen=True)
class Rounding(AxisChannel):
    """Round every coordinate to the lattice ``pitch * Z``, then add uniform noise of one pitch.

    The noise is how rounded data (images of 256 levels) is made ready for a model of densities.
    Without it the law would have no density, and TV to anything that has one would be 1.

    Args:
        pitch: distance of neighbours in the lattice, > 0.

    Raises:
        InputError: the pitch is not positive.
    """

    pitch: Positive

    def __post_init__(self) -> None:
        number("pitch", self.pitch, above=0)

    @property
    def reach(self) -> float:  # type: ignore[override]
        """Half the pitch, in which a point may be moved."""
        return self.pitch / 2

    def samples(
        self, points: Float[Array, "size ..."], generator: np.random.Generator
    ) -> Float[Array, "size ..."]:
        """Rounded points with noise."""
        noise = generator.uniform(-0.5, 0.5, points.shape)
        return self.pitch * (np.rint(points / self.pitch) + noise)

    def _along(self, masses: Float[Array, "... cells"], axis: Axis, number: int) -> Array:
        del number
        first, last = np.floor(axis.low / self.pitch - 1), np.ceil(axis.high / self.pitch + 1)
        lattice = self.pitch * (np.arange(first, last + 1) + 0.5)
        at_lattice = cdf_at(masses, axis)(lattice)
        place = np.clip((axis.edges - lattice[0]) / self.pitch, 0, len(lattice) - 1.000001)
        left = place.astype(int)
        part = place - left
        below = at_lattice[..., left] * (1 - part) + at_lattice[..., left + 1] * part
        below[..., 0], below[..., -1] = 0.0, masses.sum(axis=-1)
        return np.maximum(np.diff(below, axis=-1), 0.0)


KINDS = (Rounding,)
