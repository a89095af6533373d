"""What a loop asks of a model: fit to samples, then sample, and a density if there is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:
    from empirics.experiment import Experiment
    from empirics.grid_laws import Record

__all__ = ["Engine", "FittedModel", "HasEngine", "HasLogDensity", "Model"]

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


@runtime_checkable
class Engine(Protocol):
    """What runs an experiment with the laws held on a grid, so that TV needs no sampling."""

    def batch(self) -> int:
        """Replicates that are run together."""

    def by_counts(self, replicates: range) -> list[Record]:
        """Run replicates with training sets as cell counts; one record per generation."""

    def by_points(self, replicate: int) -> Iterator[Record]:
        """Run and measure one replicate with training sets as points."""


@runtime_checkable
class HasEngine(Protocol):
    """A model whose loops can be computed on a grid."""

    def engine(self, experiment: Experiment) -> Engine | None:
        """The engine for an experiment; ``None`` where the model has none, as in many dimensions.

        Raises:
            InputError: the experiment does not suit the model.
        """
