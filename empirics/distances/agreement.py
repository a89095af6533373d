"""Whether densities are those of the points that their laws draw, and of total mass one.

One comparison of two laws tells, and all comparisons of a run together tell more sharply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, inf, log, sqrt
from typing import Any

import numpy as np
from jaxtyping import Float

from empirics.distances.betting import betting_interval
from empirics.errors import DensityError

__all__ = [
    "Limits",
    "Shares",
    "Tally",
    "check_agreement",
    "doubt",
    "doubt_of_all",
    "fault_of_all",
    "mean_factor",
]

Array = np.ndarray
_CERTAIN = 1 - 1e-6
"""Confidence with which densities are held to be those of their samples."""
_DISAGREES = "disagrees with the points that are sampled, or does not integrate to one"
_PLACING = 10
"""One point in so many places the functions by which densities are checked."""
_LEAST_PLACING = 20
_MOST_COORDINATES = 8
_SUSPECT = 3.0
"""Standard errors within which a mean passes unseen: no interval at 1e-6 is as short."""
Limits = tuple[float, float]
_UNSEEN = 1.5, 1e-3
"""Factor on a density, and what it does to TV; where larger ones pass the check, that is said."""
_MOST_IMPOSSIBLE = 1e-3
"""Share of a law's points at which its density may be zero, by rounding at an edge."""
_TRIED = 33
"""Factors between two at which TV is computed."""
_SHARP = 1.2
"""Width of a factor's interval, upper end over lower, below which no sharper one is sought."""
_REACHES = 0.0125 * 2.0 ** np.arange(7)
_LOGS = np.concatenate([-_REACHES[::-1], [0.0], _REACHES])
"""Logarithms of factors by which a density is tried to be off, to see how TV follows."""
_ENDS = float(np.exp(_LOGS[0])), float(np.exp(_LOGS[-1]))
Sums = tuple[int, float, float]


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares of the other law's density where a law has points, ``q/(p+q)`` and ``p/(p+q)``.

    They are all that TV depends on.

    Args:
        at_p: ``q / (p + q)`` at points of ``p``.
        at_q: ``p / (p + q)`` at points of ``q``.
    """

    at_p: Float[Array, "half"]
    at_q: Float[Array, "half"]

    def contrasts(self, factor: float = 1.0) -> Float[Array, "half"]:
        """Means of ``|p - q| / (p + q)`` over pairs of points, were ``p`` divided by the factor."""
        at_p = np.abs((1 - self.at_p) - factor * self.at_p) / ((1 - self.at_p) + factor * self.at_p)
        at_q = np.abs(self.at_q - factor * (1 - self.at_q)) / (self.at_q + factor * (1 - self.at_q))
        return np.asarray(0.5 * (at_p + at_q))

    def factor(self) -> Limits:
        r"""Limits on the mass of ``p`` over that of ``q``, both as their densities have it.

        Densities that are :math:`a` and :math:`b` times those of the points have

        .. math:: \frac{\mathbb{E}_q\, p/(p+q)}{\mathbb{E}_p\, q/(p+q)} = \frac{a}{b}.

        They hold with confidence 1 - 1e-6: what lies between them passes :func:`check_agreement`.
        """
        low, high = self._factor(_empirical_bernstein)
        if high <= _SHARP * low:
            return low, high
        return self._factor(_betting)

    def _factor(self, limits: Any) -> Limits:
        alpha = (1 - _CERTAIN) / 2
        return _factor_limits(limits(self.at_p, alpha), limits(self.at_q, alpha))

    def moved(self, factors: Limits) -> float:
        """Largest error of TV if the mass of ``p`` over that of ``q`` lies between two numbers.

        Whatever the densities are, TV is at least the difference of the two laws' masses where the
        one exceeds the other; its limit holds with confidence 1 - 1e-6.
        """
        value = float(self.contrasts().mean())
        with np.errstate(divide="ignore", over="ignore"):
            ratios = np.append((1 - self.at_p) / self.at_p, self.at_q / (1 - self.at_q))
        known = ratios[(ratios > 0) & np.isfinite(ratios)]
        if not known.size:
            return max(value - self._least(), 1 - value)
        tried = np.geomspace(max(factors[0], known.min()), min(factors[1], known.max()), _TRIED)
        off = float(max(abs(self.contrasts(f).mean() - value) for f in tried))
        return off if off <= _UNSEEN[1] else min(off, max(value - self._least(), 1 - value))

    def _least(self) -> float:
        inside = (self.at_p < 0.5).astype(float), (self.at_q > 0.5).astype(float)
        return 2 * _betting(0.5 * (1 + inside[0] - inside[1]), 1 - _CERTAIN)[0] - 1


def _factor_limits(at_p: Limits, at_q: Limits) -> Limits:
    """Limits on what ``p`` integrates to, from those on the mean shares at either law's points."""
    (p_low, p_high), (q_low, q_high) = at_p, at_q
    return (q_low / p_high if p_high else 0.0), (q_high / p_low if p_low else inf)


def doubt(mass: Limits, moved: float) -> str:
    """A remark on a density whose total mass is not certain; empty if it is.

    Args:
        mass: limits on it.
        moved: how far TV moves within them.
    """
    low, high = mass
    if (high <= _UNSEEN[0] and low * _UNSEEN[0] >= 1) or moved <= _UNSEEN[1]:
        return ""
    return (
        "few draws fall where it overlaps with what it is held against, so its normalisation is not"
        f" certain: a total mass from {low:.2g} to {high:.2g} would pass, and TV be off by"
        f" {moved:.2g}"
    )


def _empirical_bernstein(values: Float[Array, "half"], alpha: float) -> Limits:
    n = len(values)
    return _bernstein(n, float(values.mean()), float(values.var(ddof=1)) if n > 1 else 0.0, alpha)


