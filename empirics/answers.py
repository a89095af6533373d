"""What a model answers, checked and brought into one shape: its points and its log densities."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

from empirics.data.arrays import real_numbers
from empirics.errors import InputError

__all__ = ["drawn_points", "flat", "log_densities"]

Array = np.ndarray


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
        InputError: no real numbers, another shape, not a number, or infinite.
    """
    found = flat(real_numbers("log_density", given))
    if found.shape != (size,):
        raise InputError(
            f"log_density: has shape {found.shape} at {size} points; must be one number each"
        )
    return found


def flat(points: Array) -> Array:
    """Points of one coordinate as ``(size,)``, whichever way a model hands them out."""
    return points[:, 0] if points.ndim == 2 and points.shape[1] == 1 else points
