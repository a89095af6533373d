"""Proofs as data: each certificate re-verifies itself without what found it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import sympy as sp

from bounds.calculus.identities import advanced, is_zero
from bounds.calculus.limits import limit_by_rules
from bounds.calculus.monotone import Direction, direction
from bounds.calculus.signs import is_nonnegative
from bounds.notation import Notation, j

__all__ = [
    "All",
    "Certificate",
    "Composition",
    "Difference",
    "Identity",
    "Lemma",
    "Lemmas",
    "LimitOf",
    "Located",
    "Recursion",
    "Rewritten",
    "Sign",
    "recursion",
]


class Certificate(Protocol):
    """A proof that can be checked again."""

    @property
    def method(self) -> str:
        """The method of proof, in a few words."""

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
        """Whether both identities hold."""
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
class All:
    """Several certificates of one kind, for one claim about all of them."""

    parts: tuple[Certificate, ...]

    @property
    def method(self) -> str:
        """The method of its parts, and how many there are."""
        return f"{self.parts[0].method}; {len(self.parts)} cases"

    def check(self) -> bool:
        """Whether every part of the certificate holds."""
        return all(part.check() for part in self.parts)


@dataclass(frozen=True)
class Lemma:
    """A property of one theorem, with its proof.

    Args:
        name: two or three words.
        claim: the property in a sentence.
        certificate: its proof.
        moves: the word and direction it settles, where it settles one.
    """

    name: str
    claim: str
    certificate: Certificate
    moves: tuple[str, Direction] | None = None


class Located(Certificate, Protocol):
    """A proof that a maximiser lies between two values."""

    @property
    def low(self) -> Fraction:
        """The value it lies above."""

    @property
    def high(self) -> Fraction:
        """The value it lies below."""


@dataclass(frozen=True)
class Lemmas:
    """Facts proved about one expression that its structure does not show.

    Args:
        expression: of which they speak; a bound with another expression has none of them.
        write: returns them, from the expression; called when they are first asked for.
        peak: encloses the one maximiser in ``lam`` of a generation and exponent, if there is one.
    """

    expression: sp.Expr
    write: Callable[[sp.Expr], Iterable[Lemma]]
    peak: Callable[[int, Fraction], Located] | None = None


def recursion(
    expression: sp.Expr, first: sp.Expr, step: Callable[[sp.Expr, sp.Expr], sp.Expr]
) -> Lemma:
    """Return the lemma that a closed form solves its recursion.

    Args:
        expression: the closed form of model j.
        first: what it is for model 1.
        step: of it and its successor, vanishes.
    """
    start = expression.subs(j, 1).replace(
        lambda node: isinstance(node, sp.Sum), lambda node: node.doit()
    )
    return Lemma(
        "closed form",
        "the closed form solves the recursion of error propagation for every generation",
        Recursion(
            Identity(start, first),
            Identity(step(expression, advanced(expression, j)), sp.Integer(0)),
        ),
    )
