r"""Early-stopped gradient flow on frozen features: what training time does to the score.

Population flow, against any comparator of risk ``L_c`` and norm ``R``, and well specified:

.. math:: \tilde L(\Theta(\tau)) \le L_c + \frac{R^2}{2\tau}, \qquad
          \tilde L(\Theta(\tau)) \le \frac{R^2}{4 e \tau}.

Empirical against population flow, with the gradient gap ``M`` along the way:

.. math:: \|\hat\Theta - \Theta\| \le \tau M, \quad
          \|(\hat\Theta - \Theta)\hat\Sigma^{1/2}\| \le M \sqrt{\tau/e}, \quad
          \|(\hat\Theta - \Theta)\Sigma^{1/2}\| \le M \sqrt\tau \sqrt{1/e + \tau \Delta}.

Derived: the proofs below: a Lyapunov function; convexity; variation of constants.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import identity
from bounds.notation import Delta, L_c, M, R, tau
from bounds.proof import Proof, Step
from bounds.theorems._diffusion import FLOW
from bounds.theorems._paper_form import proved_here
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

_l, _w = sp.symbols("l w", positive=True)
_v, _u = sp.symbols("v u", positive=True)
_A = sp.Matrix(2, 2, sp.symbols("sigma_1 sigma_2 sigma_2 sigma_3", real=True))
_x, _z = sp.Matrix(1, 2, sp.symbols("x_1:3", real=True)), sp.Matrix(1, 2, sp.symbols("z_1:3"))


def _risk(theta: sp.Matrix) -> sp.Expr:
    """A quadratic risk of one row of weights, up to a constant, with covariance A and C = z."""
    return (theta * _A * theta.T - 2 * theta * _z.T)[0]


def _convexity(factor: int) -> sp.Expr:
    """``L(y) - L(x) - <grad L(x), y - x> - factor |(y - x) A^{1/2}|^2``."""
    y = sp.Matrix(1, 2, sp.symbols("y_1:3", real=True))
    slope = 2 * (_x * _A - _z)
    gap = y - _x
    rest = _risk(y) - _risk(_x) - (slope * gap.T)[0] - factor * (gap * _A * gap.T)[0]
    return sp.expand(rest)


def _lyapunov(weight: int) -> sp.Expr:
    """Slope along the flow plus what the step takes off, for weights x and a comparator y.

    The squared distance counts with half this weight.
    """
    y, t = sp.Matrix(1, 2, sp.symbols("y_1:3", real=True)), sp.Symbol("t", positive=True)
    slope, gap = 2 * (_x * _A - _z), _x - y
    moved = _risk(_x) - _risk(y) - t * (slope * slope.T)[0] - weight * (gap * slope.T)[0]
    return sp.expand(moved + t * (slope * slope.T)[0] + (gap * _A * gap.T)[0])


def _steps_of_risk() -> tuple[Step, ...]:
    return (
        Step(
            "The score risk is quadratic in the weights, hence convex.",
            r"\tilde L(\Theta_c) \ge \tilde L(\Theta) + \langle \nabla \tilde L(\Theta), \Theta_c -"
            r" \Theta \rangle",
            (FLOW.name,),
            identity(lambda: _convexity(1), lambda: _convexity(2), lambda: _convexity(0)),
        ),
        Step(
            "Along the flow t times the excess risk plus half the squared distance to the"
            " comparator does not rise: its slope is minus t times the squared gradient minus the"
            " square of step 1.",
            r"\frac{d}{dt} \Bigl[t (\tilde L - L_c) + \tfrac12 \|\Theta - \Theta_c\|^2\Bigr] ="
            r" -t \|\nabla \tilde L\|^2 - \|(\Theta - \Theta_c) \Sigma^{1/2}\|^2 \le 0",
            check=identity(lambda: _lyapunov(1), lambda: _lyapunov(2), lambda: _lyapunov(0)),
        ),
        Step(
            "It starts, from zero weights, at half the comparator's squared norm.",
            POPULATION_RISK.expression,
            check=identity(
                tau * (POPULATION_RISK.expression - L_c) - R**2 / 2,
                tau * (POPULATION_RISK.expression - L_c) - R**2,
                tau**2 * (POPULATION_RISK.expression - L_c) - R**2 / 2,
            ),
        ),
    )


def _steps_of_well_specified() -> tuple[Step, ...]:
    path = _w * sp.exp(-2 * _l * _u)
    excess = _l * sp.exp(-4 * _l * tau)
    best = 1 / (4 * tau)
    return (
        Step(
            "In the eigenbasis of the covariance the gap to the true score's weights decays like"
            " exp(-2 l t) in the direction of eigenvalue l.",
            r"\Theta(t) - \Theta^* = -\Theta^* e^{-2 t \Sigma}",
            (FLOW.name, "well specified", "variation of constants"),
            identity(
                path.diff(_u) + 2 * _l * path,
                path.diff(_u) + _l * path,
                path.diff(_u) - 2 * _l * path,
            ),
        ),
        Step(
            "The risk is l times its square, added over directions; l exp(-4 l t) is largest at"
            " l = 1/(4 t), where it is 1/(4 e t): it rises before and falls after.",
            r"\tilde L = \sum_i l_i \theta_i^2 e^{-4 l_i \tau} \le R^2 \sup_l l e^{-4 l \tau}",
            check=identity(
                [
                    excess.diff(_l) - (1 - 4 * _l * tau) * sp.exp(-4 * _l * tau),
                    excess.subs(_l, best) - 1 / (4 * sp.E * tau),
                ],
                [excess.diff(_l) - (1 - 2 * _l * tau) * sp.exp(-4 * _l * tau)],
                [excess.subs(_l, 2 * best) - 1 / (4 * sp.E * tau)],
            ),
        ),
        Step(
            "Put it in; one direction of that eigenvalue attains it.",
            _WELL_SPECIFIED.expression,
            check=identity(
                R**2 * excess.subs(_l, best) - _WELL_SPECIFIED.expression,
                R * excess.subs(_l, best) - _WELL_SPECIFIED.expression,
            ),
        ),
    )


def _difference_step() -> Step:
    hat = sp.Matrix(1, 2, sp.symbols("v_1:3", real=True))
    own = sp.Matrix(2, 2, sp.symbols("tau_1 tau_2 tau_2 tau_3", real=True))
    other = sp.Matrix(1, 2, sp.symbols("u_1:3", real=True))

    def rest(factor: int) -> sp.Matrix:
        gap = 2 * (_x * own - other) - 2 * (_x * _A - _z)
        moves = -2 * (hat * own - other) + 2 * (_x * _A - _z)
        return (moves + factor * (hat - _x) * own + gap).applyfunc(sp.expand)

    return Step(
        "Both flows start at zero; their difference d is driven by the gap between the two"
        " gradients at the population's weights, at most M in norm.",
        r"\dot d = -2 d \hat\Sigma - N(t), \qquad N = \nabla \hat L(\Theta) - \nabla \tilde"
        r" L(\Theta), \quad \|N\|_F \le M",
        (FLOW.name, _GAP.name),
        identity(lambda: rest(2), lambda: rest(1)),
    )


def _steps_of_weights() -> tuple[Step, ...]:
    return (
        _difference_step(),
        Step(
            "The covariance only shrinks d, so its norm grows at most at the speed M.",
            r"\tfrac12 \tfrac{d}{dt} \|d\|^2 = -2 \, \mathrm{tr}(d \hat\Sigma d^T) - \langle d, N"
            r" \rangle \le M \|d\|",
            ("Cauchy-Schwarz",),
        ),
        Step(
            "Integrate from zero.",
            _WEIGHTS.expression,
            check=identity(
                sp.integrate(M, (_u, 0, tau)) - _WEIGHTS.expression,
                sp.integrate(M, (_u, 0, 2 * tau)) - _WEIGHTS.expression,
            ),
        ),
    )


def _steps_of_empirical() -> tuple[Step, ...]:
    decay = sp.sqrt(_l) * sp.exp(-2 * _u * _l)
    best = 1 / (4 * _u)
    peak = 1 / sp.sqrt(4 * _u * sp.E)
    return (
        _difference_step(),
        Step(
            "Solve for d.",
            r"d(\tau) = -\int_0^\tau N(t) e^{-2 (\tau - t) \hat\Sigma} dt",
            ("variation of constants",),
        ),
        Step(
            "Times the root of the covariance the exponential is at most its largest value over"
            " eigenvalues, which is at l = 1/(4 u), u = tau - t.",
            r"\sup_l \sqrt l e^{-2 u l} = (4 e u)^{-1/2}",
            check=identity(
                [
                    decay.diff(_l) - (1 - 4 * _u * _l) / (2 * _l) * decay,
                    decay.subs(_l, best) - peak,
                ],
                [decay.diff(_l) - (1 - 2 * _u * _l) / (2 * _l) * decay],
                [decay.subs(_l, best / 2) - peak],
            ),
        ),
        Step(
            "Integrate over time.",
            _EMPIRICAL.expression,
            ("Minkowski",),
            identity(
                M * sp.integrate(peak, (_u, 0, tau)) - _EMPIRICAL.expression,
                M * sp.integrate(peak, (_u, 0, tau)) / 2 - _EMPIRICAL.expression,
                M * sp.integrate(peak**2 * _u, (_u, 0, tau)) - _EMPIRICAL.expression,
            ),
        ),
    )


def _steps_of_population() -> tuple[Step, ...]:
    squares = _EMPIRICAL.expression**2 + Delta * _WEIGHTS.expression**2
    return (
        Step(
            "Write the population's covariance as the sample's plus the gap; the gap adds at most"
            " its operator norm times the squared weights.",
            r"\|d \Sigma^{1/2}\|^2 = \mathrm{tr}(d \hat\Sigma d^T) + \mathrm{tr}(d (\Sigma -"
            r" \hat\Sigma) d^T) \le \|d \hat\Sigma^{1/2}\|^2 + \Delta \|d\|^2",
            ("Weyl", "gradient-flow-drift-empirical", "gradient-flow-drift", FLOW.name, _GAP.name),
        ),
        Step(
            "Put both drifts in and take the root.",
            POPULATION_DRIFT_BOUND.expression,
            check=identity(
                squares - POPULATION_DRIFT_BOUND.expression**2,
                squares + Delta * _WEIGHTS.expression**2 - POPULATION_DRIFT_BOUND.expression**2,
                squares / tau - POPULATION_DRIFT_BOUND.expression**2,
            ),
        ),
    )


POPULATION_RISK = Bound(
    name="gradient-flow-risk",
    title="Gradient flow, score risk",
    statement="After a time tau the score risk is at most that of a comparator plus R^2/(2 tau).",
    expression=L_c + R**2 / (2 * tau),
    hypotheses=(FLOW,),
    source=proved_here("by a Lyapunov function"),
    quantity=SCORE_RISK,
    proof=Proof(_steps_of_risk),
    **_COMMON,
)

_WELL_SPECIFIED = Bound(
    name="gradient-flow-risk-well-specified",
    title="Gradient flow, well-specified score risk",
    statement="Where the features contain the true score, the score risk falls like 1/tau.",
    expression=R**2 / (4 * sp.E * tau),
    hypotheses=(FLOW, Hypothesis("well specified", "the true score is a comparator of norm R")),
    source=proved_here("by eigenvalues of the flow"),
    quantity=SCORE_RISK,
    tight=Tightness.TIGHT,
    proof=Proof(_steps_of_well_specified),
    **_COMMON,
)

_WEIGHTS = Bound(
    name="gradient-flow-drift",
    title="Gradient flow, weights",
    statement="Empirical and population weights drift apart no faster than the gradient gap.",
    expression=tau * M,
    hypotheses=(FLOW, _GAP),
    source=proved_here("by convexity"),
    quantity=WEIGHT_DRIFT,
    proof=Proof(_steps_of_weights),
    **_COMMON,
)

_EMPIRICAL = Bound(
    name="gradient-flow-drift-empirical",
    title="Gradient flow, scores on the sample",
    statement="On the sample, the two scores drift apart like the root of the training time.",
    expression=M * sp.sqrt(tau / sp.E),
    hypotheses=(FLOW, _GAP),
    source=proved_here("by variation of constants"),
    quantity=EMPIRICAL_DRIFT,
    proof=Proof(_steps_of_empirical),
    tight=Tightness.NOT_TIGHT,
    **_COMMON,
)

POPULATION_DRIFT_BOUND = Bound(
    name="gradient-flow-drift-population",
    title="Gradient flow, scores on the population",
    statement="On the population, the two scores drift apart by the covariance gap in addition.",
    expression=M * sp.sqrt(tau) * sp.sqrt(sp.exp(-1) + tau * Delta),
    hypotheses=(FLOW, _GAP),
    source=proved_here("from the two drifts before"),
    quantity=POPULATION_DRIFT,
    proof=Proof(_steps_of_population),
    tight=Tightness.NOT_TIGHT,
    **_COMMON,
)

BOUNDS = (POPULATION_RISK, _WELL_SPECIFIED, _WEIGHTS, _EMPIRICAL, POPULATION_DRIFT_BOUND)
