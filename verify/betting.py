"""Bets against a mean: p-values and limits that hold at every number of runs.

For every law on [0, 1] they hold as they are. Where it is known how far a value strays from its
mean (:func:`verify.facts.deviation_scale`), the same bets are made on a shorter range.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import numpy as np
from jaxtyping import Float
from scipy.special import erfc

from empirics.distances.betting import most_capital

__all__ = ["REACH", "betting_limit", "betting_p"]

Array = np.ndarray
_BISECTIONS = 14
_WIDE = 2.0
REACH = 1.6
"""Scales ``c`` below a threshold at which values are cut; ``exp(-2 r^2) = 0.006`` lies beyond."""
_LEAST_RANGE = 1e-3
_TAIL = float(np.sqrt(np.pi / 8) * erfc(np.sqrt(2) * REACH))
r"""``int_r^oo exp(-2 t^2 / c^2) dt / c`` at this reach."""
_Point = tuple[Float[Array, "cells"], Float[Array, "cells"]]


def betting_p(
    values: Float[Array, "runs cells"],
    threshold: Float[Array, "cells"],
    level: float,
    scale: Float[Array, "cells"] | None = None,
) -> Float[Array, "cells"]:
    r"""p-values of ``mean <= threshold``, sharper where values stray little below their mean.

    With :math:`P(X - \mathbb{E}X \le -t) \le e^{-2t^2/c^2}` for all ``t``, raising values to at
    least ``m - r`` raises a mean that is at most ``m`` to at most
    :math:`m + \int_r^\infty e^{-2t^2/c^2} dt`. The raised values lie in ``[m - r, 1]``, on which
    bets can be larger than on [0, 1].

    Args:
        values: in [0, 1].
        threshold: ``m`` of every cell.
        level: at which the stakes have their best power.
        scale: ``c`` of every cell; infinite or ``None`` where nothing is known.
    """
    return np.exp(-_most_capital(values, threshold, level, scale))


def _most_capital(
    values: Float[Array, "runs cells"],
    threshold: Float[Array, "cells"],
    level: float,
    scale: Float[Array, "cells"] | None,
) -> Float[Array, "cells"]:
    """Logarithm of the largest capital of the bets of :func:`betting_p`."""
    c = np.full(values.shape[1], np.inf) if scale is None else scale
    least = np.clip(threshold - REACH * c, 0.0, 1 - _LEAST_RANGE)
    # A floor at zero cuts nothing off.
    excess = np.where(least > 0, _TAIL * np.where(least > 0, c, 0.0), 0.0)
    raised = np.maximum(values, least)
    if least.any():
        raised = (raised - least) / (1 - least)
    m = (threshold + excess - least) / (1 - least)
    middle = np.clip(m, _LEAST_RANGE, 1 - _LEAST_RANGE)
    # The variance of a law on [0, 1], and of one that strays by c.
    variance = np.minimum(middle * (1 - middle), (c / (1 - least)) ** 2 / 4)
    return most_capital(raised, m, level, (middle, variance))


def betting_limit(
    values: Float[Array, "runs cells"], alpha: float, scale: Float[Array, "cells"] | None = None
) -> Float[Array, "cells"]:
    """The largest mean that is refuted for being too small, at error rate ``alpha``.

    It is known to ``2^-14`` of the range in which it is looked for, and refuted itself.
    """
    high = values.mean(axis=0)
    log = np.log(1 / alpha) / len(values)
    # A first guess; a limit below it is looked for from zero on.
    width = values.std(axis=0) * np.sqrt(2 * log) + np.maximum(high, 1 - high) * log
    guess = np.maximum(high - _WIDE * width, 0.0)
    c = np.full(values.shape[1], np.inf) if scale is None else scale
    # Runs next to each other in memory, cell by cell.
    cells = np.ascontiguousarray(values.T)

    def capital(m: Array, asked: Array) -> Array:
        return _most_capital(cells[asked].T, m[asked], alpha, c[asked])

    return _last_refuted(capital, guess, high, alpha)


def _last_refuted(
    capital: Callable[[Array, Array], Array], guess: Array, high: Array, alpha: float
) -> Float[Array, "cells"]:
    """The end of a bisection between a first guess and the means, in fewer evaluations.

    Capital falls almost linearly with the threshold, so a secant leads to the last place of the
    bisection that is refuted; that this one is, and the next is not, is what ends the search.
    """
    everywhere, wanted = np.ones(len(guess), dtype=bool), np.log(1 / alpha)
    reached = capital(guess, everywhere)
    refuted = np.exp(-reached) <= alpha
    start = np.where(refuted, guess, 0.0)
    low, end = start, high
    last = guess, reached - wanted
    # Who bets on the mean itself loses what she would have won at twice the limit's distance.
    one_before = high, np.full(len(guess), -2 * wanted)
    for turn in count():
        # Halving ends the search where capital is so far from linear that secants lead astray.
        secant = _crossing(low, end, one_before, last)
        root = secant if turn < _BISECTIONS else (low + end) / 2
        place, after = _bisected(start, high, root)
        place = np.where(place > low, place, after)
        asked = place < end
        if not asked.any():
            break
        reached = np.zeros(len(guess))
        reached[asked] = capital(place, asked)
        refuted = asked & (np.exp(-reached) <= alpha)
        low, end = np.where(refuted, place, low), np.where(asked & ~refuted, place, end)
        # A capital without end tells nothing of where it is lost.
        finite = np.isfinite(last[1])
        one_before = _chosen(finite, last, one_before)
        last = place, reached - wanted
    return low


def _chosen(first: Array, one: _Point, other: _Point) -> _Point:
    return np.where(first, one[0], other[0]), np.where(first, one[1], other[1])


def _crossing(low: Array, end: Array, one: _Point, other: _Point) -> Float[Array, "cells"]:
    """The zero of the line through two points, or the middle if that is not within."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found = other[0] - other[1] * (other[0] - one[0]) / (other[1] - one[1])
    return np.where((found >= low) & (found < end), found, (low + end) / 2)


def _bisected(low: Array, high: Array, root: Array) -> tuple[Array, Array]:
    """The two places between which bisection ends if all up to ``root`` is refuted."""
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        before = middle <= root
        low, high = np.where(before, middle, low), np.where(before, high, middle)
    return low, high
