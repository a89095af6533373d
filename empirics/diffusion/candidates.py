"""The models of one generation at all training times, for the rules that choose among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from empirics.diffusion.flow import GradientFlow
from empirics.diffusion.line import LineTables

__all__ = ["Candidates"]

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Candidates:
    """The models of one generation at all training times."""

    size: int
    flow: GradientFlow
    mixture: Float[Array, "batch cells"]
    tables: LineTables

    @property
    def batch(self) -> int:
        """Number of replicates."""
        return len(self.mixture)

    def path_divergence(self, tau: Float[Array, "batch times"]) -> Float[Array, "batch times"]:
        """Score risk of every time under each mixture."""
        return self.tables.score_risk(self.flow.weights(tau), self.mixture)[0]

    def distance(self, tau: Float[Array, "batch times"]) -> Float[Array, "batch times"]:
        """TV of every time's law from each mixture, on the coarser grid."""
        theta = self.flow.weights(tau)
        law = self.tables.rough_law(theta.reshape(-1, theta.shape[-1]))
        wide = self.mixture[:, ::2] + self.mixture[:, 1::2]
        away = law.reshape(*tau.shape, -1) - wide[:, None]
        return 0.5 * np.abs(away).sum(axis=-1)
