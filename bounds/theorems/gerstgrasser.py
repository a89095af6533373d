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
from bounds.checks import enclosed, identity, induction
from bounds.cycles import Accumulating, FullSynthetic
from bounds.hypotheses import ModelKind, known
from bounds.notation import NOTATION, T_d, d, j, k, sigma_y
from bounds.proof import Proof, Step
from bounds.statement import Evidence
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

_X = sp.Matrix(3, 2, sp.symbols("x_1:7"))
"""Three rows of two covariates."""


def _one_fit_steps() -> tuple[Step, ...]:
    gram = (_X.T * _X).inv()
    hat = gram * _X.T
    y = sp.Symbol("y", positive=True)
    chi = y ** (T_d / 2) * sp.exp(-y / 2)  # n = T_d + 2 degrees of freedom at d = 1
    moment = sp.integrate(chi / y, (y, 0, sp.oo)) / sp.integrate(chi, (y, 0, sp.oo))
    return (
        Step(
            "Least squares on labels X w + e gives w plus a linear image of the noise.",
            r"\hat w - w = (X^T X)^{-1} X^T e",
            ("linear regression",),
            identity(
                lambda: (hat * _X - sp.eye(2)).applyfunc(sp.cancel),
                lambda: (gram * _X.T * _X * 2 - sp.eye(2)).applyfunc(sp.cancel),
            ),
        ),
        Step(
            "Given the covariates the squared error is the noise's variance times a trace.",
            r"\mathbb{E}[\|\hat w - w\|^2 \mid X] = \sigma_y^2 \, \mathrm{tr} (X^T X)^{-1}",
            check=identity(
                lambda: (hat * hat.T - gram).applyfunc(sp.cancel),
                lambda: (hat * hat.T - gram * gram).applyfunc(sp.cancel),
            ),
        ),
        Step(
            "The trace has the mean d/(n - d - 1); for d = 1 it is the mean of an inverse"
            " chi-square variable with n degrees of freedom, 1/(n - 2).",
            _one_fit,
            ("inverse Wishart mean",),
            identity(sp.gammasimp(moment - 1 / T_d), sp.gammasimp(moment - 1 / (T_d + 1))),
        ),
    )


def _steps_of_replaced() -> tuple[Step, ...]:
    D = _REPLACE.expression
    return (
        *_one_fit_steps(),
        Step(
            "Trained on the last model's labels alone, every generation adds an error of this mean"
            " square that, given all covariates, is independent of the past and of mean zero:"
            " squares add up.",
            D,
            ("data cycle", "law of total variance"),
            induction(D, lambda now, then: then - now - _one_fit, _one_fit, j**2 * _one_fit),
        ),
    )


def _moves(power: int) -> list[sp.Expr]:
    """Moves of models 1 to 4, means of all fits so far, minus ``delta_j / j^power``."""
    models, errors = [sp.Symbol("w")], sp.symbols("delta_1:5")
    for last in range(1, 5):
        fits = sum(w + error for w, error in zip(models, errors, strict=False))
        models.append(sp.expand(fits / last))
    return [models[i] - models[i - 1] - errors[i - 1] / i**power for i in range(1, 5)]


def _steps_of_accumulated() -> tuple[Step, ...]:
    partial = _one_fit * sp.Sum(1 / k**2, (k, 1, j))
    return (
        *_one_fit_steps(),
        Step(
            "With the same covariates in every generation the labels may be averaged first: model j"
            " + 1 is the mean of all fits so far and of one more, so it moves by one fit's error"
            " over j + 1.",
            r"\hat w_{j+1} = \frac1{j+1} \sum_{k=0}^{j} (\hat w_k + \delta_{k+1}) = \hat w_j +"
            r" \frac{\delta_{j+1}}{j+1}, \quad \hat w_0 = w^*",
            ("data cycle",),
            identity(_moves(1), _moves(0), _moves(2)),
        ),
        Step(
            "Given the covariates these moves are independent of the past and of mean zero: squares"
            " add up.",
            partial,
            ("law of total variance",),
            induction(
                partial,
                lambda now, then: then - now - _one_fit / (j + 1) ** 2,
                _one_fit,
                _one_fit * sp.Sum(1 / k, (k, 1, j)),
            ),
        ),
        Step(
            "The sum of inverse squares stays below pi^2/6.",
            _ACCUMULATE.expression,
            ("Basel",),
            enclosed(
                sp.pi**2 / 6 - sum(sp.Rational(1, m**2) for m in range(1, 200)),
                sp.Rational(16, 10) - sum(sp.Rational(1, m**2) for m in range(1, 200)),
            ),
        ),
    )


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
    proof=Proof(_steps_of_replaced),
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
    proof=Proof(
        _steps_of_accumulated,
        "Proved: the bound where every generation has the same covariates. Believed: that fresh"
        " covariates in every generation keep it, from the paper.",
    ),
    tight=Tightness.NOT_TIGHT,
    **_COMMON,
)

BOUNDS = (_REPLACE, _ACCUMULATE)
