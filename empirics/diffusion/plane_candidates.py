"""The models in the plane of one generation at all training times, for the rules that choose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from empirics.diffusion.plane_refining import paired
from empirics.diffusion.plane_tables import PlaneModels, PlaneTables
from empirics.diffusion.vector_flow import VectorFlow

__all__ = ["PlaneCandidates"]

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class PlaneCandidates:
    """The models of one generation at all training times."""

    size: int
    flow: VectorFlow
    mixture: Float[Array, "batch cells cells"]
    tables: PlaneTables

    @property
    def batch(self) -> int:
        """Number of replicates."""
        return len(self.mixture)

    def path_divergence(self, tau: Float[Array, "batch times"]) -> Float[Array, "batch times"]:
        """Score risk of every time under each mixture."""
        return np.stack(
            [
                self.tables.score_risk(models, mixture)
                for models, mixture in zip(self._models(tau), self.mixture, strict=True)
            ]
        )

    def distance(self, tau: Float[Array, "batch times"]) -> Float[Array, "batch times"]:
        """TV of every time's law from each mixture, on coarser cells."""
        laws = (self.tables.rough_law(models) for models in self._models(tau))
        return np.stack(
            [
                0.5 * np.abs(law - paired(mixture[None])).sum(axis=(1, 2))
                for law, mixture in zip(laws, self.mixture, strict=True)
            ]
        )

    def _models(self, tau: Array) -> list[PlaneModels]:
        return [self.tables.models(theta) for theta in self.flow.weights(tau)]
