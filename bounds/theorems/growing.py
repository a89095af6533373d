"""Full synthetic data in growing amounts: the error stays bounded if sizes grow fast enough."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, log

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import identity, induction
from bounds.cycles import Custom, DataCycle, FullSynthetic
from bounds.notation import C, gamma, j, k, n, q
from bounds.proof import Proof, Step
from bounds.theorems._closed_form import attained, row_check, start
from bounds.theorems._paper_form import FRESH, RATE, one_step_rate, proved_here

__all__ = ["BOUND"]

_ROUNDING = 1e-12


def _learns_from_the_last_model(cycle: DataCycle) -> bool:
    """Whether all weight is on the last model."""
    if not isinstance(cycle, Custom):
        return False
    return all(cycle.weights(i)[-1] == 1 for i in range(1, cycle.generations + 1))


def _grows_like_a_power(cycle: DataCycle) -> bool:
    """Whether some ``q >= 0`` gives every size, as ``n k^q`` or the next integer above it."""
    if not isinstance(cycle, Custom):
        return False
    first, *later = (cycle.size(i) for i in range(1, cycle.generations + 1))
    steepest = min((log(size / first) / log(k) for k, size in enumerate(later, 2)), default=0.0)
    wanted = (first * k**steepest for k in range(2, cycle.generations + 1))
    return steepest >= 0 and all(
        size in (round(value), ceil(value)) and size >= value * (1 - _ROUNDING)
        for size, value in zip(later, wanted, strict=True)
    )


def _steps() -> tuple[Step, ...]:
    D, e = BOUND.expression, one_step_rate
    of_model = e * k ** (-gamma * q)
    return (
        start(of_model),
        Step(
            "All weight is on the last model, so the walk visits every earlier one.",
            r"G_{jk} = 1 \quad (k \le j)",
            ("data cycle",),
            row_check(
                lambda a: FullSynthetic(n=1),
                lambda j, k, a: Fraction(1),
                lambda j, k, a: Fraction(1, k),
            ),
        ),
        Step(
            "Model k has n k^q points or a little more, so its rate, which falls in the size, is at"
            " most C n^(-gamma) k^(-gamma q), and exactly that where n k^q is an integer.",
            r"C n_k^{-\gamma} \le C (n k^q)^{-\gamma} = C n^{-\gamma} k^{-\gamma q}",
            ("data cycle", "growing sizes"),
            identity(C * (n * k**q) ** -gamma - of_model, C * (n * k**q) ** -gamma - e * k**-gamma),
        ),
        Step(
            "The sum solves D_1 = e_1, D_{j+1} = D_j + e_{j+1}.",
            D,
            check=induction(
                D,
                lambda now, then: then - now - of_model.subs(k, j + 1),
                e,
                D + e * (1 - 1 / j),
                e * sp.Sum(k ** (-gamma * q), (k, 1, 2 * j - 1)),
            ),
        ),
        Step(
            "For gamma q > 1 the whole series converges and bounds every generation.",
            r"\sum_{k \le j} k^{-\gamma q} \le \zeta(\gamma q)",
            ("Hurwitz zeta",),
        ),
        attained(),
    )


BOUND = Bound(
    name="full-synthetic-growing",
    title="Full synthetic data, growing",
    statement=(
        "Trained on the last model alone with n k^q points in generation k, the error stays bounded"
        " if q > 1/gamma."
    ),
    expression=one_step_rate * sp.Sum(k ** (-gamma * q), (k, 1, j)),
    hypotheses=(
        Hypothesis(
            "data cycle",
            "the data cycle puts all weight on the last model",
            _learns_from_the_last_model,
        ),
        Hypothesis(
            "growing sizes",
            "generation k has n k^q points, or the next integer above, with q >= 0 for all k",
            _grows_like_a_power,
        ),
        FRESH,
        RATE,
    ),
    source=proved_here("from error-propagation"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
    proof=Proof(_steps),
)
r"""With ``q = 0`` it is the full synthetic bound.

.. math:: \mathrm{TV}(p_j, p_0) \le C n^{-\gamma} \sum_{k \le j} k^{-\gamma q}
          \le C n^{-\gamma} \zeta(\gamma q) \quad\text{if } \gamma q > 1 .

Derived: the proof above.
"""
