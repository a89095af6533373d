"""One figure in memory: its picture and its numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import polars as pl
from matplotlib.figure import Figure

from drawing.style import styled
from empirics import Result, run
from empirics.progress import shown
from paper_figures.catalogue import select
from paper_figures.loops import Found, check_loops, experiments_of
from paper_figures.making import draw
from verify.scale import Scale

__all__ = ["Made", "make"]


class Made(NamedTuple):
    """A figure and the numbers that are plotted in it."""

    figure: Figure
    frame: pl.DataFrame


def make(
    name: str,
    *,
    scale: Scale | str = Scale.QUICK,
    style: str | None = None,
    progress: bool = False,
    **changes: Any,
) -> Made:
    """Make one figure, with other parameters than its own where they are given.

    >>> import paper_figures
    >>> figure, frame = paper_figures.make("R2", style="neurips2024")
    >>> frame.columns
    ['panel', 'series', 'x', 'y', 'low', 'high']

    Args:
        name: the figure, such as ``"R7"``.
        scale: ``"quick"`` or ``"paper"``, whose parameters hold where no others are given.
        style: venue, such as ``"neurips2024"``.
        progress: whether a bar is shown.
        **changes: parameters of the figure, such as ``n=500`` or ``target=...``.

    Returns:
        The figure, whose ``caption`` and ``alt`` say what is seen, and its numbers.

    Raises:
        InputError: no such figure, style or parameter, or a value out of range; nothing is run.
    """
    (figure,) = select([name])
    parameters = figure.parameters(Scale(scale), changes)
    loops = figure.loops(parameters)
    check_loops(figure, parameters, loops)
    with styled(style):
        with shown(progress, "loops", len(experiments_of(loops))) as advance:

            def measured(label: str) -> Result:
                result = run(loops[label], keep_laws=figure.keep_laws(parameters))
                advance(1)
                return result

            results = Found(loops, measured)
        table = figure.table(results, parameters)
        drawn = draw(figure, table)
    drawn.caption, drawn.alt = figure.words(parameters, table)  # type: ignore[attr-defined]
    return Made(drawn, table)
