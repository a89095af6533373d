"""Phase transition when generation 1 has only the real points that exist: a rise, and a return."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.calculus.certificates import (
    All,
    Composition,
    Identity,
    Lemma,
    Lemmas,
    Rewritten,
    Sign,
    recursion,
)
from bounds.calculus.monotone import Direction
from bounds.checks import exact, identity, induction, nonnegative
from bounds.cycles import DataCycle, RealPlusSynthetic
from bounds.functions import GeometricDepth
from bounds.notation import gamma, j, lam
from bounds.proof import Proof, Step
from bounds.theorems._closed_form import attained, geometric_sum
from bounds.theorems._paper_form import (
    FRESH,
    RATE,
    WHOLE,
    of_cycle,
    one_step_rate,
    proved_here,
)
from bounds.theorems._peaks import (
    enclosed_real_start_peak,
    leading,
    one_peak,
    peak_inputs,
    real_start_peak,
)

__all__ = ["BOUND", "peak", "peak_asymptote"]


def _starts_from_real_points(cycle: DataCycle) -> bool:
    return isinstance(cycle, RealPlusSynthetic) and cycle.real_start


_u = lam / (1 + lam)
_v, _m = sp.Symbol("u", positive=True), sp.Symbol("m", positive=True, integer=True)
_h = (1 - _v) ** (gamma - 1) * (1 - _v**_m) + _v**_m
_left = (1 - gamma) / _m * (1 - _v**_m) / ((1 - _v) * _v ** (_m - 1))
_right = 1 - (1 - _v) ** (1 - gamma)


def _steps() -> tuple[Step, ...]:
    D, e = BOUND.expression, one_step_rate
    later = e * (1 + lam) ** -gamma
    ceiling = (1 + lam) ** (1 - gamma)
    excess = (ceiling - 1) * (1 - _u ** (j - 1))
    slope = _h.diff(_v) * (1 - _v) ** (1 - gamma) / (_m * _v ** (_m - 1))
    return (
        Step(
            "Put the one-step rates into error propagation: generation 1 has n points, later ones"
            " (1 + lambda) n and the weight u = lambda/(1 + lambda) on the last model, whose"
            " ancestry a walk enters with that probability. So G_jk = u^(j-k), and from j to j + 1"
            " the sum is multiplied by u and gains the new model's error.",
            r"\mathrm{TV}(p_j, p_0) \le D_j := \sum_{k \le j} G_{jk} \epsilon_k, \qquad"
            r" D_{j+1} = u D_j + \epsilon_{j+1}",
            (
                "error-propagation",
                "data cycle",
                "size of generation 1",
                FRESH.name,
                RATE.name,
                WHOLE.name,
            ),
        ),
        Step(
            "The closed form solves D_1 = C n^-gamma, D_{j+1} = u D_j + C ((1 + lambda) n)^-gamma.",
            D,
            check=induction(D, lambda now, then: then - _u * now - later, e, later, D + e - later),
        ),
        Step(
            "It is its value at lambda = 0, the real-only level, times one plus an excess.",
            e * (1 + excess),
            check=identity(D - e * (1 + excess), D - e * (1 + excess * _u), D - e * excess),
        ),
        Step(
            "Both factors of the excess are nonnegative: the bound never falls below the real-only"
            " level.",
            excess >= 0,
            check=nonnegative(excess, -excess),
        ),
        Step(
            "Let h be the bound over that level, as a function of u, and j >= 2, m = j - 1: its"
            " slope is a positive factor times the difference of two sides.",
            sp.Eq(
                sp.Symbol("h'") * (1 - _v) ** (1 - gamma) / (_m * _v ** (_m - 1)),
                _left - _right,
                evaluate=False,
            ),
            check=identity(
                sp.expand(sp.powsimp(sp.expand(slope - _left + _right))),
                slope - _left * _m + _right,
                slope - _left - _right,
            ),
        ),
        Step(
            "The left side is 1 - gamma times a mean of powers u^-l, l = 0..m-1: it does not rise"
            " and stays at or above 1 - gamma > 0. The right side rises strictly from 0 to 1. At"
            " u -> 0 the left side is larger, at u -> 1 the right one, so they meet once: the bound"
            " rises up to that u, hence up to one lambda, and falls from there on.",
            r"\frac{1-\gamma}{m} \sum_{l=0}^{m-1} u^{-l} = 1 - (1-u)^{1-\gamma}",
            check=exact(
                lambda start: all(
                    sp.cancel(
                        (1 - _v**i) / ((1 - _v) * _v ** (i - 1))
                        - sum(_v**-p for p in range(start, start + i))
                    )
                    == 0
                    for i in range(1, 9)
                ),
                0,
                1,
                cases="the sum of powers in closed form, m = 1..8",
            ),
        ),
        Step(
            "It returns to the real-only level as lambda grows: 1 - u^m is at most m (1 - u), so"
            " the excess is at most m (1 - u)^gamma.",
            r"1 \le h_j(u) \le 1 + m (1-u)^{\gamma} \to 1",
            check=geometric_sum(lambda i: i - 1, _m),
        ),
        attained(),
    )


_EXPRESSION = one_step_rate * (
    (1 + lam) ** -gamma * GeometricDepth(1 / (1 + lam), j - 1) + (lam / (1 + lam)) ** (j - 1)
)


def _lemmas(D: sp.Expr) -> Iterator[Lemma]:
    e, share = one_step_rate, lam / (1 + lam)
    later, ceiling = e * (1 + lam) ** -gamma, (1 + lam) ** (1 - gamma)
    yield recursion(D, e, lambda now, then: then - share * now - later)
    form = e * (ceiling - (ceiling - 1) * share ** (j - 1))
    yield Lemma(
        "monotone in generation",
        "does not fall in generation",
        Rewritten(Identity(D, form), Composition(form, j, Direction.RISING)),
        ("generation", Direction.RISING),
    )
    above = e * (ceiling - 1) * (1 - share ** (j - 1))
    yield Lemma(
        "real-only level",
        "never falls below its value without synthetic points",
        All((Identity(D - e, above), Sign(above))),
    )
    yield one_peak(enclosed_real_start_peak)


BOUND = Bound(
    name="phase-transition-real-start",
    title="Phase transition, real start",
    statement=(
        "With n real points in generation 1 and n real and lambda n synthetic points later, the"
        " bound rises in lambda, from generation 2 on, then returns to its real-only value and"
        " never falls below it."
    ),
    expression=_EXPRESSION,
    hypotheses=(
        of_cycle(RealPlusSynthetic),
        Hypothesis(
            "size of generation 1",
            "generation 1 is trained on n real points (real_start = True)",
            _starts_from_real_points,
        ),
        WHOLE,
        FRESH,
        RATE,
    ),
    source=proved_here("from error-propagation"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
    proof=Proof(_steps),
    lemmas=Lemmas(_EXPRESSION, _lemmas, enclosed_real_start_peak),
)
r"""No algorithm's error can fall to zero from a fixed real set, and this bound does not.

