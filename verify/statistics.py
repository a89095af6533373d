"""Statistics over independent runs: intervals, p-values, Holm's correction, replicates needed.

Functions of means test one column per generation; ``greater`` is evidence that the mean exceeds the
threshold, ``less`` that it lies below. A numerical error enters before: the caller shifts the
values and the threshold to the side that makes the evidence weakest.

Bets against a mean hold at every number of runs, for every law on [0, 1]. Where it is known how far
a value strays from its mean (:func:`verify.facts.deviation_scale`), the same bets are made on a
shorter range.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import count
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from scipy.special import bdtr, bdtrc, betaincinv, erfc, ndtri, stdtr, stdtrit

from bounds.errors import ParameterError
from empirics.distances.betting import MOST_OF_CAPITAL, most_capital
from empirics.means import student_interval

__all__ = [
    "POWER",
    "REACH",
    "MeanInterval",
    "at_least",
    "at_most",
    "betting_limit",
    "betting_p",
    "greater",
    "holm",
    "less",
    "mean_interval",
    "proportion_interval",
    "runs_for_bets",
    "runs_for_every",
    "runs_for_mean",
    "runs_for_share",
    "student_greater",
    "student_lower",
]

Array = np.ndarray
_NO_SKEWNESS = 1e-6
_LEAST_VARIANCE = 1e-28
POWER = 0.95
"""Probability with which a false bound shall be caught."""
_MOST = 10_000_000
_LEARNING = 4 / 3
_BISECTIONS = 14
_WIDE = 2.0
REACH = 1.6
"""Scales ``c`` below a threshold at which values are cut; ``exp(-2 r^2) = 0.006`` lies beyond."""
_LEAST_RANGE = 1e-3
_TAIL = float(np.sqrt(np.pi / 8) * erfc(np.sqrt(2) * REACH))
r"""``int_r^oo exp(-2 t^2 / c^2) dt / c`` at this reach."""
_Point = tuple[Float[Array, "cells"], Float[Array, "cells"]]


class MeanInterval(StrEnum):
    """The test of a mean over runs and the source of its interval.

    ``BETTING``: valid at every number of runs for any law on [0, 1].
    ``STUDENT``: Student's t, for means over runs that are close to normal; p-values are corrected
    for skewness, limits are not. Rare, far larger values break it.
    """

    BETTING = "betting"
    STUDENT = "student"


def mean_interval(
    values: Float[Array, "runs *cells"],
    confidence_level: float,
    method: MeanInterval,
    scale: Float[Array, "cells"] | None = None,
) -> tuple[Any, Any]:
    """Two-sided interval for the mean of independent ``values`` in [0, 1], column by column.

    Args:
        values: at least two runs.
        confidence_level: of each interval.
        scale: how far a value strays from its mean, see :func:`betting_p`.

    Raises:
        ParameterError: fewer than two runs.
    """
    if len(values) < 2:
        raise ParameterError(
            f"replicates = {len(values)}: at least 2 independent runs are required for an interval"
        )
    if method is MeanInterval.BETTING:
        mean = values.mean(axis=0)
        columns, alpha = values.reshape(len(values), -1), (1 - confidence_level) / 2
        low = betting_limit(columns, alpha, scale)
        high = 1 - betting_limit(1 - columns, alpha, scale)
        return low.reshape(np.shape(mean)), high.reshape(np.shape(mean))
    return student_interval(values, confidence_level)


def proportion_interval(count: int, runs: int, confidence_level: float) -> tuple[float, float]:
    """Exact (Clopper-Pearson) two-sided interval for a probability."""
    tail = (1 - confidence_level) / 2
    low = betaincinv(count, runs - count + 1, tail) if count else 0.0
    high = betaincinv(count + 1, runs - count, 1 - tail) if count < runs else 1.0
    return float(low), float(high)


def greater(
    values: Float[Array, "runs cells"],
    threshold: Float[Array, "cells"],
    method: MeanInterval,
    level: float,
    scale: Float[Array, "cells"] | None = None,
) -> Float[Array, "cells"]:
    """p-values of ``mean <= threshold``, for values in [0, 1].

    Args:
        values: one column per cell.
        threshold: of every cell.
        method: bets, or Student's test; where all values are one number it is a bet in any case.
        level: where a bet has its best power.
        scale: how far a value strays from its mean, see :func:`betting_p`.
    """
    if method is MeanInterval.BETTING:
        return betting_p(values, threshold, level, scale)
    constant = np.ptp(values, axis=0) == 0
    p = student_greater(values, threshold)
    return np.where(constant, betting_p(values, threshold, level), p) if constant.any() else p


def less(
    values: Float[Array, "runs cells"],
    threshold: Float[Array, "cells"],
    method: MeanInterval,
    level: float,
    scale: Float[Array, "cells"] | None = None,
) -> Float[Array, "cells"]:
    """p-values of ``mean >= threshold``, for values in [0, 1]."""
    return greater(1 - values, 1 - np.asarray(threshold), method, level, scale)


def student_greater(
    values: Float[Array, "runs cells"], threshold: Float[Array, "cells"]
) -> Float[Array, "cells"]:
    r"""Student's test with Hall's correction for skewness ``g``.

    .. math:: T = \sqrt n \Bigl( W + \frac{g W^2}{3} + \frac{g^2 W^3}{27} + \frac{g}{6n} \Bigr),
              \qquad W = (\bar x - m) / s .

    Without it, values as skewed as ``|N(0, 1)|`` make 100 runs err in 6 % instead of 5 %. A column
    of one number says nothing of its spread and gets ``p = 1``.

    Source: Hall, "On the removal of skewness by transformation", JRSS-B 1992.
    """
    runs = len(values)
    deviation = values.std(axis=0, ddof=1)
    constant = np.ptp(values, axis=0) == 0
    w = (values.mean(axis=0) - threshold) / np.where(constant, 1.0, deviation)
    g = _skewness(values)
    t = np.sqrt(runs) * (w + g * w**2 / 3 + g**2 * w**3 / 27 + g / (6 * runs))
    return np.where(constant, 1.0, stdtr(runs - 1, -t))


def student_lower(values: Float[Array, "runs cells"], alpha: float) -> Float[Array, "cells"]:
    """The threshold at which :func:`student_greater` is ``alpha``."""
    runs, g = len(values), _skewness(values)
    t = stdtrit(runs - 1, 1 - alpha) / np.sqrt(runs)
    small = np.abs(g) < _NO_SKEWNESS
    safe = np.where(small, 1.0, g)
    w = 3 / safe * (np.cbrt(1 + safe * (t - safe / (6 * runs))) - 1)
    w = np.where(small, t, w)
    return np.asarray(values.mean(axis=0) - w * values.std(axis=0, ddof=1))


def _skewness(values: Float[Array, "runs cells"]) -> Float[Array, "cells"]:
    centred = values - values.mean(axis=0)
    second = (centred**2).mean(axis=0)
    third = (centred**3).mean(axis=0)
    usable = second > _LEAST_VARIANCE
    return np.where(usable, third / np.where(usable, second, 1.0) ** 1.5, 0.0)


def at_least(count: Int[Array, "cells"], runs: int, probability: Any) -> Float[Array, "cells"]:
    """``P(Binomial(runs, probability) >= count)``: exact test of too many."""
    count = np.asarray(count)
    return np.where(count > 0, bdtrc(np.maximum(count - 1.0, 0), runs, probability), 1.0)


def at_most(count: Int[Array, "cells"], runs: int, probability: Any) -> Float[Array, "cells"]:
    """``P(Binomial(runs, probability) <= count)``: exact test of too few."""
    return np.asarray(bdtr(np.asarray(count, dtype=float), runs, probability))


def holm(p: Sequence[float] | Array, groups: Sequence[object] | None = None) -> Float[Array, "m"]:
    r"""Adjusted p-values: rejecting those at most ``alpha`` errs at all with chance ``alpha``.

    Without groups this is Holm's :math:`\tilde p_{(i)} = \max_{l \le i} (m - l + 1) p_{(l)}`.
    A group is a chain of nested hypotheses with ordered p-values, such as "all generations up to
    j stay below their bounds", j = 1, 2, ...: testing the whole chain costs as much as one of its
    members, because a false rejection in it needs that of its extreme true member. A group makes
    way for the others (``m`` falls by one) when all of it is rejected.

    Source: Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 1979;
    the nested groups by the argument above.

    Args:
        p: one p-value per cell.
        groups: label of every cell's group; every cell its own if ``None``.
    """
    p = np.asarray(p, dtype=float)
    if not p.size:
        return p
    labels = list(range(len(p))) if groups is None else list(groups)
    index = {label: i for i, label in enumerate(dict.fromkeys(labels))}
    member = np.array([index[label] for label in labels])
    m = len(index)
    largest = np.zeros(m)
    np.maximum.at(largest, member, p)
    order = np.argsort(largest, kind="stable")
    remaining = m - np.arange(m)
    cost = np.concatenate([[0.0], np.maximum.accumulate(remaining * largest[order])])
    place = np.empty(m, dtype=int)
    place[order] = np.arange(m)
    adjusted = [
        np.maximum(cost[: place[g] + 1], remaining[: place[g] + 1] * value).min()
        for g, value in zip(member, p, strict=True)
    ]
    return np.minimum(adjusted, 1.0)


def runs_for_mean(values: Array, gap: float, alpha: float) -> int | None:
    r"""Runs after which a mean that is ``gap`` off is refuted.

    .. math:: m \\ge \\bigl( (z_{1-\\alpha} + z_{power})\\, s / gap \\bigr)^2 .

    Args:
        values: measured, for their standard deviation ``s``.
        gap: distance of the mean from the tested value, numerical error taken off.
        alpha: level of the test.

    Returns:
        ``None`` if no number is enough because the gap is not positive.
    """
    if gap <= 0:
        return None
    z = ndtri(POWER) - ndtri(alpha)
    return int(np.ceil((z * values.std(ddof=1) / gap) ** 2)) + 2


def runs_for_bets(values: Array, gap: float, alpha: float, reach: float) -> int | None:
    r"""Runs after which bets refute a mean that is ``gap`` off.

    With the best stake :math:`\lambda`, capital grows by
    :math:`g = \lambda\, gap - \lambda^2 (s^2 + gap^2) / 2` per run, and

    .. math:: m g - z_{power}\, \lambda s \sqrt m \ge \log(1/\alpha)

    is solved for ``m``; a third is added for stakes that must first be learned.

    Args:
        values: measured, for their standard deviation ``s``.
        gap: distance of the mean from the tested value, numerical error taken off.
        alpha: level of the test.
        reach: how far a value can lie on the losing side of the tested value.

    Returns:
        ``None`` if no number is enough because the gap is not positive.
    """
    if gap <= 0:
        return None
    spread = float(values.std(ddof=1))
    stake = min(gap / (spread**2 + gap**2), MOST_OF_CAPITAL / reach)
    growth = stake * gap - stake**2 * (spread**2 + gap**2) / 2
    half = ndtri(POWER) * stake * spread / 2
    root = (half + np.sqrt(half**2 - growth * np.log(alpha))) / growth
    return int(np.ceil(_LEARNING * root**2)) + 2


def runs_for_share(share: float, delta: float, alpha: float) -> int | None:
    """Runs after which a share of runs above ``delta`` is refuted by the exact binomial test."""
    if share <= delta:
        return None
    runs = 2
    while runs < _MOST and not _refutes(runs, share, delta, alpha):
        runs = int(np.ceil(1.1 * runs))
    return runs if runs < _MOST else None


def runs_for_every(share: float) -> int | None:
    """Runs of which at least one is likely to be beyond, if a ``share`` of all runs is."""
    if share >= 1:
        return 1
    return int(np.ceil(np.log(1 - POWER) / np.log1p(-share))) if share > 0 else None


def _refutes(runs: int, share: float, delta: float, alpha: float) -> bool:
    counts = np.arange(runs, dtype=float)
    enough = np.flatnonzero(bdtrc(counts, runs, delta) <= alpha)
    return bool(enough.size and bdtrc(counts[enough[0]], runs, share) >= POWER)


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
