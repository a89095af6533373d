r"""From the score error along the noising path to the law that is generated.

.. math:: \mathrm{KL}(\tilde p_{t_0} \,\|\, p_\theta) \le K_T + L, \qquad
          K_T = \mathrm{KL}(\tilde p_T \,\|\, \pi), \quad
          L = \frac12 \int_{t_0}^T g^2 \, \mathbb{E}_{\tilde p_t}
              \|s_\theta - \nabla\log\tilde p_t\|^2 dt,

.. math:: \mathrm{TV} \le \min\bigl(\sqrt{(K_T + L)/2}, \sqrt{1 - e^{-K_T - L}}\bigr).

The mixture is the one noised until ``t_0``. The KL bound exceeds the KL itself by the model's own
marginal score error, so it is attained only where that vanishes.

Derived: the proofs below: data processing and Girsanov's theorem.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Side, Statistic, Tightness
from bounds.checks import identity
from bounds.notation import K_T, L
from bounds.proof import Proof, Step
from bounds.theorems._diffusion import GIRSANOV, INTEGRABLE, SDE_SAMPLER, kl_steps, tv_of_kl
from bounds.theorems._paper_form import proved_here
from bounds.theorems._quantities import ONE_STEP_KL, ONE_STEP_TV

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "hypotheses": GIRSANOV,
    "source": proved_here(
        "by Girsanov and data processing", "the form of Lemma 2 of Li et al., 2023", "li2023"
    ),
    "side": Side.UPPER,
    "statistic": Statistic.ONE_TRAINING,
    "constants": Constants.GIVEN,
}

_y, _t, _T = sp.symbols("y t T", real=True)
_g, _s, _f, _dt = sp.symbols("g s f Delta", positive=True)


def _chain_rule(last: int) -> sp.Expr:
    """KL of two laws on two times two letters minus that of the first letter and the rest."""
    p = sp.Matrix(2, 2, sp.symbols("p_1:5", positive=True))
    q = sp.Matrix(2, 2, sp.symbols("q_1:5", positive=True))
    joint = sum(u * sp.log(u / v) for u, v in zip(p, q, strict=True))
    first = [(sum(p[i, :]), sum(q[i, :])) for i in range(2)]
    marginal = sum(u * sp.log(u / v) for u, v in first)
    rest = sum(
        p[i, m] * sp.log(p[i, m] / first[i][0] / (q[i, m] / first[i][1]))
        for i in range(2)
        for m in range(last)
    )
    return sp.expand(sp.expand_log(joint - marginal - rest))


def _log_ratio() -> sp.Expr:
    """Log of the ratio of two normal steps' densities, drifts ``g^2 (s_theta - s)`` apart."""
    variance, shift = _g**2 * _dt, _g**2 * _s * _dt
    return sp.expand(((_y - shift) ** 2 - _y**2) / (2 * variance))


def _shifted_gap(weight: sp.Expr) -> sp.Expr:
    """K_T + weight L - KL for data N(0, 1), a model made for N(m, 1), and OU noising, g^2 = 2."""
    m, start = sp.symbols("m t_0", positive=True)
    end = sp.Symbol("T", positive=True)
    kl = m**2 * sp.exp(-2 * _t) / 2
    risk = sp.integrate((m * sp.exp(-_t)) ** 2, (_t, start, end))
    return kl.subs(_t, end) + weight * risk - kl.subs(_t, start)


def _steps_of_kl() -> tuple[Step, ...]:
    return (
        Step(
            "Run backwards from time T to t_0, the noised mixture solves the reverse equation with"
            " its own score; the sampler solves it with the model's, from another start.",
            r"dY = [f Y + g^2 \nabla \log \tilde p_t(Y)] ds + g \, dB, \qquad dY = [f Y + g^2"
            r" s_\theta(Y, t)] ds + g \, dB",
            ("time reversal", SDE_SAMPLER.name),
        ),
        Step(
            "The divergence of the two laws of whole paths is that of their starts plus the mean"
            " divergence of the rest given the start.",
            r"\mathrm{KL}(\text{paths}) = K_T + \mathbb{E}\,\mathrm{KL}(\text{paths} \mid Y_T)",
            ("chain rule of KL",),
            identity(lambda: _chain_rule(2), lambda: _chain_rule(1)),
        ),
        Step(
            "Given the start, the drifts differ by g^2 times the score error and the noise is the"
            " same: half the mean square of that over g, added up over time. In one short step the"
            " log of the ratio is linear in a variable of mean zero; its constant is the mean.",
            L,
            ("Girsanov", INTEGRABLE.name),
            identity(
                [_log_ratio().diff(_y, 2), _log_ratio().subs(_y, 0) - _g**2 * _s**2 * _dt / 2],
                [_log_ratio().subs(_y, 0) - _g**2 * _s**2 * _dt],
                [_log_ratio().subs(_y, 0) - _g * _s**2 * _dt / 2],
            ),
        ),
        Step(
            "The laws at t_0 are the ends of the paths, which cannot be further apart than they.",
            K_T + L,
            ("data processing",),
        ),
        Step(
            "It is attained, at more than zero, by a model whose score and start are those of"
            " another noised law: for N(0, 1) and a model of N(m, 1) under Ornstein-Uhlenbeck"
            " noising both sides are m^2 exp(-2 t_0)/2.",
            r"\frac{m^2 e^{-2 T}}{2} + \int_{t_0}^T m^2 e^{-2 t} dt = \frac{m^2 e^{-2 t_0}}{2}",
            check=identity(
                lambda: _shifted_gap(sp.Integer(1)), lambda: _shifted_gap(sp.Rational(1, 2))
            ),
        ),
    )


def _steps_of_tv() -> tuple[Step, ...]:
    return (
        Step(
            "The divergence is at most prior plus score risk.",
            K_T + L,
            ("diffusion-girsanov-kl", *(item.name for item in GIRSANOV)),
        ),
        *kl_steps(),
    )


_KL = Bound(
    name="diffusion-girsanov-kl",
    title="Diffusion, KL from the score error",
    statement="The KL of the data to the generated law is at most prior KL plus score risk.",
    expression=K_T + L,
    quantity=ONE_STEP_KL,
    proof=Proof(_steps_of_kl),
    tight=Tightness.TIGHT,
    **_COMMON,
)

_TV = Bound(
    name="diffusion-girsanov",
    title="Diffusion, TV from the score error",
    statement=(
        "The distance of the data to the generated law is at most what Pinsker's or Bretagnolle"
        " and Huber's inequality makes of prior KL plus score risk."
    ),
    expression=tv_of_kl(K_T + L),
    quantity=ONE_STEP_TV,
    proof=Proof(_steps_of_tv),
    tight=Tightness.NOT_TIGHT,
    **_COMMON,
)

BOUNDS = (_TV, _KL)
