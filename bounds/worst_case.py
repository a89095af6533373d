r"""Laws that attain the error-propagation bound exactly, in rational arithmetic.

.. math:: p_j = \tilde p_{j-1} + \epsilon_j (\delta_B - \delta_A)
   \quad\Longrightarrow\quad \mathrm{TV}(p_j, p_0) = (G \epsilon)_j .

Every training error moves mass from the same point A to the same point B, so no two errors cancel.

Derived: the last step of the proof of the entry ``error-propagation``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from bounds.cycles import DataCycle
from bounds.errors import ParameterError

__all__ = ["Law", "WorstCase", "aligned_errors", "total_variation"]

Law = tuple[Fraction, ...]

_CERTAIN_A: Law = (Fraction(1), Fraction(0))


@dataclass(frozen=True)
class WorstCase:
    """Laws on a finite alphabet and their exact distances to the real law.

    Args:
        laws: ``laws[0]`` is the real law, ``laws[j]`` model j; letter 0 is A, the last one B.
        distances: ``distances[j-1]`` is TV between model j and the real law.
    """

    laws: tuple[Law, ...]
    distances: tuple[Fraction, ...]


def total_variation(p: Law, q: Law) -> Fraction:
    """Return half the sum of ``|p - q|``."""
    return sum((abs(u - v) for u, v in zip(p, q, strict=True)), Fraction(0)) / 2


def aligned_errors(
    cycle: DataCycle, errors: Sequence[Any], real: Sequence[Any] = _CERTAIN_A
) -> WorstCase:
    """Build models whose training errors all move mass from A to B.

    Args:
        cycle: a data cycle with numeric weights; floats are taken as the fractions they are.
        errors: TV between model j and its training mixture, j = 1, 2, ..., each >= 0; a float is
            taken as the fraction it is, text such as ``"1/10"`` exactly.
        real: the real law, letter 0 being A and the last letter B.

    Raises:
        ParameterError: an error is negative or so large that A's mass would become negative.
    """
    laws = [_law(real)]
    for j, error in enumerate(map(Fraction, errors), start=1):
        mixture = _mixture(cycle, laws)
        if not 0 <= error <= mixture[0]:
            raise ParameterError(
                f"errors[{j - 1}] = {error}: must be in [0, {mixture[0]}], the mass left at A"
            )
        laws.append((mixture[0] - error, *mixture[1:-1], mixture[-1] + error))
    distances = tuple(total_variation(law, laws[0]) for law in laws[1:])
    return WorstCase(tuple(laws), distances)


def _law(real: Sequence[Any]) -> Law:
    law = tuple(map(Fraction, real))
    if len(law) < 2 or min(law) < 0 or sum(law) != 1:
        raise ParameterError(
            f"real = {[str(p) for p in law]}: must be two or more probabilities with sum 1"
        )
    return law


def _mixture(cycle: DataCycle, laws: Sequence[Law]) -> Law:
    learned = [Fraction(w) for w in cycle.weights(len(laws))[1:]]
    # Float weights add to one only up to rounding; the real share takes up the rest exactly.
    weights = [1 - sum(learned, Fraction(0)), *learned]
    return tuple(
        sum((w * p for w, p in zip(weights, column, strict=True)), Fraction(0))
        for column in zip(*laws, strict=True)
    )
