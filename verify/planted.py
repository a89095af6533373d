"""Planted truth: loops whose answer is known, and the error rates of verdicts measured on them.

Bounds are met with equality, and some loops are not what they claim. Some laws of TV fool tests of
a mean: equal runs, rare far values, skewed values in few runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp
from jaxtyping import Float
from rich.table import Table
from scipy.special import ndtri

import bounds
from bounds import Bound, Side, Statistic, Tightness, cycles
from bounds.notation import j, n
from empirics.closed_form import Discrete, GaussianMean
from empirics.runs import Runs
from verify.checking import build_case, rows_of
from verify.judging import share_left
from verify.statements import at_most
from verify.statistics import MeanInterval
from verify.verdict import Verdict, decide

__all__ = [
    "BROKEN_BY",
    "LAWS",
    "PlantedLaw",
    "Rate",
    "broken_loops",
    "engine_rates",
    "every_run_bound",
    "letters_bound",
    "normal_bound",
    "quantile_bound",
    "rates_table",
    "verdicts",
]

Array = np.ndarray
_LEVEL = 0.95
_RUNS, _STEPS = 100, 6
_LETTERS, _SIZE = 40, 2000
_TRUE, _HAIR, _TENTH = Fraction(1), Fraction(1, 1000), Fraction(1, 10)
_POWER_CHECKS = 10
"""Power needs fewer checks than an error rate; one in so many."""
_CYCLE = cycles.full_synthetic(n=10)
BROKEN_BY = 0.011
"""Share of runs that break :func:`every_run_bound`."""
_NORMAL_QUANTILE = float(ndtri(0.975))
"""``P(|Z| <= .)`` is 95 %."""


def normal_bound(factor: Fraction = Fraction(1), side: Side = Side.UPPER) -> Bound:
    """``factor`` times the exact mean TV of fully synthetic fits of a normal mean."""
    return _scaled(_normal_law(side), factor)


def letters_bound(
    letters: int, size: int, factor: Fraction = Fraction(1), side: Side = Side.UPPER
) -> Bound:
    r"""``factor`` times the exact mean TV of an empirical law of equally likely letters.

    .. math:: \mathbb{E}\,|X - np| = 2 (1-p) \nu \binom{n}{\nu} p^\nu (1-p)^{n-\nu},
              \qquad \nu = \lfloor np \rfloor + 1 .

    Source: de Moivre's formula for the mean absolute deviation of a binomial variable.
    """
    from scipy.stats import binom  # half a second

    p = 1 / letters
    nu = int(np.floor(size * p)) + 1
    deviation = 2 * (1 - p) * nu * float(binom.pmf(nu, size, p))
    return replace(_scaled(at_most(0.5 * letters * deviation / size), factor), side=side)


def quantile_bound(factor: Fraction = Fraction(1)) -> Bound:
    """``factor`` times the exact 95 % quantile of TV of fully synthetic normal fits.

    ``TV = erf(|mu| / sqrt 8)`` with ``mu`` normal of variance ``j / n``.
    """
    quantile = sp.erf(sp.Float(_NORMAL_QUANTILE) * sp.sqrt(j / n) / sp.sqrt(8))
    bound = replace(_normal_law(Side.UPPER), statistic=Statistic.EACH_GENERATION)
    return _scaled(replace(bound, expression=quantile), factor)


def _normal_law(side: Side) -> Bound:
    """The catalogue's exact law, claimed as a bound from one side; it proves no other number."""
    law = bounds.get("gaussian-mean-tv")
    return replace(law, side=side, hypotheses=(), tight=Tightness.UNKNOWN, proof=None)


def _scaled(bound: Bound, factor: Fraction) -> Bound:
    exact = sp.Rational(factor.numerator, factor.denominator)
    return replace(bound, expression=exact * bound.expression)


def broken_loops(replicates: int, seed: int) -> dict[str, tuple[Runs, Bound]]:
    """Runs of a loop that is not the one they claim to be, beside the claimed loop's exact law.

    Independence broken: the real data is reused, though it is claimed to be fresh. Wrong weights:
    20 % real data instead of 30 %. Biased sampler: every draw from a model is displaced by 0.08
    standard deviations.
    """
    claimed = cycles.real_plus_synthetic(n=100, lam=4)
    share = cycles.fresh_real(n=100, share="3/10")
    cases = {
        "independence broken": (
            GaussianMean(cycle=replace(claimed, data="reused"), generations=6),
            claimed,
        ),
        "wrong weights": (
            GaussianMean(cycle=replace(share, share=Fraction(1, 5)), generations=6),
            share,
        ),
        "biased sampler": (GaussianMean(cycle=share, generations=6, shift=0.08), share),
    }
    out = {}
    for name, (loop, cycle) in cases.items():
        runs = replace(loop, replicates=replicates, seed=seed).run()
        values = GaussianMean(cycle=cycle, generations=6).mean_tv
        out[name] = (Runs(cycle=cycle, tv=runs.tv), _along(values))
    return out


