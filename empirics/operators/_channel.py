"""Markov kernels: what a channel on the real line or in space shares."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from empirics.errors import InputError
from empirics.grid import Axis, Grid
from empirics.operators._base import Acting, Space

__all__ = ["AxisChannel", "Channel", "cdf_at"]

Array = np.ndarray


class Channel(Acting):
    """A Markov kernel: ``Tp = int K(x, .) p(dx)``, the same for every law ``p``.

    Its constant is Dobrushin's coefficient, 1 unless the kernel says otherwise.
    """

    def act(self, masses: Float[Array, "batch ..."], space: Space) -> Float[Array, "batch ..."]:
        """Masses after the kernel, on a grid."""
        if not isinstance(space, Grid):
            raise InputError(f"between = {self!r}: acts on numbers, not on letters")
        return self._on_grid(masses, space)

    @abstractmethod
    def _on_grid(self, masses: Float[Array, "batch ..."], grid: Grid) -> Array:
        """Cell masses after the kernel."""

    def constant(self, real: Float[Array, "..."], space: Space) -> float:
        """At most one, as of every Markov kernel (``contraction of TV``)."""
        del real, space
        return 1.0

    def check_dimension(self, dimension: int) -> None:
        """Refuse a law of letters: the channel acts on numbers."""
        if dimension == 0:
            raise InputError(f"between = {self!r}: acts on numbers, not on letters")


class AxisChannel(Channel):
    """A channel that moves every coordinate by itself, given by what it does to a cdf."""

    def _on_grid(self, masses: Array, grid: Grid) -> Array:
        for i, axis in enumerate(grid.axes, start=1):
            masses = np.moveaxis(self._along(np.moveaxis(masses, i, -1), axis, i - 1), -1, i)
        return masses

    @abstractmethod
    def _along(self, masses: Float[Array, "... cells"], axis: Axis, number: int) -> Array:
        """Cell masses along one axis after the kernel; what leaves the grid is kept at its ends."""


def cdf_at(masses: Float[Array, "... cells"], axis: Axis) -> Callable[[Array], Array]:
    """The distribution function between the edges of cells, from a spline through the edges.

    It is evaluated at points and gives an array with these on its last axis; below the grid it is
    zero and above the total.
    """
    # scipy.interpolate takes a quarter of a second to import, and few loops need it.
    from scipy.interpolate import make_interp_spline

    below = np.concatenate([np.zeros((*masses.shape[:-1], 1)), masses.cumsum(axis=-1)], axis=-1)
    spline = make_interp_spline(axis.edges, below, k=_DEGREE, axis=-1)

    def at(x: Array) -> Array:
        value = spline(np.clip(x, axis.low, axis.high))
        return np.clip(value, 0.0, below[..., -1:])

    return at


_DEGREE = 7
"""Of the spline: odd, and high enough for 1e-10 at six cells on a standard deviation."""
