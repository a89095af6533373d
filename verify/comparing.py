"""Several bounds beside one measured loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from bounds import Bound
from bounds.errors import ParameterError
from bounds.questions.comparing import refuse_unknown, words_for
from drawing.canvas import in_look, legend_below, panels
from drawing.table import tidy
from empirics import Result
from empirics.means import mean_with_limits
from empirics.pictures import measured_table
from empirics.runs import Runs
from verify.checking import check
from verify.pictures import distance, draw_comparison
from verify.values import compared
from verify.verdict import Verdicts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["comparison"]

_OF_CHECK = ("method", "tolerance", "controls")


def comparison(
    result: Result | Runs, *bounds: Bound, confidence_level: float = 0.95, **params: Any
) -> Figure:
    """Draw the measured mean TV with its 95 % interval beside bounds, each marked by its verdict.

    Every bound is held against the runs by :func:`verify.check`; a generation's mark says what was
    found, and the legend the verdict on the whole. TV above one is shaded: a bound says nothing
    there.

    >>> verify.comparison(result, bounds.get("kde-sandwich"))  # doctest: +SKIP

    Args:
        result: what :func:`empirics.run` returned, or a user's own :class:`verify.Runs`.
        *bounds: all on the distance to the real law, or all on that to what was learned.
        confidence_level: of each bound's verdicts, in (0, 1).
        **params: what :func:`verify.check` takes; each bound gets of the words what it knows.

    Raises:
        ParameterError: no bound, bounds on different distances, or a parameter is missing.
        InputError: the runs are damaged.
    """
    words = {word: value for word, value in params.items() if word not in _OF_CHECK}
    how = {word: value for word, value in params.items() if word in _OF_CHECK}
    refuse_unknown(bounds, {word: value for word, value in words.items() if word != "delta"})
    if len({distance(bound) for bound in bounds}) > 1:
        raise ParameterError("bounds: speak of different distances; compare those of one at a time")
    checked = [
        check(bound, result, confidence_level, **how, **_words(bound, words)) for bound in bounds
    ]
    return _draw(_found(result, bounds[0]), checked)


def _words(bound: Bound, words: dict[str, Any]) -> dict[str, Any]:
    """The words that a bound knows; ``delta``, how often it may fail, though not in it."""
    own = words_for(bound, words)
    may_fail = bound.statistic.is_of_shares and "delta" in words
    return {**own, "delta": words["delta"]} if may_fail else own


def _found(result: Result | Runs, bound: Bound) -> pl.DataFrame:
    """Means of the distance that a bound speaks of, with intervals, or limits if that is all."""
    if isinstance(result, Result) and result.frame["tv"].null_count():
        return measured_table(result.frame)
    runs = compared(bound, Runs.of(result))
    steps = np.arange(1, runs.generations + 1)
    return tidy("", "measured", steps, *mean_with_limits(runs.tv, runs.tv_error))


@in_look
def _draw(found: pl.DataFrame, checked: list[Verdicts]) -> Figure:
    figure, axes = panels(1, 1, ratio=0.5)
    draw_comparison(axes[0, 0], found, checked)
    legend_below(figure, axes[0], 2)
    return figure
