r"""Propagation of one-step errors to later generations: the influence matrix of a data cycle.

Model ``j``'s distance to real data is at most its own training error plus the weighted distances
of the models it learns from, so the bounds solve a unit lower triangular system:

.. math:: D \le (I - W)^{-1} \epsilon = G \epsilon, \qquad W_{jk} = w_{j-1,k}, \quad 1 \le k < j.

Derived: the proof of the entry ``error-propagation``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from bounds import notation
from bounds.cycles import DataCycle
from bounds.errors import ParameterError, refuse_other
from bounds.notation import NOTATION
from bounds.values import FloatArray

__all__ = [
    "depths",
    "influence",
    "influence_symbolic",
    "mixture_biases",
    "operator_influence",
    "paper_errors",
    "propagate",
    "unroll",
]

_TITLE = "Error propagation"
_CYCLE = "a data cycle, such as cycles.balanced(n=100)"
_MOST_GENERATIONS = 10_000


def influence(cycle: DataCycle, generations: int) -> FloatArray:
    r"""Return :math:`G = (I-W)^{-1}`: which share of model k's training error reaches model j.

    ``G[j-1, k-1]`` is the probability that a walk from model j to a random ancestor, then to an
    ancestor of that, and so on, visits model k.

    Args:
        cycle: a data cycle with numeric weights.
        generations: number N of models, >= 1.

    Returns:
        Shape (N, N), lower triangular, entries in [0, 1], ones on the diagonal.

    Raises:
        ParameterError: symbolic weights, or more generations than the cycle has.
    """
    W = _learned(cycle, _count(generations))
    G = np.eye(len(W))
    for j in range(1, len(W)):
        G[j, :j] = W[j, :j] @ G[:j, :j]
    return np.minimum(G, 1.0)


def operator_influence(cycle: DataCycle, constants: Any, generations: int) -> FloatArray:
    r"""Return :math:`(I - W \Lambda)^{-1}`: how one-step errors reach models past operators.

    Args:
        cycle: a data cycle with numeric weights.
        constants: :math:`\Lambda_k \ge 0` of what the samples of model k pass, one for all or one
            for each model.
        generations: number N of models, >= 1.

    Returns:
        Shape (N, N), lower triangular, ones on the diagonal; entries may exceed one.

    Raises:
        ParameterError: symbolic weights, too many generations, or a constant that is negative.
    """
    W = _learned(cycle, _count(generations))
    given = NOTATION["operator_constant"].expect(constants, _TITLE)
    passed = W * np.broadcast_to(given, len(W))
    H = np.eye(len(W))
    for j in range(1, len(W)):
        H[j, :j] = passed[j, :j] @ H[:j, :j]
    return H


def mixture_biases(cycle: DataCycle, biases: Any, generations: int) -> FloatArray:
    r"""Return :math:`\sum_{k \ge 1} w_{j-1,k} \beta_k` for models 1 to N.

    Args:
        cycle: a data cycle with numeric weights.
        biases: :math:`\beta_k` in [0, 1], one for all or one for each model.
        generations: number N of models, >= 1.
    """
    W = _learned(cycle, _count(generations))
    given = NOTATION["operator_bias"].expect(biases, _TITLE)
    return np.asarray(W @ np.broadcast_to(given, len(W)))


def influence_symbolic(cycle: DataCycle, generations: int) -> sp.Matrix:
    """Return ``G`` exactly: rational numbers, or expressions in the cycle's symbols.

    Args:
        cycle: a data cycle; float weights are taken as the binary fractions they are.
        generations: number N of models, >= 1.
    """
    refuse_other("cycle", cycle, DataCycle, _CYCLE)
    count = _count(generations)
    G = sp.eye(count)
    for j in range(2, count + 1):
        weights = [_exact(w) for w in cycle.weights(j)[1:]]
        for k in range(1, j):
            G[j - 1, k - 1] = sum(weights[m - 1] * G[m - 1, k - 1] for m in range(k, j))
    return G


def propagate(cycle: DataCycle, errors: Any) -> FloatArray:
    r"""Return the bounds :math:`D_j \le \sum_{k \le j} G_{jk} \epsilon_k` of all generations.

    Args:
        cycle: a data cycle with numeric weights.
        errors: one-step errors :math:`\epsilon_1, ..., \epsilon_N >= 0` on the last axis.

    Returns:
        The same shape as ``errors``; entry ``j-1`` of the last axis bounds model j.

    Raises:
        ParameterError: no axis of generations, or an entry that is negative or no number.
    """
    epsilon = NOTATION["one_step_error"].expect(errors, _TITLE)
    if not epsilon.ndim or not epsilon.shape[-1]:
        raise ParameterError(f"errors = {errors}: must have one entry per generation")
    return np.asarray(epsilon @ influence(cycle, epsilon.shape[-1]).T)


def depths(cycle: DataCycle, generations: int) -> FloatArray:
    """Return ``G 1``: the mean number of models a walk from model j to real data visits.

    With a constant one-step error ``e``, the bound of model j is ``e`` times its depth.
    """
    return np.asarray(influence(cycle, generations).sum(axis=1))


def unroll(cycle: DataCycle, generation: int, error: sp.IndexedBase = notation.epsilon) -> sp.Expr:
    r"""Return :math:`\sum_{k \le j} G_{jk} \epsilon_k` written out, in the cycle's own symbols.

    Args:
        cycle: a data cycle; weights may be SymPy expressions.
        generation: the model j, >= 1.
        error: name of the one-step errors.
    """
    row = influence_symbolic(cycle, generation)[-1, :]
    return sum((g * error[k] for k, g in enumerate(row, start=1)), sp.Integer(0))


def paper_errors(
    cycle: DataCycle, generations: int, constant: Any = 1, gamma: Any = Fraction(1, 4)
) -> FloatArray:
    r"""Return the one-step rate :math:`\epsilon_k = C n_k^{-\gamma}` of models 1 to N.

    Args:
        cycle: a data cycle with numeric sizes.
        generations: number N of models, >= 1.
        constant: C > 0; an array's axes come before the generations.
        gamma: exponent in (0, 1); likewise.
    """
    C = NOTATION["constant"].expect(constant, _TITLE)[..., np.newaxis]
    exponent = NOTATION["gamma"].expect(gamma, _TITLE)[..., np.newaxis]
    return np.asarray(C * _numeric(cycle.sizes, _count(generations)) ** -exponent)


def _learned(cycle: DataCycle, generations: int) -> FloatArray:
    refuse_other("cycle", cycle, DataCycle, _CYCLE)
    if generations > _MOST_GENERATIONS:
        raise ParameterError(
            f"generation = {generations}: the influence matrix is held for at most"
            f" {_MOST_GENERATIONS}; the closed forms have no such limit"
        )
    W = np.zeros((generations, generations))
    W[:, :-1] = _numeric(cycle.weight_matrix, generations)[:, 1:]
    return W


def _numeric(method: Any, generations: int) -> FloatArray:
    try:
        return np.asarray(method(generations), dtype=np.float64)
    except TypeError:
        raise ParameterError(
            f"cycle = {method.__self__!r}: has symbols, numbers are required here; use unroll or"
            " influence_symbolic"
        ) from None


def _count(generations: int) -> int:
    return int(NOTATION["generation"].expect_one(generations, _TITLE))


def _exact(weight: Any) -> sp.Expr:
    if isinstance(weight, sp.Expr):
        return sp.together(weight)
    fraction = Fraction(weight)
    return sp.Rational(fraction.numerator, fraction.denominator)
