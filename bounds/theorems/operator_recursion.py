r"""Error propagation where samples pass an operator before anyone trains on them.

.. math:: D \le (I - W \Lambda)^{-1} (\epsilon + W \beta), \qquad
          \mathrm{TV}(T_k p, T_k p_0) \le \Lambda_k\, \mathrm{TV}(p, p_0), \quad
          \beta_k = \mathrm{TV}(T_k p_0, p_0)

for training mixtures :math:`w_{j-1,0}\, p_0 + \sum_{k \ge 1} w_{j-1,k} T_k p_k`. With a fresh real
share a it stays bounded if :math:`(1 - a) \Lambda < 1`: the share of real data that pays for an
operator.

Derived: the proofs below.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import Law, exact, identity, induction, over_laws
from bounds.cycle_words import cycle_of
from bounds.cycles import DataCycle, FreshReal, FullSynthetic
from bounds.notation import H, Lambda, a, epsilon, j, k, mixture_bias, operator_bias, retention
from bounds.proof import Proof, Step
from bounds.propagation import mixture_biases, operator_influence, paper_errors
from bounds.theorems._operators import kept_top
from bounds.theorems._paper_form import FRESH, RATE, of_cycle, one_step_rate, proved_here
from bounds.theorems._quantities import REAL_SHARE
from bounds.values import as_floats
from bounds.worst_case import total_variation

__all__ = ["BOUNDS", "quantities"]


def quantities(
    *,
    cycle: DataCycle | str,
    generation: Any,
    operator_constant: Any,
    operator_bias: Any,
    gamma: Any,
    constant: Any,
    n: int | None = None,
    share: float | None = None,
    lam: float | None = None,
) -> dict[str, Any]:
    r"""Return a row of :math:`(I - W\Lambda)^{-1}`, the biases of mixtures, and the rate.

    Args:
        operator_constant: of the operator, one for all models or one for each.
        operator_bias: TV between the real law and what it passes to, likewise.
        cycle, generation, gamma, constant, n, share, lam: as in
            :func:`bounds.theorems.error_propagation.quantities`.
    """
    known = cycle_of(cycle, n=n, share=share, lam=lam)
    last = int(np.max(generation))
    rows = operator_influence(known, operator_constant, last)
    return {
        "operator_influence": rows[np.asarray(generation) - 1],
        "mixture_bias": mixture_biases(known, operator_bias, last),
        "one_step_error": paper_errors(known, last, constant, gamma),
    }


_W = sp.Matrix(4, 4, lambda i, m: sp.Symbol(f"w_{i}{m}") if m < i else 0)
_PASSED = _W * sp.diag(*sp.symbols("Lambda_1:5"))
_POWERS = sp.eye(4) + _PASSED + _PASSED**2 + _PASSED**3
_LEFT = (sp.eye(4) - _PASSED) * sp.Matrix(sp.symbols("D_1:5"))
_KEPT = Fraction(1, 2)
_OPERATOR = Hypothesis(
    "operator",
    "what the samples of model k pass takes it and the real law apart by at most Lambda_k, and the"
    " real law by beta_k from itself",
)


def _passed(p: Law) -> Law:
    return kept_top(p, _KEPT)


def _through(p: Law, q: Law, factor: Fraction) -> bool:
    """``TV(Tp, q) <= factor TV(p, q) + TV(Tq, q)`` for the best half."""
    bias = total_variation(_passed(q), q)
    return total_variation(_passed(p), q) <= factor * total_variation(p, q) + bias


def _attained(factor: Fraction) -> bool:
    """Selection that adds to errors which all move mass to the best letter; full synthetic data.

    The real law has no mass there, so that the operator does not move it.
    """
    error, distance = Fraction(1, 20), Fraction(1, 20)
    law: Law = (error, 1 - error)
    for _ in range(3):
        kept = _passed(law)
        law = (kept[0] + error, kept[1] - error)
        distance = factor * distance + error
    return total_variation(law, (Fraction(0), Fraction(1))) == distance


def _steps() -> tuple[Step, ...]:
    return (
        Step(
            "Go through the training mixture, as without an operator.",
            r"D_j \le \epsilon_j + \sum_{k \ge 1} w_{j-1,k}\, \mathrm{TV}(T_k p_k, p_0)",
            ("one-step errors", "triangle inequality", "convexity of TV"),
        ),
        Step(
            "Go through what becomes of the real law.",
            r"\mathrm{TV}(T_k p_k, p_0) \le \mathrm{TV}(T_k p_k, T_k p_0)"
            r" + \mathrm{TV}(T_k p_0, p_0) \le \Lambda_k D_k + \beta_k",
            ("triangle inequality", _OPERATOR.name),
            over_laws(
                lambda p, q: _through(p, q, 1 / _KEPT),
                lambda p, q: _through(p, q, Fraction(1)),
                count=2,
            ),
        ),
        Step(
            "W Lambda is strictly lower triangular, as W is, and has no negative entry; so the"
            " inverse of I - W Lambda is the sum of its powers, and multiplying by it keeps the"
            " inequality. Checked with symbols for four models.",
            r"(I - W \Lambda) D \le \epsilon + W \beta \Rightarrow D \le H (\epsilon + W \beta),"
            r" \qquad H = (I - W \Lambda)^{-1} = \sum_{l < N} (W \Lambda)^l",
            check=identity(
                _POWERS * _LEFT - sp.Matrix(sp.symbols("D_1:5")),
                _POWERS.T * _LEFT - sp.Matrix(sp.symbols("D_1:5")),
            ),
        ),
        Step(
            "It is attained by the best half of the samples where all errors move mass to the best"
            " letter, on which the real law has none.",
            check=exact(_attained, 1 / _KEPT, Fraction(1), cases="four models on two letters"),
        ),
    )


_keep = (1 - a) * Lambda
_v = retention
"""The number (1 - a) Lambda of the proofs."""
_first = sp.Sum(_keep ** (k - 1), (k, 1, j))
"""The sum of the one-step errors of all models."""


def _recursion(now: sp.Expr, following: sp.Expr) -> sp.Expr:
    """``D_{j+1} - v D_j - e - (1-a) beta``."""
    return following - _v * now - one_step_rate - (1 - a) * operator_bias


def _fresh_form(exponent: int) -> sp.Expr:
    """``e (1-v^j)/(1-v) + (1-a) beta (1-v^{j-exponent})/(1-v)``."""
    e = one_step_rate
    return (e * (1 - _v**j) + (1 - a) * operator_bias * (1 - _v ** (j - exponent))) / (1 - _v)


def _steps_of_fresh() -> tuple[Step, ...]:
    e, drift = one_step_rate, (1 - a) * operator_bias
    return (
        Step(
            "All synthetic weight is on the last model: the recursion has one term.",
            r"D_1 \le \epsilon, \qquad D_{j+1} \le (1 - a) \Lambda D_j + \epsilon + (1 - a) \beta",
            ("operator-recursion", "data cycle", _OPERATOR.name, RATE.name, FRESH.name),
        ),
        Step(
            "Two geometric sums solve it, where v = (1 - a) Lambda is not one.",
            _fresh_form(1),
            check=induction(_fresh_form(1), _recursion, e, _fresh_form(0), _fresh_form(2)),
        ),
        Step(
            "Where it is one, every generation adds the same.",
            j * e + (j - 1) * drift,
            check=identity(
                _ones(j + 1) - _ones(j) - e - drift, _ones(j + 1) - _ones(j) - e - 2 * drift
            ),
        ),
        Step(
            "The worst case of the recursion attains it with a fresh real share as without.",
            uses=("operator-recursion",),
        ),
    )


def _ones(steps: Any) -> sp.Expr:
    return steps * one_step_rate + (steps - 1) * (1 - a) * operator_bias


_LIMIT_VALUE = (one_step_rate + (1 - a) * operator_bias) / (1 - retention)
_STABLE = Hypothesis("stable", "v = (1 - a) Lambda < 1: there is enough real data for the operator")


def retained(*, share: Any, operator_constant: Any) -> dict[str, Any]:
    """Return ``(1 - a) Lambda``, which must be below one.

    Args:
        share: of real points, in [0, 1].
        operator_constant: of the operator.
    """
    real, constant = as_floats(share), as_floats(operator_constant)
    return {"retention": (1 - real) * constant}


def _steps_of_limit() -> tuple[Step, ...]:
    drift = (1 - a) * operator_bias
    rest = (one_step_rate + drift) / (1 - _v) - _fresh_form(1)
    missing = _v ** (j - 1) * (_v * one_step_rate + drift) / (1 - _v)
    return (
        Step(
            "What is missing from the limit is not negative, for v = (1 - a) Lambda below one.",
            missing,
            ("operator-fresh-real", _STABLE.name, *(h.name for h in _FRESH_HYPOTHESES)),
            identity(rest - missing, rest - _v ** (j - 1) * (one_step_rate + drift) / (1 - _v)),
        ),
        Step("So no generation exceeds the limit.", _LIMIT_VALUE),
    )


def _steps_of_threshold() -> tuple[Step, ...]:
    value = 1 - 1 / Lambda
    return (
        Step(
            "The sum of the powers of (1 - a) Lambda stays finite exactly if that is below one: for"
            " every share above the threshold, and for none below it.",
            value,
            ("operator-limit", "operator-fresh-real", *(h.name for h in _THRESHOLD_HYPOTHESES)),
            identity(
                [_keep.subs(a, value) - 1, sp.diff(_keep, a) + Lambda],
                [_keep.subs(a, 1 - 1 / Lambda**2) - 1],
            ),
        ),
        Step("An operator that brings laws closer needs no real data.", _THRESHOLD.expression),
    )


_FRESH_HYPOTHESES = (of_cycle(FreshReal), FRESH, RATE, _OPERATOR)
_COMMON: dict[str, Any] = {
    "side": Side.UPPER,
    "statistic": Statistic.EVERY_RUN,
    "between": True,
}

_RECURSION = Bound(
    name="operator-recursion",
    title="Error propagation past operators",
    statement=(
        "The distance of a generation to real data is at most the sum of all one-step errors and"
        " biases of operators, each weighted by the walks to its model and by the constants of the"
        " operators on the way."
    ),
    expression=sp.Sum(H[j, k] * (epsilon[k] + mixture_bias[k]), (k, 1, j)),
    hypotheses=(
        Hypothesis(
            "one-step errors",
            "every model k <= j is within epsilon_k in TV of the mixture it was trained on, samples"
            " of earlier models past their operators",
        ),
        _OPERATOR,
    ),
    source=proved_here("by the triangle inequality, as error-propagation"),
    constants=Constants.GIVEN,
    tight=Tightness.TIGHT,
    quantities=quantities,
    proof=Proof(_steps),
    **_COMMON,
)

_FULL = Bound(
    name="operator-full-synthetic",
    title="Full synthetic data past an operator",
    statement="Errors grow by the operator's constant in every generation, and its bias is added.",
    expression=one_step_rate * sp.Sum(Lambda ** (k - 1), (k, 1, j))
    + operator_bias * sp.Sum(Lambda ** (k - 1), (k, 1, j - 1)),
    hypotheses=(of_cycle(FullSynthetic), FRESH, RATE, _OPERATOR),
    source=proved_here("from operator-fresh-real, share 0"),
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
    proof=Proof(lambda: _steps_of_full()),
    **_COMMON,
)


def _steps_of_full() -> tuple[Step, ...]:
    return (
        Step(
            "The recursion of a fresh real share holds for the share 0 as well.",
            _FULL.expression,
            ("operator-fresh-real", *(h.name for h in _FULL.hypotheses)),
            identity(
                lambda: (
                    _FULL.expression.subs(j, 4).doit() - _FRESH.expression.subs({a: 0, j: 4}).doit()
                ),
                lambda: (
                    _FULL.expression.subs(j, 4).doit() - _FRESH.expression.subs({a: 0, j: 5}).doit()
                ),
            ),
        ),
    )


_FRESH = Bound(
    name="operator-fresh-real",
    title="Fresh real share past an operator",
    statement=(
        "With a fresh real share a, errors grow by (1 - a) Lambda in every generation, and the"
        " operator's bias is added for the synthetic part."
    ),
    expression=one_step_rate * _first
    + (1 - a) * operator_bias * sp.Sum(_keep ** (k - 1), (k, 1, j - 1)),
    hypotheses=_FRESH_HYPOTHESES,
    source=proved_here("from operator-recursion"),
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
    proof=Proof(_steps_of_fresh),
    **_COMMON,
)

_LIMIT = Bound(
    name="operator-limit",
    title="Fresh real share past an operator, all generations",
    statement="If v = (1 - a) Lambda < 1, all generations have one bound.",
    expression=_LIMIT_VALUE,
    quantities=retained,
    hypotheses=(*_FRESH_HYPOTHESES, _STABLE),
    source=proved_here("from operator-fresh-real"),
    constants=Constants.FREE,
    tight=Tightness.UNKNOWN,
    proof=Proof(_steps_of_limit),
    **_COMMON,
)

_THRESHOLD_HYPOTHESES = (of_cycle(FreshReal), _OPERATOR)
_THRESHOLD = Bound(
    name="operator-stability",
    title="Real share that pays for an operator",
    statement=(
        "With a share of fresh real data above 1 - 1/Lambda the bound of a loop with an operator of"
        " constant Lambda > 1 stays finite; below it does not."
    ),
    expression=1 - 1 / sp.Max(1, Lambda),
    hypotheses=_THRESHOLD_HYPOTHESES,
    source=proved_here("from operator-limit"),
    side=Side.EXACT,
    statistic=Statistic.EVERY_LOOP,
    constants=Constants.GIVEN,
    quantity=REAL_SHARE,
    tight=Tightness.TIGHT,
    between=True,
    proof=Proof(_steps_of_threshold),
)

BOUNDS = (_RECURSION, _FULL, _FRESH, _LIMIT, _THRESHOLD)
