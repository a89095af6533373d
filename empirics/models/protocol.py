"""What a loop asks of a model: fit to samples, then sample, and a density if there is one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from empirics.errors import InputError

if TYPE_CHECKING:
    from empirics.experiment import Experiment
    from empirics.grid_laws import Record

__all__ = ["Engine", "FittedModel", "HasEngine", "HasLogDensity", "Model", "as_points"]

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


def as_points(samples: Any) -> Float[Array, "size ..."]:
    """Training points: ``(size,)`` on the line, also if given as ``(size, 1)``, or ``(size, d)``.

    Raises:
        InputError: no numbers, none at all, of another shape, or partly masked.
    """
    if np.ma.is_masked(samples):
        raise InputError("samples: are partly masked; leave those points out")
    try:
        points = np.asarray(samples, dtype=float)
    except (TypeError, ValueError):
        raise InputError("samples: must be an array of numbers") from None
    if points.ndim not in (1, 2) or points.shape[1:] == (0,):
        raise InputError(f"samples: shape {points.shape}; must be (size,) or (size, d)")
    return points[:, 0] if points.shape[1:] == (1,) else points
