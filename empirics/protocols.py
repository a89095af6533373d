"""The interface of a model in a loop, and the checks of what it answers.

A model is fitted to samples; it is sampled, and has a density if there is one. Points that it is
given, points that it has drawn and log densities are brought into one shape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from empirics.data.arrays import real_numbers
from empirics.errors import DensityError, InputError, of_density

__all__ = [
    "FittedModel",
    "HasLogDensity",
    "Model",
    "OnGrid",
    "as_points",
    "check_pointwise",
    "drawn_points",
    "flat",
    "log_densities",
]

Array = np.ndarray
_LOG = "log_density"
_FEW = 3
_SAME = 1e-3
"""Relative difference that rounding and adaptive steps may make."""


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
    points = real_numbers("samples", samples)
    if points.ndim not in (1, 2) or points.shape[1:] == (0,):
        raise InputError(f"samples: shape {points.shape}; must be (size,) or (size, d)")
    return flat(points)


def drawn_points(name: str, given: Any, size: int, dimension: int) -> Float[Array, "size ..."]:
    """Points that a model has drawn: ``(size,)`` on the line, ``(size, d)`` otherwise.

    Raises:
        InputError: no finite real numbers, or another shape.
    """
    drawn = flat(real_numbers(f"{name}: sample", given))
    if not np.all(np.isfinite(drawn)):
        raise InputError(f"{name}: sampled values that are not finite")
    if drawn.shape != ((size,) if dimension == 1 else (size, dimension)):
        raise InputError(
            f"{name}: sampled an array of shape {drawn.shape}; must be ({size},), or ({size}, d) in"
            f" d > 1 dimensions; the target has {dimension}"
        )
    return drawn


def log_densities(given: Any, size: int) -> Float[Array, "size"]:
    """Log densities at ``size`` points, one number each; minus infinity is a density of zero.

    Raises:
        DensityError: no real numbers, another shape, not a number, or plus infinity.
    """
    with of_density(_LOG):
        found = flat(real_numbers(_LOG, given))
    if found.shape != (size,):
        raise DensityError(
            _LOG, f"has shape {found.shape} at {size} points; must be one number each"
        )
    if bad := int(np.sum(np.isnan(found) | (found == np.inf))):
        raise DensityError(
            _LOG,
            "must be finite, or minus infinity where the density is zero; is neither at"
            f" {bad} of {size} points",
        )
    return found


def check_pointwise(
    name: str, function: Callable[[Array], Any], points: Array, found: Array
) -> None:
    """Refuse a function whose value at a point depends on the others, or on chance.

    Sums over a batch, batch normalisation and dropout do that; a limit on TV that counts such
    values is none.

    Args:
        name: of the function, in messages.
        function: gives a number or a row for each point.
        points: at which it was asked.
        found: what it said.

    Raises:
        InputError: it says something else of the first few alone.
    """
    whole = np.asarray(found, dtype=float)[:_FEW]
    alone = np.asarray(function(points[:_FEW]), dtype=float)
    reach = _SAME * np.max(np.abs(whole), initial=0.0, where=np.isfinite(whole))
    same = np.isclose(alone, whole, rtol=_SAME, atol=reach, equal_nan=True)
    if not np.all(same):
        one, other = (values[~same].flat[0] for values in (alone, whole))
        raise InputError(
            f"{name}: gives {one:.6g} for a point among {len(alone)} and {other:.6g} for the same"
            f" one among {len(points)}; must depend on the point alone, and not on chance (a"
            " network must be in evaluation mode)"
        )


def flat(points: Array) -> Array:
    """Points of one coordinate as ``(size,)``, whichever way a model hands them out."""
    return points[:, 0] if points.ndim == 2 and points.shape[1] == 1 else points
