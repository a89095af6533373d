r"""The certified sandwich around the mean TV of a kernel-density loop.

.. math:: \frac12\int |b_j| \le \mathbb{E}\,\mathrm{TV}(p_j, p_0)
          \le \frac12 \int \sqrt{b_j^2 + V_j}, \qquad b_j = \mathbb{E} p_j - p_0,

with ``V_j >= Var p_j`` from :mod:`bounds.kde.quantities`. Between them runs the prediction for a
normal ``p_j(x)`` with this mean and variance,

.. math:: \frac12\int b\,\mathrm{erf}\frac{b}{\sqrt{2V}} + \sqrt{\frac{2V}{\pi}} e^{-b^2/2V}.

Derived: the proofs below. Lower side: Jensen. Upper side: errors of different
generations are martingale differences, so variances add; then ``E|Z| <= sqrt(E Z^2)`` pointwise.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Source, Statistic
from bounds.checks import Law, identity
from bounds.kde.quantities import kde_quantities
from bounds.notation import V, bias, x
from bounds.proof import Proof, Step
from bounds.statement import Evidence
from bounds.theorems._kde import (
    AROUND,
    FIXED_BANDWIDTH,
    KERNEL,
    WEIGHTS,
    estimates,
    mean,
    on_rings,
    redrawn,
    smooth,
    spread,
    variance,
)
from bounds.theorems._paper_form import proved_here
from bounds.worst_case import total_variation

__all__ = ["BOUNDS"]

_b, _v = bias(x), V(x)
_LINE = (x, -sp.oo, sp.oo)
_DRAWN = Hypothesis(
    "drawn points",
    "given the past, points are independent draws: fresh ones from the mixture, a kept batch from"
    " its law; points drawn again come from the pool of kept batches, in proportion to the weights",
)
_HYPOTHESES = (KERNEL, FIXED_BANDWIDTH, WEIGHTS, _DRAWN)


def _second(kernel: Law, law: Law) -> list[tuple[Fraction, Law]]:
    """Every model 2 of a full synthetic loop of two points per generation, with its chance."""
    return [
        (first * second, model)
        for first, learned in estimates(kernel, law)
        for second, model in estimates(kernel, learned)
    ]


def _mean_is_smoothed(times: int) -> Callable[[Law, Law], bool]:
    def statement(kernel: Law, law: Law) -> bool:
        expected = law
        for _ in range(times):
            expected = smooth(kernel, expected)
        return mean(_second(kernel, law)) == expected

    return statement


def _variance_is_below(first: int, second: int) -> Callable[[Law, Law], bool]:
    """``Var p_2 <= V_2``, the two generations' terms taken this many times."""

    def statement(kernel: Law, law: Law) -> bool:
        own = spread(kernel, smooth(kernel, law))
        carried = spread(smooth(kernel, kernel), law)
        claimed = [(first * u + second * v) / 2 for u, v in zip(carried, own, strict=True)]
        found = variance(_second(kernel, law))
        return all(value <= most for value, most in zip(found, claimed, strict=True))

    return statement


def _reused_second(kernel: Law, law: Law) -> list[tuple[Fraction, Law]]:
    """Every model 2 that learns from one real batch, kept, and one batch of model 1, in halves."""
    alone = (Fraction(1), Fraction(0), Fraction(0))
    return [
        (first * second, smooth(kernel, _halves(real, synthetic)))
        for first, real in estimates(alone, law)
        for second, synthetic in estimates(alone, smooth(kernel, real))
    ]


def _halves(p: Law, q: Law) -> Law:
    return tuple((u + v) / 2 for u, v in zip(p, q, strict=True))


