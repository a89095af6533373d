r"""Linear regression on its own labels: replacing data against accumulating it.

.. math:: \mathbb{E}\|\hat w_j - w^*\|^2 = \frac{\sigma_y^2 d}{n - d - 1}\, j
          \quad\text{(replace)}, \qquad
          \le \frac{\pi^2}{6}\, \frac{\sigma_y^2 d}{n - d - 1} \quad\text{(accumulate)},

for n standard normal covariates in d dimensions. Accumulated, the error stays bounded for ever.

Source: Gerstgrasser et al., 2024 (reconstructed). Derived: the replaced form by the mean of an
inverse Wishart matrix; errors of different generations are independent and add up.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Source, Statistic, Tightness
from bounds.cycles import Accumulating, FullSynthetic
from bounds.loop_facts import ModelKind, known
from bounds.notation import NOTATION, T_d, d, j, sigma_y
from bounds.source import Evidence
from bounds.theorems._paper_form import of_cycle
from bounds.theorems._quantities import TEST_ERROR

__all__ = ["BOUNDS"]


def _excess(*, n: Any, dimension: Any) -> dict[str, Any]:
    """Return ``n - d - 1``, refused by name where it is not positive."""
    return {"excess_points": NOTATION["excess_points"].expect(n - dimension - 1, _REPLACE.title)}


_REGRESSION = Hypothesis(
    "linear regression",
    "covariates are standard normal, labels have independent normal noise, least squares is used",
    loop=known(model=ModelKind.REGRESSION),
)
_COMMON: dict[str, Any] = {
    "statistic": Statistic.AVERAGE,
    "constants": Constants.GIVEN,
    "quantity": TEST_ERROR,
    "quantities": _excess,
}
_one_fit = sigma_y**2 * d / T_d

_REPLACE = Bound(
    name="gerstgrasser-replace",
    title="Regression, data replaced",
    statement="Trained on the last model's labels alone, every generation adds one fit's error.",
    expression=j * _one_fit,
    hypotheses=(of_cycle(FullSynthetic), _REGRESSION),
    source=Source(
        "Gerstgrasser et al., 2024 (arXiv 2404.01413)",
        "replaced data",
        Evidence.PROVED,
        "proof by the mean of an inverse Wishart matrix",
        ("gerstgrasser2024", "project"),
    ),
    side=Side.EXACT,
    tight=Tightness.TIGHT,
    **_COMMON,
)

_ACCUMULATE = Bound(
    name="gerstgrasser-accumulate",
    title="Regression, data accumulated",
    statement="Trained on all labels so far, no generation exceeds pi^2/6 times one fit's error.",
    expression=sp.pi**2 / 6 * _one_fit,
    hypotheses=(of_cycle(Accumulating), _REGRESSION),
    source=Source(
        "Gerstgrasser et al., 2024 (arXiv 2404.01413)",
        "accumulated data",
        Evidence.RECONSTRUCTED,
        keys=("gerstgrasser2024",),
    ),
    side=Side.UPPER,
    tight=Tightness.NOT_TIGHT,
    **_COMMON,
)

BOUNDS = (_REPLACE, _ACCUMULATE)
