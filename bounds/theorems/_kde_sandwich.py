"""Checks for the proof of the sandwich: exact loops on a ring, and kernels as symbols."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import sympy as sp

from bounds.checks import Law
from bounds.theorems._kde import estimates, mean, redrawn, smooth, spread, variance
from bounds.worst_case import total_variation

__all__ = [
    "mean_is_nearer",
    "mean_is_smoothed",
    "redrawn_variance_is_below",
    "reused_variance_is_below",
    "size_is_below",
    "unrolled",
    "variance_is_below",
]


def _second(kernel: Law, law: Law) -> list[tuple[Fraction, Law]]:
    """Every model 2 of a full synthetic loop of two points per generation, with its chance."""
    return [
        (first * second, model)
        for first, learned in estimates(kernel, law)
        for second, model in estimates(kernel, learned)
    ]


def mean_is_smoothed(times: int) -> Callable[[Law, Law], bool]:
    def statement(kernel: Law, law: Law) -> bool:
        expected = law
        for _ in range(times):
            expected = smooth(kernel, expected)
        return mean(_second(kernel, law)) == expected

    return statement


def variance_is_below(first: int, second: int) -> Callable[[Law, Law], bool]:
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


def reused_variance_is_below(*, counts_model_1: bool) -> Callable[[Law, Law], bool]:
    """``Var p_2 <= V_2`` with the real batch's way through model 1 counted or not."""

    def statement(kernel: Law, law: Law) -> bool:
        half = tuple(value / 2 for value in kernel)
        of_real = _halves(kernel, smooth(kernel, kernel)) if counts_model_1 else half
        terms = zip(spread(of_real, law), spread(half, smooth(kernel, law)), strict=True)
        found = variance(_reused_second(kernel, law))
        return all(value <= (u + v) / 2 for value, (u, v) in zip(found, terms, strict=True))

    return statement


def redrawn_variance_is_below(again: Fraction, once: Fraction) -> Callable[[Law, Law], bool]:
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


def unrolled(skipped: int) -> sp.Expr:
    """``p_3 - mu_3`` minus the deviations of models 1 to 3 carried on, kernels as multipliers."""
    errors = sp.symbols("e_1:4")
    models, means = [sp.Symbol("p_0")], [sp.Symbol("p_0")]
    for j, error in enumerate(errors, start=1):
        for laws, own in ((models, error), (means, 0)):
            mixture = sp.Add(*(_weight(j, k) * law for k, law in enumerate(laws)))
            laws.append(sp.Symbol(f"K_{j}") * mixture + own)
    carried = sum(_carried(3, k, skipped) * e for k, e in enumerate(errors, start=1))
    return sp.expand(models[3] - means[3] - carried)


def mean_is_nearer(reverse: bool) -> Callable[[Law, Law], bool]:
    def statement(kernel: Law, law: Law) -> bool:
        found = _second(kernel, law)
        far = sum(chance * total_variation(model, law) for chance, model in found)
        near = total_variation(mean(found), law)
        return far <= near if reverse else near <= far

    return statement


def size_is_below(share: int) -> Callable[[Law, Law], bool]:
    """``(E|p_2 - p_0|)^2 <= b^2 + share V`` at every letter."""

    def statement(kernel: Law, law: Law) -> bool:
        found = _second(kernel, law)
        centre, spreads = mean(found), variance(found)
        sizes = [sum(c * abs(e[x] - law[x]) for c, e in found) for x in range(len(law))]
        return all(
            sizes[x] ** 2 <= (centre[x] - law[x]) ** 2 + share * spreads[x] for x in range(len(law))
        )

    return statement
