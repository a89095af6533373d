r"""A floor under every algorithm that has a given number of real points.

.. math:: \sup_{p_0} \mathbb{E}\,\mathrm{TV}(p_j, p_0) \ge
          \Bigl(2\Phi\bigl(\tfrac{t}{2\sqrt{N_R}}\bigr) - 1\Bigr)
          \Bigl(1 - \Phi\bigl(\tfrac t2\bigr)\Bigr) \text{ for every } t,
          \qquad \ge \frac{1}{8 \sqrt{N_R}},

over normal laws of variance one: synthetic data adds nothing to the real points that enter. The
second is the largest value of the first at ``N_R = 1``; for many points the first is largest near
``t = 3/2`` and comes to :math:`0.1356/\sqrt{N_R}`.

Derived: the proofs below: data processing and Le Cam's two points. The first over
:math:`1/\sqrt{N_R}` rises in ``N_R``, because ``2 Phi - 1`` is concave, which gives the second.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic
from bounds.checks import Law, identity, over_laws, positive_on
from bounds.notation import N_R, t, z
from bounds.proof import Proof, Step
from bounds.theorems._paper_form import proved_here
from bounds.theorems._quantities import MINIMAX_TV
from bounds.theorems.gaussian_mean import BOUNDS as GAUSSIAN
from bounds.worst_case import total_variation

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "hypotheses": (
        Hypothesis(
            "real points", "at most N_R real points ever enter the loop, fresh ones counted"
        ),
        Hypothesis("rich class", "the real law may be any N(theta, 1), or more than these"),
    ),
    "source": proved_here("by two points of Le Cam"),
    "side": Side.LOWER,
    "statistic": Statistic.EVERY_LOOP,
    "constants": Constants.GIVEN,
    "quantity": MINIMAX_TV,
}


def _two_phi_minus_one(x: sp.Expr) -> sp.Expr:
    return sp.erf(x / sp.sqrt(2))


_y = sp.Symbol("y", positive=True)
_SHIFT = GAUSSIAN[-1]


def _has_two_points(factor: int) -> Any:
    """``D_0 + D_1 >= factor TV(p_0, p_1) (1 - TV(P_0, P_1))``: the guess r from one letter."""

    def statement(p: Law, q: Law, r: Law) -> bool:
        far = total_variation(p, q)
        overlap = sum(min(u, v) for u, v in zip(p, q, strict=True))
        errors = sum(
            (u * total_variation(_guess(i, p, r), p) + v * total_variation(_guess(i, p, r), q))
            for i, (u, v) in enumerate(zip(p, q, strict=True))
        )
        return errors >= factor * far * overlap

    return statement


def _guess(letter: int, p: Law, r: Law) -> Law:
    return p if letter == 0 else r


def _steps_of_two_points() -> tuple[Step, ...]:
    apart = t / sp.sqrt(N_R)
    separated = _two_phi_minus_one(apart / 2)
    overlap = sp.erfc(t / 2 / sp.sqrt(2))
    value = _TWO_POINTS.expression
    return (
        Step(
            "Whatever is drawn from models and whatever is done with it, model j is a function of"
            " the real points and of chance that does not know the real law; N_R points may be"
            " granted from the start.",
            r"p_j = A(X_1, \dots, X_{N_R}, U)",
            ("real points",),
        ),
        Step(
            "Any guess is far from one of two laws: the two distances sum to at least that of the"
            " laws, and the overlap of the laws of the data counts both. Chance of one law for both"
            " leaves the overlap as it is.",
            r"\max_k \mathbb{E}_k \mathrm{TV}(p_j, p_k) \ge \frac12 \mathrm{TV}(p_0, p_1) \bigl(1 -"
            r" \mathrm{TV}(p_0^{N_R}, p_1^{N_R})\bigr)",
            ("Le Cam two points", "triangle inequality"),
            over_laws(_has_two_points(1), _has_two_points(2), count=3, letters=2),
        ),
        Step(
            "Take N(0, 1) and N(t/sqrt(N_R), 1): their distance is that of a shift. The mean of the"
            " points is sufficient: it comes from the points, and points with the right law come"
            " from it without knowing theta, so data processing says both ways that its laws are as"
            " far apart as those of the points; they are normal, t standard errors apart.",
            r"\mathrm{TV}(p_0, p_1) = 2 \Phi\bigl(\tfrac{t}{2 \sqrt{N_R}}\bigr) - 1, \quad 1 -"
            r" \mathrm{TV}(p_0^{N_R}, p_1^{N_R}) = 2 \bigl(1 - \Phi(\tfrac t2)\bigr)",
            ("gaussian-shift", "contraction of TV", "normal laws are closed", "rich class"),
            identity(
                [
                    separated - _SHIFT.expression.subs(z, apart),
                    overlap.rewrite(sp.erf) - 1 + _SHIFT.expression.subs(z, t),
                ],
                [separated - _SHIFT.expression.subs(z, 2 * apart)],
                [overlap.rewrite(sp.erf) - 1 + _SHIFT.expression.subs(z, t / 2)],
            ),
        ),
        Step(
            "The largest of the means over all normal laws is at least half the product.",
            value,
            check=identity(separated * overlap / 2 - value, separated * overlap - value),
        ),
    )


def _steps_of_floor() -> tuple[Step, ...]:
    slope = 2 / sp.sqrt(sp.pi) * sp.exp(-(_y**2))
    at_one = _TWO_POINTS.expression.subs(N_R, 1)
    other = sp.erf(t / (2 * sp.sqrt(2)))
    return (
        Step(
            "The slope of erf falls for y > 0, so erf(y), its integral from 0, is at least y times"
            " its slope at y, and erf(y)/y falls: at each t the two-point bound over 1/sqrt(N_R)"
            " rises in N_R and is least at N_R = 1. Balls cover [1/8, 4] besides.",
            r"\mathrm{erf}(y) \ge y \, \mathrm{erf}'(y) \Rightarrow \sqrt{N_R} \,"
            r" \mathrm{erf}\Bigl(\frac{c}{\sqrt{N_R}}\Bigr) \ge \mathrm{erf}(c)",
            ("real-data-floor-two-point", "rich class", "real points"),
            positive_on("1/8", 4, sp.erf(_y) - _y * slope, sp.erf(_y) - 2 * _y * slope),
        ),
        Step(
            "At N_R = 1 it is y (1 - y)/2 with y = erf(t/(2 sqrt 2)).",
            at_one,
            check=identity(
                at_one.rewrite(sp.erf) - other * (1 - other) / 2,
                at_one.rewrite(sp.erf) - other * (1 - other),
            ),
        ),
        Step(
            "As t > 0 varies, y takes every value in (0, 1); at y = 1/2 this is 1/8, its largest"
            " value. The bound holds for every t, so for that one.",
            _FLOOR.expression,
            check=identity(
                sp.Rational(1, 8) - _y * (1 - _y) / 2 - (1 - 2 * _y) ** 2 / 8,
                sp.Rational(1, 4) - _y * (1 - _y) / 2 - (1 - 2 * _y) ** 2 / 8,
            ),
        ),
    )


_FLOOR = Bound(
    name="real-data-floor",
    title="Real-data floor",
    statement=(
        "Whatever the algorithm, some normal law is missed by at least 1/(8 sqrt(N_R)) in the mean."
    ),
    expression=1 / (8 * sp.sqrt(N_R)),
    proof=Proof(_steps_of_floor),
    **_COMMON,
)

_TWO_POINTS = Bound(
    name="real-data-floor-two-point",
    title="Real-data floor, two points",
    statement=(
        "Whatever the algorithm, one of two normal laws so far apart is missed by this in the mean."
    ),
    expression=_two_phi_minus_one(t / (2 * sp.sqrt(N_R))) * sp.erfc(t / 2 / sp.sqrt(2)) / 2,
    proof=Proof(_steps_of_two_points),
    **_COMMON,
)

BOUNDS = (_FLOOR, _TWO_POINTS)
