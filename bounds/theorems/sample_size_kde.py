r"""Points per generation that a loop of kernel density estimates needs at the best bandwidth.

Adding one-step errors gives, for full synthetic data at generation j,

.. math:: j \min_h \Bigl[c_b h^\beta + c_s n^{-1/2} h^{-d/2}\Bigr] \le \varepsilon
          \quad\Longrightarrow\quad n \sim j^{(2\beta + d)/\beta} \cdot \varepsilon^{-\dots};

adding variances instead, as independent errors do, at a common bandwidth and ``beta = 2``,

.. math:: \min_h \Bigl[j c_b h^2 + c_s \sqrt{S_d(j)}\, n^{-1/2} h^{-d/2}\Bigr] \le \varepsilon,
          \qquad S_d(j) = \sum_{k \le j} k^{-d/2} .

On the line the first asks for ``n ~ j^{5/2}``, the second for ``n ~ j``.

Derived: the proofs below; the minima and their solution for ``n`` are derived here. The
second is a prediction: its noise constant drifts with the width of the generated laws.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic
from bounds.checks import identity
from bounds.cycles import FullSynthetic
from bounds.notation import beta, d, h, j, k, n, varepsilon
from bounds.proof import Proof, Step
from bounds.statement import Evidence, Source
from bounds.theorems._kde import FIXED_BANDWIDTH, INDEPENDENT, KERNEL
from bounds.theorems._paper_form import of_cycle, proved_here
from bounds.theorems._powers import least_of_two_powers, log_ratio, root_of_power
from bounds.theorems._quantities import REQUIRED_POINTS
from bounds.theorems.kde_bandwidth import ERROR_TERMS, RATE

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "hypotheses": (
        of_cycle(FullSynthetic),
        KERNEL,
        FIXED_BANDWIDTH,
        INDEPENDENT,
        Hypothesis(
            "two terms",
            "every generation has bias at most c_b h^beta at the real law and noise at most"
            " c_s n^-1/2 h^-d/2",
        ),
        Hypothesis(
            "best bandwidth", "every generation has the bandwidth at which the sum is least"
        ),
    ),
    "statistic": Statistic.EVERY_LOOP,
    "constants": Constants.GIVEN,
    "quantity": REQUIRED_POINTS,
}

_bias, _noise = (term.subs(beta, 2) for term in ERROR_TERMS)
_spread = sp.Sum(k ** (-d / 2), (k, 1, j))
_, _loop_error = least_of_two_powers(j * _bias, sp.sqrt(_spread) * _noise, h)

_NAMES = ("data cycle", KERNEL.name, FIXED_BANDWIDTH.name, INDEPENDENT.name, "two terms")


def _at_the_target(error: sp.Expr, needed: sp.Expr) -> Step:
    return Step(
        "The error is a negative power of n times a number, so it falls in n and is at the target"
        " at this number of points.",
        needed,
        check=identity(
            log_ratio(error.subs(n, needed), varepsilon),
            log_ratio(error.subs(n, 2 * needed), varepsilon),
            log_ratio(error.subs(n, needed**2), varepsilon),
        ),
    )


def _steps_added() -> tuple[Step, ...]:
    return (
        Step(
            "With full synthetic data every generation's error reaches the last one whole: the"
            " bound is j times one step's.",
            r"\mathbb{E}\,\mathrm{TV}(p_j, p_0) \le j (c_b h^\beta + c_s n^{-1/2} h^{-d/2})",
            ("kde-recursion", *_NAMES),
        ),
        Step(
            "The best bandwidth makes one step's error least.",
            j * RATE,
            ("kde-best-error-smooth", "best bandwidth"),
        ),
        _at_the_target(j * RATE, _ADDED.expression),
    )


def _steps_of_variances() -> tuple[Step, ...]:
    rising, falling = j * _bias, sp.sqrt(_spread) * _noise
    level = sp.Symbol("S_d", positive=True)
    best, least = least_of_two_powers(j * _bias, sp.sqrt(level) * _noise, h)
    return (
        Step(
            "Biases of j generations add up; variances do too, the kernel of generation k being"
            " smoothed by the j - k that follow.",
            rising + falling,
            ("kde-sandwich", *_NAMES),
        ),
        Step(
            "The sum is least at one bandwidth.",
            _loop_error,
            ("kde-bandwidth", "best bandwidth"),
            identity(
                log_ratio((1 + 4 / d) * j * _bias.subs(h, best), least),
                log_ratio((1 + 2 / d) * j * _bias.subs(h, best), least),
                log_ratio((1 + 4 / d) * j * _bias.subs(h, 2 * best), least),
            ),
        ),
        _at_the_target(least, root_of_power(least, n, varepsilon)),
    )


_ADDED = Bound(
    name="sample-size-kde",
    title="Sample size, KDE errors added up",
    statement="This many points per generation keep the sum of all one-step errors at the target.",
    expression=root_of_power(j * RATE, n, varepsilon),
    source=proved_here("from kde-recursion and kde-best-error-smooth"),
    side=Side.UPPER,
    proof=Proof(_steps_added),
    **_COMMON,
)

_VARIANCES = Bound(
    name="sample-size-kde-independent",
    title="Sample size, KDE variances added up",
    statement=(
        "If the errors of the generations are independent, about this many points per generation"
        " keep the mean distance at the target."
    ),
    expression=root_of_power(_loop_error, n, varepsilon),
    source=Source(
        "This catalogue",
        "after kde-sandwich",
        Evidence.HEURISTIC,
        "orders as in the sandwich; one noise constant for all generations",
        ("project",),
    ),
    side=Side.PREDICTION,
    proof=Proof(
        _steps_of_variances,
        "Proved: where the two powers are least and their solution for n. Believed: that bias and"
        " variance of a loop have these orders with one noise constant for all generations.",
    ),
    **_COMMON,
)

BOUNDS = (_ADDED, _VARIANCES)
