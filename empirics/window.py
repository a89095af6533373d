"""How far a grid reaches: to where nothing is left of a target, or as far as cells last."""

from __future__ import annotations

from math import inf, prod

from empirics.errors import InputError
from empirics.grid import Grid, make_grid
from empirics.targets import Target

__all__ = ["covering_grid"]

_TAIL = 1e-11
"""Target mass beyond each side of a grid."""
_HEAVY_TAILS = (1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 3e-5, 1e-4, 3e-4)
"""What is left beyond each side of a law whose tail is too heavy; it then counts as error."""
_MOST_CELLS_OF_TAILS = 2**18
_HEAVY = 100.0
"""Ratio of a window's widths with and without the far tail that tells of a heavy one."""


def covering_grid(target: Target, margin: float, step: float) -> Grid:
    """Grid over a target and what is smoothed of it, short of the far tail if that is too long.

    Args:
        target: the law.
        margin: width added on every side.
        step: largest cell.

    Raises:
        InputError: too many cells would be needed to hold 99.9 % of the target.
    """
    try:
        return make_grid(target.window(_TAIL), margin, step, target.support)
    except InputError:
        for tail in _HEAVY_TAILS:
            if _cells(target, tail, margin, step) < _MOST_CELLS_OF_TAILS:
                return make_grid(target.window(tail), margin, step, target.support)
        if _cells(target, _TAIL, 0.0, step) > _HEAVY * _cells(target, _HEAVY_TAILS[-1], 0.0, step):
            raise InputError(
                f"target {target!r}: its tail is so heavy that"
                f" {_cells(target, _HEAVY_TAILS[-1], margin, step):.3g} cells hold 99.9 % of its"
                f" mass, and {_MOST_CELLS_OF_TAILS} are allowed; use a larger bandwidth or a lower"
                " resolution, or a transform of the data with a lighter tail"
            ) from None
        raise


def _cells(target: Target, tail: float, margin: float, step: float) -> float:
    if step == 0:
        return inf
    return prod((high - low + 2 * margin) / step for low, high in target.window(tail))
