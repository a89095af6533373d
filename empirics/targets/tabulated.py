"""A distribution function integrated once from a density, in pieces that adapt to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float
from numpy.polynomial import legendre

__all__ = ["Tabulated", "tabulate"]

Array = np.ndarray
_NODES, _WEIGHTS = legendre.leggauss(8)
_TERMS = legendre.legvander(_NODES, len(_NODES) - 1) * (np.arange(len(_NODES)) + 0.5)
_TO_MIDDLE = _WEIGHTS * (
    _TERMS @ legendre.legval(0.0, legendre.legint(np.eye(len(_NODES)), lbnd=-1, axis=0))
)
"""Weights of the integral over the first half of a piece."""
_HALVINGS = 100
_HALVINGS_OF_QUANTILE = 80
_NARROWEST = 1e-14
"""Width of a piece, relative to its place, below which it is not cut again."""
_UNKNOWN = 4.0
"""Factor on what is seen of the mass of a piece too narrow to be halved, or of its change."""
_NEGLIGIBLE = 1e-15
"""Change of a mass that is rounding, or far out in a tail."""
_MOST_PIECES = 256
"""Pieces halved at once, beyond the first ones, above which only noise is left to be followed."""


@dataclass(frozen=True, eq=False)
class Tabulated:
    """Masses of pieces of the line, and inside each the Legendre series of its density's integral.

    ``error`` is the sum of what halving changed in the pieces' masses, and four times the
    change of those that did not settle, or their whole mass where they are too narrow to be halved.
    """

    low: Float[Array, "pieces"]
    width: Float[Array, "pieces"]
    series: Float[Array, "terms pieces"]
    error: float

    @cached_property
    def masses(self) -> Float[Array, "pieces"]:
        """Mass of every piece."""
        return self._inside(self.low + self.width, np.arange(len(self.low)))

    @property
    def mass(self) -> float:
        """Mass of all pieces together."""
        return float(self.masses.sum())

    def density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """Density that the pieces have at points, from the left at an end of two; zero outside."""
        piece = np.clip(np.searchsorted(self.low, x) - 1, 0, len(self.low) - 1)
        at = 2 * (x - self.low[piece]) / self.width[piece] - 1
        slope = legendre.legval(at, self._slopes[:, piece], tensor=False) * 2 / self.width[piece]
        return np.where(np.abs(at) <= 1, np.maximum(slope, 0.0), 0.0)

    @cached_property
    def _slopes(self) -> Float[Array, "terms pieces"]:
        return np.asarray(legendre.legder(self.series, axis=0))

    def interval_mass(self, edges: Float[Array, "edges"]) -> Float[Array, "cells"]:
        """Mass between neighbouring edges, from the nearer end of the line."""
        left, right = self._sides(np.asarray(edges, dtype=float))
        cells = np.where(left[1:] > 0.5, right[:-1] - right[1:], np.diff(left))
        return np.maximum(cells, 0.0)

    def quantile(
        self, mass: float | Float[Array, "..."], upper: bool = False
    ) -> Float[Array, "..."]:
        """Point with this mass on its left, or on its right, by bisection."""
        shape, mass = np.shape(mass), np.atleast_1d(np.asarray(mass, dtype=float))
        before, after = self._sums
        last = len(self.low) - 1
        behind = np.searchsorted(-after, -mass) if upper else np.searchsorted(before, mass)
        piece = np.clip(behind - 1, 0, last)
        low, high = self.low[piece], self.low[piece] + self.width[piece]
        for _ in range(_HALVINGS_OF_QUANTILE):
            middle = (low + high) / 2
            left, right = self._sides(middle)
            short = right > mass if upper else left < mass
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return np.reshape((low + high) / 2, shape)

    @cached_property
    def _sums(self) -> tuple[Array, Array]:
        """Mass on the left, and on the right, of every end of a piece."""
        before = np.concatenate([[0.0], np.cumsum(self.masses)])
        return before, np.concatenate([np.cumsum(self.masses[::-1])[::-1], [0.0]])

    def _sides(self, x: Array) -> tuple[Array, Array]:
        """Mass on the left and on the right of points."""
        before, after = self._sums
        x = np.clip(x, self.low[0], self.low[-1] + self.width[-1])
        piece = np.clip(np.searchsorted(self.low, x, side="right") - 1, 0, len(self.low) - 1)
        inside = self._inside(x, piece)
        return before[piece] + inside, after[piece + 1] + self.masses[piece] - inside

    def _inside(self, x: Array, piece: Array) -> Array:
        at = 2 * (x - self.low[piece]) / self.width[piece] - 1
        return np.asarray(legendre.legval(at, self.series[:, piece], tensor=False))


def tabulate(
    density: Callable[[Float[Array, "..."]], Float[Array, "..."]],
    edges: Float[Array, "edges"],
    tolerance: float,
) -> Tabulated:
    """Integrate a density between ``edges``, halving pieces until their masses settle.

    Args:
        density: vectorised; never asked at an end of a piece.
        edges: increasing ends of the first pieces; what is much narrower than a piece is missed.
        tolerance: change of a piece's mass that is put up with, relative to the mass.
    """
    low, high = edges[:-1], edges[1:]
    values, kept, error = _sampled(density, low, high), [], 0.0
    for last in [False] * _HALVINGS + [True]:
        middle = (low + high) / 2
        halves = _sampled(density, low, middle), _sampled(density, middle, high)
        mass = (halves[0] + halves[1]) @ _WEIGHTS * (high - low) / 4
        left = np.abs(values @ _TO_MIDDLE - halves[0] @ _WEIGHTS / 2)
        right = np.abs(values @ (_WEIGHTS - _TO_MIDDLE) - halves[1] @ _WEIGHTS / 2)
        change = (left + right) * (high - low) / 2
        narrow = high - low < _NARROWEST * np.maximum(np.abs(low), np.abs(high))
        settled = change <= tolerance * mass + _NEGLIGIBLE
        enough = last or len(low) > len(edges) + _MOST_PIECES
        done = settled | narrow | enough
        unsettled = _UNKNOWN * np.where(narrow, mass, change)
        error += float(np.where(settled, change, unsettled)[done].sum())
        kept += [
            (low[done], middle[done], halves[0][done]),
            (middle[done], high[done], halves[1][done]),
        ]
        go = ~done
        if not go.any():
            break
        values = np.concatenate([h[go] for h in halves])
        low, high = np.append(low[go], middle[go]), np.append(middle[go], high[go])
    return _joined(kept, error)


def _joined(kept: list[tuple[Array, Array, Array]], error: float) -> Tabulated:
    low, high, values = (np.concatenate(part) for part in zip(*kept, strict=True))
    order = np.argsort(low)
    low, width, values = low[order], (high - low)[order], values[order]
    series = (values * _WEIGHTS) @ _TERMS * (width / 2)[:, None]
    return Tabulated(low, width, legendre.legint(series.T, lbnd=-1, axis=0), error)


def _sampled(
    density: Callable[[Array], Array], low: Array, high: Array
) -> Float[Array, "pieces nodes"]:
    half = (high - low)[:, None] / 2
    return np.asarray(density(low[:, None] + half + half * _NODES), dtype=float)
