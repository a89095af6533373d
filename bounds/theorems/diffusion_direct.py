r"""One step of Girsanov from every model of a loop straight to the real law.

.. math:: \mathrm{KL}(P_{t_0} p_0 \,\|\, p_j) \le K_0 + L_0, \qquad
          K_0 = \mathrm{KL}(p_{0,T} \,\|\, \pi), \quad
          L_0 = \frac12 \int_{t_0}^T g^2 \, \mathbb{E}_{p_{0,t}}
                \|s_j - \nabla\log p_{0,t}\|^2 dt,

.. math:: \mathrm{TV}(p_j, p_0) \le b_0
          + \min\bigl(\sqrt{(K_0 + L_0)/2}, \sqrt{1 - e^{-K_0 - L_0}}\bigr),
          \qquad b_0 = \mathrm{TV}(P_{t_0} p_0, p_0).

Girsanov's theorem asks nothing of the law that a model was trained on, so the score error may be
taken under the real law in place of the training mixture. There is no sum over generations and no
influence matrix: the bound holds run by run, for any data cycle, protocol and training, and does
not lose what adding errors up loses. It needs the real law, which a verification has.

The sharper of this bound and the chained one is ``diffusion-sharper``.

Derived: the proofs below.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import identity
from bounds.notation import K_0, K_T, L_0, L, b_0
from bounds.proof import Proof, Step
from bounds.theorems._diffusion import SDE_SAMPLER, STOPPING, UNDER_REAL_LAW, tv_of_kl, tv_steps
from bounds.theorems._paper_form import proved_here
from bounds.theorems._quantities import REAL_KL
from bounds.theorems.diffusion_early_stopping import BOUNDS as _EARLY_STOPPING
from bounds.theorems.diffusion_girsanov import BOUNDS as _GIRSANOV

__all__ = ["BOUNDS"]

_CHAINED = _EARLY_STOPPING[1]
_PATH_KL = _GIRSANOV[1]

_HYPOTHESES = (SDE_SAMPLER, UNDER_REAL_LAW)
_COMMON: dict[str, Any] = {
    "side": Side.UPPER,
    "statistic": Statistic.EVERY_RUN,
    "constants": Constants.GIVEN,
}


def _steps_of_kl() -> tuple[Step, ...]:
    return (
        Step(
            "The bound of one model speaks of any law whose noising the model's score is held"
            " against, whatever it was trained on; take the real law for the mixture.",
            K_0 + L_0,
            (_PATH_KL.name, *(item.name for item in _HYPOTHESES)),
            identity(
                _PATH_KL.expression.subs({K_T: K_0, L: L_0}) - (K_0 + L_0),
                _PATH_KL.expression.subs({K_T: K_0, L: L_0}) - (K_0 + L_0 / 2),
                _PATH_KL.expression.subs({K_T: K_0, L: L_0}) - L_0,
            ),
        ),
    )


def _steps_of_tv() -> tuple[Step, ...]:
    divergence = Step(
        "The divergence of that law to the model's is at most prior plus score risk.",
        K_0 + L_0,
        ("diffusion-direct-kl", *(item.name for item in _HYPOTHESES)),
    )
    return tv_steps(divergence, K_0 + L_0, _DIRECT.expression)


def _steps_of_sharper() -> tuple[Step, ...]:
    return (
        Step(
            "Both bounds hold for every run, so their minimum does.",
            r"\min(\mathrm{direct}, \mathrm{chained})",
            (
                _DIRECT.name,
                _CHAINED.name,
                *(item.name for item in _SHARPER.hypotheses),
            ),
        ),
    )


_KL = Bound(
    name="diffusion-direct-kl",
    title="Diffusion loop, KL straight to the real law",
    statement="The KL of the noised real law to a model is at most prior KL plus score risk.",
    expression=K_0 + L_0,
    hypotheses=_HYPOTHESES,
    source=proved_here("from diffusion-girsanov-kl, applied to the real law"),
    quantity=REAL_KL,
    proof=Proof(_steps_of_kl),
    tight=Tightness.TIGHT,
    between=True,
    **_COMMON,
)

_DIRECT = Bound(
    name="diffusion-direct",
    title="Diffusion loop, straight to the real law",
    statement=(
        "The distance of a generation to real data is at most the early-stopping bias plus what"
        " the score error along the real law's own noising path makes of it: no sum over"
        " generations."
    ),
    expression=b_0 + tv_of_kl(K_0 + L_0),
    hypotheses=(*_HYPOTHESES, STOPPING),
    source=proved_here("from diffusion-girsanov-kl, applied to the real law"),
    proof=Proof(_steps_of_tv),
    tight=Tightness.NOT_TIGHT,
    between=True,
    **_COMMON,
)

_SHARPER = Bound(
    name="diffusion-sharper",
    title="Diffusion loop, the sharper of direct and chained",
    statement="In every generation the smaller of the direct and the chained bound.",
    expression=sp.Min(_DIRECT.expression, _CHAINED.expression, evaluate=False),
    hypotheses=(
        *_CHAINED.hypotheses,
        Hypothesis("real law", UNDER_REAL_LAW.text),
        STOPPING,
    ),
    source=proved_here("from diffusion-direct and diffusion-early-stopping-loop"),
    proof=Proof(_steps_of_sharper),
    tight=Tightness.NOT_TIGHT,
    **_COMMON,
)

BOUNDS = (_DIRECT, _KL, _SHARPER)
