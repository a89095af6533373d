r"""Sampling error of one kernel density estimate, with explicit constants.

.. math:: \mathbb{E}\,\mathrm{TV}(\hat p, K_h * p) \le
          \frac{1}{2\sqrt n} \int \sqrt{K_h^2 * p - (K_h * p)^2}
          \le \frac{1}{2\sqrt n} (4\pi h^2)^{-d/4} \int \sqrt{f}, \qquad
          f = \mathcal{N}(0, \tfrac{h^2}{2} I) * p,

and for the last integral: exact for a normal law, a sum for a mixture of normals,
:math:`\int\sqrt f \le \sqrt{2\pi\,\mathrm{sd}(f)}` for any law on the line (Carlson), the root of
the volume for a kernel of compact support.

Derived: the proofs below.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import Law, identity, over_laws
from bounds.kde.quantities import kde_quantities
from bounds.notation import R_K, V_0, c, component_sd, d, f, h, k, n, omega, sigma, v, x
from bounds.proof import Proof, Step
from bounds.theorems._kde import (
    AROUND,
    FIXED_BANDWIDTH,
    INDEPENDENT,
    KERNEL,
    MEAN_MIXTURE,
    NORMAL_KERNEL,
    estimates,
    on_rings,
    smooth,
    spread,
)
from bounds.theorems._paper_form import proved_here
from bounds.theorems._quantities import SAMPLING_TV

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "source": proved_here("by Cauchy and Schwarz at every point"),
    "side": Side.UPPER,
    "statistic": Statistic.AVERAGE,
    "constants": Constants.GIVEN,
    "quantity": SAMPLING_TV,
    "tight": Tightness.NOT_TIGHT,
}
_LINE = (x, -sp.oo, sp.oo)
_root = sp.Symbol("integral of sqrt(f)")
_noise = (4 * sp.pi * h**2) ** (-d / 4) * _root / (2 * sp.sqrt(n))


def _peak(sd: sp.Expr) -> sp.Expr:
    """``int sqrt(f)`` of a normal law, over ``(4 pi h^2)^{d/4}``."""
    return (1 + 2 * sd**2 / h**2) ** (d / 4)


_ALWAYS = (NORMAL_KERNEL.name, FIXED_BANDWIDTH.name, INDEPENDENT.name)
_y, _S = sp.Symbol("y", real=True), sp.Symbol("S", positive=True)


def _normal_density(variance: sp.Expr) -> sp.Expr:
    return sp.exp(-(_y**2) / (2 * variance)) / sp.sqrt(2 * sp.pi * variance)


def _size_is_below(share: Fraction) -> Callable[[Law, Law], bool]:
    def statement(kernel: Law, law: Law) -> bool:
        found, centre = list(estimates(kernel, law)), smooth(kernel, law)
        noise = spread(kernel, law)
        sizes = [sum(c * abs(e[i] - centre[i]) for c, e in found) for i in range(len(law))]
        return all(u**2 <= share * w / 2 for u, w in zip(sizes, noise, strict=True))

    return statement


def _steps_exact() -> tuple[Step, ...]:
    return (
        AROUND,
        Step(
            "At every point the mean deviation from the mean is at most the standard deviation.",
            r"\mathbb{E}|\hat p - K_h * p| \le \sqrt{v/n}",
            ("Cauchy-Schwarz", INDEPENDENT.name),
            on_rings(_size_is_below(Fraction(1)), _size_is_below(Fraction(1, 4))),
        ),
        MEAN_MIXTURE,
        Step(
            "Integrate, exchange with the mean, and halve.",
            _EXACT_SPREAD.expression,
            (
                "Fubini",
                "definition of total variation",
                KERNEL.name,
                FIXED_BANDWIDTH.name,
            ),
        ),
    )


def _steps_smoothed() -> tuple[Step, ...]:
    squared = _normal_density(h**2) ** 2
    half = _normal_density(h**2 / 2)
    return (
        Step(
            "Drop the square that is subtracted: the variance of one kernel is at most its second"
            " moment.",
            r"v \le K_h^2 * p",
            ("kde-noise", FIXED_BANDWIDTH.name, INDEPENDENT.name),
            on_rings(
                lambda kernel, law: all(
                    u <= w
                    for u, w in zip(spread(kernel, law), smooth(_squared(kernel), law), strict=True)
                ),
                lambda kernel, law: all(
                    2 * u <= w
                    for u, w in zip(spread(kernel, law), smooth(_squared(kernel), law), strict=True)
                ),
            ),
        ),
        Step(
            "The square of the normal kernel is a narrower normal kernel times a constant,"
            " coordinate by coordinate.",
            r"K_h^2 = (4 \pi h^2)^{-d/2} \mathcal{N}(0, \tfrac{h^2}{2} I)",
            ("Gaussian integrals", NORMAL_KERNEL.name),
            identity(
                squared - half / sp.sqrt(4 * sp.pi * h**2),
                squared - half / sp.sqrt(2 * sp.pi * h**2),
                squared - _normal_density(h**2) / sp.sqrt(4 * sp.pi * h**2),
            ),
        ),
        Step("Take the root, integrate and halve.", _SMOOTHED.expression, ("Fubini",)),
    )


def _squared(kernel: Law) -> Law:
    return tuple(value**2 for value in kernel)


def _root_integral() -> Step:
    root = sp.integrate(sp.sqrt(_normal_density(_S)), (_y, -sp.oo, sp.oo))
    return Step(
        "The root of a normal density of covariance S I integrates to (8 pi S)^(d/4), coordinate by"
        " coordinate.",
        r"\int \sqrt{\mathcal{N}(0, S I)} = (8 \pi S)^{d/4}",
        ("Gaussian integrals",),
        identity(
            root - (8 * sp.pi * _S) ** sp.Rational(1, 4),
            root - (4 * sp.pi * _S) ** sp.Rational(1, 4),
            root - (8 * sp.pi * _S) ** sp.Rational(1, 2),
        ),
    )


def _widths(sd: sp.Expr, of_root: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The noise with the root's integral put in, and with half its covariance."""
    wide = (8 * sp.pi * (sd**2 + h**2 / 2)) ** (d / 4)
    narrow = (8 * sp.pi * (sd**2 + h**2)) ** (d / 4)
    return _noise.subs(_root, of_root * wide), _noise.subs(_root, of_root * narrow)


