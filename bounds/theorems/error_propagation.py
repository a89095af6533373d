"""Error propagation: one-step errors, weighted by the chance of descending from their model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import sympy as sp

from bounds.bound import Bound, Constants, Hypothesis, Side, Statistic, Tightness
from bounds.checks import Law, exact, identity, over_laws
from bounds.cycle_words import cycle_of
from bounds.cycles import DataCycle, FreshReal, FullSynthetic, custom
from bounds.notation import G, epsilon, j, k
from bounds.proof import Proof, Step
from bounds.propagation import influence, influence_symbolic, paper_errors
from bounds.theorems._paper_form import proved_here
from bounds.worst_case import aligned_errors, total_variation

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


_HALF = Fraction(1, 2)
_ERRORS = (_HALF, Fraction(1, 4), Fraction(1, 4))
"""With full synthetic data their sum is one, the most that a distance can be."""
_CYCLES = (
    FullSynthetic(n=1),
    FreshReal(n=1, share=Fraction(1, 3)),
    custom(rows=[[1], [_HALF, _HALF], [Fraction(1, 4), 0, Fraction(3, 4)]], n=1),
)
_W = sp.Matrix(4, 4, lambda i, m: sp.Symbol(f"w_{i}{m}") if m < i else 0)
_POWERS = _W**0 + _W + _W**2 + _W**3
_LEFT = (sp.eye(4) - _W) * sp.Matrix(sp.symbols("D_1:5"))


def _mixed(p: Law, q: Law) -> Law:
    return tuple((u + 2 * v) / 3 for u, v in zip(p, q, strict=True))


def _visits(path_sum: Any) -> bool:
    """Whether sums over all chains of ancestors from model 4 to model k give the row of G."""
    row = _POWERS[3, :]
    return all(sp.expand(path_sum(m) - row[m]) == 0 for m in range(4))


def _chains(m: int) -> sp.Expr:
    """Probability of every way from model 4 down to model ``m + 1``, added up."""
    ways = [c for size in range(4) for c in combinations(range(m + 1, 3), size)]
    steps = [list(zip((*reversed(c), m), (3, *reversed(c)), strict=True)) for c in ways]
    return sp.Integer(1) if m == 3 else sum(sp.prod(_W[i, k] for k, i in pairs) for pairs in steps)


def _is_attained(row: Callable[[DataCycle], Iterable[Any]]) -> bool:
    """Whether aligned errors, weighted by ``row``, add up to the distance of model 3."""
    sums = [sum(g * e for g, e in zip(row(c), _ERRORS, strict=True)) for c in _CYCLES]
    found = [aligned_errors(cycle, _ERRORS).distances[2] for cycle in _CYCLES]
    return [sp.Rational(str(f)) for f in found] == sums


def _influence_on_third(cycle: DataCycle) -> Iterable[Any]:
    return list(influence_symbolic(cycle, 3)[2, :])


def _parents_of_third(cycle: DataCycle) -> Iterable[Any]:
    """The weights of model 3's training mixture alone, without earlier ancestors."""
    return [*cycle.weights(3)[1:], 1]