def _along(values: np.ndarray) -> Bound:
    """A bound that takes these values in generations 1, 2, ..."""
    pieces = [(sp.Float(v), sp.Eq(j, i)) for i, v in enumerate(values.tolist(), start=1)]
    return replace(at_most(1), expression=sp.Piecewise(*pieces, (1, True)))


@dataclass(frozen=True)
class PlantedLaw:
    """Independent runs whose mean TV is known.

    Args:
        name: for a table.
        runs: per check.
        mean: exact mean TV.
        draw: TV of so many runs and generations, independent of each other.
    """

    name: str
    runs: int
    mean: float
    draw: Callable[[tuple[int, int], np.random.Generator], Float[Array, "runs generations"]]

    def checks(self, checks: int, generations: int, seed: int) -> Callable[[], Iterator[Runs]]:
        """Runs of that many checks, the same ones whenever they are asked for."""

        def parts() -> Iterator[Runs]:
            generator = np.random.default_rng(seed)
            for _ in range(checks):
                yield Runs(cycle=_CYCLE, tv=self.draw((self.runs, generations), generator))

        return parts

    def bound(self, factor: Fraction = Fraction(1)) -> Bound:
        """The statement that mean TV is at most ``factor`` times what it is."""
        return _scaled(at_most(self.mean), factor)


def _two_valued(low: float, high: float, share: float) -> Callable[..., Array]:
    def draw(shape: tuple[int, int], generator: np.random.Generator) -> Array:
        return np.where(generator.random(shape) < share, high, low)

    return draw


def _one_letter(shape: tuple[int, int], generator: np.random.Generator) -> Array:
    """One letter of a law (99 %, 1 %): nearly always all runs are equal."""
    seed = int(generator.integers(2**63))
    real, cycle = (0.99, 0.01), cycles.fresh_real(n=1, share=1)
    return (
        Discrete(real=real, cycle=cycle, generations=shape[1], replicates=shape[0], seed=seed)
        .run()
        .tv
    )


def _skewed(shape: tuple[int, int], generator: np.random.Generator) -> Array:
    return generator.beta(0.2, 3.8, shape)


LAWS = (
    PlantedLaw("equal runs (one letter of 99 %, 1 %)", 100, 2 * 0.99 * 0.01, _one_letter),
    PlantedLaw(
        "0.3 % of runs at TV 0.95", 100, 0.997 * 0.05 + 0.003 * 0.95, _two_valued(0.05, 0.95, 0.003)
    ),
    PlantedLaw("skewed TV", 5, 0.05, _skewed),
    PlantedLaw("skewed TV", 2, 0.05, _skewed),
)


def every_run_bound() -> tuple[PlantedLaw, Bound]:
    """A law of which ``BROKEN_BY`` of all runs break a bound on every run, and that bound."""
    high, low, level = 0.2, 0.05, 0.1
    mean = BROKEN_BY * high + (1 - BROKEN_BY) * low
    law = PlantedLaw("runs", 300, mean, _two_valued(low, high, BROKEN_BY))
    return law, replace(at_most(level), statistic=Statistic.EVERY_RUN)


@dataclass(frozen=True)
class Rate:
    """The rate of an event in independent checks, and its required range.

    ``most`` is the stated error rate, ``least`` the power asked for; one of them is ``None``.
    """

    name: str
    count: int
    checks: int
    most: float | None = None
    least: float | None = None

    @property
    def rate(self) -> float:
        """Share of the checks in which it happened."""
        return self.count / self.checks

    @property
    def p_value(self) -> float:
        """Exact binomial test that the rate keeps what is stated."""
        from scipy.stats import binomtest  # half a second

        if self.most is not None:
            test = binomtest(self.count, self.checks, self.most, alternative="greater")
        else:
            test = binomtest(self.count, self.checks, self.least or 0.0, alternative="less")
        return float(test.pvalue)


