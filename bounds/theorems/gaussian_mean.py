r"""Fitting the mean of a normal law of known variance: the loop's exact law, five protocols.

With :math:`u = \lambda/(1+\lambda)` the variance of the fitted mean, over :math:`s^2/n`, is

.. math:: R_j = j, \qquad \frac{1 + u^{2j-1}}{1+u}, \qquad
          1 + \frac{u (1 - u^{2(j-1)})}{1+u}, \qquad \sum_{k \le j} \frac1{k^2},

for full synthetic data, n real and lambda n synthetic points drawn anew, the same with one real set
that is kept, and all data kept; with n real points of weight ``a``, whatever their share, and
lambda n synthetic ones, all drawn anew, it is

.. math:: R_j = R_\infty + (1-a)^{2(j-1)} (1 - R_\infty), \qquad
          R_\infty = \frac{a^2 + (1-a)^2/\lambda}{a (2-a)} .

The mean is normal, so with it

.. math:: \mathrm{TV}(p_j, p_0) = 2\Phi\Bigl(\frac{|\mu_j|}{2s}\Bigr) - 1, \qquad
          \mathbb{E}\,\mathrm{TV}(p_j, p_0) = \frac2\pi \arctan\Bigl(\frac12\sqrt{R_j/n}\Bigr).

Errors of different generations cancel here, where the recursion adds them: planted truth.

Derived: the proofs below; the mean over runs from
:math:`\mathbb{E}\,\mathrm{erf}(c|Z|) = \frac2\pi \arctan(\sqrt2 c)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import exact, identity, induction
from bounds.cycles import Accumulating, DataCycle, FullSynthetic, Protocol, RealPlusSynthetic
from bounds.cycles.weighted_real import WeightedReal
from bounds.hypotheses import ModelKind, known
from bounds.notation import a, j, k, lam, n, z
from bounds.proof import Proof, Step
from bounds.theorems._paper_form import WHOLE, proved_here
from bounds.theorems._quantities import VARIANCE_RATIO

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "source": proved_here("by recursion of variances"),
    "side": Side.EXACT,
    "constants": Constants.GIVEN,
    "tight": Tightness.TIGHT,
}
_NORMAL = Hypothesis(
    "normal mean",
    "the real law is N(mu, s^2), s is known, and a model is N(m, s^2) with the mean m of its"
    " training points",
    loop=known(model=ModelKind.NORMAL_MEAN, target="normal"),
)


_MIXED = (
    Hypothesis("real weight", "real points have a positive weight", where=a > 0),
    Hypothesis("synthetic points", "there are synthetic points", where=lam > 0),
)


@dataclass(frozen=True)
class _Follows:
    kind: type[DataCycle]
    data: Protocol

    def __call__(self, cycle: DataCycle) -> bool:
        honest = getattr(cycle, "real_start", True)
        return type(cycle) is self.kind and cycle.data is self.data and honest


def _cycle(kind: type[DataCycle], data: Protocol, text: str) -> Hypothesis:
    return Hypothesis("data cycle", text, _Follows(kind, data))


_u = lam / (1 + lam)
_synthetic = sp.Symbol("w", positive=True)
_long_run = (a**2 + (1 - a) ** 2 / lam) / (a * (2 - a))

_PROTOCOLS = (
    (
        "gaussian-mean",
        "Gaussian mean, full synthetic",
        j,
        _cycle(
            FullSynthetic,
            Protocol.FRESH,
            "the data cycle is FullSynthetic with fresh data",
        ),
    ),
    (
        "gaussian-mean-fresh",
        "Gaussian mean, fresh real data",
        (1 + lam) * (1 + _u ** (2 * j - 1)) / (1 + 2 * lam),
        _cycle(
            RealPlusSynthetic,
            Protocol.FRESH,
            "the data cycle is RealPlusSynthetic with real_start, exactly n points real and fresh",
        ),
    ),
    (
        "gaussian-mean-reused",
        "Gaussian mean, one real set kept",
        1 + lam * (1 - _u ** (2 * (j - 1))) / (1 + 2 * lam),
        _cycle(
            RealPlusSynthetic,
            Protocol.REUSED,
            "the data cycle is RealPlusSynthetic with one real set of n points, data = 'reused';"
            " synthetic points are used in the next generation only",
        ),
    ),
    (
        "gaussian-mean-weighted",
        "Gaussian mean, weighted real data",
        _long_run + (1 - a) ** (2 * (j - 1)) * (1 - _long_run),
        _cycle(
            WeightedReal,
            Protocol.RENEWED,
            "the data cycle is WeightedReal: n real points weigh a, lambda n of the last model"
            " 1 - a, all drawn anew",
        ),
    ),
    (
        "gaussian-mean-accumulated",
        "Gaussian mean, all data kept",
        sp.Sum(1 / k**2, (k, 1, j)),
        _cycle(
            Accumulating,
            Protocol.REUSED,
            "the data cycle is Accumulating with data = 'reused'",
        ),
    ),
)


_Step = Callable[[Any, Any], Any]
_Means = Callable[[list[sp.Matrix], sp.Matrix, sp.Expr], sp.Matrix]
_RATIOS = (sp.Rational(1, 2), sp.Integer(3))
_SHARE = sp.Rational(1, 3)
_GENERATIONS = 4


def _is_variance(means: _Means, form: sp.Expr) -> bool:
    """Whether ``form`` is the variance ratio of generations 1 to 4, in exact coefficients.

    A mean is a row of coefficients of independent errors of variance one: those of the real batch
    of every generation, then those of the models' batches of n points.
    """
    for ratio in _RATIOS:
        errors = sp.eye(2 * _GENERATIONS)
        found = [errors[0, :]]
        for _ in range(1, _GENERATIONS):
            found.append(means(found, errors, ratio))
        at: dict[sp.Symbol, sp.Expr] = {lam: ratio, a: _SHARE}
        claimed = [form.subs(at | {j: i}).doit() for i in range(1, _GENERATIONS + 1)]
        if [(row * row.T)[0] for row in found] != claimed:
            return False
    return True


def _drawn(means: list[sp.Matrix], errors: sp.Matrix, ratio: sp.Expr) -> sp.Matrix:
    """The mean of ``ratio n`` fresh points of the last model."""
    return means[-1] + errors[_GENERATIONS + len(means) - 1, :] / sp.sqrt(ratio)


def _fresh(means: list[sp.Matrix], errors: sp.Matrix, ratio: sp.Expr) -> sp.Matrix:
    return (errors[len(means), :] + ratio * _drawn(means, errors, ratio)) / (1 + ratio)


def _kept(means: list[sp.Matrix], errors: sp.Matrix, ratio: sp.Expr) -> sp.Matrix:
    return (errors[0, :] + ratio * _drawn(means, errors, ratio)) / (1 + ratio)


def _weighted(means: list[sp.Matrix], errors: sp.Matrix, ratio: sp.Expr) -> sp.Matrix:
    return _SHARE * errors[len(means), :] + (1 - _SHARE) * _drawn(means, errors, ratio)


def _pooled(means: list[sp.Matrix], errors: sp.Matrix, ratio: sp.Expr) -> sp.Matrix:
    del ratio
    batches = [errors[0, :]]
    batches += [_drawn(means[:i], errors, sp.Integer(1)) for i in range(1, len(means) + 1)]
    return sum(batches[1:], batches[0]) / len(batches)


def _replaced(means: list[sp.Matrix], errors: sp.Matrix, ratio: sp.Expr) -> sp.Matrix:
    del ratio
    return _drawn(means, errors, sp.Integer(1))


@dataclass(frozen=True)
class _Recursion:
    """The recursion of the variance ratio under one protocol.

    Args:
        text: why, in a sentence.
        formula: the recursion in LaTeX.
        means: the following model's mean from all so far, see :func:`_is_variance`.
        step: vanishes at one and the following value.
        wrong: closed forms that do not solve it.
    """

    text: str
    formula: str
    means: _Means
    step: _Step
    wrong: tuple[sp.Expr, ...]


_RECURSIONS = {
    "gaussian-mean": _Recursion(
        "The mean of n fresh points of the last model adds the variance s^2/n to that model's.",
        r"R_1 = 1, \quad R_{j+1} = R_j + 1",
        _replaced,
        lambda now, then: then - now - 1,
        (j**2, j + 1),
    ),
    "gaussian-mean-fresh": _Recursion(
        "The mean of n real points has weight 1 - u and variance s^2/n; that of lambda n synthetic"
        " points has weight u and the last model's variance plus s^2/(lambda n); both are"
        " independent, and (1 - u)^2 + u^2/lambda = 1 - u.",
        r"R_1 = 1, \quad R_{j+1} = (1-u)^2 + u^2 \bigl(R_j + \tfrac1\lambda\bigr) = u^2 R_j +"
        r" 1 - u",
        _fresh,
        lambda now, then: then - (1 - _u) ** 2 - _u**2 * (now + 1 / lam),
        ((1 + _u ** (2 * j)) / (1 + _u), (1 + lam) * (1 + _u ** (2 * j - 1)) / (1 + lam)),
    ),
    "gaussian-mean-reused": _Recursion(
        "The kept real mean has covariance s^2/n with every model's mean, as it has with itself and"
        " as weighted means keep it; so twice u (1 - u) is added to the variances of the parts.",
        r"R_1 = 1, \quad R_{j+1} = (1-u)^2 + u^2 \bigl(R_j + \tfrac1\lambda\bigr) + 2 u (1-u)",
        _kept,
        lambda now, then: then - (1 - _u) ** 2 - _u**2 * (now + 1 / lam) - 2 * _u * (1 - _u),
        (1 + _u * (1 - _u ** (2 * j)) / (1 + _u), 1 + lam * (1 - _u ** (j - 1)) / (1 + 2 * lam)),
    ),
    "gaussian-mean-weighted": _Recursion(
        "The mean of n real points has weight a and variance s^2/n; that of lambda n synthetic"
        " points has weight 1 - a and the last model's variance plus s^2/(lambda n); both are"
        " independent.",
        r"R_1 = 1, \quad R_{j+1} = a^2 + (1-a)^2 \bigl(R_j + \tfrac1\lambda\bigr)",
        _weighted,
        # Powers of 1 - a are told to be powers of one symbol.
        lambda now, then: (then - a**2 - (1 - a) ** 2 * (now + 1 / lam)).subs(a, 1 - _synthetic),
        (
            _long_run + (1 - a) ** (j - 1) * (1 - _long_run),
            _long_run + (1 - a) ** (2 * j) * (1 - _long_run),
        ),
    ),
    "gaussian-mean-accumulated": _Recursion(
        "The batch of model j has mean mu_j plus an independent error of variance s^2/n; averaged"
        " into the j batches before it, it moves the mean by that error over j + 1.",
        r"\mu_{j+1} = \frac{j \mu_j + (\mu_j + \xi_j)}{j+1}, \quad R_{j+1} = R_j +"
        r" \frac1{(j+1)^2}",
        _pooled,
        lambda now, then: then - now - 1 / (j + 1) ** 2,
        (sp.Sum(1 / k, (k, 1, j)), sp.Sum(1 / (k + 1) ** 2, (k, 1, j))),
    ),
}


def _steps_of_ratio(name: str, ratio: sp.Expr) -> tuple[Step, ...]:
    recursion = _RECURSIONS[name]
    return (
        Step(
            "A model's law is normal with the variance s^2, so only its mean is random; that is"
            " normal too, around the real one, and R_j stands for its variance over s^2/n.",
            r"p_j = \mathcal{N}(\mu_j, s^2), \quad \mu_j \sim \mathcal{N}(\mu, R_j s^2 / n)",
            ("normal mean", "normal laws are closed"),
        ),
        Step(
            recursion.text,
            recursion.formula,
            (*_of_sizes(ratio), "law of total variance"),
            exact(
                lambda form: _is_variance(recursion.means, form),
                ratio,
                ratio.subs(j, j + 1),
                *recursion.wrong,
                cases="means of 4 generations as sums of independent errors",
            ),
        ),
        Step(
            "The closed form solves this recursion.",
            ratio,
            check=induction(ratio, recursion.step, sp.Integer(1), *recursion.wrong),
        ),
    )


def _steps_of_tv(name: str, ratio: sp.Expr) -> tuple[Step, ...]:
    y, c = sp.symbols("y c", positive=True)
    slope = sp.integrate(
        2 * y / sp.sqrt(sp.pi) * sp.exp(-((c * y) ** 2)) * sp.sqrt(2 / sp.pi) * sp.exp(-(y**2) / 2),
        (y, 0, sp.oo),
    )
    arctan = 2 / sp.pi * sp.atan(sp.sqrt(2) * c)
    shift = sp.sqrt(ratio / n) * y
    return (
        Step(
            "The mean is normal around the real one, so the distance is that of a normal shift, a"
            " function of |Z|.",
            r"\mathrm{TV}(p_j, p_0) = \mathrm{erf}(c |Z|), \quad c = \frac{\sqrt{R_j/n}}{2 \sqrt2}",
            (name, "gaussian-shift", "normal laws are closed", "normal mean", *_of_sizes(ratio)),
            identity(
                _OF_SHIFT.expression.subs(z, shift) - sp.erf(shift / (2 * sp.sqrt(2))),
                _OF_SHIFT.expression.subs(z, shift) - sp.erf(shift / 2),
            ),
        ),
        Step(
            "The mean over Z ~ N(0, 1), an integral over c once the order is exchanged, vanishes at"
            " c = 0 and has the slope of an arctangent.",
            r"\frac{d}{dc} \mathbb{E}\,\mathrm{erf}(c |Z|) = \frac{2}{\sqrt\pi} \mathbb{E}\,|Z|"
            r" e^{-c^2 Z^2} = \frac{2 \sqrt2}{\pi (1 + 2 c^2)}",
            ("Gaussian integrals", "Fubini"),
            identity(
                slope - arctan.diff(c),
                slope - arctan.subs(c, c / sp.sqrt(2)).diff(c),
                slope - 2 * arctan.diff(c),
            ),
        ),
        Step(
            "Put in c.",
            _of_ratio(ratio),
            check=identity(
                arctan.subs(c, sp.sqrt(ratio / n) / (2 * sp.sqrt(2))) - _of_ratio(ratio),
                arctan.subs(c, sp.sqrt(ratio / n) / 2) - _of_ratio(ratio),
            ),
        ),
    )


def _of_ratio(ratio: sp.Expr) -> sp.Expr:
    return 2 / sp.pi * sp.atan(sp.sqrt(ratio) / (2 * sp.sqrt(n)))


def _steps_of_shift() -> tuple[Step, ...]:
    y = sp.Symbol("y", real=True)
    density = sp.exp(-(y**2) / 2) / sp.sqrt(2 * sp.pi)
    return (
        Step(
            "Measure in units of s from the mean of one law, with that of the other at z > 0 (for"
            " z = 0 the laws are equal): the two densities are equal half way between the means; on"
            " either side one of them is larger.",
            r"\frac{\varphi(y)}{\varphi(y - z)} = e^{z (z - 2 y)/2} \ge 1 \iff y \le \frac z2",
            ("normal mean",),
            identity(
                sp.expand(-(y**2) / 2 + (y - z) ** 2 / 2 - z * (z - 2 * y) / 2),
                sp.expand(-(y**2) / 2 + (y - z) ** 2 / 2 - z * (z - y) / 2),
            ),
        ),
        Step(
            "The distance is the difference of the masses below that point, which is the mass of"
            " one law between -z/2 and z/2.",
            _OF_SHIFT.expression,
            ("definition of total variation", "Gaussian integrals"),
            identity(
                sp.integrate(density, (y, -z / 2, z / 2)) - _OF_SHIFT.expression,
                sp.integrate(density, (y, -z, z)) - _OF_SHIFT.expression,
                sp.integrate(density, (y, 0, z / 2)) - _OF_SHIFT.expression,
            ),
        ),
    )


def _of_sizes(ratio: sp.Expr) -> tuple[str, ...]:
    """Names of the hypotheses on who is drawn, and how often."""
    names = ("data cycle", WHOLE.name) if lam in ratio.free_symbols else ("data cycle",)
    return (*names, *(item.name for item in _MIXED)) if a in ratio.free_symbols else names


def _hypotheses(ratio: sp.Expr, cycle: Hypothesis) -> tuple[Hypothesis, ...]:
    on_ratio = (WHOLE,) if lam in ratio.free_symbols else ()
    return (cycle, *on_ratio, *(_MIXED if a in ratio.free_symbols else ()), _NORMAL)


def _faces(name: str, title: str, ratio: sp.Expr, cycle: Hypothesis) -> Iterator[Bound]:
    yield Bound(
        name=name,
        title=title,
        statement="The variance of the fitted mean over that of one sample's mean.",
        expression=ratio,
        hypotheses=_hypotheses(ratio, cycle),
        statistic=Statistic.EVERY_LOOP,
        quantity=VARIANCE_RATIO,
        proof=Proof(lambda: _steps_of_ratio(name, ratio)),
        **_COMMON,
    )
    yield Bound(
        name=f"{name}-tv",
        title=f"{title}, TV",
        statement="The mean distance of the fitted to the real normal law.",
        expression=_of_ratio(ratio),
        hypotheses=_hypotheses(ratio, cycle),
        proof=Proof(lambda: _steps_of_tv(name, ratio)),
        statistic=Statistic.MEAN,
        **_COMMON,
    )


_OF_SHIFT = Bound(
    name="gaussian-shift",
    title="Gaussian shift",
    statement="The distance of two normal laws of one variance, by the distance of their means.",
    expression=sp.erf(z / (2 * sp.sqrt(2))),
    hypotheses=(_NORMAL,),
    statistic=Statistic.EVERY_RUN,
    proof=Proof(_steps_of_shift),
    **_COMMON,
)

BOUNDS = (*(face for protocol in _PROTOCOLS for face in _faces(*protocol)), _OF_SHIFT)
