r"""All data kept, n new points a generation: a product law for whatever is averaged.

.. math:: P_j = \prod_{k=1}^{j} \Bigl(1 - \frac{1}{n k^2}\Bigr)
          \longrightarrow \frac{\sin(\pi/\sqrt n)}{\pi/\sqrt n}

is the diversity that is left. Exactly, for frequencies of letters, for any continuous law on the
line, and for a normal law fitted by maximum likelihood:

.. math:: \mathbb{E}(1 - \|p_j\|_2^2) = (1 - S) P_j, \quad
          \mathbb{E}\|p_j - p_0\|_2^2 = (1 - S)(1 - P_j), \quad
          \mathbb{E}\int (F_j - F)^2 dF = \frac{1 - P_j}{6}, \quad
          \mathbb{E} s_j^2 = s_0^2 P_j, \quad \mathrm{Var}\,\mu_j = s_0^2 (1 - P_j).

:math:`\pi^2/6`, the constant of Gerstgrasser et al. (2024) and of Dey and Donoho (2024), is the
limit of :math:`n (1 - P_\infty)` for large n, from below.

Derived: the proofs below; model j's law is a martingale.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import exact, identity
from bounds.cycles import Accumulating, DataCycle, Protocol
from bounds.functions import OneMinusExp, textbook
from bounds.hypotheses import ModelKind, known
from bounds.notation import K, S, j, k, n
from bounds.proof import Proof, Step
from bounds.theorems._paper_form import proved_here
from bounds.theorems._quantities import (
    CDF_ERROR,
    DIVERSITY,
    L2_ERROR,
    MEAN_SPREAD,
    VARIANCE_KEPT,
)
from bounds.theorems.bootstrap_cdf import CONTINUOUS, average_over_thresholds, threshold_step

__all__ = ["BOUNDS"]


def _logarithms(of: sp.Expr, last: sp.Expr) -> sp.Expr:
    """``-log prod (1 - 1/y)`` over k up to ``last``, whose digits do not cancel for large ``y``."""
    return sp.Sum(2 * sp.asinh(1 / (2 * sp.sqrt(of * (of - 1)))), (k, 1, last))


_log = _logarithms(n * k**2, j)
_left, _lost = sp.exp(-_log), OneMinusExp(_log)

_POINTS = 2
_REAL = (Fraction(2, 3), Fraction(1, 3))


def _keeps_all(cycle: DataCycle) -> bool:
    return type(cycle) is Accumulating and cycle.data is Protocol.REUSED


_CYCLE = Hypothesis(
    "data cycle",
    "the data cycle is Accumulating with data = 'reused': n new points a generation, all kept,"
    " equally weighted",
    _keeps_all,
)
_TWO = Hypothesis("two points", "a generation has at least two new points", where=n >= 2)
_EMPIRICAL = Hypothesis(
    "empirical measure",
    "the real law is discrete, a model has the frequencies of its training points",
    loop=known(model=ModelKind.EMPIRICAL),
)
_NORMAL = Hypothesis(
    "normal fit",
    "the real law is N(mu, s_0^2), a model is N(m, s^2) with mean and mean squared deviation of its"
    " training points",
    loop=known(model=ModelKind.NORMAL_VARIANCE, target="normal"),
)


def _chances(count: int) -> dict[int, Fraction]:
    """The exact law of the number of first letters after so many generations of two points."""
    known_: dict[int, Fraction] = {0: Fraction(1)}
    for generation in range(count):
        following: dict[int, Fraction] = {}
        for first, chance in known_.items():
            p = Fraction(first, _POINTS * generation) if generation else _REAL[0]
            for points in product((0, 1), repeat=_POINTS):
                new = sum(points)
                step = p**new * (1 - p) ** (_POINTS - new)
                key = first + new
                following[key] = following.get(key, Fraction(0)) + chance * step
        known_ = following
    return known_


def _lost_diversity(generation: int) -> Fraction:
    """``E||p_j - p_0||^2`` over ``1 - S``, by following every run."""
    total, error = _POINTS * generation, Fraction(0)
    for first, chance in _chances(generation).items():
        away = Fraction(first, total) - _REAL[0]
        error += 2 * chance * away * away
    return error / (1 - sum((p * p for p in _REAL), Fraction(0)))


def _is_what_runs_lose(law: sp.Expr) -> bool:
    """Whether a form of ``1 - P_j`` is what exact runs of four generations have lost."""
    return all(
        _number(law, _POINTS, i) == sp.Rational(str(_lost_diversity(i))) for i in range(1, 5)
    )


def _number(law: sp.Expr, points: int, generation: int) -> sp.Expr:
    """The exact value of a form: the logarithms of fractions leave a fraction."""
    plain = textbook(law.subs({n: points, j: generation}))
    plain = plain.replace(lambda node: isinstance(node, sp.Sum), lambda node: node.doit())
    return plain.replace(sp.asinh, _half_logarithm)


def _half_logarithm(z: sp.Expr) -> sp.Expr:
    return sp.log(sp.expand((z + sp.sqrt(1 + z**2)) ** 2)) / 2


def _is_product(law: sp.Expr) -> bool:
    """Whether a form follows the recursion, in generations up to 6 of 2, 3 and 10 points."""
    for points in (2, 3, 10):
        values = [_number(law, points, i) for i in range(1, 7)]
        kept = sp.Integer(1)
        for i, value in enumerate(values, start=1):
            kept *= 1 - sp.Rational(1, points * i**2)
            if value != 1 - kept:
                return False
    return True


def _martingale_step() -> Step:
    V, gap, t, m = sp.symbols("V s t m", positive=True)
    following = V + (gap - V) / (m * t**2)
    return Step(
        "The n new points of generation j + 1 have frequencies of mean p_j and squared error (1 -"
        " ||p_j||^2)/n given the past; averaged into j batches they move the model by their error"
        " over j + 1. The means stay p_0, so squares add up, and what is left of 1 - S is"
        " multiplied by 1 - 1/(n (j+1)^2).",
        r"p_{j+1} = p_j + \frac{e_{j+1} - p_j}{j+1}, \quad V_{j+1} = V_j +"
        r" \frac{1 - S - V_j}{n (j+1)^2}",
        ("law of total variance", _CYCLE.name, _EMPIRICAL.name),
        identity(
            gap - following - (gap - V) * (1 - 1 / (m * t**2)),
            gap - following - (gap - V) * (1 - 1 / (m * t)),
        ),
    )


def _product_step(*more: str) -> Step:
    shorter = OneMinusExp(_logarithms(n * k**2, j - 1))
    linear = OneMinusExp(_logarithms(n * k, j))
    return Step(
        "The product of these factors, by the logarithms, which exist for two points or more:"
        " -log(1 - 1/y) = 2 arsinh(1/(2 sqrt(y (y - 1)))).",
        _left,
        (_TWO.name, *more),
        exact(_is_product, _lost, shorter, linear, cases="6 generations of 2, 3 and 10 points"),
    )


def _steps_of_square() -> tuple[Step, ...]:
    linear = OneMinusExp(_logarithms(n * k, j))
    return (
        _martingale_step(),
        _product_step(),
        Step(
            "Every run of four generations of two points and two letters, added up, says so.",
            _SQUARE.expression,
            check=exact(_is_what_runs_lose, _lost, linear, cases="all runs of four generations"),
        ),
    )


def _steps_of_diversity() -> tuple[Step, ...]:
    return (
        Step(
            "As p_0 is the mean of p_j, the squares add up to one: what the error gains, the"
            " diversity loses.",
            r"\mathbb{E}\|p_j\|^2 = S + \mathbb{E}\|p_j - p_0\|^2",
            ("accumulation-product-l2", "law of total variance", *_names(_SQUARE)),
            identity(
                (1 - S) - (1 - S) * _lost.doit() - _DIVERSITY.expression,
                (1 - S) * _lost.doit() - _DIVERSITY.expression,
            ),
        ),
    )


def _steps_of_tv() -> tuple[Step, ...]:
    return (
        Step(
            "Over K symbols the sum of K sizes is at most the root of K times the sum of squares,"
            " and the mean of a root at most the root of the mean.",
            _TV.expression,
            (
                "Cauchy-Schwarz",
                "Jensen",
                "definition of total variation",
                "accumulation-product-l2",
                *_names(_SQUARE),
            ),
        ),
    )


def _steps_of_cdf() -> tuple[Step, ...]:
    return (
        threshold_step("accumulation-product-l2"),
        average_over_thresholds(),
        Step("Put the mean in for (1 - S).", _CDF.expression, (_CYCLE.name, _TWO.name)),
    )


def _normal_step() -> Step:
    t, m, square = sp.symbols("t m s", positive=True)
    within = t / (t + 1) * square + square * (1 - 1 / m) / (t + 1)
    between = t / (t + 1) ** 2 * square / m
    factor = 1 - 1 / (m * (t + 1) ** 2)
    return Step(
        "The mean squared deviation of all points is that within the old ones and the n new ones,"
        " whose own is s^2 (1 - 1/n) in the mean, and that between their means.",
        r"\mathbb{E}[s_{j+1}^2 \mid s_j] = \frac{j s_j^2 + s_j^2 (1 - \frac1n)}{j+1}"
        r" + \frac{j}{(j+1)^2} \frac{s_j^2}{n} = s_j^2 \Bigl(1 - \frac{1}{n (j+1)^2}\Bigr)",
        (_NORMAL.name, _CYCLE.name, "sample variance"),
        identity(within + between - square * factor, within - square * factor),
    )


def _steps_of_variance() -> tuple[Step, ...]:
    return (_normal_step(), _product_step())


def _steps_of_mean() -> tuple[Step, ...]:
    kept, t, m = sp.symbols("P t m", positive=True)
    return (
        _normal_step(),
        _product_step(),
        Step(
            "The mean moves by the new points' error over j + 1, of mean zero given the past; what"
            " it gains the variance has lost.",
            _MEAN.expression,
            ("law of total variance",),
            identity(
                (1 - kept * (1 - 1 / (m * t**2))) - (1 - kept) - kept / (m * t**2),
                (1 - kept * (1 - 1 / (m * t**2))) - (1 - kept) - kept / (m * t),
            ),
        ),
    )


def _names(bound: Bound) -> tuple[str, ...]:
    return tuple(item.name for item in bound.hypotheses)


def _face(
    name: str,
    title: str,
    statement: str,
    expression: sp.Expr,
    law: Hypothesis,
    steps: Callable[[], tuple[Step, ...]],
    **more: Any,
) -> Bound:
    given: dict[str, Any] = {
        "side": Side.EXACT,
        "statistic": Statistic.AVERAGE,
        "tight": Tightness.TIGHT,
    }
    return Bound(
        name=name,
        title=title,
        statement=statement,
        expression=expression,
        hypotheses=(_CYCLE, _TWO, law),
        source=proved_here("by a martingale", "", "gerstgrasser2024"),
        constants=Constants.GIVEN,
        proof=Proof(steps),
        **(given | more),
    )


_SQUARE = _face(
    "accumulation-product-l2",
    "Accumulated letters",
    "The mean squared distance of frequencies of all data so far to the real ones.",
    (1 - S) * _lost,
    _EMPIRICAL,
    _steps_of_square,
    quantity=L2_ERROR,
)
_DIVERSITY = _face(
    "accumulation-product",
    "Accumulated letters, diversity",
    "The mean diversity that is left where all data is kept: a product over the generations.",
    (1 - S) * _left,
    _EMPIRICAL,
    _steps_of_diversity,
    quantity=DIVERSITY,
)
_TV = _face(
    "accumulation-product-tv",
    "Accumulated letters, TV",
    "The mean distance of frequencies of all data so far to the real ones is at most this.",
    sp.sqrt(K * (1 - S) * _lost) / 2,
    _EMPIRICAL,
    _steps_of_tv,
    side=Side.UPPER,
    statistic=Statistic.MEAN,
    tight=Tightness.UNKNOWN,
)
_CDF = _face(
    "accumulation-product-cdf",
    "Accumulated points of a continuous law",
    "The mean squared error of the distribution function of all data so far.",
    _lost / 6,
    CONTINUOUS,
    _steps_of_cdf,
    quantity=CDF_ERROR,
)
_VARIANCE = _face(
    "accumulation-product-variance",
    "Accumulated normal data, variance",
    "The mean variance of a normal law fitted to all data so far, over the real one.",
    _left,
    _NORMAL,
    _steps_of_variance,
    quantity=VARIANCE_KEPT,
)
_MEAN = _face(
    "accumulation-product-mean",
    "Accumulated normal data, mean",
    "The mean squared error of the mean of all data so far, over the real variance.",
    _lost,
    _NORMAL,
    _steps_of_mean,
    quantity=MEAN_SPREAD,
)

BOUNDS = (_DIVERSITY, _SQUARE, _TV, _CDF, _VARIANCE, _MEAN)
