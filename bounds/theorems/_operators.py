"""Shared parts of the theorems on operators between generations."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from bounds.bound import Constants, Hypothesis, Side, Statistic
from bounds.checks import Check, Law, over_laws
from bounds.statement import Quantity
from bounds.worst_case import total_variation

__all__ = [
    "BEFORE",
    "OPERATOR_TV",
    "UPPER",
    "at_most",
    "kept_top",
    "tilted",
]

OPERATOR_TV = Quantity("TV(Tp, Tq)", r"\mathrm{TV}\left(T p, T q\right)", maximum=1.0)
BEFORE = Hypothesis("distance", "D is TV(p, q), or a bound on it")
UPPER: dict[str, Any] = {
    "side": Side.UPPER,
    "statistic": Statistic.EVERY_LOOP,
    "constants": Constants.GIVEN,
    "quantity": OPERATOR_TV,
    "between": True,
}
_WEIGHT = (Fraction(3), Fraction(1), Fraction(0))
"""A weight on letters, its supremum first."""

Operator = Callable[[Law], Law | None]
Factor = Callable[[Law, Law], Fraction]


def at_most(operator: Operator, factor: Factor, *wrong: Factor) -> Check:
    """Return the check of ``TV(Tp, Tq) <= factor(p, q) TV(p, q)`` over pairs of laws."""

    def statement(by: Factor) -> Callable[[Law, Law], bool]:
        def holds(p: Law, q: Law) -> bool:
            passed = operator(p), operator(q)
            if passed[0] is None or passed[1] is None:
                return True
            return total_variation(passed[0], passed[1]) <= by(p, q) * total_variation(p, q)

        return holds

    return over_laws(statement(factor), *map(statement, wrong), count=2)


def mean_weight(p: Law) -> Fraction:
    """``E_p h`` of the weight 3, 1, 0 on letters."""
    return sum((m * h for m, h in zip(p, _WEIGHT, strict=False)), Fraction(0))


def tilted(p: Law) -> Law | None:
    """``p h / E_p h``; ``None`` where the weight vanishes on the law."""
    mean = mean_weight(p)
    return tuple(m * h / mean for m, h in zip(p, _WEIGHT, strict=False)) if mean else None


def kept_top(p: Law, share: Fraction) -> Law:
    """The best share of a law, the first letter being the best one."""
    left, out = share, []
    for mass in p:
        out.append(min(mass, left) / share)
        left -= min(mass, left)
    return tuple(out)
