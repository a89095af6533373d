r"""The exact divergence of a diffusion model: Girsanov's bound less the model's own error.

.. math:: \mathrm{KL}(P_{t_0} p_0 \,\|\, p_j) = K_0 + L_0 - S_q, \qquad
          S_q = \frac12 \int_{t_0}^T g^2\, \mathbb{E}_{p_{0,t}} \|s_j - \nabla\log q_t\|^2 dt,

``q_t`` the marginals of the model's own reverse process. ``S_q`` is zero where the score is the one
that the generated laws have themselves; it is what a model pays for a score that is no gradient of
its own noising. Any part of ``S_q`` that is known sharpens the bound.
:func:`empirics.diffusion.path.path_terms` computes all terms on the line, with their error.

Derived: the proof below.
"""

from __future__ import annotations

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic
from bounds.checks import identity
from bounds.notation import K_0, L_0, S_q
from bounds.proof import Proof, Step
from bounds.theorems._diffusion import SDE_SAMPLER, UNDER_REAL_LAW, terms_quantities
from bounds.theorems._paper_form import proved_here
from bounds.theorems._quantities import REAL_KL

__all__ = ["BOUND"]

_SMOOTH = Hypothesis(
    "smooth marginals",
    "real and generated marginals are positive and smooth, and fall off so fast that integrating by"
    " parts leaves nothing at infinity",
)
_true, _own, _model = sp.symbols("u q s", real=True)


def _parallelogram(weight: int) -> sp.Expr:
    """Twice a mixed product less a square, against a difference of squares."""
    mixed = 2 * (_true - _model) * (_true - _own) - (_true - _own) ** 2
    return sp.expand(mixed - weight * ((_model - _true) ** 2 - (_model - _own) ** 2))


def _gaussian(weight: int) -> sp.Expr:
    """Slope of KL(N(0, 1) || N(0, v)) for a model with score -c x, less the claim; g^2 = 2."""
    c, v = sp.symbols("c v", positive=True)
    kl = (1 / v - 1 + sp.log(v)) / 2
    slope = kl.diff(v) * (2 * (1 - 2 * c) * v + 2)
    return sp.expand(slope - ((c - 1) ** 2 - weight * (c - 1 / v) ** 2))


def _steps() -> tuple[Step, ...]:
    return (
        Step(
            "Run backwards, both laws solve a Fokker-Planck equation with the same noise and drifts"
            " g^2 (s_j - grad log p_t) apart.",
            r"\partial_s p = -\nabla \cdot [(f x + g^2 \nabla \log p) p] + \tfrac{g^2}2 \Delta p,"
            r" \qquad \partial_s q = -\nabla \cdot [(f x + g^2 s_j) q] + \tfrac{g^2}2 \Delta q",
            ("time reversal", SDE_SAMPLER.name),
        ),
        Step(
            "Differentiate the divergence and integrate by parts.",
            r"\frac{d}{ds} \mathrm{KL}(p \,\|\, q) = g^2\, \mathbb{E}_p (\nabla \log p - s_j) \cdot"
            r" (\nabla \log p - \nabla \log q) - \tfrac12 g^2\, \mathbb{E}_p |\nabla \log p -"
            r" \nabla \log q|^2",
            (_SMOOTH.name,),
        ),
        Step(
            "Twice a mixed product less a square is a difference of squares.",
            r"\frac{d}{ds} \mathrm{KL}(p \,\|\, q) = \tfrac12 g^2\, \mathbb{E}_p |s_j - \nabla \log"
            r" p|^2 - \tfrac12 g^2\, \mathbb{E}_p |s_j - \nabla \log q|^2",
            check=identity(
                lambda: [_parallelogram(1)],
                lambda: [_parallelogram(2)],
                lambda: [_parallelogram(0)],
            ),
        ),
        Step(
            "For real law and prior N(0, 1) and a score -c x this is an equation between rational"
            " functions of the generated variance.",
            check=identity(lambda: [_gaussian(1)], lambda: [_gaussian(2)], lambda: [_gaussian(0)]),
        ),
        Step(
            "Integrate from T, where the generated law is the prior, to t_0.",
            BOUND.expression,
            (UNDER_REAL_LAW.name,),
        ),
    )


BOUND = Bound(
    name="diffusion-path-identity",
    title="Diffusion, exact KL to the real law",
    statement=(
        "The KL of the noised real law to a model is prior KL plus score risk less the score's"
        " distance to that of the model's own process."
    ),
    expression=K_0 + L_0 - S_q,
    hypotheses=(SDE_SAMPLER, UNDER_REAL_LAW, _SMOOTH),
    source=proved_here("by differentiating the divergence along both reverse processes"),
    side=Side.EXACT,
    statistic=Statistic.ONE_TRAINING,
    constants=Constants.GIVEN,
    quantities=terms_quantities,
    quantity=REAL_KL,
    proof=Proof(_steps),
)
