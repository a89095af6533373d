r"""Total variation from the exact divergence of a diffusion model to the real law.

.. math:: \mathrm{TV}(p_j, p_0) \le b_0
          + \min\bigl(\sqrt{D_0/2}, \sqrt{1 - e^{-D_0}}\bigr), \qquad
          D_0 = \mathrm{KL}(P_{t_0} p_0 \,\|\, p_j) = K_0 + L_0 - S_q,

the last by ``diffusion-path-identity``: it drops from ``diffusion-direct`` what a score pays for
being no gradient of its own noising. What is left between it and TV is Pinsker's inequality alone,
a factor of :math:`\sqrt{\pi/2} \approx 1.25` where a law differs from the real one by normal noise
of one relative size, and more where that size varies. ``D_0`` is known from the generated law only:
a rung that tells where bounds lose, not a bound known beforehand. Loops record it on request,
``record=["kl-from-real"]``.

``diffusion-sharpest`` is the smallest of this bound, the direct and the chained one.

Derived: the proofs below.
"""

from __future__ import annotations

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.notation import D_0, b_0
from bounds.proof import Proof, Step
from bounds.theorems._diffusion import STOPPING, tv_of_kl, tv_steps
from bounds.theorems._paper_form import proved_here
from bounds.theorems.diffusion_direct import BOUNDS as _STRAIGHT

__all__ = ["BOUNDS"]

_SHARPER = _STRAIGHT[2]
_KNOWN = Hypothesis(
    "exact divergence",
    "D_0 is the KL of the real law, noised until generation stops, to the generated law",
)


def _steps() -> tuple[Step, ...]:
    divergence = Step(
        "The divergence of that law to the model's, which diffusion-path-identity takes apart:"
        " prior plus score risk less the model's own error.",
        D_0,
        (_KNOWN.name,),
    )
    return tv_steps(divergence, D_0, _EXACT.expression)


def _steps_of_sharpest() -> tuple[Step, ...]:
    return (
        Step(
            "All three hold for every run, so their minimum does.",
            r"\min(\mathrm{exact}, \mathrm{direct}, \mathrm{chained})",
            (
                _EXACT.name,
                _SHARPER.name,
                *(item.name for item in _SHARPEST.hypotheses),
            ),
        ),
    )


_EXACT = Bound(
    name="diffusion-exact-kl",
    title="Diffusion loop, from the exact KL to the real law",
    statement=(
        "The distance of a generation to real data is at most the early-stopping bias plus what"
        " the exact divergence of the real law's noising to the generated law allows."
    ),
    expression=b_0 + tv_of_kl(D_0),
    hypotheses=(STOPPING, _KNOWN),
    source=proved_here("by Pinsker's inequality"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.GIVEN,
    tight=Tightness.NOT_TIGHT,
    between=True,
    proof=Proof(_steps),
)

_SHARPEST = Bound(
    name="diffusion-sharpest",
    title="Diffusion loop, the sharpest of exact, direct and chained",
    statement="In every generation the smallest of the exact, the direct and the chained bound.",
    expression=sp.Min(_EXACT.expression, *_SHARPER.expression.args, evaluate=False),
    hypotheses=(*_SHARPER.hypotheses, _KNOWN),
    source=proved_here("from diffusion-exact-kl and diffusion-sharper"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.GIVEN,
    tight=Tightness.NOT_TIGHT,
    proof=Proof(_steps_of_sharpest),
)

BOUNDS = (_EXACT, _SHARPEST)
