"""Auditing a loop from its samples: how far each generation surely is, and what that refutes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from threadpoolctl import threadpool_limits

import bounds
from bounds import Bound, Side, Statistic
from bounds.errors import ParameterError
from bounds.html import html_table
from bounds.notation import NOTATION
from bounds.statement import TOTAL_VARIATION
from bounds.values import is_listed, percent
from empirics import errors
from empirics.distances import TVInterval, tv_interval
from verify.verdict import Verdict, number

__all__ = ["HEADINGS", "AuditRow", "SampleAudit", "audit"]

Array = np.ndarray
_LARGEST = 10**15
"""Sizes above this are not exact in float64; no cycle has them."""
_LEAST_SHARE = 1e-12
HEADINGS = ("generation", "points", "TV at least", "TV at most", "bound", "verdict")


@dataclass(frozen=True)
class AuditRow:
    """One generation: its certified limits and, if a bound was claimed, its value and verdict."""

    generation: int
    size: int
    interval: TVInterval
    bound: float | None
    verdict: Verdict | None

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of a table, under :data:`HEADINGS`."""
        high = self.interval.high
        return (
            str(self.generation),
            str(self.size),
            number(self.interval.low, 4),
            "none honest" if high is None else number(high, 4),
            "–" if self.bound is None else number(self.bound, 4),
            "–" if self.verdict is None else self.verdict.value,
        )


@dataclass(frozen=True)
class SampleAudit:
    """The audit of a loop from its samples.

    ``refuted_n`` is the smallest number of points per generation such that every claim of so many
    or more is refuted, ``refuted_share`` the smallest such real share at the claimed ``n``; both
    rest on the one-step rate ``constant * n^-gamma``, and are ``None`` where nothing is refuted, or
    where nobody gave the constant. ``verdict`` is ``None`` where no bound is judged.
    """

    rows: tuple[AuditRow, ...]
    confidence_level: float
    constant: float | None
    gamma: float
    refuted_n: int | None
    refuted_share: float | None
    bound: str = ""
    unjudged: str = ""

    @property
    def verdict(self) -> Verdict | None:
        """Violated if any generation refutes the bound that was claimed."""
        found = {row.verdict for row in self.rows} - {None}
        if not found:
            return None
        return Verdict.VIOLATED if Verdict.VIOLATED in found else Verdict.INCONCLUSIVE

    def _repr_html_(self) -> str:
        notes = [f"{percent(self.confidence_level)} confidence"]
        return html_table(HEADINGS, [row.cells for row in self.rows], notes=notes)


def audit(
    real: Any,
    generations: Sequence[Any],
    confidence_level: float = 0.95,
    *,
    n: int | None = None,
    share: float | None = None,
    constant: float | None = None,
    gamma: float = 0.25,
    bound: Bound | None = None,
    params: Mapping[str, Any] | None = None,
    method: str | None = None,
    letters: int | None = None,
    classifier: Any = None,
    embedding: Any = None,
    seed: int = 0,
    names: Sequence[str] = (),
) -> SampleAudit:
    """Limits for every generation, which hold together, and the claims that they refute.

    Args:
        real: real data, a row per point.
        generations: samples of generations 1, 2, ...
        confidence_level: of all limits together (Bonferroni).
        n: claimed points per generation.
        share: claimed share of fresh real points; none: full synthetic data.
        constant: of the one-step rate that the refutation rests on; unless it is given, nothing is
            refuted.
        gamma: its exponent.
        bound: a bound on every run to hold the limits against, instead of the rate of ``n``.
        params: its parameters but for the generation.
        method, letters, classifier, embedding, seed: see :func:`tv_interval`.
        names: what the samples are called in messages, real data first.

    Raises:
        InputError: a sample is damaged.
        ParameterError: ``n``, ``share``, ``constant`` or ``gamma`` is out of range, ``share``
            without ``n``, or a bound that one run cannot refute.
    """
    errors.number("confidence_level", confidence_level, above=0, below=1)
    if not is_listed(generations):
        raise ParameterError(f"generations = {generations!r}: must be a list of samples")
    level = 1 - (1 - confidence_level) / max(len(generations), 1)
    claim = _Claim.of(bound, params, n, share, constant, gamma)
    claim.values(len(generations))  # a mistake is told before the work
    options: dict[str, Any] = {"method": method, "letters": letters, "seed": seed}
    options |= {"classifier": classifier, "embedding": embedding}
    called = tuple(names) or ("real", *["synthetic"] * len(generations))
    found = _intervals(real, generations, level, options, called)
    lows = [interval.low for interval in found]
    values = claim.values(len(generations))
    verdicts = [None if v is None else _judge(i, v) for i, v in zip(found, values, strict=True)]
    columns = zip(map(len, generations), found, values, verdicts, strict=True)
    rows = tuple(AuditRow(j, *row) for j, row in enumerate(columns, start=1))
    rate = None if constant is None else {"constant": constant, "gamma": gamma}
    refuted_n = None if rate is None or bound else _refuted_n(lows, share, rate)
    refuted_share = None if rate is None or n is None else _refuted_share(lows, n, rate)
    return SampleAudit(
        rows,
        confidence_level,
        constant,
        gamma,
        refuted_n,
        refuted_share,
        claim.title,
        claim.unjudged,
    )


