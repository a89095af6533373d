"""Phase transition in the amount of synthetic data, as in the paper: a rise, a fall to zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.cycles import DataCycle, RealPlusSynthetic
from bounds.functions import GeometricDepth
from bounds.notation import gamma, j, lam
from bounds.theorems._ascent import lam_of_root, leading, log_mean_power, peak_inputs
from bounds.theorems._paper_form import FRESH, RATE, WHOLE, from_the_paper, of_cycle, one_step_rate

__all__ = ["BOUND", "peak", "peak_asymptote"]


def _is_granted_real_points(cycle: DataCycle) -> bool:
    return isinstance(cycle, RealPlusSynthetic) and not cycle.real_start


BOUND = Bound(
    name="phase-transition",
    title="Phase transition",
    statement=(
        "With n real and lambda n synthetic points in every generation, the bound first rises and"
        " then falls in lambda; generation 1 is granted (1 + lambda) n real points."
    ),
    expression=one_step_rate * (1 + lam) ** -gamma * GeometricDepth(1 / (1 + lam), j),
    hypotheses=(
        of_cycle(RealPlusSynthetic),
        Hypothesis(
            "size of generation 1",
            "generation 1 is trained on (1 + lambda) n real points (real_start = False)",
            _is_granted_real_points,
        ),
        WHOLE,
        FRESH,
        RATE,
    ),
    source=from_the_paper("phase transition of the bound", "B2"),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.FREE,
    tight=Tightness.TIGHT,
)
r"""The fall to zero comes from the real points granted to generation 1.

.. math:: \mathrm{TV}(p_j, p_0) \le C n^{-\gamma} g_j(u), \quad
   g_j(u) = (1-u)^{\gamma-1} (1 - u^j), \quad u = \frac{\lambda}{1+\lambda}.

Source: Fu et al., ICML 2024, phase transition (reconstructed).
Derived: B2 of the project's theory notes.
"""


def peak(generation: Any, gamma: Any) -> float | None:
    r"""Return the ``lambda`` at which the bound is largest; ``None`` where it never rises.

    .. math:: \frac1j \sum_{l=0}^{j-1} u^{-l} = \frac{1}{1-\gamma},
       \qquad u = \frac{\lambda}{1+\lambda}.

    Derived: B2.1 of the project's theory notes; the root is unique for ``j >= 2``.

    Args:
        generation: j >= 1; generation 1 has no ascent.
        gamma: exponent in (0, 1).

    Raises:
        ParameterError: an argument is out of range.
    """
    i, g = peak_inputs(generation, gamma, BOUND.title)
    return None if i == 1 else lam_of_root(lambda t: log_mean_power(i, t) + np.log1p(-g))


def peak_asymptote(generation: Any, gamma: Any) -> float:
    r"""Return ``j/c + b``, which the peak approaches like ``1/j``.

    .. math:: \frac{e^c - 1}{c} = \frac{1}{1-\gamma}, \quad
       b = -\frac12 - \frac{1}{2 (1-\gamma) c F'(c)}, \quad F'(c) = \frac{c e^c - e^c + 1}{c^2}.

    Derived: B2.2 of the project's theory notes.

    Args:
        generation: j >= 1.
        gamma: exponent in (0, 1).
    """
    i, g = peak_inputs(generation, gamma, BOUND.title)
    c = leading(g)
    slope = (c * np.exp(c) - np.expm1(c)) / c**2
    return float(i / c - 1 / 2 - 1 / (2 * (1 - g) * c * slope))