def engine_rates(checks: int = 2000, seed: int = 0) -> list[Rate]:
    """Error rates and power of :func:`verify.check` on planted loops, 100 runs x 6 generations.

    Args:
        checks: independent checks per error rate, each on its own runs.
        seed: of all randomness.
    """
    return [*_errors(checks, seed), *_power(max(checks // _POWER_CHECKS, 20), seed + 1)]


def _errors(checks: int, seed: int) -> Iterator[Rate]:
    normal = _normal(checks, _RUNS, seed)
    letters = _letters(checks, _RUNS, seed)
    for method in MeanInterval:
        for name, many, bound in (
            ("normal mean", normal, normal_bound),
            ("letters", letters, _of_letters),
        ):
            true, false = bound(_TRUE), bound(_TRUE - _HAIR)
            count = _count(many, true, Verdict.VIOLATED, method=method)
            yield Rate(f"true bound violated, {name}, {method}", count, checks, most=1 - _LEVEL)
            count = _count(many, false, Verdict.SUPPORTED, method=method)
            yield Rate(f"false bound supported, {name}, {method}", count, checks, most=1 - _LEVEL)
    yield from _of_any_law(checks, seed)
    count = _count(normal, quantile_bound(), Verdict.VIOLATED, delta=0.05)
    yield Rate("true 95 % bound violated, binomial", count, checks, most=1 - _LEVEL)
    count = _count(normal, quantile_bound(_TRUE - _HAIR), Verdict.SUPPORTED, delta=0.05)
    yield Rate("false 95 % bound supported, binomial", count, checks, most=1 - _LEVEL)


def _of_any_law(checks: int, seed: int) -> Iterator[Rate]:
    """Error rates where Student's test has none that could be stated."""
    for law in LAWS:
        runs, what = law.checks(checks, _STEPS, seed), f"{law.name}, {law.runs} runs"
        count = _count(runs, law.bound(), Verdict.VIOLATED)
        yield Rate(f"true bound violated, {what}", count, checks, most=1 - _LEVEL)
        count = _count(runs, law.bound(_TRUE - _HAIR), Verdict.SUPPORTED)
        yield Rate(f"false bound supported, {what}", count, checks, most=1 - _LEVEL)
    law, bound = every_run_bound()
    alone = law.checks(checks, 1, seed)
    wrong = share_left(law.runs, 1 - _LEVEL) < BROKEN_BY
    count = wrong * _count(alone, bound, Verdict.SUPPORTED)
    name = f"bound broken by {BROKEN_BY:.1%} of runs supported for more than are left"
    yield Rate(name, count, checks, most=1 - _LEVEL)


def _power(checks: int, seed: int) -> Iterator[Rate]:
    few, many = _RUNS, 20 * _RUNS
    count = _count(_letters(checks, few, seed), _of_letters(_TRUE - _TENTH), Verdict.VIOLATED)
    yield Rate(f"bound 10 % too small caught, letters, {few} runs", count, checks, least=0.9)
    below = normal_bound(_TRUE - _TENTH)
    count = _count(_normal(checks, many, seed), below, Verdict.VIOLATED)
    yield Rate(f"bound 10 % too small caught, normal mean, {many} runs", count, checks, least=0.9)
    some = 6 * _RUNS
    for name, (runs, bound) in broken_loops(checks * some, seed).items():
        caught = _count(_split(runs, some), bound, Verdict.VIOLATED)
        yield Rate(f"{name} caught, {some} runs", caught, checks, least=0.9)


def _count(
    runs: Callable[[], Iterator[Runs]],
    bound: Bound,
    verdict: Verdict,
    method: MeanInterval = MeanInterval.BETTING,
    **params: Any,
) -> int:
    """Checks in which any generation gets this verdict."""
    found = (verdicts(bound, part, method, **params) for part in runs())
    return sum(verdict in each for each in found)


def verdicts(
    bound: Bound, runs: Runs, method: MeanInterval = MeanInterval.BETTING, **params: Any
) -> list[Verdict]:
    """The decisions of :func:`verify.check`, without the limits that it tells beside them."""
    alpha = 1 - _LEVEL
    case = replace(build_case(bound, runs, alpha, method=method, **params), limits=False)
    return [row.verdict for row in decide(rows_of(bound, case, params), alpha)]


def _of_letters(factor: Fraction, side: Side = Side.UPPER) -> Bound:
    return letters_bound(_LETTERS, _SIZE, factor, side)


def _normal(checks: int, runs: int, seed: int) -> Callable[[], Iterator[Runs]]:
    loop = GaussianMean(
        cycle=cycles.full_synthetic(n=100),
        generations=_STEPS,
        replicates=checks * runs,
        seed=seed,
    )
    return _split(loop.run(), runs)


def _letters(checks: int, runs: int, seed: int) -> Callable[[], Iterator[Runs]]:
    loop = Discrete(
        real=(1 / _LETTERS,) * _LETTERS,
        cycle=cycles.fresh_real(n=_SIZE, share=1),
        generations=_STEPS,
        replicates=checks * runs,
        seed=seed,
    )
    return _split(loop.run(), runs)


def _split(runs: Runs, size: int) -> Callable[[], Iterator[Runs]]:
    def parts() -> Iterator[Runs]:
        for first in range(0, runs.replicates, size):
            yield runs.only(slice(first, first + size))

    return parts


def rates_table(rates: list[Rate]) -> Table:
    """The rates, what is asked of them, and the binomial test of that."""
    table = Table(caption="p: exact test that what is stated is kept", caption_justify="left")
    for heading in ("what", "rate", "stated", "checks", "p"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for r in rates:
        stated = f"<= {r.most:.2f}" if r.most is not None else f">= {r.least:.2f}"
        table.add_row(r.name, f"{r.rate:.4f}", stated, str(r.checks), f"{r.p_value:.2g}")
    return table
