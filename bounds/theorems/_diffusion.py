"""What the diffusion theorems share: from KL to total variation, and their hypotheses."""

from __future__ import annotations

import sympy as sp

from bounds.functions import OneMinusExp
from bounds.loop_facts import ModelKind, known
from bounds.source import Hypothesis

__all__ = ["FLOW", "GIRSANOV", "INTEGRABLE", "SDE_SAMPLER", "tv_of_kl"]

SDE_SAMPLER = Hypothesis(
    "SDE sampler",
    "the model is a diffusion whose points are drawn by the reverse SDE, not by the"
    " probability-flow ODE",
    loop=known(model=ModelKind.DIFFUSION, sampler="sde"),
)
INTEGRABLE = Hypothesis(
    "integrable score error",
    "the score error along the noising path satisfies a Novikov-type condition, or is truncated",
)
GIRSANOV = (SDE_SAMPLER, INTEGRABLE)
FLOW = Hypothesis(
    "frozen features",
    "only the output weights are trained, by gradient flow from zero on a quadratic score loss",
    loop=known(model=ModelKind.DIFFUSION, frozen=True),
)


def tv_of_kl(kl: sp.Expr) -> sp.Expr:
    r"""Return the smaller of Pinsker's and Bretagnolle and Huber's bound.

    .. math:: \mathrm{TV} \le \min\bigl(\sqrt{\mathrm{KL}/2}, \sqrt{1 - e^{-\mathrm{KL}}}\bigr).

    Derived: theory notes, B4.1; the second is smaller for KL > 1.594 and never vacuous.
    """
    return sp.Min(sp.sqrt(kl / 2), sp.sqrt(OneMinusExp(kl)), evaluate=False)
