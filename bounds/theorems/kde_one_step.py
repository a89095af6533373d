r"""One generation of kernel density estimation, with explicit constants.

.. math:: \mathbb{E}\,\mathrm{TV}(\hat p, p_0) \le
          \frac12 \int \sqrt{b(x)^2 + \frac{v(x)}{n}}\,dx, \qquad
          b = K_h * p_0 - p_0, \quad v = K_h^2 * p_0 - (K_h * p_0)^2.

Derived: the proof below: pointwise ``E|Z| <= sqrt(E Z^2)`` with the exact mean and variance of
the estimate. Not tight: a normal ``Z`` has ``E|Z| = 0.80 sd``.
"""

from __future__ import annotations

import sympy as sp

from bounds.bound import Bound, Constants, Side, Statistic, Tightness
from bounds.kde.quantities import one_generation_quantities
from bounds.notation import bias, n, v, x
from bounds.proof import Proof, Step
from bounds.theorems._kde import AROUND, FIXED_BANDWIDTH, KERNEL, MEAN_OF_SIZE, REAL_ONLY
from bounds.theorems._paper_form import proved_here

__all__ = ["BOUNDS"]


def _steps() -> tuple[Step, ...]:
    return (
        AROUND,
        MEAN_OF_SIZE,
        Step(
            "Take q = p = p_0, integrate over x, exchange with the mean and halve.",
            BOUNDS[0].expression,
            (
                "Fubini",
                "definition of total variation",
                KERNEL.name,
                FIXED_BANDWIDTH.name,
                REAL_ONLY.name,
            ),
        ),
    )


BOUNDS = (
    Bound(
        name="kde-one-step",
        title="KDE, one generation",
        statement=(
            "The mean distance of a kernel density estimate to the law of its sample is at most"
            " half the integral of the root of its mean squared error."
        ),
        expression=sp.Integral(sp.sqrt(bias(x) ** 2 + v(x) / n), (x, -sp.oo, sp.oo)) / 2,
        hypotheses=(KERNEL, FIXED_BANDWIDTH, REAL_ONLY),
        source=proved_here("by Cauchy and Schwarz at every point"),
        side=Side.UPPER,
        statistic=Statistic.FIRST_GENERATION,
        constants=Constants.GIVEN,
        tight=Tightness.NOT_TIGHT,
        quantities=one_generation_quantities,
        proof=Proof(_steps),
    ),
)
