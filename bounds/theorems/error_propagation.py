"""Error propagation: one-step errors, weighted by the chance of descending from their model."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.cycle_words import cycle_of
from bounds.cycles import DataCycle
from bounds.notation import G, epsilon, j, k
from bounds.propagation import influence, paper_errors
from bounds.theorems._paper_form import from_the_notes

__all__ = ["BOUND", "quantities"]


def quantities(
    *,
    cycle: DataCycle | str,
    generation: Any,
    gamma: Any,
    constant: Any,
    n: int | None = None,
    share: float | None = None,
    lam: float | None = None,
) -> dict[str, Any]:
    r"""Return the row :math:`G_{j,\cdot}` of a data cycle and the rate :math:`C n_k^{-\gamma}`.

    Args:
        cycle: a data cycle, or the name of one with its parameters in ``n``, ``share``, ``lam``.
        generation: the model j, an integer or an array of integers.
        gamma: exponent of the one-step rate.
        constant: its constant; free, unless the caller knows it.
        n: points per generation, where ``cycle`` is a name.
        share: share of real points, likewise.
        lam: synthetic points per real point, likewise.
    """
    known = cycle_of(cycle, n=n, share=share, lam=lam)
    last = int(np.max(generation))
    return {
        "influence": influence(known, last)[np.asarray(generation) - 1],
        "one_step_error": paper_errors(known, last, constant, gamma),
    }


BOUND = Bound(
    name="error-propagation",
    title="Error propagation",
    statement=(
        "The distance of a generation to real data is at most the sum of all one-step errors, each"
        " weighted by the probability that a random walk to an ancestor visits its model."
    ),
    expression=sp.Sum(G[j, k] * epsilon[k], (k, 1, j)),
    hypotheses=(
        Hypothesis(
            "one-step errors",
            "every model k <= j is within epsilon_k in TV of the mixture it was trained on",
        ),
    ),
    source=from_the_notes(
        "Theorem 1 (B1)", "the form of the main theorem of Fu et al., ICML 2024", "fu2024"
    ),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.GIVEN,
    tight=Tightness.TIGHT,
    quantities=quantities,
)
r"""Tight: :mod:`bounds.worst_case` attains it for every data cycle.

.. math:: \mathrm{TV}(p_j, p_0) \le \sum_{k=1}^{j} G_{jk} \epsilon_k, \qquad G = (I - W)^{-1}.

Derived: Theorem 1 of the project's theory notes (B1).
"""
