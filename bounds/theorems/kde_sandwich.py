r"""The certified sandwich around the mean TV of a kernel-density loop.

.. math:: \frac12\int |b_j| \le \mathbb{E}\,\mathrm{TV}(p_j, p_0)
          \le \frac12 \int \sqrt{b_j^2 + V_j}, \qquad b_j = \mathbb{E} p_j - p_0,

with ``V_j >= Var p_j`` from :mod:`bounds.kde.moments`. Between them runs the prediction for a
normal ``p_j(x)`` with this mean and variance,

.. math:: \frac12\int b\,\mathrm{erf}\frac{b}{\sqrt{2V}} + \sqrt{\frac{2V}{\pi}} e^{-b^2/2V}.

Derived: theory notes, Theorem 4 (B3.6). Lower side: Jensen. Upper side: errors of different
generations are martingale differences, so variances add; then ``E|Z| <= sqrt(E Z^2)`` pointwise.
"""

from __future__ import annotations

import sympy as sp

from bounds.bound import Bound, Constants, Side, Source, Statistic
from bounds.kde.along import kde_quantities
from bounds.notation import V, bias, x
from bounds.source import Evidence
from bounds.theorems._kde import FIXED_BANDWIDTH, KERNEL, WEIGHTS
from bounds.theorems._paper_form import from_the_notes

__all__ = ["BOUNDS"]

_b, _v = bias(x), V(x)
_LINE = (x, -sp.oo, sp.oo)
_HYPOTHESES = (KERNEL, FIXED_BANDWIDTH, WEIGHTS)

_UPPER = Bound(
    name="kde-sandwich",
    title="KDE loop, mean TV from above",
    statement=(
        "The mean distance of a generation to real data is at most half the integral of the root of"
        " squared bias plus accumulated variance."
    ),
    expression=sp.Integral(sp.sqrt(_b**2 + _v), _LINE) / 2,
    hypotheses=_HYPOTHESES,
    source=from_the_notes("Theorem 4 (B3.6)"),
    side=Side.UPPER,
    statistic=Statistic.MEAN,
    constants=Constants.GIVEN,
    quantities=kde_quantities,
)

_LOWER = Bound(
    name="kde-sandwich-lower",
    title="KDE loop, mean TV from below",
    statement="The mean distance of a generation to real data is at least that of its mean law.",
    expression=sp.Integral(sp.Abs(_b), _LINE) / 2,
    hypotheses=_HYPOTHESES,
    source=from_the_notes("Theorem 4 (B3.6)"),
    side=Side.LOWER,
    statistic=Statistic.MEAN,
    constants=Constants.GIVEN,
    quantities=kde_quantities,
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
        "The project's theory notes",
        "Theorem 4 (B3.6)",
        Evidence.HEURISTIC,
        "a central limit approximation; it over-predicts by 1-5 % where n h p(x) is small",
        ("project",),
    ),
    side=Side.PREDICTION,
    statistic=Statistic.MEAN,
    constants=Constants.GIVEN,
    quantities=kde_quantities,
)

BOUNDS = (_UPPER, _LOWER, _PREDICTION)
