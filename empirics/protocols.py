"""The interface of a model in a loop: fit to samples, sample, and a density if there is one."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from empirics.errors import InputError

__all__ = ["FittedModel", "HasLogDensity", "Model", "OnGrid", "as_points"]

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
    """Anything that can be trained on samples.

    A model whose ``fit`` also takes ``weights`` and a nominal ``size`` says so by
    ``takes_weights = True``.
    """

    def fit(self, samples: Float[Array, "size ..."], generator: np.random.Generator) -> FittedModel:
        """Train on ``samples``: shape ``(size,)`` in one dimension, ``(size, d)`` otherwise."""


@runtime_checkable
class OnGrid(Protocol):
    """A model whose laws can be held on a grid, so that TV needs no sampling.

    ``grid_dimensions`` are the dimensions in which it has such an engine, and ``grid_engine`` is
    where that stands, as ``"package.module:Name"``; it is imported when a loop is run.
    """

    grid_dimensions: ClassVar[tuple[int, ...]]
    grid_engine: ClassVar[str]

    def fit(self, samples: Float[Array, "size ..."], generator: np.random.Generator) -> FittedModel:
        """Fit to samples, as :class:`Model` does."""


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
