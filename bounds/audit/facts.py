"""What is known of single theorems beyond their structure: recursions, peaks, special forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import sympy as sp

from bounds.audit import phase
from bounds.audit.certificates import (
    Certificate,
    Composition,
    Difference,
    Identity,
    Recursion,
    Rewritten,
    Sign,
    advanced,
)
from bounds.audit.composition import Direction
from bounds.notation import C, a, gamma, j, lam, n

if TYPE_CHECKING:
    from bounds.bound import Bound

__all__ = ["EXPONENTS", "GENERATIONS", "All", "Fact", "Peak", "facts", "known_direction", "peaked"]

EXPONENTS = tuple(map(Fraction, ("1/5", "1/4", "1/3", "2/5", "1/2")))
GENERATIONS = range(2, 201)

Peak = Callable[[int, Fraction], "phase.Ascent | phase.RealStartAscent"]

_rate = C * n**-gamma
_share = lam / (1 + lam)
_mixed_rate = _rate * (1 + lam) ** -gamma


@dataclass(frozen=True)
class Fact:
    """A property with its proof.

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


@dataclass(frozen=True)
class All:
    """Several certificates of one kind, for one claim about all of them."""

    parts: tuple[Certificate, ...]

    @property
    def method(self) -> str:
        """The method of its parts, and how many there are."""
        return f"{self.parts[0].method}; {len(self.parts)} cases"

    def check(self) -> bool:
        """Check every part."""
        return all(part.check() for part in self.parts)


def facts(bound: Bound) -> tuple[Fact, ...]:
    """Return what is known of ``bound``; nothing if it is not one of the catalogue's."""
    return tuple(_FACTS[bound.name](bound.expression)) if _is_known(bound) else ()


def known_direction(bound: Bound, word: str) -> Direction:
    """Return the direction in ``word`` that a fact settles, if its certificate checks."""
    if _is_known(bound) and word == "generation":
        for fact in facts(bound):
            if fact.moves and fact.moves[0] == word and fact.certificate.check():
                return fact.moves[1]
    return Direction.UNKNOWN


def peaked(bound: Bound) -> Peak | None:
    """Return what encloses the bound's one peak in ``lam``; ``None`` if it is not known to peak."""
    return _PEAKS.get(bound.name) if _is_known(bound) else None


def _is_known(bound: Bound) -> bool:
    from bounds.catalogue import catalogue

    of_catalogue = catalogue().get(bound.name)
    is_same = of_catalogue is not None and of_catalogue.expression == bound.expression
    return is_same and bound.name in _FACTS


def _recursion(
    expression: sp.Expr, first: sp.Expr, step: Callable[[sp.Expr, sp.Expr], sp.Expr]
) -> Fact:
    """The closed form starts with ``first`` and ``step(D_j, D_{j+1})`` vanishes."""
    start = expression.subs(j, 1).replace(
        lambda node: isinstance(node, sp.Sum), lambda node: node.doit()
    )
    following = advanced(expression, j)
    return Fact(
        "closed form",
        "the closed form solves the recursion of error propagation for every generation",
        Recursion(Identity(start, first), Identity(step(expression, following), sp.Integer(0))),
    )


def _full_synthetic(D: sp.Expr) -> Iterator[Fact]:
    yield _recursion(D, _rate, lambda now, following: following - now - _rate)


def _fresh_real(D: sp.Expr) -> Iterator[Fact]:
    yield _recursion(D, _rate, lambda now, following: following - (1 - a) * now - _rate)


def _averaged(error: sp.Expr) -> Callable[[sp.Expr, sp.Expr], sp.Expr]:
    """``D_{j+1} = e_{j+1} + sum_{k<=j} D_k / (j+1)``, its sum removed by the step before."""
    following_error = error.subs(j, j + 1)
    return lambda now, following: (j + 1) * (following - following_error) - j * (now - error) - now


def _balanced(D: sp.Expr) -> Iterator[Fact]:
    yield _recursion(D, _rate, _averaged(_rate))


def _accumulating(D: sp.Expr) -> Iterator[Fact]:
    yield _recursion(D, _rate, _averaged(C * (j * n) ** -gamma))
    step = _rate * (j + 1) ** -gamma * (1 - (j / (j + 1)) ** (1 - gamma))
    yield Fact(
        "monotone in generation",
        "does not fall in generation",
        Difference(D, j, step),
        ("generation", Direction.RISING),
    )


def _phase_transition(D: sp.Expr) -> Iterator[Fact]:
    yield _recursion(D, _mixed_rate, lambda now, following: following - _share * now - _mixed_rate)
    yield Fact(
        "no ascent at first",
        "in generation 1 the bound only falls in lam",
        All(tuple(map(phase.NoAscent, EXPONENTS))),
    )
    yield _one_peak(phase.enclosed_peak)
    yield Fact(
        "peak's asymptote",
        "the peak is j/c + b + O(1/j), c by Lambert's W of branch -1",
        All(tuple(map(phase.asymptote, EXPONENTS))),
    )


def _real_start(D: sp.Expr) -> Iterator[Fact]:
    yield _recursion(D, _rate, lambda now, following: following - _share * now - _mixed_rate)
    ceiling = (1 + lam) ** (1 - gamma)
    form = _rate * (ceiling - (ceiling - 1) * _share ** (j - 1))
    yield Fact(
        "monotone in generation",
        "does not fall in generation",
        Rewritten(Identity(D, form), Composition(form, j, Direction.RISING)),
        ("generation", Direction.RISING),
    )
    above = _rate * (ceiling - 1) * (1 - _share ** (j - 1))
    yield Fact(
        "real-only level",
        "never falls below its value without synthetic points",
        All((Identity(D - _rate, above), Sign(above))),
    )
    yield _one_peak(phase.enclosed_real_start_peak)


def _one_peak(find: Peak) -> Fact:
    cases = [find(i, g) for g in EXPONENTS for i in GENERATIONS]
    shown = ", ".join(map(str, EXPONENTS))
    return Fact(
        "one peak in lam",
        f"rises in lam up to one enclosed peak, then falls, for every generation"
        f" {GENERATIONS[0]}..{GENERATIONS[-1]} and gamma in {{{shown}}}",
        All(tuple(cases)),
    )


_PEAKS: dict[str, Peak] = {
    "phase-transition": phase.enclosed_peak,
    "phase-transition-real-start": phase.enclosed_real_start_peak,
}

_FACTS: dict[str, Callable[[sp.Expr], Iterator[Fact]]] = {
    "full-synthetic": _full_synthetic,
    "fresh-real": _fresh_real,
    "balanced": _balanced,
    "accumulating": _accumulating,
    "phase-transition": _phase_transition,
    "phase-transition-real-start": _real_start,
}