def _steps_normal() -> tuple[Step, ...]:
    right, wrong = _widths(sigma, sp.Integer(1))
    value = _NORMAL.expression
    return (
        _root_integral(),
        Step(
            "The smoothed law is normal of covariance sigma^2 + h^2/2; put its integral into the"
            " noise from the smoothed law, where powers of h cancel.",
            value,
            ("kde-noise-smoothed", "normal target", *_ALWAYS),
            identity(
                sp.powdenest((right / value) ** (4 / d), force=True) - 1,
                sp.powdenest((wrong / value) ** (4 / d), force=True) - 1,
            ),
        ),
    )


def _root_adds(most: int) -> Callable[..., bool]:
    """``(sum_k sqrt(a_k))^2 >= most * sum_k a_k`` for squares of rationals, all entries."""
    return lambda p: sum(p) ** 2 >= most * sum(value**2 for value in p)


def _steps_mixture() -> tuple[Step, ...]:
    return (
        Step(
            "The root of a sum is at most the sum of the roots.",
            r"\sqrt{\sum_k \omega_k f_k} \le \sum_k \sqrt{\omega_k} \sqrt{f_k}",
            ("mixture of normals",),
            over_laws(_root_adds(1), _root_adds(2), count=1),
        ),
        _root_integral(),
        Step(
            "Each part gives the noise of a normal target, times the root of its weight.",
            _MIXTURE.expression,
            ("kde-noise-smoothed", "kde-noise-normal", *_ALWAYS),
        ),
    )


def _steps_line() -> tuple[Step, ...]:
    weight = 1 + _y**2 / _S**2
    volume = sp.integrate(1 / weight, (_y, -sp.oo, sp.oo))
    return (
        Step(
            "Weigh with 1 + (x - m)^2/S^2, m the mean and S the standard deviation of f: its mean"
            " under f is 2, and its inverse integrates to pi S.",
            r"\int \sqrt f \le \Bigl(\int f \bigl(1 + \tfrac{(x-m)^2}{S^2}\bigr)\Bigr)^{1/2}"
            r" \Bigl(\int \frac{dx}{1 + (x-m)^2/S^2}\Bigr)^{1/2} = \sqrt{2 \pi S}",
            ("Cauchy-Schwarz", "Carlson"),
            identity(
                [volume - sp.pi * _S, sp.sqrt(2 * volume) - sp.sqrt(2 * sp.pi * _S)],
                [volume - 2 * sp.pi * _S],
                [sp.sqrt(volume) - sp.sqrt(2 * sp.pi * _S)],
            ),
        ),
        Step(
            "Smoothing adds h^2/2 to the variance.",
            r"\mathrm{Var}(f) = \sigma^2 + \tfrac{h^2}{2}",
            ("one dimension", NORMAL_KERNEL.name),
            identity(
                sp.integrate(_y**2 * _normal_density(h**2 / 2), (_y, -sp.oo, sp.oo)) - h**2 / 2,
                sp.integrate(_y**2 * _normal_density(h**2 / 2), (_y, -sp.oo, sp.oo)) - h**2,
            ),
        ),
        Step(
            "Put both into the noise from the smoothed law at d = 1.",
            _CARLSON.expression,
            ("kde-noise-smoothed", *_ALWAYS),
            identity(
                _noise.subs(d, 1)
                .subs(_root, sp.sqrt(2 * sp.pi * _S))
                .subs(_S, sp.sqrt(sigma**2 + h**2 / 2))
                - _CARLSON.expression,
                _noise.subs(d, 1).subs(_root, sp.sqrt(2 * sp.pi * _S)).subs(_S, sigma**2 + h**2 / 2)
                - _CARLSON.expression,
            ),
        ),
    )


