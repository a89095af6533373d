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

Derived: theory notes, Theorems 2 and 2' (B3.6), by McDiarmid's inequality given the past.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Side, Statistic
from bounds.kde.along import kde_quantities
from bounds.notation import G, N, b, delta, j, k, s, size
from bounds.theorems._kde import FIXED_BANDWIDTH, INDEPENDENT, KERNEL, WEIGHTS
from bounds.theorems._paper_form import from_the_notes

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "side": Side.UPPER,
    "constants": Constants.GIVEN,
    "quantities": kde_quantities,
}

_ALL = Bound(
    name="kde-high-probability",
    title="KDE loop, all generations with high probability",
    statement=(
        "With probability 1 - delta every generation stays below the sum of bias, noise and a"
        " deviation term, each weighted by its influence."
    ),
    expression=sp.Sum(
        G[j, k] * (b[k] + s[k] + sp.sqrt(sp.log(N / delta) / (2 * size[k]))), (k, 1, j)
    ),
    hypotheses=(KERNEL, FIXED_BANDWIDTH, INDEPENDENT),
    source=from_the_notes("Theorem 2 (B3.6)"),
    statistic=Statistic.ALL_GENERATIONS,
    **_COMMON,
)

_ONE = Bound(
    name="kde-high-probability-single",
    title="KDE loop, one generation with high probability",
    statement=(
        "With probability 1 - delta a given generation stays below the weighted sum of bias and"
        " noise plus one deviation term for all generations together."
    ),
    expression=sp.Sum(G[j, k] * (b[k] + s[k]), (k, 1, j))
    + sp.sqrt(sp.log(1 / delta) / 2 * sp.Sum(G[j, k] ** 2 / size[k], (k, 1, j))),
    hypotheses=(KERNEL, FIXED_BANDWIDTH, INDEPENDENT, WEIGHTS),
    source=from_the_notes("Theorem 2' (B3.6)"),
    statistic=Statistic.EACH_GENERATION,
    **_COMMON,
)

BOUNDS = (_ALL, _ONE)
