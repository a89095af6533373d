"""Total variation of two densities by the trapezoidal rule on a lattice of a few dimensions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from jaxtyping import Float

from empirics.errors import InputError, integer

__all__ = ["LatticeDistance", "lattice_total_variation"]

Array = np.ndarray
Density = Callable[[Float[Array, "points d"]], Float[Array, "points"]]
_MOST_POINTS = 2**24


@dataclass(frozen=True)
class LatticeDistance:
    """A total variation, and an estimate of its error.

    ``error`` is the largest difference from lattices with half the points per axis, or what the
    kinks of the integrand allow if that is more; and what either density lacks to one.
    """

    value: float
    error: float


def lattice_total_variation(
    p: Density, q: Density, window: Sequence[tuple[float, float]], points: int
) -> LatticeDistance:
    """``1/2 int |p - q|`` over a box.

    Args:
        p: a density of points with coordinates on the last axis.
        q: another.
        window: ``(low, high)`` per axis; what lies outside enters the error.
        points: per axis, at least 8.

    Raises:
        InputError: a bad window, or a lattice of more than sixteen million points.
    """
    integer("points", points, at_least=8)
    ends = np.asarray(window, dtype=float)
    if ends.ndim != 2 or ends.shape[1] != 2 or not np.all(ends[:, 0] < ends[:, 1]):
        raise InputError(f"window = {window!r}: must be pairs (low, high), low < high")
    if points ** len(ends) > _MOST_POINTS:
        raise InputError(
            f"points = {points}: {points ** len(ends)} points in {len(ends)} dimensions are too"
            " many; use fewer, or empirics.distances.monte_carlo"
        )
    points += points % 2
    steps = (ends[:, 1] - ends[:, 0]) / points
    axes = [low + step * np.arange(points) for low, step in zip(ends[:, 0], steps, strict=True)]
    mesh = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    at = mesh.reshape(-1, len(axes))
    f, g = (np.reshape(law(at), mesh.shape[:-1]) for law in (p, q))
    away, cell = np.abs(f - g), prod(steps.tolist())
    fine = 0.5 * cell * float(away.sum())
    lacking = 0.5 * sum(abs(cell * float(law.sum()) - 1) for law in (f, g))
    error = 0.5 * cell * max(_spread(away), _kinks(f - g)) + lacking
    return LatticeDistance(min(fine, 1.0), error)


def _spread(values: Float[Array, "*points"]) -> float:
    """Largest difference of a sum from those over the sublattices of every second point."""
    d = values.ndim
    parts = (values[tuple(slice(s, None, 2) for s in shift)] for shift in product((0, 1), repeat=d))
    return max(abs(2**d * float(part.sum()) - float(values.sum())) for part in parts)


def _kinks(values: Float[Array, "*points"]) -> float:
    """Largest error of sums of absolute values where the sign changes.

    By the Euler-Maclaurin formula a kink of slope ``+-s`` between two points a step ``h`` apart
    adds ``s h B_2`` to the sum, ``B_2`` in [-1/12, 1/6] the Bernoulli polynomial of its place.
    """
    sums = []
    for axis in range(values.ndim):
        change = np.abs(np.diff(values, axis=axis))
        signs = values > 0
        sums.append(float(change[np.diff(signs, axis=axis)].sum()))
    return max(sums) / 6