def _reused_variance_is_below(*, counts_model_1: bool) -> Callable[[Law, Law], bool]:
    """``Var p_2 <= V_2`` with the real batch's way through model 1 counted or not."""

    def statement(kernel: Law, law: Law) -> bool:
        half = tuple(value / 2 for value in kernel)
        of_real = _halves(kernel, smooth(kernel, kernel)) if counts_model_1 else half
        terms = zip(spread(of_real, law), spread(half, smooth(kernel, law)), strict=True)
        found = variance(_reused_second(kernel, law))
        return all(value <= (u + v) / 2 for value, (u, v) in zip(found, terms, strict=True))

    return statement


def _redrawn_variance_is_below(again: Fraction, once: Fraction) -> Callable[[Law, Law], bool]:
    """``Var p_1 <= V_1`` for two of three kept points, factors with replacement and without."""

    def statement(kernel: Law, law: Law) -> bool:
        most = spread(kernel, law)
        return all(
            value <= (Fraction(1, 3) + factor / 2) * most[x]
            for replaced, factor in ((True, again), (False, once))
            for x, value in enumerate(variance(list(redrawn(kernel, law, replaced=replaced))))
        )

    return statement


def _weight(j: int, k: int) -> sp.Symbol:
    return sp.Symbol(f"w_{j - 1}{k}")


def _carried(j: int, k: int, skipped: int) -> sp.Expr:
    """``Gamma_{jk}`` as a Fourier multiplier, its sum from ``l = k + skipped`` on."""
    if j == k:
        return sp.Integer(1)
    ways = [_weight(j, m) * _carried(m, k, skipped) for m in range(k + skipped, j)]
    return sp.Symbol(f"K_{j}") * sp.Add(*ways)


def _unrolled(skipped: int) -> sp.Expr:
    """``p_3 - mu_3`` minus the deviations of models 1 to 3 carried on, kernels as multipliers."""
    errors = sp.symbols("e_1:4")
    models, means = [sp.Symbol("p_0")], [sp.Symbol("p_0")]
    for j, error in enumerate(errors, start=1):
        for laws, own in ((models, error), (means, 0)):
            mixture = sp.Add(*(_weight(j, k) * law for k, law in enumerate(laws)))
            laws.append(sp.Symbol(f"K_{j}") * mixture + own)
    carried = sum(_carried(3, k, skipped) * e for k, e in enumerate(errors, start=1))
    return sp.expand(models[3] - means[3] - carried)


def _mean_is_nearer(reverse: bool) -> Callable[[Law, Law], bool]:
    def statement(kernel: Law, law: Law) -> bool:
        found = _second(kernel, law)
        far = sum(chance * total_variation(model, law) for chance, model in found)
        near = total_variation(mean(found), law)
        return far <= near if reverse else near <= far

    return statement


def _size_is_below(share: int) -> Callable[[Law, Law], bool]:
    """``(E|p_2 - p_0|)^2 <= b^2 + share V`` at every letter."""

    def statement(kernel: Law, law: Law) -> bool:
        found = _second(kernel, law)
        centre, spreads = mean(found), variance(found)
        sizes = [sum(c * abs(e[x] - law[x]) for c, e in found) for x in range(len(law))]
        return all(
            sizes[x] ** 2 <= (centre[x] - law[x]) ** 2 + share * spreads[x] for x in range(len(law))
        )

    return statement


_MEAN_STEP = Step(
    "The estimate is linear in its sample, so the mean laws follow the loop without sampling; the"
    " bias is that of the mean law, for fresh and for reused points alike.",
    r"\mu_j := \mathbb{E} p_j = K_{h_j} * \sum_{k<j} w_{j-1,k} \mu_k, \quad \mu_0 = p_0,"
    r" \quad b_j = \mu_j - p_0",
    ("definition of the loop", KERNEL.name, FIXED_BANDWIDTH.name, WEIGHTS.name, _DRAWN.name),
    on_rings(_mean_is_smoothed(2), _mean_is_smoothed(1), _mean_is_smoothed(3)),
)