def _bernstein(size: int, mean: float, variance: float, alpha: float) -> Limits:
    """Limits of a mean of independent values in [0, 1] in closed form.

    Source: Maurer and Pontil, "Empirical Bernstein bounds and sample variance penalization", COLT
    2009, Theorem 11, on both sides: the values need not have one law.

    Args:
        size: number of values.
        mean: of the values.
        variance: of the values, with ``size - 1``.
        alpha: chance that a limit is wrong.
    """
    if size < 2:
        return 0.0, 1.0
    unlikely = log(4 / alpha)
    reach = sqrt(2 * variance * unlikely / size) + 7 * unlikely / (3 * (size - 1))
    return max(mean - reach, 0.0), min(mean + reach, 1.0)


def _betting(values: Float[Array, "half"], alpha: float) -> Limits:
    if len(values) < 2:
        return 0.0, 1.0
    found = betting_interval(values, 1 - alpha)
    return found.low, found.high


def check_agreement(
    drawn: Sequence[Float[Array, "half ..."]], shares: Sequence[Float[Array, "half"]]
) -> None:
    r"""Refuse densities that are not those of the samples, or not of total mass one.

    .. math:: \mathbb{E}_p\, f \frac{q}{p+q} = \int f \frac{pq}{p+q}
              = \mathbb{E}_q\, f \frac{p}{p+q}

    for every bounded ``f``. With ``f = 1``, a density that is ``c`` times too large makes the right
    side ``c`` times the left one. Half-spaces and slabs of single coordinates, placed by a tenth of
    the points that is then left out, tell of points from elsewhere. The difference of the two sides
    lies in [-1, 1]; a betting interval of its mean, all of them wrong with chance 1e-6, must hold
    zero. A share that is one to rounding has a chance below 1e-15 and may not come again and again.

    Args:
        drawn: points of ``p``, and of ``q``.
        shares: ``q / (p + q)`` at the former, ``p / (p + q)`` at the latter.

    Raises:
        DensityError: it does not.
    """
    for share in shares:
        if (impossible := float(np.mean(share == 1))) > _MOST_IMPOSSIBLE:
            raise DensityError(
                "density",
                f"{_DISAGREES}: at {impossible:.2%} of the points that one law draws its density is"
                " zero, or over 1e15 times smaller than the other's",
            )
    tests = _tests(*(np.reshape(x, (len(x), -1)) for x in drawn))
    for words, f in tests:
        differences = f[0] * shares[0] - f[1] * shares[1]
        kept = differences[len(differences) // _PLACING :] if words else differences
        if not _holds_zero(kept, (1 - _CERTAIN) / len(tests)):
            sides = [(f[i] * shares[i]).mean() for i in (0, 1)]
            raise DensityError(
                "density",
                f"{_DISAGREES}: E_p[q/(p+q){words}] = {sides[0]:.4g}, E_q[p/(p+q){words}] ="
                f" {sides[1]:.4g}, which must be equal",
            )


def _tests(p: Float[Array, "half d"], q: Float[Array, "half d"]) -> list[tuple[str, Any]]:
    """Bounded functions at the points of both laws: one, then those of single coordinates."""
    found: list[tuple[str, Any]] = [("", (1.0, 1.0))]
    first = len(p) // _PLACING
    if first < _LEAST_PLACING:
        return found
    for k in np.unique(np.linspace(0, p.shape[1] - 1, _MOST_COORDINATES).astype(int)).tolist():
        seen = np.concatenate([p[:first, k], q[:first, k]])
        low, middle, high = np.quantile(seen, [0.25, 0.5, 0.75])
        x = p[:, k], q[:, k]
        beyond = tuple((a > middle).astype(float) for a in x)
        inside = tuple(((a > low) & (a < high)).astype(float) for a in x)
        found += [(f"; x_{k + 1} > {middle:.4g}", beyond)]
        found += [(f"; {low:.4g} < x_{k + 1} < {high:.4g}", inside)]
    return found


def _holds_zero(differences: Float[Array, "size"], alpha: float) -> bool:
    """Whether the mean may be zero; what is near zero is not looked at more closely."""
    spread = differences.std() / np.sqrt(len(differences))
    if abs(differences.mean()) <= _SUSPECT * spread:
        return True
    found = betting_interval(0.5 * (1 + differences), 1 - alpha)
    return found.low <= 0.5 <= found.high


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
    if moved <= max(_UNSEEN[1], own):
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
    if not _ENDS[0] < limits[0] <= limits[1] < _ENDS[1]:
        return 1.0
    changes = np.mean([t.changes for t in tallies], axis=0)
    ends = np.log(limits)
    tried = np.append(_LOGS[(ends[0] < _LOGS) & (ends[1] > _LOGS)], ends)
    return float(np.abs(np.interp(tried, _LOGS, changes)).max())


def mean_factor(tallies: Sequence[Tally]) -> Limits:
    """Limits on what the densities integrate to, on average; see :func:`fault_of_all`."""
    alpha = (1 - _CERTAIN) / 2
    at_p, at_q = (
        _bernstein(*_together(sums), alpha)
        for sums in ([t.at_p for t in tallies], [t.at_q for t in tallies])
    )
    return _factor_limits(at_p, at_q)


def _together(sums: Sequence[Sums]) -> tuple[int, float, float]:
    """Number, mean and variance; the variance of means that differ is counted too."""
    n = sum(count for count, _, _ in sums)
    mean = fsum(total for _, total, _ in sums) / n
    variance = (fsum(square for _, _, square in sums) - n * mean**2) / max(n - 1, 1)
    return n, mean, max(variance, 0.0)
