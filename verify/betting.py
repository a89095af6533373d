"""Bets against a mean: p-values and limits that hold at every number of runs.

For every law on [0, 1] they hold as they are. Where it is known how far a value strays from its
mean (:func:`verify.loop.deviation_scale`), the same bets are made on a shorter range.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.special import erfc

from empirics.distances.betting import betting_greater

__all__ = ["REACH", "betting_limit", "betting_p"]

Array = np.ndarray
_BISECTIONS = 14
_WIDE = 2.0
REACH = 1.6
"""Scales ``c`` below a threshold at which values are cut; ``exp(-2 r^2) = 0.006`` lies beyond."""
_LEAST_RANGE = 1e-3
_TAIL = float(np.sqrt(np.pi / 8) * erfc(np.sqrt(2) * REACH))
r"""``int_r^oo exp(-2 t^2 / c^2) dt / c`` at this reach."""


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
    c = np.full(values.shape[1], np.inf) if scale is None else scale
    least = np.clip(threshold - REACH * c, 0.0, 1 - _LEAST_RANGE)
    # A floor at zero cuts nothing off.
    excess = np.where(least > 0, _TAIL * np.where(least > 0, c, 0.0), 0.0)
    raised = (np.maximum(values, least) - least) / (1 - least)
    m = (threshold + excess - least) / (1 - least)
    middle = np.clip(m, _LEAST_RANGE, 1 - _LEAST_RANGE)
    # The variance of a law on [0, 1], and of one that strays by c.
    variance = np.minimum(middle * (1 - middle), (c / (1 - least)) ** 2 / 4)
    return np.asarray(betting_greater(raised, m, level, (middle, variance)))


def betting_limit(
    values: Float[Array, "runs cells"], alpha: float, scale: Float[Array, "cells"] | None = None
) -> Float[Array, "cells"]:
    """The largest mean that is refuted for being too small, at error rate ``alpha``."""
    high = values.mean(axis=0)
    log = np.log(1 / alpha) / len(values)
    # A first guess; a limit below it is looked for from zero on.
    width = values.std(axis=0) * np.sqrt(2 * log) + np.maximum(high, 1 - high) * log
    guess = np.maximum(high - _WIDE * width, 0.0)
    low = np.where(betting_p(values, guess, alpha, scale) <= alpha, guess, 0.0)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        refuted = betting_p(values, middle, alpha, scale) <= alpha
        low, high = np.where(refuted, middle, low), np.where(refuted, high, middle)
    return low
