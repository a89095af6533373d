r"""The error of a trained score in training time, width and number of points.

.. math:: \mathrm{KL}(p_0 \,\|\, p_{\hat\theta(\tau)}) \lesssim
          C\Bigl[\frac{\tau^4}{m n} + \frac{\tau^3}{m^2}\Bigr] + \frac{C_\tau}{\tau}
          + \frac{C_m}{m} + L_c + K_T .

``L_c`` holds the approximation errors of the network class. For fixed n the first term falls in m,
which no procedure can do without a constant that grows with m: do not test that.

Source: Li et al., NeurIPS 2023, Theorem 1 (reconstructed).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Source, Statistic
from bounds.checks import identity
from bounds.notation import K_T, C, C_m, C_tau, L_c, m, n, tau
from bounds.proof import Proof, Step
from bounds.statement import Evidence
from bounds.theorems._diffusion import FLOW, GIRSANOV
from bounds.theorems._quantities import ONE_STEP_KL, ONE_STEP_TV

__all__ = ["BOUNDS"]

_kl = C * (tau**4 / (m * n) + tau**3 / m**2) + C_tau / tau + C_m / m + L_c + K_T

_COMMON: dict[str, Any] = {
    "hypotheses": (
        *GIRSANOV,
        FLOW,
        Hypothesis(
            "smooth bounded data",
            "the data law has a C^1 density of compact support, and its score lies in the RKHS",
        ),
        Hypothesis("long training", "tau >= 1"),
    ),
    "side": Side.UPPER,
    "statistic": Statistic.ONE_TRAINING_LIKELY,
    "constants": Constants.FREE,
    "source": Source(
        "Li et al., NeurIPS 2023",
        "Theorem 1",
        Evidence.RECONSTRUCTED,
        "hidden constants; the decay in m at fixed n cannot hold with constants free of m and n",
        ("li2023", "project"),
    ),
}

_BELIEVED = (
    "Proved: what Pinsker's inequality makes of the divergence. Believed, from Li et al. (2023) and"
    " with its constants hidden: the divergence itself. Its decay in m at fixed n cannot hold with"
    " constants free of m and n: for m to infinity it would beat any procedure on n points."
)


def _steps_of_tv() -> tuple[Step, ...]:
    value = _TV.expression
    return (
        Step("The divergence.", _kl, ("diffusion-generalization", "li2023")),
        Step(
            "Pinsker's inequality.",
            value,
            ("Pinsker",),
            identity(2 * value**2 - _kl, value**2 - _kl),
        ),
    )


_KL = Bound(
    name="diffusion-generalization",
    title="Diffusion, generalisation in KL",
    statement=(
        "Trained for a time tau on n points with m neurons, a score model is this close in KL to"
        " the law of its points."
    ),
    expression=_kl,
    quantity=ONE_STEP_KL,
    proof=Proof(tuple, _BELIEVED),
    **_COMMON,
)

_TV = Bound(
    name="diffusion-generalization-tv",
    title="Diffusion, generalisation in TV",
    statement="The same, turned into total variation.",
    expression=sp.sqrt(_kl / 2),
    quantity=ONE_STEP_TV,
    proof=Proof(_steps_of_tv, _BELIEVED),
    **_COMMON,
)

BOUNDS = (_KL, _TV)
