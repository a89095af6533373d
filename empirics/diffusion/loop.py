"""A batch of replicates of one loop on the line, and what trains its models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from jaxtyping import Float

from empirics.diffusion.cell_loop import CellLoop, Trained
from empirics.diffusion.line_grid import LineGrid
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.grid import Grid

__all__ = ["Learner", "LineLoop", "Trained"]

Array = np.ndarray
_JUMP = 1e-3
"""Gap at a cell edge, over the largest mass of a cell, that counts as a jump of the density."""


class Learner(Protocol):
    """What trains the models of a generation."""

    def learn(
        self, mixture: Float[Array, "batch cells"], measure: Float[Array, "batch cells"], size: int
    ) -> Trained:
        """Train every replicate's model.

        Args:
            mixture: the law that each is to learn.
            measure: the training data, at the cells' centres; entries may be negative, where the
                mean was put right.
            size: number of training points.
        """


@dataclass(eq=False)
class LineLoop(CellLoop):
    """Laws of a batch of replicates on the line.

    Args:
        grid: what they are measured with.
    """

    grid: LineGrid = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._smooth = self.target.left is not None and not np.any(self._jumps())

    @property
    def process(self) -> OrnsteinUhlenbeck:
        """The forward process."""
        return self.grid.process

    @property
    def cells(self) -> Grid:
        """The grid's cells."""
        return Grid((self.grid.axis,))

    def stopped(self, masses: Float[Array, "batch cells"]) -> Float[Array, "batch cells"]:
        """Cell masses of laws noised up to ``stop``."""
        return self.grid.stopped(masses)

    def prior_divergence(self, masses: Float[Array, "batch cells"]) -> Float[Array, "batch"]:
        """Bound on KL of the laws, noised up to ``horizon``, to the prior."""
        return self.grid.prior_divergence(masses)

    def measure(self, row: Array, shares: Array | None) -> Float[Array, "batch cells"]:
        """Training measure: shares of the points per cell, or the mixture itself.

        Points count at the centre of their cell. The mean of the measure is put right by adding
        the difference between the mixture and its binned version, to sixth order in the cell.
        """
        mixture = self.masses(row)
        shares = mixture if shares is None else shares
        if not self._smooth:
            return shares
        second = _second_difference(mixture)
        return shares - second / 24 + 3 * _second_difference(second) / 640

    def _jumps(self) -> np.ndarray:
        """Whether the target's density jumps somewhere."""
        left, right = self.target.left, self.target.right
        assert left is not None
        assert right is not None
        gap = np.abs(left[1:] - right[:-1])
        return gap > _JUMP * self.target.masses.max()


def _second_difference(masses: Float[Array, "batch cells"]) -> Float[Array, "batch cells"]:
    padded = np.pad(masses, ((0, 0), (1, 1)))
    return padded[:, 2:] - 2 * masses + padded[:, :-2]
