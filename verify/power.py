"""How many replicates would be enough: power calculations from what was measured."""

from __future__ import annotations

import numpy as np
from scipy.special import bdtrc, ndtri

from empirics.distances.betting import MOST_OF_CAPITAL

__all__ = ["POWER", "runs_for_bets", "runs_for_every", "runs_for_mean", "runs_for_share"]

Array = np.ndarray
POWER = 0.95
"""Probability with which a false bound shall be caught."""
_MOST = 10_000_000
_LEARNING = 4 / 3


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