.. math:: \mathrm{TV}(p_j, p_0) \le C n^{-\gamma} h_j(u), \quad
   h_j(u) = (1-u)^{\gamma-1} (1 - u^{j-1}) + u^{j-1}, \quad u = \frac{\lambda}{1+\lambda}.

Derived: the proof above.
"""


def peak(generation: Any, gamma: Any) -> float | None:
    r"""Return the ``lambda`` at which the bound is largest; ``None`` where it never rises.

    .. math:: \frac{1-\gamma}{j-1} \sum_{l=0}^{j-2} u^{-l} = 1 - (1-u)^{1-\gamma},
       \qquad u = \frac{\lambda}{1+\lambda}.

    Derived: the proof above; the root is unique for ``j >= 2``.

    Args:
        generation: j >= 1; generation 1 does not depend on ``lambda``.
        gamma: exponent in (0, 1).

    Raises:
        ParameterError: an argument is out of range.
    """
    i, g = peak_inputs(generation, gamma, BOUND.title)
    return None if i == 1 else real_start_peak(i, g)


def peak_asymptote(generation: Any, gamma: Any) -> float:
    r"""Return ``j/c``, the peak's leading term; the next one grows like :math:`j^\gamma`.

    Derived: that equation to leading order.

    Args:
        generation: j >= 1.
        gamma: exponent in (0, 1).
    """
    i, g = peak_inputs(generation, gamma, BOUND.title)
    return i / leading(g)
