"""Gaussian noise on every point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from empirics.errors import number
from empirics.grid import Grid
from empirics.operators._base import Channel, NormalImage
from empirics.parameters import Positive

__all__ = ["KINDS", "Noise"]

Array = np.ndarray


@dataclass(frozen=True)
class Noise(Channel):
    """Add ``N(0, scale^2 I)``: compression, transmission, augmentation.

    On a grid the spectrum is multiplied by the normal law's, exact for a law that is smooth on the
    scale of the cells.

    Args:
        scale: standard deviation, > 0.

    Raises:
        InputError: the scale is not positive.
    """

    scale: Positive

    def __post_init__(self) -> None:
        number("scale", self.scale, above=0)

    @property
    def reach(self) -> float:  # type: ignore[override]
        """Largest standard deviation that the noise adds: its scale."""
        return self.scale

    def samples(
        self, points: Float[Array, "size ..."], generator: np.random.Generator
    ) -> Float[Array, "size ..."]:
        """Every point with its own noise."""
        return points + self.scale * generator.standard_normal(points.shape)

    def of_normal(self, mean: float, variance: float) -> NormalImage:
        """Normal law of the sum: variances add up."""
        del mean
        return NormalImage(1.0, 0.0, variance + self.scale**2, 1.0)

    def _on_grid(self, masses: Float[Array, "batch ..."], grid: Grid) -> Array:
        factor = grid.product(np.exp(-0.5 * (self.scale * w) ** 2) for w in grid.frequencies)
        return np.maximum(grid.inverse(grid.transform(masses) * factor), 0.0)


KINDS = (Noise,)
