r"""High-probability bounds for a kernel-density loop, for all generations at once and for one.

.. math:: \mathrm{TV}(p_j, p_0) \le \sum_{k \le j} G_{jk}
          \Bigl[b_k + s_k + \sqrt{\tfrac{\log(N/\delta)}{2 n_k}}\Bigr]
          \quad\text{for all } j \le N,

.. math:: \mathrm{TV}(p_j, p_0) \le \sum_{k \le j} G_{jk} (b_k + s_k)
          + \sqrt{\tfrac{\log(1/\delta)}{2} \sum_{k \le j} \tfrac{G_{jk}^2}{n_k}}
          \quad\text{for one } j,

each with probability at least ``1 - delta``. ``s_k`` is the realised noise bound of generation
``k`` given its past, which a loop records; computed from words it is replaced by the bound on its
expectation, which shows the size of the bound but is not itself a statement about a run.

Derived: the proofs below, by McDiarmid's inequality given the past.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Side, Statistic
from bounds.checks import Law, identity, over_laws
from bounds.kde.quantities import kde_quantities
from bounds.notation import G, N, b, delta, j, k, s, size
from bounds.proof import Proof, Step
from bounds.theorems._kde import (
    FIXED_BANDWIDTH,
    INDEPENDENT,
    KERNEL,
    WEIGHTS,
    propagated,
    smoothing_steps,
)
from bounds.theorems._paper_form import proved_here
from bounds.worst_case import total_variation

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "side": Side.UPPER,
    "constants": Constants.GIVEN,
    "quantities": kde_quantities,
}

_t, _n = sp.Symbol("t", positive=True), sp.Symbol("n", positive=True)


def _half(p: Law, q: Law) -> Law:
    return tuple((u + v) / 2 for u, v in zip(p, q, strict=True))


def _moves_by(most: Fraction) -> Callable[[Law, Law, Law, Law], bool]:
    """Whether replacing one of two kernels moves the distance by at most ``most``."""

    def statement(kept: Law, old: Law, new: Law, other: Law) -> bool:
        before = total_variation(_half(kept, old), other)
        return abs(total_variation(_half(kept, new), other) - before) <= most

    return statement


def _common_steps() -> tuple[Step, ...]:
    return (
        *smoothing_steps("K_{h_j} *", KERNEL.name, FIXED_BANDWIDTH.name),
        propagated("b_k + X_k"),
        Step(
            "Given the past, the mean of X_k is at most its noise bound.",
            r"\mathbb{E}[X_k \mid \mathcal{F}_{k-1}] \le s_k",
            ("kde-noise", INDEPENDENT.name),
        ),
        Step(
            "Replacing one of the n_k points replaces one of n_k kernels, so it moves X_k by at"
            " most 1/n_k.",
            r"|X_k - X_k'| \le \frac{1}{n_k} \mathrm{TV}\bigl(K_{h_k}(\cdot - x),"
            r" K_{h_k}(\cdot - x')\bigr) \le \frac1{n_k}",
            ("triangle inequality",),
            over_laws(_moves_by(Fraction(1, 2)), _moves_by(Fraction(1, 4)), count=4, letters=2),
        ),
    )


def _steps_of_all() -> tuple[Step, ...]:
    deviation = sp.sqrt(sp.log(N / delta) / (2 * _n))
    tail = sp.exp(-2 * _t**2 * _n)
    return (
        *_common_steps(),
        Step(
            "Given the past, X_k exceeds its mean by t with probability at most exp(-2 n_k t^2),"
            " which is delta/N at the deviation term.",
            sp.Eq(_t, deviation, evaluate=False),
            ("McDiarmid",),
            identity(
                tail.subs(_t, deviation) - delta / N,
                tail.subs(_t, deviation / sp.sqrt(2)) - delta / N,
                tail.subs(_t, deviation) - delta,
            ),
        ),
        Step(
            "Add the N probabilities: with probability 1 - delta no generation up to N deviates"
            " more, and then all bounds hold at once.",
            _ALL.expression,
            ("union bound",),
        ),
    )


def _steps_of_one() -> tuple[Step, ...]:
    proxy = sp.Sum(G[j, k] ** 2 / (4 * size[k]), (k, 1, j))
    claimed = sp.sqrt(sp.log(1 / delta) / 2 * sp.Sum(G[j, k] ** 2 / size[k], (k, 1, j)))
    bound, double = 2 * sp.log(1 / delta) * proxy, 2 * sp.log(1 / delta) * 4 * proxy
    return (
        *_common_steps(),
        Step(
            "So the deviation of X_k from its mean given the past has the exponential moments of a"
            " normal variable of variance 1/(4 n_k).",
            r"\mathbb{E}[e^{t (X_k - \mathbb{E}[X_k | \mathcal{F}_{k-1}])} \mid \mathcal{F}_{k-1}]"
            r" \le e^{t^2 / (8 n_k)}",
            ("McDiarmid",),
            identity(
                _t**2 * _n * (1 / _n) ** 2 / 8 - _t**2 / (4 * _n) / 2,
                _t**2 * _n * (1 / _n) ** 2 / 8 - _t**2 / (2 * _n) / 2,
            ),
        ),
        Step(
            "With fixed weights the deviations times G_jk are martingale differences; their sum"
            " exceeds the deviation term with probability at most delta.",
            claimed,
            ("Azuma", WEIGHTS.name),
            identity(
                sp.expand(bound.doit() - claimed**2),
                sp.expand(double.doit() - claimed**2),
            ),
        ),
    )


_ALL = Bound(
    name="kde-high-probability",
    title="KDE loop, all generations with high probability",
    statement=(
        "With probability 1 - delta every generation stays below the sum of bias, noise given its"
        " past and a deviation term, each weighted by its influence."
    ),
    expression=sp.Sum(
        G[j, k] * (b[k] + s[k] + sp.sqrt(sp.log(N / delta) / (2 * size[k]))), (k, 1, j)
    ),
    hypotheses=(KERNEL, FIXED_BANDWIDTH, INDEPENDENT),
    source=proved_here("by McDiarmid and a union bound"),
    statistic=Statistic.ALL_GENERATIONS,
    proof=Proof(_steps_of_all),
    **_COMMON,
)

_ONE = Bound(
    name="kde-high-probability-single",
    title="KDE loop, one generation with high probability",
    statement=(
        "With probability 1 - delta a given generation stays below the weighted sum of bias and"
        " noise given the past plus one deviation term for all generations together."
    ),
    expression=sp.Sum(G[j, k] * (b[k] + s[k]), (k, 1, j))
    + sp.sqrt(sp.log(1 / delta) / 2 * sp.Sum(G[j, k] ** 2 / size[k], (k, 1, j))),
    hypotheses=(KERNEL, FIXED_BANDWIDTH, INDEPENDENT, WEIGHTS),
    source=proved_here("by McDiarmid and Azuma"),
    statistic=Statistic.EACH_GENERATION,
    proof=Proof(_steps_of_one),
    **_COMMON,
)

BOUNDS = (_ALL, _ONE)
