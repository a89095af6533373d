r"""How many points per generation a loop of kernel density estimates needs, best bandwidth in all.

Adding one-step errors gives, for full synthetic data at generation j,

.. math:: j \min_h \Bigl[c_b h^\beta + c_s n^{-1/2} h^{-d/2}\Bigr] \le \varepsilon
          \quad\Longrightarrow\quad n \sim j^{(2\beta + d)/\beta} \cdot \varepsilon^{-\dots};

adding variances instead, as independent errors do, at a common bandwidth and ``beta = 2``,

.. math:: \min_h \Bigl[j c_b h^2 + c_s \sqrt{S_d(j)}\, n^{-1/2} h^{-d/2}\Bigr] \le \varepsilon,
          \qquad S_d(j) = \sum_{k \le j} k^{-d/2} .

On the line the first asks for ``n ~ j^{5/2}``, the second for ``n ~ j``.

Derived: theory notes, B3.4 and B3.7; the minima and their solution for ``n`` are derived here. The
second is a prediction: its noise constant drifts with the width of the generated laws.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic
from bounds.cycles import FullSynthetic
from bounds.notation import beta, d, h, j, k, n, varepsilon
from bounds.source import Evidence, Source
from bounds.theorems._kde import FIXED_BANDWIDTH, INDEPENDENT, KERNEL
from bounds.theorems._paper_form import from_the_notes, of_cycle
from bounds.theorems._powers import least_of_two_powers, root_of_power
from bounds.theorems._quantities import REQUIRED_POINTS
from bounds.theorems.kde_bandwidth import ERROR_TERMS, RATE

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "hypotheses": (
        of_cycle(FullSynthetic),
        KERNEL,
        FIXED_BANDWIDTH,
        INDEPENDENT,
        Hypothesis(
            "two terms",
            "every generation has bias at most c_b h^beta at the real law and noise at most"
            " c_s n^-1/2 h^-d/2",
        ),
        Hypothesis(
            "best bandwidth", "every generation has the bandwidth at which the sum is least"
        ),
    ),
    "statistic": Statistic.EVERY_LOOP,
    "constants": Constants.GIVEN,
    "quantity": REQUIRED_POINTS,
}

_bias, _noise = (term.subs(beta, 2) for term in ERROR_TERMS)
_spread = sp.Sum(k ** (-d / 2), (k, 1, j))
_, _loop_error = least_of_two_powers(j * _bias, sp.sqrt(_spread) * _noise, h)

_ADDED = Bound(
    name="sample-size-kde",
    title="Sample size, KDE errors added up",
    statement="This many points per generation keep the sum of all one-step errors at the target.",
    expression=root_of_power(j * RATE, n, varepsilon),
    source=from_the_notes("B3.4 with Theorem 1' (B1)"),
    side=Side.UPPER,
    **_COMMON,
)

_VARIANCES = Bound(
    name="sample-size-kde-independent",
    title="Sample size, KDE variances added up",
    statement=(
        "If the errors of the generations are independent, about this many points per generation"
        " keep the mean distance at the target."
    ),
    expression=root_of_power(_loop_error, n, varepsilon),
    source=Source(
        "The project's theory notes",
        "B3.7",
        Evidence.HEURISTIC,
        "orders as in Theorem 4; one noise constant for all generations",
        ("project",),
    ),
    side=Side.PREDICTION,
    **_COMMON,
)

BOUNDS = (_ADDED, _VARIANCES)
