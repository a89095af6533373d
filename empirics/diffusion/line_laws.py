"""The laws of a diffusion loop on the line."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from empirics.diffusion.cell_laws import CellLaws
from empirics.diffusion.line_grid import Carried, LineGrid
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.grid import Grid
from empirics.target_law import target_law
from empirics.targets import Target

__all__ = ["LineLaws"]

Array = np.ndarray
_JUMP = 1e-3
"""Gap at a cell edge, over the largest mass of a cell, that counts as a jump of the density."""


@dataclass(eq=False)
class LineLaws(CellLaws):
    """Laws of a batch of replicates on the line.

    Args:
        grid: what they are measured with.
    """

    grid: LineGrid = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._smooth = self.target.left is not None and not np.any(self._jumps())

    @classmethod
    def of(cls, target: Target, batch: int, grid: LineGrid) -> LineLaws:
        """The laws of a batch, before the first generation."""
        return cls(target_law(target, Grid((grid.axis,))), batch, grid=grid)

    @property
    def process(self) -> OrnsteinUhlenbeck:
        """The forward process."""
        return self.grid.process

    @property
    def cells(self) -> Grid:
        """Cells of the grid on which laws live."""
        return Grid((self.grid.axis,))

    def stopped(self, masses: Float[Array, "batch cells"]) -> Float[Array, "batch cells"]:
        """Cell masses of laws noised up to ``stop``."""
        return self.grid.stopped(masses)

    def prior_divergence(self, masses: Float[Array, "batch cells"]) -> Float[Array, "batch"]:
        """Bound on KL of the laws, noised up to ``horizon``, to the prior."""
        return self.grid.prior_divergence(masses)

    def carried(self, masses: Float[Array, "batch cells"]) -> Carried:
        """The real law at the times of the risk."""
        return self.grid.carried(masses)

    def measure(self, row: Array, shares: Array | None) -> Float[Array, "batch cells"]:
        """Training measure; where the density jumps, the mean is left as it is."""
        mixture = self.masses(row)
        return self.corrected(mixture, mixture if shares is None else shares)

    def corrected(
        self, masses: Float[Array, "batch cells"], shares: Float[Array, "batch cells"] | None = None
    ) -> Float[Array, "batch cells"]:
        """Shares of points whose mean is put right, from the masses that they have in the mean.

        Args:
            masses: of the mixture, or of a change of it.
            shares: of the points; the masses themselves if ``None``.
        """
        shares = masses if shares is None else shares
        if not self._smooth:
            return shares
        second = _second_difference(masses)
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
