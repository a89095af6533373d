r"""The mean TV of a diffusion loop, predicted by its linear response without running it.

.. math:: \mathbb{E}\,\mathrm{TV}(p_j, p_0) \approx \frac12\int b\,\mathrm{erf}\frac{b}{\sqrt{2V}}
          + \sqrt{\frac{2V}{\pi}}\,e^{-b^2/2V}, \qquad
          \mathbb{E}\,\mathrm{TV}(p_j, p_0) \lesssim b_0 + \psi(K_0 + \bar L_0).

``b`` is the law of the population loop minus the real one; ``V`` the variance that the training
sets' noise has after it went through the weights (the influence of a point on early-stopped
gradient flow), their laws, and the data cycle. ``Lbar_0`` is the mean score risk that goes with it.
:func:`empirics.diffusion.response.linear_response` computes all of them from an experiment;
``verify.along`` and ``verify.check`` call it.

First order does not hold where a small change of the weights bends the law. Second order, kept
beside it, tells: where it would change the mean by more than three tenths, there is no prediction.
It overstates: up to there, first order was off by at most 11 % of simulated means.

Derived: the steps below; a prediction.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Source, Statistic
from bounds.checks import identity
from bounds.notation import K_0, L_bar, b_0
from bounds.proof import Proof, Step
from bounds.statement import Evidence
from bounds.theorems._diffusion import (
    FLOW,
    SDE_SAMPLER,
    STOPPING,
    UNDER_REAL_LAW,
    kl_steps,
    response_quantities,
    tv_of_kl,
)
from bounds.theorems.kde_sandwich import BOUNDS as _SANDWICH

__all__ = ["BOUNDS"]

_SIZE = _SANDWICH[2].expression
_LINEAR = Hypothesis(
    "linear response",
    "training times do not depend on the sample, and what second order adds to the mean TV is at"
    " most three tenths of it",
)
_DRAWN = Hypothesis(
    "drawn points",
    "given the past, points are independent draws: fresh ones from the mixture, a kept batch from"
    " its law; points drawn again come from the pool of kept batches",
)
_HYPOTHESES = (SDE_SAMPLER, FLOW, _LINEAR, _DRAWN)
_COMMON: dict[str, Any] = {
    "statistic": Statistic.MEAN,
    "constants": Constants.GIVEN,
    "quantities": response_quantities,
}

_l, _s = sp.symbols("l s", positive=True)
_S, _C, _z = sp.symbols("S C z", real=True)


def _influence(factor: int) -> sp.Expr:
    """Derivative of one weight in its matrices, less the influence that is claimed."""
    h = sp.Symbol("h", real=True)
    level = _l + h * _S
    weight = (_z + h * _C) * (1 - sp.exp(-2 * _s * level)) / level
    f = (1 - sp.exp(-2 * _s * _l)) / _l
    return sp.simplify(weight.diff(h).subs(h, 0) - _C * f - factor * _z * f.diff(_l) * _S)


def _steps_of_response() -> tuple[Step, ...]:
    return (
        Step(
            "About the population's matrices the trained weights change linearly with those of a"
            " point; on a diagonal the divided difference is a derivative.",
            r"a_x = \Bigl(C_x V \circ f(\ell) + \sum_a c_a f[\ell_a, \ell_b] (V' S_x V)_{ab}\Bigr)"
            r" V', \qquad f(\ell) = \frac{1 - e^{-2 \tau \ell}}{\ell}",
            (FLOW.name, "variation of constants"),
            identity(lambda: [_influence(1)], lambda: [_influence(2)], lambda: [_influence(-1)]),
        ),
        Step(
            "So the weights of model j deviate by the noise of their own points and by the"
            " deviations of the laws in their mixture, which are linear in those laws' weights;"
            " unrolled, they are sums of independent parts.",
            r"\theta_j = J_j' \Bigl(\varepsilon_j + \sum_{1 \le k < j} w_{j-1,k} L_k"
            r" \theta_k\Bigr), \qquad V = \mathrm{diag}(L_j \mathrm{Cov}(\theta_j) L_j')",
            (_LINEAR.name, _DRAWN.name, "definition of the loop"),
        ),
    )


def _steps_of_mean() -> tuple[Step, ...]:
    return (
        *_steps_of_response(),
        Step(
            "Half the integral of the mean size of a normal variable with this mean and variance.",
            _MEAN.expression,
            ("kde-clt", SDE_SAMPLER.name),
        ),
    )


def _steps_of_risk() -> tuple[Step, ...]:
    return (
        *_steps_of_response(),
        Step(
            "The score risk under the real law is quadratic in the weights, so its mean is that of"
            " the mean weights plus a trace.",
            r"\bar L_0 = L_0(\bar\Theta_j) + \mathrm{tr}(\Sigma_0\, \mathrm{Cov}\,\Theta_j)",
            (FLOW.name,),
        ),
        *kl_steps(),
        Step(
            "The minimum of these two is concave, so the mean of the direct bound is at most the"
            " value at the mean risk.",
            _RISK.expression,
            ("Jensen", "diffusion-direct", SDE_SAMPLER.name, UNDER_REAL_LAW.name, STOPPING.name),
        ),
    )


def _predicted(how: str, note: str) -> Source:
    return Source("This catalogue", how, Evidence.HEURISTIC, note, ("project",))


_MEAN = Bound(
    name="diffusion-clt",
    title="Diffusion loop, mean TV predicted",
    statement=(
        "Were the law of a generation linear in the noise of all training sets, its mean distance"
        " to real data would be this."
    ),
    expression=_SIZE,
    hypotheses=_HYPOTHESES,
    source=_predicted(
        "by linear response", "first order; refused where second order changes it by three tenths"
    ),
    side=Side.PREDICTION,
    proof=Proof(
        _steps_of_mean,
        "Proved: the first-order response, and the value for normal deviations. Believed: that"
        " first order is enough.",
    ),
    **_COMMON,
)

_RISK = Bound(
    name="diffusion-risk-prediction",
    title="Diffusion loop, bound from a predicted score risk",
    statement=(
        "The mean distance of a generation to real data is at most what the direct bound makes of"
        " the mean score risk, which linear response predicts."
    ),
    expression=b_0 + tv_of_kl(K_0 + L_bar),
    hypotheses=(*_HYPOTHESES, UNDER_REAL_LAW, STOPPING),
    source=_predicted("from diffusion-direct and linear response", "the mean risk is predicted"),
    side=Side.UPPER,
    proof=Proof(
        _steps_of_risk,
        "Proved: the bound for the true mean risk. Believed: that linear response gives it.",
    ),
    **_COMMON,
)

BOUNDS = (_MEAN, _RISK)
