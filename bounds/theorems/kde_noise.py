r"""Sampling error of one kernel density estimate, with explicit constants.

.. math:: \mathbb{E}\,\mathrm{TV}(\hat p, K_h * p) \le
          \frac{1}{2\sqrt n} \int \sqrt{K_h^2 * p - (K_h * p)^2}
          \le \frac{1}{2\sqrt n} (4\pi h^2)^{-d/4} \int \sqrt{f}, \qquad
          f = \mathcal{N}(0, \tfrac{h^2}{2} I) * p,

and for the last integral: exact for a normal law, a sum for a mixture of normals,
:math:`\int\sqrt f \le \sqrt{2\pi\,\mathrm{sd}(f)}` for any law on the line (Carlson), the root of
the volume for a kernel of compact support.

Derived: theory notes, B3.3.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.kde.along import kde_quantities
from bounds.notation import R_K, V_0, c, component_sd, d, f, h, k, n, omega, sigma, v, x
from bounds.theorems._kde import FIXED_BANDWIDTH, INDEPENDENT, KERNEL, NORMAL_KERNEL
from bounds.theorems._paper_form import from_the_notes
from bounds.theorems._quantities import SAMPLING_TV

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "source": from_the_notes("B3.3"),
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


def _noise_of(name: str, title: str, statement: str, value: sp.Expr, *special: Hypothesis) -> Bound:
    return Bound(
        name=name,
        title=title,
        statement=statement,
        expression=value,
        hypotheses=(*special, FIXED_BANDWIDTH, INDEPENDENT),
        **_COMMON,
    )


_EXACT_SPREAD = Bound(
    name="kde-noise",
    title="KDE noise by quadrature",
    statement="The mean sampling error is at most half the integral of the standard deviation.",
    expression=sp.Integral(sp.sqrt(v(x)), _LINE) / (2 * sp.sqrt(n)),
    hypotheses=(KERNEL, FIXED_BANDWIDTH, INDEPENDENT),
    quantities=kde_quantities,
    **_COMMON,
)

_SMOOTHED = _noise_of(
    "kde-noise-smoothed",
    "KDE noise from the smoothed law",
    "The mean sampling error is at most the integral of a root of the law smoothed a little.",
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