def _steps() -> tuple[Step, ...]:
    return (
        Step(
            "Go through the training mixture.",
            r"D_j := \mathrm{TV}(p_j, p_0) \le \mathrm{TV}(p_j, \tilde p_{j-1})"
            r" + \mathrm{TV}(\tilde p_{j-1}, p_0) \le \epsilon_j"
            r" + \mathrm{TV}(\tilde p_{j-1}, p_0)",
            ("definition of the loop", "one-step errors", "triangle inequality"),
            over_laws(
                lambda p, q, r: (
                    total_variation(p, r) <= total_variation(p, q) + total_variation(q, r)
                ),
                lambda p, q, r: (
                    2 * total_variation(p, r) <= total_variation(p, q) + total_variation(q, r)
                ),
                lambda p, q, r: (
                    total_variation(p, r) >= total_variation(p, q) + total_variation(q, r)
                ),
                count=3,
            ),
        ),
        Step(
            "The mixture is as far from the real law as its parts are on average, at most; the real"
            " part adds nothing.",
            r"\mathrm{TV}(\tilde p_{j-1}, p_0) \le \sum_{k=1}^{j-1} w_{j-1,k} D_k",
            ("definition of the loop", "convexity of TV"),
            over_laws(
                lambda p, q, r: (
                    3 * total_variation(_mixed(p, q), r)
                    <= total_variation(p, r) + 2 * total_variation(q, r)
                ),
                lambda p, q, r: (
                    3 * total_variation(_mixed(p, q), r)
                    <= 2 * total_variation(p, r) + total_variation(q, r)
                ),
                count=3,
            ),
        ),
        Step(
            "For N models W is strictly lower triangular, so its N-th power vanishes: the powers"
            " before it, none with a negative entry, add up to the inverse of I - W, and to a lower"
            " triangular one. Checked with symbols for N = 4.",
            r"(I - W) \sum_{l < N} W^l = I - W^N = I \Rightarrow G = (I - W)^{-1} ="
            r" \sum_{l < N} W^l \ge 0",
            check=identity(
                (sp.eye(4) - _W) * _POWERS - sp.eye(4),
                (sp.eye(4) - _W) * (_POWERS - _W**3) - sp.eye(4),
                (sp.eye(4) + _W) * _POWERS - sp.eye(4),
            ),
        ),
        Step(
            "Steps 1 and 2 say (I - W) D <= eps entrywise; multiplying by G, which has no negative"
            " entry, keeps the inequality and leaves D on the left.",
            r"D = G (I - W) D \le G \epsilon, \qquad D_j \le \sum_{k=1}^{j} G_{jk} \epsilon_k",
            check=identity(
                _POWERS * _LEFT - sp.Matrix(sp.symbols("D_1:5")),
                _POWERS.T * _LEFT - sp.Matrix(sp.symbols("D_1:5")),
            ),
        ),
        Step(
            "A walk that goes from model j to k with probability w_{j-1,k} and stops at real data"
            " goes down, so it comes to k < j at most once and along one chain of ancestors. The"
            " powers of W add up the probabilities of all chains: G_jk is that of a visit; G_jj is"
            " 1, that of the start.",
            r"G_{jk} = \sum_{j > i_1 > \dots > i_r > k,\ r \ge 0} w_{j-1,i_1} w_{i_1-1,i_2} \cdots"
            r" w_{i_r-1,k} \in [0, 1]",
            check=exact(
                _visits,
                _chains,
                lambda m: _W[3, m] + int(m == 3),
                cases="all chains of 4 models with symbols for weights",
            ),
        ),
        Step(
            "Equality holds when every training error moves mass from one point A to one point B:"
            " no two errors cancel, and the moved masses solve the equation of G eps. If all real"
            " mass is at A, model j's mixture has 1 - (G eps)_j + eps_j there, which is enough as"
            " long as the bound is at most 1 in all generations up to j.",
            r"p_0 = \delta_A,\ p_j = \tilde p_{j-1} + \epsilon_j (\delta_B - \delta_A) \Rightarrow"
            r" p_j - p_0 = D_j (\delta_B - \delta_A),\ D = W D + \epsilon = G \epsilon",
            check=exact(
                _is_attained,
                _influence_on_third,
                _parents_of_third,
                cases="three cycles on two letters, one up to distance 1",
            ),
        ),
    )


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
    source=proved_here(
        "by the triangle inequality",
        "the form of the main theorem of Fu et al., ICML 2024",
        "fu2024",
    ),
    side=Side.UPPER,
    statistic=Statistic.EVERY_RUN,
    constants=Constants.GIVEN,
    tight=Tightness.TIGHT,
    quantities=quantities,
    proof=Proof(_steps),
)
r"""Tight: :mod:`bounds.worst_case` attains it for every data cycle.

.. math:: \mathrm{TV}(p_j, p_0) \le \sum_{k=1}^{j} G_{jk} \epsilon_k, \qquad G = (I - W)^{-1}.

Derived: the proof above.
"""
