r"""The recursion with explicit one-step errors: smoothing bias and noise of every generation.

.. math:: \mathbb{E}\,\mathrm{TV}(p_j, p_0) \le \sum_{k=1}^{j} G_{jk} (b_k + s_k), \qquad
          b_k = \mathrm{TV}(K_{h_k} * p_0, p_0), \quad
          s_k = \frac{1}{2\sqrt{n_k}} \int \sqrt{K_{h_k}^2 * \tilde\mu_{k-1}
                - (K_{h_k} * \tilde\mu_{k-1})^2}.

Derived: the proof below: smoothing contracts, so bias counts only at ``p_0``. It loses
the cancellation of independent errors.
"""

from __future__ import annotations

import sympy as sp

from bounds.bound import Bound, Constants, Side, Statistic, Tightness
from bounds.kde.quantities import kde_quantities
from bounds.notation import G, b, j, k, s
from bounds.proof import Proof, Step
from bounds.theorems._kde import (
    FIXED_BANDWIDTH,
    INDEPENDENT,
    KERNEL,
    MEAN_MIXTURE,
    WEIGHTS,
    propagated,
    smoothing_steps,
)
from bounds.theorems._paper_form import proved_here

__all__ = ["BOUNDS"]


def _steps() -> tuple[Step, ...]:
    return (
        *smoothing_steps("K_{h_j} *", KERNEL.name, FIXED_BANDWIDTH.name),
        Step(
            "Given the past, the sampling error has a mean of at most its noise bound.",
            r"\mathbb{E}[X_k \mid \mathcal{F}_{k-1}] \le \frac{1}{2 \sqrt{n_k}} \int \sqrt{v_k},"
            r" \quad v_k = K_{h_k}^2 * \tilde p_{k-1} - (K_{h_k} * \tilde p_{k-1})^2",
            ("kde-noise", INDEPENDENT.name),
        ),
        MEAN_MIXTURE,
        propagated("b_k + X_k"),
        Step(
            "Take means; G is fixed because the weights are.",
            BOUNDS[0].expression,
            (WEIGHTS.name,),
        ),
    )


BOUNDS = (
    Bound(
        name="kde-recursion",
        title="KDE loop, errors added up",
        statement=(
            "The mean distance of a generation to real data is at most the sum of smoothing bias"
            " and expected noise of all generations, each weighted by its influence."
        ),
        expression=sp.Sum(G[j, k] * (b[k] + s[k]), (k, 1, j)),
        hypotheses=(KERNEL, FIXED_BANDWIDTH, WEIGHTS, INDEPENDENT),
        source=proved_here("from error-propagation and kde-noise"),
        side=Side.UPPER,
        statistic=Statistic.MEAN,
        constants=Constants.GIVEN,
        tight=Tightness.NOT_TIGHT,
        quantities=kde_quantities,
        proof=Proof(_steps),
    ),
)
