r"""An early-stopped diffusion model with every constant computable, and the loop of such models.

.. math:: \mathrm{TV}(p_{\hat\theta}, \tilde p_{t_0}) \le \frac1{\sqrt2}\Bigl[\sqrt{K_T}
          + \sqrt{L_c + \frac{R^2}{2\tau}}
          + M \sqrt\tau \sqrt{\frac1e + \tau\Delta}\Bigr],

.. math:: \mathrm{TV}(p_j, p_0) \le \sum_{k \le j} G_{jk} \Bigl[b_k
          + \min\bigl(\sqrt{\kappa_k/2}, \sqrt{1 - e^{-\kappa_k}}\bigr)\Bigr],
          \quad b_k = \mathrm{TV}(P_{t_0} p_0, p_0), \quad \kappa_k = K_{T,k} + L_k .

The first one shows why early stopping works and where ``n^{-1/4}`` comes from, for any sample that
was drawn; as a number it is vacuous unless ``n`` is huge. The number to compute before a loop is
run is ``diffusion-explicit``, the one to compute from its records ``diffusion-direct``.

Noising until ``t_0`` is a Markov operator, so its bias counts only at ``p_0``. The middle term
falls and the last one rises in training time; ``tau ~ sqrt n`` balances them at ``n^{-1/4}``.

Derived: the proofs below.
"""

from __future__ import annotations

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import identity, nonnegative
from bounds.notation import K_T, G, b, j, k, kappa
from bounds.proof import Proof, Step
from bounds.theorems._diffusion import FLOW, GIRSANOV, kl_steps, tv_of_kl
from bounds.theorems._kde import propagated, smoothing_steps
from bounds.theorems._paper_form import proved_here
from bounds.theorems._quantities import ONE_STEP_TV
from bounds.theorems.diffusion_gradient_flow import POPULATION_DRIFT_BOUND, POPULATION_RISK

__all__ = ["BOUNDS"]

_terms = (
    sp.sqrt(K_T),
    sp.sqrt(POPULATION_RISK.expression),
    POPULATION_DRIFT_BOUND.expression,
)

_GAP = POPULATION_DRIFT_BOUND.hypotheses[1]


def _steps_of_one() -> tuple[Step, ...]:
    u, v = sp.symbols("u v", nonnegative=True)
    prior, risk, drift = _terms
    return (
        Step(
            "The distance is at most the root of half of prior plus score risk.",
            r"\mathrm{TV} \le \sqrt{(K_T + \tilde L(\hat\Theta))/2}",
            ("diffusion-girsanov", *(item.name for item in GIRSANOV)),
        ),
        Step(
            "The root of a sum is at most the sum of the roots.",
            sp.sqrt(u + v) <= sp.sqrt(u) + sp.sqrt(v),
            check=nonnegative(
                sp.expand((sp.sqrt(u) + sp.sqrt(v)) ** 2) - u - v,
                sp.expand((sp.sqrt(u) + sp.sqrt(v)) ** 2) - 2 * u - v,
            ),
        ),
        Step(
            "The root of the score risk is a norm of the score error, so that of the empirical flow"
            " is at most that of the population flow plus the norm of the scores' difference.",
            r"\sqrt{\tilde L(\hat\Theta)} \le \sqrt{\tilde L(\Theta)} + \|(\hat\Theta - \Theta)"
            r" \Sigma^{1/2}\|_F",
            ("Minkowski", FLOW.name),
        ),
        Step(
            "Put in the risk and the drift.",
            _ONE.expression,
            ("gradient-flow-risk", "gradient-flow-drift-population", _GAP.name),
            identity(
                (prior + risk + drift) / sp.sqrt(2) - _ONE.expression,
                (prior + risk + drift) / 2 - _ONE.expression,
                (prior + risk + 2 * drift) / sp.sqrt(2) - _ONE.expression,
            ),
        ),
    )


def _steps_of_loop() -> tuple[Step, ...]:
    return (
        *smoothing_steps("P_{t_0}", "smoothing"),
        Step(
            "Noising and stopping at t_0 is such an operator, and the sampler's law is within this"
            " of the noised mixture.",
            r"X_k = \mathrm{TV}(p_k, P_{t_0} \tilde p_{k-1}) \le \psi(\kappa_k), \quad \psi(k) ="
            r" \min(\sqrt{k/2}, \sqrt{1 - e^{-k}})",
            ("diffusion-girsanov", *(item.name for item in GIRSANOV)),
        ),
        *kl_steps(),
        propagated(r"b_k + \psi(\kappa_k)"),
    )


_ONE = Bound(
    name="diffusion-early-stopping",
    title="Diffusion, early-stopped training",
    statement=(
        "An early-stopped score model misses its mixture by a prior, an approximation and an"
        " estimation term, all of them computable: it explains the rate n^(-1/4); as a number"
        " diffusion-explicit is far smaller."
    ),
    expression=sum(_terms) / sp.sqrt(2),
    hypotheses=(*GIRSANOV, FLOW, *POPULATION_DRIFT_BOUND.hypotheses[1:]),
    source=proved_here("from diffusion-girsanov and gradient flow"),
    side=Side.UPPER,
    statistic=Statistic.ONE_TRAINING,
    constants=Constants.GIVEN,
    quantity=ONE_STEP_TV,
    proof=Proof(_steps_of_one),
    tight=Tightness.NOT_TIGHT,
)

_LOOP = Bound(
    name="diffusion-early-stopping-loop",
    title="Diffusion loop with early stopping",
    statement=(
        "The distance of a generation to real data is at most the sum of smoothing bias and path"
        " error of all generations, each weighted by its influence."
    ),
    expression=sp.Sum(G[j, k] * (b[k] + tv_of_kl(kappa[k])), (k, 1, j)),
    hypotheses=(
        *GIRSANOV,
        Hypothesis(
            "smoothing",
            "b_k is the TV between the real law and the real law noised until model k stops",
        ),
    ),
    source=proved_here("from diffusion-girsanov and error-propagation"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    proof=Proof(_steps_of_loop),
    constants=Constants.GIVEN,
    tight=Tightness.NOT_TIGHT,
)

BOUNDS = (_ONE, _LOOP)