def _steps_below() -> tuple[Step, ...]:
    return (
        _MEAN_STEP,
        Step(
            "The size of a mean is at most the mean of the size; integrate over x and halve.",
            r"\mathbb{E}\,\mathrm{TV}(p_j, p_0) = \frac12 \int \mathbb{E} |p_j - p_0| \ge \frac12"
            r" \int |\mu_j - p_0|",
            ("Jensen", "Fubini", "definition of total variation"),
            on_rings(_mean_is_nearer(False), _mean_is_nearer(True)),
        ),
    )


def _steps_above() -> tuple[Step, ...]:
    return (
        _MEAN_STEP,
        AROUND,
        Step(
            "Fresh points: given the past, model k deviates from its smoothed mixture by a"
            " martingale difference. Unrolled, the deviation of model j carries each of them on by"
            " smoothing and weights, from a unit mass at zero.",
            r"p_j - \mu_j = \sum_{1 \le k \le j} \Gamma_{jk} * e_k, \quad e_k = p_k - K_{h_k} *"
            r" \tilde p_{k-1}, \quad \Gamma_{kk} = \delta, \quad \Gamma_{jk} = K_{h_j} *"
            r" \sum_{k \le l < j} w_{j-1,l} \Gamma_{lk}",
            (WEIGHTS.name, FIXED_BANDWIDTH.name, _DRAWN.name),
            identity(lambda: _unrolled(0), lambda: _unrolled(1)),
        ),
        Step(
            "Martingale differences are uncorrelated, so variances add; a generation's conditional"
            " variance is concave in its mixture, so in the mean the mean mixture bounds it.",
            r"\mathrm{Var}\,p_j \le V_j = \sum_{k \le j} \frac1{n_k} \bigl[\psi_{jk}^2 *"
            r" \tilde\mu_{k-1} - (\psi_{jk} * \tilde\mu_{k-1})^2\bigr], \quad \psi_{jk} ="
            r" \Gamma_{jk} * K_{h_k}",
            ("law of total variance", "Jensen"),
            on_rings(_variance_is_below(1, 1), _variance_is_below(0, 1), _variance_is_below(1, 0)),
        ),
        Step(
            "Kept points: one batch of N_k points per law is drawn given the past and enters every"
            " later generation, so variances add batch by batch, k = 0 being real; each batch is"
            " carried on from law k to model j in the same way.",
            r"V_j = \sum_{0 \le k < j} \frac1{N_k}\bigl[\Gamma_{jk}^2 * \mu_k - (\Gamma_{jk} *"
            r" \mu_k)^2\bigr]",
            ("law of total variance", "Jensen", _DRAWN.name),
            on_rings(
                _reused_variance_is_below(counts_model_1=True),
                _reused_variance_is_below(counts_model_1=False),
            ),
        ),
        Step(
            "Points drawn again from a pool of M_k kept points add the variance of their draw,"
            " which is concave in the pool's law; without replacement it is smaller by the factor"
            " (M_k - n_k)/(M_k - 1).",
            r"V_j = \sum_{0 \le k < j} \frac1{N_k}\bigl[\Gamma_{jk}^2 * \mu_k - (\Gamma_{jk} *"
            r" \mu_k)^2\bigr] + \sum_{1 \le k \le j} \frac{f_k}{n_k} \bigl[\psi_{jk}^2 *"
            r" \tilde\mu_{k-1} - (\psi_{jk} * \tilde\mu_{k-1})^2\bigr], \quad f_k \in \Bigl\{1,"
            r" \frac{M_k - n_k}{M_k - 1}\Bigr\}",
            ("law of total variance", "Jensen", _DRAWN.name),
            on_rings(
                _redrawn_variance_is_below(Fraction(1), Fraction(1, 2)),
                _redrawn_variance_is_below(Fraction(1, 2), Fraction(1, 2)),
                _redrawn_variance_is_below(Fraction(1), Fraction(0)),
            ),
        ),
        Step(
            "At every point the mean size is at most the root of the mean square; integrate and"
            " halve.",
            _UPPER.expression,
            ("Cauchy-Schwarz", "Fubini", "definition of total variation"),
            on_rings(_size_is_below(1), _size_is_below(0)),
        ),
    )


