"""What a loop asks of a model: fit to samples, then sample, and a density if there is one."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

__all__ = ["FittedModel", "HasLogDensity", "Model"]

Array = np.ndarray


@runtime_checkable
class FittedModel(Protocol):
    """A generative model after training."""

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size ..."]:
        """``size`` independent points of the generated law."""


@runtime_checkable
class HasLogDensity(FittedModel, Protocol):
    """A fitted model whose density can be evaluated, so that its TV can be measured."""

    def log_density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """Logarithm of the density at points ``x``."""


@runtime_checkable
class Model(Protocol):
    """Anything that can be trained on samples."""

    def fit(self, samples: Float[Array, "size ..."], generator: np.random.Generator) -> FittedModel:
        """Train on ``samples``: shape ``(size,)`` in one dimension, ``(size, d)`` otherwise."""
