r"""Stability of retraining on a mixture of real and synthetic data near the best model.

.. math:: S_\lambda = \lambda \Bigl(1 + \frac{L_H W_1}{\alpha}\Bigr) < \frac12
          \quad\Longrightarrow\quad
          \|\theta_j - \theta^*\| \le \Bigl(\frac{S_\lambda}{1 - S_\lambda}\Bigr)^j
          \|\theta_0 - \theta^*\| \quad\text{to first order.}

The second is local and asymptotic: the factor is that of the linear map around the best parameter,
and from afar an early step may shrink less (Bernoulli laws in their logit do).

Source: Bertrand et al., ICLR 2024 (reconstructed; infinitely many points per generation).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Source, Statistic, Tightness
from bounds.checks import identity, induction, nonnegative
from bounds.notation import E_0, L_H, NOTATION, W_1, S_lambda, alpha, j, lam
from bounds.proof import Proof, Step
from bounds.statement import Evidence
from bounds.theorems._quantities import PARAMETER_ERROR, STABILITY

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "hypotheses": (
        Hypothesis(
            "likelihood near its best",
            "the expected log-likelihood is alpha-strongly concave with Lipschitz Hessian near the"
            " best parameter, where all models stay",
        ),
        Hypothesis("no sampling error", "every generation has infinitely many points"),
    ),
    "source": Source(
        "Bertrand et al., ICLR 2024",
        "stability of iterative retraining",
        Evidence.RECONSTRUCTED,
        keys=("bertrand2024",),
    ),
    "constants": Constants.GIVEN,
    "statistic": Statistic.EVERY_LOOP,
}

_BELIEVED = (
    "Proved: that the factor is below one exactly for a stability number below one half, and the"
    " geometric decay given one contraction. Believed, from the paper: that one retraining"
    " near the best parameter contracts the distance to it by this factor."
)
_factor = S_lambda / (1 - S_lambda)


def _steps_of_number() -> tuple[Step, ...]:
    weight = lam * (alpha + L_H * W_1)
    return (
        Step(
            "The paper's factor of one retraining, in the stability number.",
            _factor,
            ("bertrand2024", "likelihood near its best", "no sampling error"),
            identity(
                weight / (alpha - weight) - _factor.subs(S_lambda, _NUMBER.expression),
                weight / (alpha + weight) - _factor.subs(S_lambda, _NUMBER.expression),
            ),
        ),
        Step(
            "For a number below one, where the retrained likelihood stays concave, it is below one"
            " exactly if the number is below one half.",
            sp.Eq(1 - _factor, (1 - 2 * S_lambda) / (1 - S_lambda), evaluate=False),
            check=identity(
                1 - _factor - (1 - 2 * S_lambda) / (1 - S_lambda),
                1 - _factor - (1 - S_lambda) / (1 - S_lambda),
            ),
        ),
    )


def _steps_of_contraction() -> tuple[Step, ...]:
    value = _CONTRACTION.expression
    return (
        Step(
            "Near the best parameter one retraining multiplies the distance by about the factor.",
            r"\|\theta_{j} - \theta^*\| \approx \frac{S_\lambda}{1 - S_\lambda} \|\theta_{j-1} -"
            r" \theta^*\|",
            ("bertrand-stability", "bertrand2024", _NEAR.name),
        ),
        Step(
            "Repeated j times they multiply it by its power.",
            value,
            check=induction(
                value,
                lambda now, then: then - _factor * now,
                _factor * E_0,
                _factor ** (j + 1) * E_0,
                j * _factor * E_0,
            ),
        ),
        Step(
            "The factor is not negative, so distances stay distances.",
            _factor >= 0,
            check=nonnegative(_factor, -_factor),
        ),
    )


_NEAR = Hypothesis(
    "near the best parameter",
    "the first parameter is so near the best one that terms of second order do not matter",
)

_NUMBER = Bound(
    name="bertrand-stability",
    title="Stability number",
    statement="Iterative retraining is stable if this number is below one half.",
    expression=lam * (1 + L_H * W_1 / alpha),
    side=Side.EXACT,
    quantity=STABILITY,
    proof=Proof(_steps_of_number, _BELIEVED),
    tight=Tightness.UNKNOWN,
    **_COMMON,
)


def _number(
    *, lam: Any, curvature: Any, hessian_lipschitz: Any, model_distance: Any
) -> dict[str, Any]:
    """Return the stability number, refused by name where it is not below one half."""
    value = _NUMBER.evaluate(
        lam=lam,
        curvature=curvature,
        hessian_lipschitz=hessian_lipschitz,
        model_distance=model_distance,
    )
    return {"stability_number": NOTATION["stability_number"].expect(value, _CONTRACTION.title)}


_CONTRACTION = Bound(
    name="bertrand-contraction",
    title="Contraction of iterative retraining",
    statement=(
        "Near the best parameter, a stable loop shrinks its distance by about this factor in every"
        " generation; no bound from afar."
    ),
    expression=(S_lambda / (1 - S_lambda)) ** j * E_0,
    side=Side.PREDICTION,
    quantity=PARAMETER_ERROR,
    proof=Proof(_steps_of_contraction, _BELIEVED),
    quantities=_number,
    **{**_COMMON, "hypotheses": (*_COMMON["hypotheses"], _NEAR)},
)

BOUNDS = (_NUMBER, _CONTRACTION)
