"""Auditing a loop from its samples: how far each generation surely is, and what that refutes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from threadpoolctl import threadpool_limits

import bounds
from bounds import Bound
from bounds.errors import ParameterError
from bounds.html import html_table
from verify.samples.interval import TVInterval, tv_interval
from verify.verdict import Verdict

__all__ = ["Audit", "AuditRow", "audit"]

Array = np.ndarray
_LARGEST = 10**15
"""Sizes above this are not exact in float64; no cycle has them."""
_LEAST_SHARE = 1e-12


@dataclass(frozen=True)
class AuditRow:
    """One generation: its certified limits and, if sizes were claimed, the bound they imply."""

    generation: int
    size: int
    interval: TVInterval
    bound: float | None
    verdict: Verdict | None


@dataclass(frozen=True)
class Audit:
    """What samples say of a loop.

    ``refuted_n`` is the smallest number of points per generation such that every claim of so many
    or more is refuted, ``refuted_share`` the smallest such real share at the claimed ``n``; both
    rest on the one-step rate ``constant * n^-gamma``, and are ``None`` where nothing is refuted.
    """

    rows: tuple[AuditRow, ...]
    confidence_level: float
    constant: float
    gamma: float
    refuted_n: int | None
    refuted_share: float | None

    @property
    def verdict(self) -> Verdict:
        """Violated if any generation refutes the claimed sizes."""
        found = {row.verdict for row in self.rows}
        return Verdict.VIOLATED if Verdict.VIOLATED in found else Verdict.INCONCLUSIVE

    def _repr_html_(self) -> str:
        rows = [
            (
                row.generation,
                row.size,
                f"{row.interval.low:.4f}",
                "–" if row.interval.high is None else f"{row.interval.high:.4f}",
                "–" if row.bound is None else f"{row.bound:.4f}",
                "–" if row.verdict is None else row.verdict.value,
            )
            for row in self.rows
        ]
        headings = ("generation", "points", "TV at least", "TV at most", "bound", "verdict")
        return html_table(headings, rows, notes=[f"{self.confidence_level:.0%} confidence"])


def audit(
    real: Array,
    generations: Sequence[Array],
    confidence_level: float = 0.95,
    *,
    n: int | None = None,
    share: float | None = None,
    constant: float = 1.0,
    gamma: float = 0.25,
    method: str = "binomial",
    letters: int | None = None,
    seed: int = 0,
) -> Audit:
    """Limits for every generation, which hold together, and the claims that they refute.

    Args:
        real: real data, ``(size,)`` or ``(size, d)``.
        generations: samples of generations 1, 2, ...
        confidence_level: of all limits together (Bonferroni).
        n: claimed points per generation.
        share: claimed share of fresh real points; none: full synthetic data.
        constant: of the one-step rate that the refutation rests on.
        gamma: its exponent.
        method, letters, seed: see :func:`tv_interval`.

    Raises:
        InputError: a sample is damaged.
        ParameterError: ``n``, ``share``, ``constant`` or ``gamma`` is out of range.
    """
    if not 0 < confidence_level < 1:
        raise ParameterError(f"confidence_level = {confidence_level}: must be in (0, 1)")
    level = 1 - (1 - confidence_level) / max(len(generations), 1)
    rate = {"constant": constant, "gamma": gamma}
    if share is not None and not 0 <= share <= 1:
        raise ParameterError(f"share = {share}: must be in [0, 1]")
    _bound(1, n or 1, share, rate)
    options: dict[str, Any] = {"method": method, "letters": letters, "seed": seed}
    found = _intervals(real, generations, level, options)
    rows = tuple(
        _row(j, len(sample), interval, n, share, rate)
        for j, (sample, interval) in enumerate(zip(generations, found, strict=True), start=1)
    )
    lows = [interval.low for interval in found]
    refuted_share = None if n is None else _refuted_share(lows, n, rate)
    return Audit(
        rows, confidence_level, constant, gamma, _refuted_n(lows, share, rate), refuted_share
    )


def _intervals(
    real: Array, generations: Sequence[Array], level: float, options: dict[str, Any]
) -> list[TVInterval]:
    """All generations, some at a time; each has its own stream, so their order is nothing."""
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(
            pool.map(lambda sample: tv_interval(real, sample, level, **options), generations)
        )


def _row(
    j: int,
    size: int,
    interval: TVInterval,
    n: int | None,
    share: float | None,
    rate: dict[str, float],
) -> AuditRow:
    if n is None:
        return AuditRow(j, size, interval, None, None)
    value = _bound(j, n, share, rate)
    return AuditRow(j, size, interval, value, _judge(interval, value))


def _judge(interval: TVInterval, value: float) -> Verdict:
    if interval.low > value:
        return Verdict.VIOLATED
    if value >= 1:
        return Verdict.VACUOUS
    supported = interval.high is not None and interval.high <= value
    return Verdict.SUPPORTED if supported else Verdict.INCONCLUSIVE


def _bound(j: int, n: int, share: float | None, rate: dict[str, float]) -> float:
    bound: Bound = bounds.get("fresh-real" if share else "full-synthetic")
    words = {"share": share} if share else {}
    return float(bound.evaluate(generation=j, n=n, **words, **rate))


def _refuted_n(lows: Sequence[float], share: float | None, rate: dict[str, float]) -> int | None:
    """Smallest ``n`` with ``bound(n) < low`` in some generation: the bound is ``K n^-gamma``.

    ``None`` if it is larger than a size can be.
    """
    ratios = [_bound(j, 1, share, rate) / low for j, low in enumerate(lows, start=1) if low > 0]
    if not ratios or np.log(min(ratios)) >= rate["gamma"] * np.log(_LARGEST):
        return None
    return int(np.floor(min(ratios) ** (1 / rate["gamma"]))) + 1


def _refuted_share(lows: Sequence[float], n: int, rate: dict[str, float]) -> float | None:
    """Smallest share with ``bound(share) < low`` in some generation: the bound falls in it."""
    found = []
    for j, low in enumerate(lows, start=1):
        if _bound(j, n, 1.0, rate) >= low:
            continue
        if _bound(j, n, _LEAST_SHARE, rate) < low:
            return 0.0
        root = brentq(lambda a, j=j, low=low: _bound(j, n, a, rate) - low, _LEAST_SHARE, 1.0)
        found.append(root)
    return float(min(found)) if found else None
