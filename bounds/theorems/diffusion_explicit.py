r"""A bound on an early-stopped diffusion model that is known before a point is drawn.

.. math:: \mathbb{E}\,\mathrm{TV}(p_1, p_0) \le b_0 + \delta_0 + \psi\bigl(K_0 + L_\tau
          + \sqrt{\delta_0}\,v_g + g_\lambda \rho_\lambda + (v_1 + \rho)^2\bigr), \quad
          \psi(k) = \min\bigl(\sqrt{k/2}, \sqrt{1 - e^{-k}}\bigr).

``L_tau`` is the score risk of the flow on the law itself, ``v_1`` the root mean square of what a
sample adds to first order, and ``rho``, ``rho_lambda`` bound all the rest, through

.. math:: u(s)^2 = \mathbb{E}|\Delta_1(s)(\hat\Sigma - \Sigma)(\Sigma + \Lambda)^{-1/2}|^2, \quad
          \rho_x = \frac{2}{1 - \eta} \int_0^\tau \kappa_x(\tau - s)\,u(s)\,ds, \quad
          \kappa_x(r) = \sup_{l \le L} \sqrt{(l + x)(l + \Lambda)}\,e^{-2 r l}.

Every term is a sum over the law's cells, so ``lambda <= Lambda`` and ``delta_0`` can be chosen to
make the bound small. As ``n`` grows at a fixed training time it tends to
``b_0 + psi(K_0 + L_tau + v_1^2)``: it is sharp to first order. It replaces
``diffusion-early-stopping``, which explains the rate but is vacuous, as a number.

It speaks of one generation whose training law is known. For later generations the law is random,
and the argument breaks at the first-order response to it,
:math:`\int a_x (p_{j-1} - p_0)(dx)`. In total variation that costs ``sup |a Sigma^{1/2}|``, which
is 28 on three modes at ``n = 1000`` and ``tau = n/2``. In the Hellinger distance ``H``, which
Girsanov bounds, it is at most :math:`H \sqrt{2 (m_0 + m)}` with :math:`m_0 = \sup_{|v|=1}
\mathbb{E}_{p_0}(a_x \Sigma^{1/2} v)^2 = 0.54` and ``m`` the same mean under the unknown
``p_{j-1}``. That is only known to be at most the root of :math:`m = m_0 + H \sup|a \Sigma^{1/2}|
\sqrt{2 (m_0 + m)}`: 40 instead of 0.52 at ``n = 10^4`` and ``tau = 1600``. So the root of the risk
would be multiplied by 9 per generation, and no less than by :math:`2\sqrt{m_0}` at any ``n``.

Derived: the proof below.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import identity, positive_on
from bounds.notation import K_0, L_tau, b_0, delta_0, g_lambda, rho, rho_lambda, v_1, v_g
from bounds.proof import Proof, Step
from bounds.theorems._diffusion import (
    FLOW,
    SDE_SAMPLER,
    STOPPING,
    UNDER_REAL_LAW,
    kl_steps,
    terms_quantities,
    tv_of_kl,
)
from bounds.theorems._paper_form import proved_here

__all__ = ["BOUNDS"]

_POINTS = Hypothesis(
    "independent points",
    "the model learns from n independent points of the real law; the loss is the mean of what each"
    " adds to it, with a positive semidefinite matrix S_x of eigenvalues up to L and a vector C_x",
)
_TERMS = Hypothesis(
    "computed terms",
    "the training time is fixed beforehand, and the terms are at least their definitions for some"
    " 0 < lambda <= Lambda and an eta < 1 that is exceeded with probability delta_0 at most",
)


def _row(name: str) -> sp.Matrix:
    return sp.Matrix(1, 2, sp.symbols(f"{name}_1:3", real=True))


def _square(name: str) -> sp.Matrix:
    return sp.Matrix(2, 2, sp.symbols(f"{name}_1 {name}_2 {name}_2 {name}_3", real=True))


def _quadratic(weight: int) -> sp.Expr:
    theta, step, sigma, c = _row("t"), _row("d"), _square("s"), _row("c")

    def risk(w: sp.Matrix) -> sp.Expr:
        return (w * sigma * w.T - 2 * w * c.T)[0]

    slope = 2 * (theta * sigma - c)
    rest = (slope * step.T)[0] + weight * (step * sigma * step.T)[0]
    return sp.expand(risk(theta + step) - risk(theta) - rest)


def _flow_of_rest(factor: int) -> sp.Matrix:
    """Slope of the rest along the flows, less the slope that is claimed."""
    theta, first, rest = _row("t"), _row("d"), _row("r")
    sigma, gap, c, off = _square("s"), _square("e"), _row("c"), _row("o")
    noise = 2 * theta * gap - 2 * off
    sample = -2 * ((theta + first + rest) * (sigma + gap) - c - off)
    law, linear = -2 * (theta * sigma - c), -2 * first * sigma - noise
    claimed = -2 * rest * (sigma + gap) - factor * first * gap
    return (sample - law - linear - claimed).applyfunc(sp.expand)


_LAW = (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6))
"""Three points, on which vectors and matrices are numbers of mean zero."""


def _centred(name: str) -> tuple[sp.Expr, ...]:
    free = sp.symbols(f"{name}_1:3", real=True)
    p = [sp.Rational(str(q)) for q in _LAW]
    return (*free, -(p[0] * free[0] + p[1] * free[1]) / p[2])


def _mean(values: tuple[sp.Expr, ...]) -> sp.Expr:
    return sp.Add(*(sp.Rational(str(q)) * v for q, v in zip(_LAW, values, strict=True)))


def _pairings(n: int, pairs: int) -> sp.Expr:
    """Mean square of the product of two sample means, less what four indices leave."""
    a, e = _centred("a"), _centred("e")
    outcomes = []
    for drawn in product(range(3), repeat=n):
        chance = sp.Rational(str(Fraction(1)))
        for i in drawn:
            chance *= sp.Rational(str(_LAW[i]))
        both = sp.Add(*(a[i] for i in drawn)) * sp.Add(*(e[i] for i in drawn)) / n**2
        outcomes.append(chance * both**2)
    A = _mean(tuple((u * v) ** 2 for u, v in zip(a, e, strict=True)))
    B = _mean(tuple(u * v for u, v in zip(a, e, strict=True))) ** 2
    C = _mean(tuple(u**2 for u in a)) * _mean(tuple(v**2 for v in e))
    D = B
    return sp.expand(sp.Add(*outcomes) - (A + (n - pairs) * (B + C + D)) / sp.Integer(n) ** 3)


_x = sp.Symbol("x", real=True)
_above = 1 - _x + _x**2 / 2


def _steps() -> tuple[Step, ...]:
    return (
        Step(
            "The score risk is quadratic in the weights, with gradient g at those of the law's own"
            " flow; Delta is the difference of the sample's flow and that one.",
            r"R_0(\hat\Theta) = L_\tau + g \cdot \Delta + |\Delta \Sigma^{1/2}|^2",
            (FLOW.name,),
            identity(lambda: [_quadratic(1)], lambda: [_quadratic(2)], lambda: [_quadratic(0)]),
        ),
        Step(
            "Let Delta_1 be the part of Delta that is linear in the sample, a mean of independent"
            " effects a_x of mean zero. The rest R obeys a flow that is driven by their product"
            " with the covariance's own error.",
            r"R' = -2 R \hat\Sigma - 2 \Delta_1 (\hat\Sigma - \Sigma), \qquad R(\tau) = -2"
            r" \int_0^\tau \Delta_1(s) (\hat\Sigma - \Sigma) e^{-2 (\tau - s) \hat\Sigma} ds",
            (FLOW.name, _POINTS.name, "variation of constants"),
            identity(lambda: _flow_of_rest(2), lambda: _flow_of_rest(1), lambda: _flow_of_rest(-2)),
        ),
        Step(
            "Of a positive semidefinite X the exponential is at most this, eigenvalue by"
            " eigenvalue: both sides agree at 0 to first order, and this one bends more.",
            r"e^{-X} \preceq I - X + X^2/2",
            check=identity(
                [
                    (_above - sp.exp(-_x)).subs(_x, 0),
                    (_above - sp.exp(-_x)).diff(_x).subs(_x, 0),
                    (_above - sp.exp(-_x)).diff(_x, 2) - (1 - sp.exp(-_x)),
                ],
                [(_above - sp.exp(-_x)).diff(_x, 2) + (1 - sp.exp(-_x))],
            ),
        ),
        Step(
            "By Markov's inequality the sample's covariance is rarely much smaller than the law's,"
            " without a bound on S_x: with X = (Sigma + lambda)^{-1/2} S_x (Sigma + lambda)^{-1/2}"
            " and w_i the eigenvalues of E X^2, for every t > 0.",
            r"\mathbb{P}\bigl(\Sigma - \hat\Sigma \not\preceq \eta (\Sigma + \lambda)\bigr) \le"
            r" e^{-t n \eta} \sum_i e^{n t^2 w_i / 2} \le \delta_0",
            ("Lieb-Tropp", _POINTS.name, _TERMS.name),
        ),
        Step(
            "Off that event the law's covariance is dominated by the sample's, for lambda and for"
            " every larger Lambda.",
            r"\Sigma \preceq \frac{\hat\Sigma + \eta\lambda}{1 - \eta}, \qquad \Sigma + \lambda"
            r" \preceq \frac{\hat\Sigma + \lambda}{1 - \eta}, \qquad (\hat\Sigma + \Lambda)^{-1}"
            r" \preceq \frac{(\Sigma + \Lambda)^{-1}}{1 - \eta}",
            check=identity(*map(_dominated, (0, 1, -1))),
        ),
        Step(
            "Hence there the rest is at most an integral of sizes u(s), of which only second"
            " moments over samples are needed; eigenvalues of the sample's covariance are at most"
            " L.",
            r"\bigl(\mathbb{E}[1_G |R \Sigma^{1/2}|^2]\bigr)^{1/2} \le \rho_{\eta\lambda} = \rho,"
            r" \qquad \bigl(\mathbb{E}[1_G |R (\Sigma + \lambda)^{1/2}|^2]\bigr)^{1/2} \le"
            r" \rho_\lambda",
            ("Minkowski", _TERMS.name),
        ),
        Step(
            "These second moments are exact: of four indices all are equal, or they pair in one of"
            " three ways; an index alone has mean zero.",
            r"u(s)^2 = \frac{A + (n - 1)(B + C + D)}{n^3}",
            (_POINTS.name,),
            identity(
                lambda: [_pairings(2, 1), _pairings(3, 1)],
                lambda: [_pairings(2, 0)],
                lambda: [_pairings(3, 2)],
            ),
        ),
        Step(
            "On the event the first-order term has the mean that it has off it with the sign"
            " changed, which is rare; the rest by Cauchy and Schwarz, and the squares together by"
            " Minkowski.",
            r"\mathbb{E}[1_G R_0(\hat\Theta)] \le L_\tau + \sqrt{\delta_0}\,v_g + g_\lambda"
            r" \rho_\lambda + (v_1 + \rho)^2",
            ("Cauchy-Schwarz", "Minkowski", _TERMS.name),
        ),
        *kl_steps(),
        Step(
            "The minimum of these two is concave and vanishes at zero, so it may be taken of the"
            " mean on the event; off the event total variation is at most one.",
            r"\mathbb{E}[1_G \psi(K_0 + R_0)] \le \psi(K_0 + \mathbb{E}[1_G R_0])",
            ("Jensen", "diffusion-direct", SDE_SAMPLER.name, UNDER_REAL_LAW.name, STOPPING.name),
            positive_on(
                "1/100",
                6,
                -_bend(sp.sqrt(1 - sp.exp(-_k))),
                -_bend((1 - sp.exp(-_k)) ** 2),
            ),
        ),
        Step("Put in the risk.", _BOUND.expression),
    )


_k = sp.Symbol("k", positive=True)


def _bend(curve: sp.Expr) -> sp.Expr:
    return curve.diff(_k, 2)


def _dominated(wrong: int) -> list[sp.Expr]:
    """The gap of ``(1 - eta)`` times each dominated side, ``S - S_hat = eta (S + lambda)``."""
    s, lam, eta = sp.symbols("s lambda eta", positive=True)
    hat = s - eta * (s + lam)
    return [
        sp.expand((1 - eta) * s - (hat + eta * lam + wrong * lam)),
        sp.expand((1 - eta) * (s + lam) - (hat + lam + wrong * eta)),
    ]


_BOUND = Bound(
    name="diffusion-explicit",
    title="Diffusion, one generation, known beforehand",
    statement=(
        "The mean distance of an early-stopped diffusion model to the law of its sample is at most"
        " a number that is computed from that law, the features, the training time and n."
    ),
    expression=b_0
    + delta_0
    + tv_of_kl(K_0 + L_tau + sp.sqrt(delta_0) * v_g + g_lambda * rho_lambda + (v_1 + rho) ** 2),
    hypotheses=(SDE_SAMPLER, UNDER_REAL_LAW, STOPPING, FLOW, _POINTS, _TERMS),
    source=proved_here("from diffusion-direct and the exactly quadratic risk", "", "tropp2015"),
    side=Side.UPPER,
    statistic=Statistic.FIRST_GENERATION,
    constants=Constants.GIVEN,
    quantities=terms_quantities,
    proof=Proof(_steps),
    tight=Tightness.NOT_TIGHT,
)

BOUNDS = (_BOUND,)