@dataclass(frozen=True)
class _Claim:
    """A bound with its parameters, or why there is none to be judged."""

    bound: Bound | None
    params: Mapping[str, Any]
    unjudged: str = ""

    @classmethod
    def of(
        cls,
        bound: Bound | None,
        params: Mapping[str, Any] | None,
        n: int | None,
        share: float | None,
        constant: float | None,
        gamma: float,
    ) -> _Claim:
        if bound is not None:
            if n is not None or share is not None:
                raise ParameterError("n, share: are parameters of the bound here; give them to it")
            _refuse_other(bound)
            bound.refuse_free(params or {})
            return cls(bound, params or {})
        if share is not None and n is None:
            raise ParameterError(f"share = {share}: needs n, the claimed points per generation")
        rate = {"constant": 1.0 if constant is None else constant, "gamma": gamma}
        for word, value in {"n": n, "share": share, **rate}.items():
            if value is not None:
                NOTATION[word].expect_one(value, "the one-step rate")
        _rate_bound(1, 1 if n is None else n, share, rate)
        if n is None:
            return cls(None, {})
        if constant is None:
            return cls(None, {}, "the constant of the one-step rate is free; give one to be judged")
        words = {"share": share} if share else {}
        return cls(_of_rate(share), {"n": n, **words, **rate})

    @property
    def title(self) -> str:
        return "" if self.bound is None else self.bound.title

    def values(self, count: int) -> list[float | None]:
        """The bound's value for every generation."""
        if self.bound is None:
            return [None] * count
        given = dict(self.params)
        if "generation" in self.bound.parameters:
            found = [self.bound.evaluate(generation=j, **given) for j in range(1, count + 1)]
        else:
            found = [self.bound.evaluate(**given)] * count
        if any(np.ndim(value) for value in found):
            raise ParameterError(f"parameters of {self.bound.title!r}: give one number for each")
        return [float(value) for value in found]


def _refuse_other(bound: Bound) -> None:
    """Samples of one run refute upper bounds on every run, and no others."""
    is_tv = bound.quantity == TOTAL_VARIATION and bound.side is Side.UPPER
    if not is_tv or bound.statistic is not Statistic.EVERY_RUN:
        raise ParameterError(
            f"bound = {bound.name!r}: is a statement on {bound.statistic} ({bound.side},"
            f" {bound.quantity.text}); samples of one run can refute upper bounds on the TV of"
            " every run"
        )


def _intervals(
    real: Any,
    generations: Sequence[Any],
    level: float,
    options: dict[str, Any],
    names: Sequence[str],
) -> list[TVInterval]:
    """All generations, some at a time; each has its own stream, so their order is nothing."""

    def one(sample: Any, name: str) -> TVInterval:
        return tv_interval(real, sample, level, names=(names[0], name), **options)

    with threadpool_limits(1, "blas"), ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(one, generations, names[1:]))


def _judge(interval: TVInterval, value: float) -> Verdict:
    if interval.low > value:
        return Verdict.VIOLATED
    if value >= 1:
        return Verdict.VACUOUS
    supported = interval.high is not None and interval.high <= value
    return Verdict.SUPPORTED if supported else Verdict.INCONCLUSIVE


def _of_rate(share: float | None) -> Bound:
    return bounds.get("fresh-real" if share else "full-synthetic")


def _rate_bound(j: int, n: int, share: float | None, rate: dict[str, float]) -> float:
    words = {"share": share} if share else {}
    return float(_of_rate(share).evaluate(generation=j, n=n, **words, **rate))


def _refuted_n(lows: Sequence[float], share: float | None, rate: dict[str, float]) -> int | None:
    """Smallest ``n`` with ``bound(n) < low`` in some generation: the bound is ``K n^-gamma``.

    ``None`` if it is larger than a size can be.
    """
    ratios = [
        _rate_bound(j, 1, share, rate) / low for j, low in enumerate(lows, start=1) if low > 0
    ]
    if not ratios or np.log(min(ratios)) >= rate["gamma"] * np.log(_LARGEST):
        return None
    return int(np.floor(min(ratios) ** (1 / rate["gamma"]))) + 1


def _refuted_share(lows: Sequence[float], n: int, rate: dict[str, float]) -> float | None:
    """Smallest share with ``bound(share) < low`` in some generation: the bound falls in it."""
    found = []
    for j, low in enumerate(lows, start=1):
        if _rate_bound(j, n, 1.0, rate) >= low:
            continue
        if _rate_bound(j, n, _LEAST_SHARE, rate) < low:
            return 0.0
        root = brentq(lambda a, j=j, low=low: _rate_bound(j, n, a, rate) - low, _LEAST_SHARE, 1.0)
        found.append(root)
    return float(min(found)) if found else None
