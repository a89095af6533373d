"""The check of densities by all comparisons of a run together, sharper than by any of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np
from jaxtyping import Float

from empirics.distances.agreement import CERTAIN, UNSEEN, Limits, Shares, bernstein, factor_limits

__all__ = ["Tally", "doubt_of_all", "fault_of_all", "mean_factor"]

Array = np.ndarray
_REACHES = 0.0125 * 2.0 ** np.arange(7)
_LOGS = np.concatenate([-_REACHES[::-1], [0.0], _REACHES])
"""Logarithms of factors by which a density is tried to be off, to see how TV follows."""
_MOST = float(np.exp(_LOGS[0])), float(np.exp(_LOGS[-1]))
Sums = tuple[int, float, float]


@dataclass(frozen=True, eq=False)
class Tally:
    """The contribution of one comparison to the check of all.

    Args:
        at_p: number, sum and sum of squares of ``q / (p + q)`` at points of ``p``.
        at_q: the same of ``p / (p + q)`` at points of ``q``.
        changes: of TV, were ``p`` divided by the factors that are tried.
        half_width: of the interval of TV.
    """

    at_p: Sums
    at_q: Sums
    changes: Float[Array, "factors"]
    half_width: float

    @classmethod
    def of(cls, shares: Shares, half_width: float) -> Tally:
        """The sums of one comparison."""
        values = np.array([shares.contrasts(f).mean() for f in np.exp(_LOGS).tolist()])
        changes = values - values[len(_REACHES)]
        return cls(_sums(shares.at_p), _sums(shares.at_q), changes, half_width)


def _sums(values: Float[Array, "half"]) -> Sums:
    return len(values), float(values.sum()), float((values**2).sum())


def fault_of_all(tallies: Sequence[Tally]) -> str:
    r"""A remark on densities whose total mass is known not to be one; else empty.

    With densities :math:`a_j` times those of the points of :math:`p_j`, and those of :math:`q_j`
    right, all points together limit a mean of the :math:`a_j`,

    .. math:: \frac{\sum_j \mathbb{E}_{q_j}\, p_j/(p_j+q_j)}
                   {\sum_j \mathbb{E}_{p_j}\, q_j/(p_j+q_j)}
              = \sum_j a_j \frac{I_j}{\sum_k I_k}, \qquad
              I_j = \mathbb{E}_{p_j} \frac{q_j}{p_j+q_j},

    with confidence 1 - 1e-6.
    """
    low, high = mean_factor(tallies)
    if low <= 1 <= high:
        return ""
    return (
        f"its total mass is not one: on average over {len(tallies)} models it is from {low:.3g} to"
        f" {high:.3g}, and TV is off by up to {_moved(tallies):.2g}"
    )


def doubt_of_all(tallies: Sequence[Tally]) -> str:
    """A remark on a total mass that may be off by more than TV's own intervals count."""
    moved, own = _moved(tallies), fsum(t.half_width for t in tallies) / len(tallies)
    if moved <= max(UNSEEN[1], own):
        return ""
    low, high = mean_factor(tallies)
    return (
        f"its normalisation is not certain: on average over {len(tallies)} models a total mass from"
        f" {low:.3g} to {high:.3g} would pass, and TV be off by {moved:.2g}, where its interval"
        f" counts {own:.2g}; take more draws or runs"
    )


def _moved(tallies: Sequence[Tally]) -> float:
    """Largest error of the mean TV, were all densities off by one factor."""
    limits = mean_factor(tallies)
    if not _MOST[0] < limits[0] <= limits[1] < _MOST[1]:
        return 1.0
    changes = np.mean([t.changes for t in tallies], axis=0)
    ends = np.log(limits)
    tried = np.append(_LOGS[(ends[0] < _LOGS) & (ends[1] > _LOGS)], ends)
    return float(np.abs(np.interp(tried, _LOGS, changes)).max())


def mean_factor(tallies: Sequence[Tally]) -> Limits:
    """Limits on what the densities integrate to, on average; see :func:`fault_of_all`."""
    alpha = (1 - CERTAIN) / 2
    at_p, at_q = (
        bernstein(*_together(sums), alpha)
        for sums in ([t.at_p for t in tallies], [t.at_q for t in tallies])
    )
    return factor_limits(at_p, at_q)


def _together(sums: Sequence[Sums]) -> tuple[int, float, float]:
    """Number, mean and variance; the variance of means that differ is counted too."""
    n = sum(count for count, _, _ in sums)
    mean = fsum(total for _, total, _ in sums) / n
    variance = (fsum(square for _, _, square in sums) - n * mean**2) / max(n - 1, 1)
    return n, mean, max(variance, 0.0)
