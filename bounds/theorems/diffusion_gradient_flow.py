r"""Early-stopped gradient flow on frozen features: what training time does to the score.

Population flow, against any comparator of risk ``L_c`` and norm ``R``, and well specified:

.. math:: \tilde L(\Theta(\tau)) \le L_c + \frac{R^2}{2\tau}, \qquad
          \tilde L(\Theta(\tau)) \le \frac{R^2}{4 e \tau}.

Empirical against population flow, with the gradient gap ``M`` along the way:

.. math:: \|\hat\Theta - \Theta\| \le \tau M, \quad
          \|(\hat\Theta - \Theta)\hat\Sigma^{1/2}\| \le M \sqrt{\tau/e}, \quad
          \|(\hat\Theta - \Theta)\Sigma^{1/2}\| \le M \sqrt\tau \sqrt{1/e + \tau \Delta}.

Derived: theory notes, B4.2 (i) and (ii): a Lyapunov function; convexity; variation of constants.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.notation import Delta, L_c, M, R, tau
from bounds.theorems._diffusion import FLOW
from bounds.theorems._paper_form import from_the_notes
from bounds.theorems._quantities import (
    EMPIRICAL_DRIFT,
    POPULATION_DRIFT,
    SCORE_RISK,
    WEIGHT_DRIFT,
)

__all__ = ["BOUNDS", "POPULATION_DRIFT_BOUND", "POPULATION_RISK"]

_COMMON: dict[str, Any] = {
    "side": Side.UPPER,
    "statistic": Statistic.ONE_TRAINING,
    "constants": Constants.GIVEN,
}
_GAP = Hypothesis(
    "gradient gap",
    "the gap between empirical and population gradient along the population flow is at most M",
)

POPULATION_RISK = Bound(
    name="gradient-flow-risk",
    title="Gradient flow, score risk",
    statement="Trained for a time tau, the score risk is that of a comparator plus R^2/(2 tau).",
    expression=L_c + R**2 / (2 * tau),
    hypotheses=(FLOW,),
    source=from_the_notes("B4.2 (i)"),
    quantity=SCORE_RISK,
    **_COMMON,
)

_WELL_SPECIFIED = Bound(
    name="gradient-flow-risk-well-specified",
    title="Gradient flow, well-specified score risk",
    statement="Where the features contain the true score, the score risk falls like 1/tau.",
    expression=R**2 / (4 * sp.E * tau),
    hypotheses=(FLOW, Hypothesis("well specified", "the true score is a comparator of norm R")),
    source=from_the_notes("B4.2 (i)"),
    quantity=SCORE_RISK,
    tight=Tightness.TIGHT,
    **_COMMON,
)

_WEIGHTS = Bound(
    name="gradient-flow-drift",
    title="Gradient flow, weights",
    statement="Empirical and population weights drift apart no faster than the gradient gap.",
    expression=tau * M,
    hypotheses=(FLOW, _GAP),
    source=from_the_notes("B4.2 (ii)"),
    quantity=WEIGHT_DRIFT,
    **_COMMON,
)

_EMPIRICAL = Bound(
    name="gradient-flow-drift-empirical",
    title="Gradient flow, scores on the sample",
    statement="On the sample, the two scores drift apart like the root of the training time.",
    expression=M * sp.sqrt(tau / sp.E),
    hypotheses=(FLOW, _GAP),
    source=from_the_notes("B4.2 (ii)"),
    quantity=EMPIRICAL_DRIFT,
    tight=Tightness.NOT_TIGHT,
    **_COMMON,
)

POPULATION_DRIFT_BOUND = Bound(
    name="gradient-flow-drift-population",
    title="Gradient flow, scores on the population",
    statement="On the population, the two scores drift apart by the covariance gap in addition.",
    expression=M * sp.sqrt(tau) * sp.sqrt(sp.exp(-1) + tau * Delta),
    hypotheses=(FLOW, _GAP),
    source=from_the_notes("B4.2 (ii)"),
    quantity=POPULATION_DRIFT,
    tight=Tightness.NOT_TIGHT,
    **_COMMON,
)

BOUNDS = (POPULATION_RISK, _WELL_SPECIFIED, _WEIGHTS, _EMPIRICAL, POPULATION_DRIFT_BOUND)
