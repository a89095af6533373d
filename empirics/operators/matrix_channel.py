"""A Markov matrix on an alphabet: translation, mutation, misreading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from jaxtyping import Float
from msgspec import Meta

from bounds.discovery import Written
from bounds.operators import dobrushin
from empirics.errors import InputError
from empirics.operators._base import Channel, Letters, Space
from empirics.parameters import numbers

__all__ = ["KINDS", "MatrixChannel"]

Array = np.ndarray
_SUM = 1e-12


@dataclass(frozen=True)
class MatrixChannel(Channel):
    """Letter ``x`` becomes ``y`` with probability ``rows[x][y]``.

    Its constant is Dobrushin's coefficient of the matrix, the largest TV between two rows.

    Args:
        rows: a square matrix, none of its entries negative, rows summing to one.

    Raises:
        InputError: it is no such matrix.
    """

    rows: Annotated[Any, Written(Annotated[list[list[float]], Meta(min_length=1, max_length=1000)])]

    def __post_init__(self) -> None:
        must = "a square matrix of probabilities, each row summing to one"
        matrix = numbers("rows", self.rows, must)
        square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] > 0
        if not square or not (matrix >= 0).all() or np.abs(matrix.sum(axis=1) - 1).max() > _SUM:
            raise InputError(f"rows = {self.rows!r}: must be {must}")
        object.__setattr__(self, "rows", tuple(map(tuple, matrix.tolist())))

    def samples(
        self, points: Float[Array, "size"], generator: np.random.Generator
    ) -> Float[Array, "size"]:
        """Letters after the channel."""
        cumulative = np.asarray(self.rows)[np.asarray(points).astype(int)].cumsum(axis=1)
        place = generator.random(len(points)) * cumulative[:, -1]
        return (place[:, None] >= cumulative).sum(axis=1).astype(float)

    def act(self, masses: Float[Array, "batch ..."], space: Space) -> Float[Array, "batch ..."]:
        """Probabilities of letters after the channel."""
        if space != Letters(len(self.rows)):
            raise InputError(f"rows: are for {len(self.rows)} letters; these are laws on {space}")
        return np.asarray(masses @ np.asarray(self.rows))

    def _on_grid(self, masses: Array, grid: Any) -> Array:
        raise NotImplementedError

    def constant(self, real: Float[Array, "..."], space: Space) -> float:
        """Dobrushin's coefficient."""
        del real, space
        return dobrushin(self.rows)

    def check_dimension(self, dimension: int) -> None:
        """Refuse all but letters."""
        if dimension:
            raise InputError("rows: a matrix acts on letters; the points are numbers")


KINDS = (MatrixChannel,)
