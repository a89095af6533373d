"""Many tridiagonal systems at once, without pivoting."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

__all__ = ["solve_tridiagonal"]

Array = np.ndarray


def solve_tridiagonal(
    lower: Float[Array, "inner lanes"],
    diagonal: Float[Array, "cells lanes"],
    upper: Float[Array, "inner lanes"],
    right: Float[Array, "cells lanes"],
) -> Float[Array, "cells lanes"]:
    """One system per lane along the first axis, by Thomas' elimination.

    Columns of the systems met here add up to one with off-diagonals below zero, so that pivots
    stay above one and elimination is stable.

    Args:
        lower: below the diagonal, ``cells - 1`` rows.
        diagonal: overwritten.
        upper: above the diagonal, ``cells - 1`` rows.
        right: right-hand sides.
    """
    cells, factor, x = len(diagonal), np.empty(diagonal.shape[1]), right.copy()
    scratch = np.empty_like(factor)
    for i in range(1, cells):
        np.divide(lower[i - 1], diagonal[i - 1], out=factor)
        diagonal[i] -= np.multiply(factor, upper[i - 1], out=scratch)
        x[i] -= np.multiply(factor, x[i - 1], out=scratch)
    x[-1] /= diagonal[-1]
    for i in range(cells - 2, -1, -1):
        x[i] -= np.multiply(upper[i], x[i + 1], out=scratch)
        x[i] /= diagonal[i]
    return x
