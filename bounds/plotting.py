"""Bounds as curves along one of their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from bounds.accuracy import evaluate_where_defined
from bounds.errors import ParameterError, did_you_mean
from bounds.notation import NOTATION
from bounds.printing.typeset import latex
from bounds.questions.comparing import refuse_unknown, words_for
from bounds.spans import Spacing, span_of
from bounds.statement import Constants, Statement
from drawing.canvas import (
    generations_below,
    in_look,
    legend_below,
    panels,
    scale_of_tv,
    vacuous_zone,
)
from drawing.loops import curves
from drawing.style import looks_of
from drawing.table import tidy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot"]

_POINTS = 200
_GENERATIONS = 20
_WIDE = 30.0
"""Ratio of the largest to the smallest place from which the axis along is logarithmic."""


def plot(*bounds: Statement, along: str = "generation", **parameters: Any) -> Figure:
    """Draw bounds along one parameter, and shade where they say nothing.

    Each bound takes of the parameters what it knows. Where it is no number, its curve has a gap.

    >>> import bounds
    >>> figure = bounds.plot(bounds.get("fresh-real"), bounds.get("balanced"), n=1000, share="1/10")
    >>> figure.savefig("bounds.pdf")  # doctest: +SKIP

    Args:
        *bounds: from the catalogue, or the user's own.
        along: the word along the axis, such as ``generation``, ``n``, ``share`` or ``lam``.
        **parameters: as for :func:`bounds.compare`; several values of the word along the axis are
            the places, which otherwise cover its usual range.

    Raises:
        ParameterError: no bound, a word none of them knows, one they miss, or a value out of range.
    """
    places = _places(along, parameters.pop(along, None))
    given = {**parameters, along: places}
    refuse_unknown(bounds, given)
    rows = [
        tidy("", bound.name, places, np.broadcast_to(_values(bound, given), places.shape))
        for bound in bounds
    ]
    return _draw(pl.concat(rows), bounds, along)


def _places(along: str, given: Any) -> np.ndarray:
    if along not in NOTATION:
        raise ParameterError(f"along = {along!r}: no such parameter{did_you_mean(along, NOTATION)}")
    entry = NOTATION[along]
    if entry.is_sequence or entry.is_function:
        raise ParameterError(f"along = {along!r}: is a whole curve itself; a number is required")
    if given is not None:
        places = np.asarray(
            entry.expect(list(given) if isinstance(given, range) else given, "the axis"),
            dtype=float,
        )
        if places.ndim != 1 or len(places) < 2:
            raise ParameterError(
                f"{along}: give at least two values of the word along the axis, or none"
            )
        return places
    if along == "generation":
        return np.arange(1.0, _GENERATIONS + 1)
    span = span_of(entry)
    spaced = np.linspace if span.scale is Spacing.LINEAR else np.geomspace
    found = spaced(span.low, span.high, _POINTS)
    return np.unique(found.round()) if entry.integer else found


def _values(bound: Statement, given: dict[str, Any]) -> np.ndarray:
    return np.asarray(evaluate_where_defined(bound, words_for(bound, given)))


@in_look
def _draw(table: pl.DataFrame, bounds: tuple[Statement, ...], along: str) -> Figure:
    figure, axes = panels(1, 1, ratio=0.45)
    ax, places = axes[0, 0], table["x"].to_numpy()
    curves(ax, table, looks_of({bound.name: _title(bound) for bound in bounds}))
    if places.min() > 0 and places.max() > _WIDE * places.min():
        ax.set_xscale("log")
    entry = NOTATION[along]
    if along == "generation":
        generations_below(ax)
    ax.set(xlabel=f"{entry.meaning} ${latex(entry.symbol)}$", ylabel=_subject(bounds))
    scale_of_tv(ax, table["y"].to_numpy())
    if all(bound.quantity.maximum == 1 for bound in bounds):
        vacuous_zone(ax)
    legend_below(figure, [ax], 2)
    return figure


def _title(bound: Statement) -> str:
    free = bound.constants is Constants.FREE
    return f"{bound.title} (up to its constant)" if free else bound.title


def _subject(bounds: tuple[Statement, ...]) -> str:
    """The bounded quantity, where it is the same for all."""
    subjects = {bound.quantity.latex for bound in bounds}
    return f"bound on ${subjects.pop()}$" if len(subjects) == 1 else "bound"
