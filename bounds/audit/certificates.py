"""Proofs as data: each certificate re-verifies itself without what found it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import sympy as sp

from bounds.audit.composition import Direction, direction
from bounds.audit.signs import is_nonnegative
from bounds.identities import advanced, is_zero
from bounds.notation import Notation
from bounds.questions.limits import limit_by_rules

__all__ = [
    "Certificate",
    "Composition",
    "Difference",
    "Identity",
    "LimitOf",
    "Recursion",
    "Rewritten",
    "Sign",
    "Values",
    "advanced",
    "is_zero",
]


class Certificate(Protocol):
    """A proof that can be checked again."""

    @property
    def method(self) -> str:
        """How it proves, in a few words."""

    def check(self) -> bool:
        """Verify the proof anew."""


@dataclass(frozen=True)
class Sign:
    """The expression is nonnegative for all values of its symbols."""

    expression: sp.Expr
    method = "signs of all parts over their ranges"

    def check(self) -> bool:
        """Derive the sign again."""
        return is_nonnegative(self.expression)


@dataclass(frozen=True)
class Composition:
    """The expression rises or falls in one symbol, for all values of the others."""

    expression: sp.Expr
    symbol: Any
    claimed: Direction
    method = "composition of monotone functions"

    def check(self) -> bool:
        """Derive the direction again."""
        return direction(self.expression, self.symbol) is self.claimed


@dataclass(frozen=True)
class Identity:
    """Two expressions are equal for all values of their symbols."""

    left: sp.Expr
    right: sp.Expr
    method = "symbolic identity"

    def check(self) -> bool:
        """Simplify the difference to zero, by as much effort as it takes."""
        return is_zero(self.left - self.right)


@dataclass(frozen=True)
class Rewritten:
    """An equal expression whose composition shows the direction."""

    identity: Identity
    composition: Composition
    method = "symbolic identity, then composition"

    def check(self) -> bool:
        """Check the identity and the composition of its right side."""
        same = self.identity.right == self.composition.expression
        return same and self.identity.check() and self.composition.check()


@dataclass(frozen=True)
class Difference:
    """A step of one in an integer symbol changes the expression by something nonnegative.

    Args:
        expression: in ``symbol``.
        symbol: an integer symbol.
        step: the claimed value of ``expression(symbol + 1) - expression(symbol)``.
    """

    expression: sp.Expr
    symbol: sp.Symbol
    step: sp.Expr
    method = "sign of the forward difference"

    def check(self) -> bool:
        """Check the difference and its sign."""
        change = advanced(self.expression, self.symbol) - self.expression
        return is_zero(change - self.step) and is_nonnegative(self.step)


@dataclass(frozen=True)
class Recursion:
    """A closed form solves its recursion: true for model 1, and passed from each model to the next.

    Args:
        first: the closed form of model 1 equals its one-step error.
        step: the recursion, with closed forms put in, is an identity.
    """

    first: Identity
    step: Identity
    method = "induction: two symbolic identities"

    def check(self) -> bool:
        """Check both identities."""
        return self.first.check() and self.step.check()


@dataclass(frozen=True)
class LimitOf:
    """The limit of an expression in one parameter.

    Args:
        expression: in the parameter's symbol and others, taken inside their ranges.
        entry: the parameter.
        to: where it goes.
        value: the limit.
    """

    expression: sp.Expr
    entry: Notation
    to: sp.Expr
    value: sp.Expr
    method = "leading terms, or continuity at a point"

    def check(self) -> bool:
        """Derive the limit again."""
        return bool(limit_by_rules(self.expression, self.entry, self.to) == self.value)


@dataclass(frozen=True)
class Values:
    """Enclosed values of a bound at two points, the first of which is larger for certain.

    Args:
        bound: the bound.
        larger, smaller: parameters.
    """

    bound: Any
    larger: dict[str, Any]
    smaller: dict[str, Any]
    method = "two enclosed values"

    def check(self) -> bool:
        """Enclose both again."""
        low = self.bound.enclose(**self.larger).lower
        return bool(low > self.bound.enclose(**self.smaller).upper)
