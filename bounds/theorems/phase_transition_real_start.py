"""Phase transition when generation 1 has only the real points that exist: a rise, and a return."""

from __future__ import annotations

from typing import Any

import numpy as np

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.cycles import DataCycle, RealPlusSynthetic
from bounds.functions import GeometricDepth
from bounds.notation import gamma, j, lam
from bounds.theorems._ascent import (
    lam_of_root,
    leading,
    log_mean_power,
    log_one_minus_exp,
    peak_inputs,
)
from bounds.theorems._paper_form import FRESH, RATE, WHOLE, from_the_notes, of_cycle, one_step_rate

__all__ = ["BOUND", "peak", "peak_asymptote"]


def _starts_from_real_points(cycle: DataCycle) -> bool:
    return isinstance(cycle, RealPlusSynthetic) and cycle.real_start


BOUND = Bound(
    name="phase-transition-real-start",
    title="Phase transition, real start",
    statement=(
        "With n real points in generation 1 and n real and lambda n synthetic points later, the"
        " bound rises in lambda, then returns to its real-only value and never falls below it."
    ),
    expression=one_step_rate
    * ((1 + lam) ** -gamma * GeometricDepth(1 / (1 + lam), j - 1) + (lam / (1 + lam)) ** (j - 1)),
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
    source=from_the_notes("B2.4"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
)
r"""No algorithm's error can fall to zero from a fixed real set, and this bound does not.

.. math:: \mathrm{TV}(p_j, p_0) \le C n^{-\gamma} h_j(u), \quad
   h_j(u) = (1-u)^{\gamma-1} (1 - u^{j-1}) + u^{j-1}, \quad u = \frac{\lambda}{1+\lambda}.

Derived: B2.4 of the project's theory notes.
"""


def peak(generation: Any, gamma: Any) -> float | None:
    r"""Return the ``lambda`` at which the bound is largest; ``None`` where it never rises.

    .. math:: \frac{1-\gamma}{j-1} \sum_{l=0}^{j-2} u^{-l} = 1 - (1-u)^{1-\gamma},
       \qquad u = \frac{\lambda}{1+\lambda}.

    Derived: B2.4 of the project's theory notes; the root is unique for ``j >= 2``.

    Args:
        generation: j >= 1; generation 1 does not depend on ``lambda``.
        gamma: exponent in (0, 1).

    Raises:
        ParameterError: an argument is out of range.
    """
    i, g = peak_inputs(generation, gamma, BOUND.title)

    def log_ratio(t: float) -> float:
        right = -np.expm1((1 - g) * log_one_minus_exp(t))
        return float(np.log1p(-g) + log_mean_power(i - 1, t) - np.log(right))

    return None if i == 1 else lam_of_root(log_ratio)


def peak_asymptote(generation: Any, gamma: Any) -> float:
    r"""Return ``j/c``, the peak's leading term; the next one grows like :math:`j^\gamma`.

    Derived: B2.4 of the project's theory notes.

    Args:
        generation: j >= 1.
        gamma: exponent in (0, 1).
    """
    i, g = peak_inputs(generation, gamma, BOUND.title)
    return i / leading(g)
