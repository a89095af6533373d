r"""Discrete estimation from contaminated samples: what a point of known real share is worth.

.. math:: \frac{c_1}{\sum_k n_k \alpha_k^2} \le r_j \le \frac{c_2}{\sum_k n_k \alpha_k^2},

where generation k gives ``n_k`` points of which a known share ``alpha_k`` is real, unmarked: a
point counts ``alpha^2``, against ``alpha`` if it were marked. The upper constant is 3 under their
condition (8); both are free here.

Source: Kanabar and Gastpar, 2025 (reconstructed; most regimes).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Source, Statistic
from bounds.notation import C, j, k, real_shares, size
from bounds.proof import Proof
from bounds.source import Evidence
from bounds.theorems._quantities import MINIMAX_ERROR

__all__ = ["BOUNDS"]

_COMMON: dict[str, Any] = {
    "hypotheses": (
        Hypothesis("known shares", "the share of real points in every generation is known"),
        Hypothesis("unmarked points", "no point says whether it is real"),
        Hypothesis(
            "a regime of the paper",
            "sizes and shares are in a regime that the paper covers; it is none if the sum of"
            " n alpha^2 is so small that the bounds exceed the largest error",
        ),
    ),
    "source": Source(
        "Kanabar and Gastpar, 2025",
        "minimax bounds",
        Evidence.RECONSTRUCTED,
        "in most regimes; the upper constant is 3 under their condition (8)",
        ("kanabar2025",),
    ),
    "statistic": Statistic.EVERY_LOOP,
    "constants": Constants.FREE,
    "quantity": MINIMAX_ERROR,
    "proof": Proof(
        tuple,
        "Proved: nothing here. Believed: both sides, in most regimes, from the paper's statement of"
        " its minimax bounds.",
    ),
    "expression": C / sp.Sum(size[k] * real_shares[k] ** 2, (k, 1, j)),
}

BOUNDS = (
    Bound(
        name="kanabar-gastpar",
        title="Effective sample size from above",
        statement="The best estimate's squared error is at most this, a point worth alpha^2.",
        side=Side.UPPER,
        **_COMMON,
    ),
    Bound(
        name="kanabar-gastpar-lower",
        title="Effective sample size from below",
        statement="No estimate's squared error is below this for all laws, a point worth alpha^2.",
        side=Side.LOWER,
        **_COMMON,
    ),
)