def _steps_compact() -> tuple[Step, ...]:
    return (
        Step(
            "Outside the support of the estimate its spread is zero; inside, the integral of the"
            " root is at most the root of volume times integral.",
            r"\int \sqrt v \le \sqrt{V_0 \int v} \le \sqrt{V_0 \int K_h^2 * p}",
            ("kde-noise", "Cauchy-Schwarz", "compact support", KERNEL.name),
            over_laws(
                lambda p: sum(p) ** 2 <= len(p) * sum(value**2 for value in p),
                lambda p: 2 * sum(p) ** 2 <= len(p) * sum(value**2 for value in p),
                count=1,
            ),
        ),
        Step(
            "The law has mass one, so the last integral is that of the squared kernel, which scales"
            " like h^-d.",
            r"\int K_h^2 = h^{-d} \int K^2 = h^{-d} R_K",
            ("Fubini",),
            identity(
                sp.integrate(_normal_density(h**2) ** 2, (_y, -sp.oo, sp.oo))
                - sp.integrate(_normal_density(sp.Integer(1)) ** 2, (_y, -sp.oo, sp.oo)) / h,
                sp.integrate(_normal_density(h**2) ** 2, (_y, -sp.oo, sp.oo))
                - sp.integrate(_normal_density(sp.Integer(1)) ** 2, (_y, -sp.oo, sp.oo)) / h**2,
            ),
        ),
        Step(
            "Put it into the noise by quadrature.",
            _COMPACT.expression,
            ("kde-noise", FIXED_BANDWIDTH.name, INDEPENDENT.name),
        ),
    )


_PROOFS: dict[str, Callable[[], tuple[Step, ...]]] = {
    "kde-noise-smoothed": _steps_smoothed,
    "kde-noise-normal": _steps_normal,
    "kde-noise-mixture": _steps_mixture,
    "kde-noise-line": _steps_line,
    "kde-noise-compact": _steps_compact,
}


def _noise_of(name: str, title: str, statement: str, value: sp.Expr, *special: Hypothesis) -> Bound:
    return Bound(
        name=name,
        title=title,
        statement=statement,
        expression=value,
        hypotheses=(*special, FIXED_BANDWIDTH, INDEPENDENT),
        proof=Proof(_PROOFS[name]),
        **_COMMON,
    )


_EXACT_SPREAD = Bound(
    name="kde-noise",
    title="KDE noise by quadrature",
    statement="The mean sampling error is at most half the integral of the standard deviation.",
    expression=sp.Integral(sp.sqrt(v(x)), _LINE) / (2 * sp.sqrt(n)),
    hypotheses=(KERNEL, FIXED_BANDWIDTH, INDEPENDENT),
    quantities=kde_quantities,
    proof=Proof(_steps_exact),
    **_COMMON,
)

_SMOOTHED = _noise_of(
    "kde-noise-smoothed",
    "KDE noise from the smoothed law",
    "The mean sampling error is bounded by the integral of the root of the law, smoothed a little.",
    _noise.subs(_root, sp.Integral(sp.sqrt(f(x)), _LINE)),
    NORMAL_KERNEL,
)

_NORMAL = _noise_of(
    "kde-noise-normal",
    "KDE noise, normal target",
    "The mean sampling error of a kernel density estimate of a normal law.",
    _peak(sigma) / (2 * sp.sqrt(n)),
    NORMAL_KERNEL,
    Hypothesis("normal target", "the sampled law is N(mu, sigma^2 I) in d dimensions"),
)

_MIXTURE = _noise_of(
    "kde-noise-mixture",
    "KDE noise, mixture of normals",
    "The mean sampling error for a mixture of round normals, added over components.",
    sp.Sum(sp.sqrt(omega[k]) * _peak(component_sd[k]), (k, 1, c)) / (2 * sp.sqrt(n)),
    NORMAL_KERNEL,
    Hypothesis("mixture of normals", "the sampled law is a mixture of c normals N(mu, sigma^2 I)"),
)

_CARLSON = _noise_of(
    "kde-noise-line",
    "KDE noise, any law on the line",
    "The mean sampling error on the line is bounded by the law's variance alone.",
    _noise.subs(d, 1).subs(_root, sp.sqrt(2 * sp.pi) * (sigma**2 + h**2 / 2) ** sp.Rational(1, 4)),
    NORMAL_KERNEL,
    Hypothesis("one dimension", "the sampled law is on the line, with standard deviation sigma"),
)

_COMPACT = _noise_of(
    "kde-noise-compact",
    "KDE noise, compact support",
    "For a kernel and a law of compact support the sampling error is bounded by a volume.",
    sp.sqrt(R_K * V_0 / h**d) / (2 * sp.sqrt(n)),
    KERNEL,
    Hypothesis("compact support", "support of the law plus h times that of the kernel: volume V"),
)

BOUNDS = (_EXACT_SPREAD, _SMOOTHED, _NORMAL, _MIXTURE, _CARLSON, _COMPACT)
