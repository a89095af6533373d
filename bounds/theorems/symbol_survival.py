r"""Survival of a symbol: Poisson resampling of counts.

A symbol that occurs x times in the real sample, each of its occurrences having a Poisson number of
descendants with mean one in every generation, is still there in generation j with probability

.. math:: 1 - (1 - s_j)^x, \qquad s_0 = 1, \quad s_{j+1} = 1 - e^{-s_j},

and in closed form between

.. math:: 1 - \Bigl(1 - \frac{1}{1 + j/2 + (H_{j+1} - 1)/6}\Bigr)^x
          \le \cdot \le 1 - \Bigl(\frac{j}{j+2}\Bigr)^x,

so that :math:`s_j \sim 2/j`. Generation 0 is the real sample.

Source: Suresh, Thangaraj and Khandavally, 2024 (arXiv 2412.17646), for the setting. Derived: the
proofs below, by the recursion of generating functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import exact, identity
from bounds.notation import NOTATION, j, s_1, x_0
from bounds.proof import Proof, Step
from bounds.theorems._paper_form import proved_here
from bounds.theorems._quantities import SURVIVAL

__all__ = ["BOUNDS", "line_survival"]

_HYPOTHESES = (
    Hypothesis(
        "Poisson resampling",
        "given a generation's counts, the next ones are independent Poisson variables with these"
        " means",
    ),
)
_COMMON: dict[str, Any] = {
    "hypotheses": _HYPOTHESES,
    "source": proved_here("by generating functions", "", "suresh2024"),
    "statistic": Statistic.EVERY_LOOP,
    "constants": Constants.GIVEN,
    "quantity": SURVIVAL,
}
_TERMS = 12
_slow = 1 + j / 2
_slower = 1 + j / 2 + (sp.harmonic(j + 1) - 1) / 6


def line_survival(*, generation: Any) -> dict[str, Any]:
    """``s_j``, by its recursion."""
    steps = np.asarray(NOTATION["generation"].expect(generation, _EXACT.title)).astype(int)
    values = [1.0]
    for _ in range(int(steps.max(initial=0))):
        values.append(float(-np.expm1(-values[-1])))
    return {"line_survival": np.asarray(values)[steps]}


def _is_survival(power: int) -> bool:
    """Whether the mean of f^N is exp(f - 1), N Poisson of mean one, to so many terms in f."""
    f = sp.Symbol("f")
    series = sum(f**i / sp.factorial(i) for i in range(_TERMS))
    wanted = sp.exp(power * f).series(f, 0, _TERMS).removeO()
    return bool(sp.expand(series - wanted) == 0)


def _steps() -> tuple[Step, ...]:
    f = sp.Symbol("f", positive=True)
    return (
        Step(
            "The line of one point is lost by generation j + 1 if those of all its descendants are"
            " lost by then, which are a Poisson number: the generating function of that law.",
            r"f_{j+1} = \sum_{i \ge 0} \frac{e^{-1}}{i!} f_j^i = e^{f_j - 1}, \quad f_0 = 0",
            ("Poisson resampling",),
            exact(_is_survival, 1, 2, cases=f"the first {_TERMS} terms of both series"),
        ),
        Step(
            "With s = 1 - f this is the recursion of s.",
            r"s_{j+1} = 1 - e^{-s_j}, \quad s_0 = 1",
            check=identity(1 - sp.exp(f - 1) - (1 - sp.exp(-(1 - f))), 1 - sp.exp(f - 1) - (1 - f)),
        ),
        Step(
            "Lines of different points are independent, so that the symbol is lost if all x are.",
            _EXACT.expression,
        ),
    )


_order = sp.Symbol("i", integer=True, positive=True)


def _are_coefficients(upper: bool) -> Callable[[sp.Expr], bool]:
    """Whether a form in i gives i! times the coefficients of the gap, as far as they are computed.

    The gap is that between ``1/(1 - e^-s)`` and its bound, times ``12 s (e^s - 1)``.
    """
    s = sp.Symbol("s")
    grown = sum(s**i / sp.factorial(i) for i in range(_TERMS + 1))
    if upper:
        gap = 12 * s * grown - (grown - 1) * (12 + 6 * s)
    else:
        gap = (grown - 1) * (12 + 6 * s + s**2) - 12 * s * grown
    found = [sp.Poly(gap, s).coeff_monomial(s**i) * sp.factorial(i) for i in range(_TERMS)]

    def test(form: sp.Expr) -> bool:
        first = 2 if upper else 3
        return all(
            value == (form.subs(_order, i) if i >= first else 0) for i, value in enumerate(found)
        )

    return test


def _inequality_step(upper: bool) -> Step:
    if upper:
        claim, formula = 6 * _order - 12, r"\frac{1}{s_{j+1}} \ge \frac{1}{s_j} + \frac12"
        text = "coefficients (6 i - 12)/i! from i = 2 on, and none before"
    else:
        claim = (_order - 3) * (_order - 4)
        formula = r"\frac{1}{s_{j+1}} \le \frac{1}{s_j} + \frac12 + \frac{s_j}{12}"
        text = "coefficients (i - 3)(i - 4)/i! from i = 3 on, and none before"
    return Step(
        "The inverse of 1 - e^-s lies on this side: times 12 s (e^s - 1) the gap is a power series"
        f" with {text}; none is negative.",
        formula,
        ("symbol-survival",) if upper else ("symbol-survival-above",),
        exact(
            _are_coefficients(upper),
            claim,
            claim + 1,
            claim - _order,
            cases=f"{_TERMS} coefficients",
        ),
    )


def _steps_above() -> tuple[Step, ...]:
    return (
        _inequality_step(True),
        Step(
            "From 1/s_0 = 1 on the inverse gains at least one half in each generation.",
            r"s_j \le \frac{2}{j+2}",
            (_HYPOTHESES[0].name,),
            identity(1 - 1 / _slow - j / (j + 2), 1 - 1 / _slow - (j + 1) / (j + 2)),
        ),
    )


def _steps_below() -> tuple[Step, ...]:
    return (
        _inequality_step(False),
        Step(
            "With s_i <= 2/(i + 2) the inverse gains at most one half and 1/(6 (i + 2)) in"
            " generation i + 1; these add up to a harmonic number.",
            r"\frac{1}{s_j} \le 1 + \frac j2 + \frac16 \sum_{i=0}^{j-1} \frac{1}{i+2}",
            (_HYPOTHESES[0].name,),
            exact(
                lambda form: all(
                    form.subs(j, t).doit()
                    == 1
                    + sp.Rational(t, 2)
                    + sum((sp.Rational(1, 6 * (i + 2)) for i in range(t)), sp.Integer(0))
                    for t in range(1, 8)
                ),
                _slower,
                1 + j / 2 + sp.harmonic(j + 1) / 6,
                cases="sums of 1 to 7 terms",
            ),
        ),
    )


_EXACT = Bound(
    name="symbol-survival",
    title="Survival of a symbol",
    statement="The chance that a symbol of the real sample is still there, by a recursion.",
    expression=1 - (1 - s_1) ** x_0,
    side=Side.EXACT,
    quantities=line_survival,
    tight=Tightness.TIGHT,
    proof=Proof(_steps),
    **_COMMON,
)
_ABOVE = Bound(
    name="symbol-survival-above",
    title="Survival of a symbol, from above",
    statement="The chance that a symbol is still there is at most this.",
    expression=1 - (j / (j + 2)) ** x_0,
    side=Side.UPPER,
    tight=Tightness.NOT_TIGHT,
    proof=Proof(_steps_above),
    **_COMMON,
)
_BELOW = Bound(
    name="symbol-survival-below",
    title="Survival of a symbol, from below",
    statement="The chance that a symbol is still there is at least this.",
    expression=1 - (1 - 1 / _slower) ** x_0,
    side=Side.LOWER,
    tight=Tightness.NOT_TIGHT,
    proof=Proof(_steps_below),
    **_COMMON,
)

BOUNDS = (_EXACT, _ABOVE, _BELOW)
