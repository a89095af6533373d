"""The laws of a diffusion loop in the plane."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from empirics.diffusion.cell_laws import CellLaws
from empirics.diffusion.plane_noising import centred
from empirics.diffusion.plane_tables import CarriedLaw, PlaneTables
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.grid import Grid

__all__ = ["PlaneLaws"]

Array = np.ndarray


@dataclass(eq=False)
class PlaneLaws(CellLaws):
    """Laws of a batch of replicates in the plane.

    Args:
        tables: what all models share.
    """

    tables: PlaneTables = field(kw_only=True)

    _least_mass = 1e-12
    """The share of cells with less is below 1e-6."""
    _rounding = 1e-15

    @property
    def process(self) -> OrnsteinUhlenbeck:
        """The forward process."""
        return self.tables.process

    @property
    def cells(self) -> Grid:
        """The cells of the tables."""
        return self.tables.grid

    def stopped(self, masses: Float[Array, "batch cells cells"]) -> Array:
        """Cell masses of laws noised up to ``stop``."""
        return self.tables.stopped(masses)

    def prior_divergence(self, masses: Float[Array, "batch cells cells"]) -> Float[Array, "batch"]:
        """Bound on KL of the laws, noised up to ``horizon``, to the prior."""
        x, step = self.tables.axis.centres, self.tables.axis.step
        second = (masses.sum(axis=2) + masses.sum(axis=1)) @ x**2 + step**2 / 6
        return self.process.prior_divergence(second, 2)

    def carried(self, masses: Float[Array, "batch cells cells"]) -> CarriedLaw:
        """The real law, the same for all models, at the times of the risk."""
        return self.tables.carried(masses[0])

    def measure(self, row: Array, shares: Array | None) -> Float[Array, "batch cells cells"]:
        """Training measure on the centres."""
        mixture = self.masses(row)
        return centred(mixture) if shares is None else shares + centred(mixture) - mixture