_m, _sd = sp.Symbol("m", real=True), sp.Symbol("s", positive=True)
_mean_of_size = _m * sp.erf(_m / (_sd * sp.sqrt(2))) + _sd * sp.sqrt(2 / sp.pi) * sp.exp(
    -(_m**2) / (2 * _sd**2)
)


def _steps_predicted() -> tuple[Step, ...]:
    z = sp.Symbol("z", real=True)
    weighted = (_m + _sd * z) * sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
    right = sp.integrate(weighted, (z, -_m / _sd, sp.oo))
    left = sp.integrate(weighted, (z, -sp.oo, -_m / _sd))
    return (
        Step(
            "The mean size of a normal variable of mean m and variance s^2, the parts above and"
            " below zero integrated.",
            _mean_of_size,
            ("Gaussian integrals",),
            identity(
                (right - left - _mean_of_size).rewrite(sp.erf),
                (right + left - _mean_of_size).rewrite(sp.erf),
                (right - left - 2 * _mean_of_size).rewrite(sp.erf),
            ),
        ),
        Step(
            "Were every p_j(x) normal with the mean and the variance bound of the sandwich, half"
            " the integral of this would be the mean distance.",
            _PREDICTION.expression,
            ("kde-sandwich", "kde-sandwich-lower"),
        ),
    )


_UPPER = Bound(
    name="kde-sandwich",
    title="KDE loop, mean TV from above",
    statement=(
        "The mean distance of a generation to real data is at most half the integral of the root of"
        " squared bias plus accumulated variance."
    ),
    expression=sp.Integral(sp.sqrt(_b**2 + _v), _LINE) / 2,
    hypotheses=_HYPOTHESES,
    source=proved_here("by martingale differences and Jensen"),
    side=Side.UPPER,
    statistic=Statistic.MEAN,
    constants=Constants.GIVEN,
    quantities=kde_quantities,
    proof=Proof(_steps_above),
)

_LOWER = Bound(
    name="kde-sandwich-lower",
    title="KDE loop, mean TV from below",
    statement="The mean distance of a generation to real data is at least that of its mean law.",
    expression=sp.Integral(sp.Abs(_b), _LINE) / 2,
    hypotheses=_HYPOTHESES,
    source=proved_here("by martingale differences and Jensen"),
    side=Side.LOWER,
    statistic=Statistic.MEAN,
    constants=Constants.GIVEN,
    quantities=kde_quantities,
    proof=Proof(_steps_below),
)

_PREDICTION = Bound(
    name="kde-clt",
    title="KDE loop, mean TV predicted",
    statement=(
        "Were the density of a generation normal at every point, its mean distance to real data"
        " would be this."
    ),
    expression=sp.Integral(
        _b * sp.erf(_b / sp.sqrt(2 * _v)) + sp.sqrt(2 * _v / sp.pi) * sp.exp(-(_b**2) / (2 * _v)),
        _LINE,
    )
    / 2,
    hypotheses=_HYPOTHESES,
    source=Source(
        "This catalogue",
        "after kde-sandwich",
        Evidence.HEURISTIC,
        "a central limit approximation; it over-predicts by 1-5 % where n h p(x) is small",
        ("project",),
    ),
    side=Side.PREDICTION,
    statistic=Statistic.MEAN,
    constants=Constants.GIVEN,
    quantities=kde_quantities,
    proof=Proof(
        _steps_predicted,
        "Proved: the value for a normal density of this mean and variance. Believed: that the"
        " density of a generation is near normal at every point (central limit).",
    ),
)

BOUNDS = (_UPPER, _LOWER, _PREDICTION)
