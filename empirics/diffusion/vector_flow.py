"""Gradient flow of networks with several outputs, which share one decomposition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from empirics.diffusion.flow import GradientFlow

__all__ = ["VectorFlow"]

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class VectorFlow:
    """One :class:`~empirics.diffusion.flow.GradientFlow` per row of ``Theta``.

    ``Sigma`` does not depend on the output, so that all rows have the same modes.
    """

    rows: tuple[GradientFlow, ...]

    @classmethod
    def of(
        cls,
        sigma: Float[Array, "batch features features"],
        cross: Float[Array, "batch outputs features"],
    ) -> VectorFlow:
        """The flow of these matrices, decomposed once for all training times."""
        first = GradientFlow.of(sigma, cross[:, 0])
        drives = np.einsum("bok,bkj->obj", cross[:, 1:], first.vectors)
        others = (GradientFlow(first.values, first.vectors, drive) for drive in drives)
        return cls((first, *others))

    def weights(
        self, tau: Float[Array, "batch times"]
    ) -> Float[Array, "batch times outputs features"]:
        """``Theta(tau)`` at several training times of each loss."""
        return np.stack([row.weights(tau) for row in self.rows], axis=2)
