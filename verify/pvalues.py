"""One-sided p-values for means over independent runs, and for counts of runs.

Every function tests one column per generation; ``greater`` is evidence that the mean exceeds the
threshold, ``less`` that it lies below. A numerical error enters before: the caller shifts the
values and the threshold to the side that makes the evidence weakest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float, Int
from scipy.special import bdtr, bdtrc, stdtr, stdtrit

from verify.betting import betting_p
from verify.intervals import MeanInterval

__all__ = [
    "at_least",
    "at_most",
    "greater",
    "less",
    "student_greater",
    "student_lower",
]

Array = np.ndarray
_NO_SKEWNESS = 1e-6
_LEAST_VARIANCE = 1e-28


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
        scale: how far a value strays from its mean, see :func:`verify.betting.betting_p`.
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
