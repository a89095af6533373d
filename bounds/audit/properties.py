"""The audit of one bound: a list of properties, each proved, tested or failing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import sympy as sp

from bounds.audit import tested
from bounds.calculus.certificates import All, Certificate, Composition, LimitOf, Sign
from bounds.calculus.limits import limit_by_rules
from bounds.calculus.monotone import Direction, direction
from bounds.calculus.signs import is_nonnegative
from bounds.enclosure import enclose
from bounds.errors import UserError
from bounds.html import html_table
from bounds.notation import Notation
from bounds.statement import Side, Statement

__all__ = ["Audit", "Property", "Status", "Values", "audit"]


class Status(StrEnum):
    """The evidence for a property."""

    PROVED = "proved"
    TESTED = "tested"
    FAILS = "fails"


@dataclass(frozen=True)
class Values:
    """Enclosed values of a bound at two points, the first of which is larger for certain.

    Args:
        bound: the bound.
        larger, smaller: parameters.
    """

    bound: Statement
    larger: dict[str, Any]
    smaller: dict[str, Any]
    method = "two enclosed values"

    def check(self) -> bool:
        """Compute both enclosures again and compare them."""
        low = enclose(self.bound, self.larger).lower
        return bool(low > enclose(self.bound, self.smaller).upper)


@dataclass(frozen=True)
class Property:
    """A property of a bound.

    Args:
        name: two or three words.
        claim: the property in a phrase.
        status: proved, tested or failing.
        how: the method of the proof, the number of tests, or where it fails.
        certificate: the proof, or two enclosed values that refute the claim.
    """

    name: str
    claim: str
    status: Status
    how: str
    certificate: Certificate | None = None

    def check(self) -> bool:
        """Whether the certificate, if there is one, holds when verified anew."""
        return self.certificate is None or self.certificate.check()


@dataclass(frozen=True)
class Audit:
    """The properties of one bound."""

    bound: str
    properties: tuple[Property, ...]

    def check(self) -> bool:
        """Whether every certificate holds when verified anew."""
        return all(item.check() for item in self.properties)

    def __getitem__(self, name: str) -> Property:
        """Return the property called ``name``."""
        return next(item for item in self.properties if item.name == name)

    def __str__(self) -> str:
        lines = [f"  {p.status}: {p.claim} ({p.how})" for p in self.properties]
        return "\n".join([self.bound, *lines])

    def _repr_html_(self) -> str:
        rows = [(p.claim, p.status, p.how) for p in self.properties]
        return html_table(("property", "status", "how"), rows, self.bound)

    def as_dict(self) -> dict[str, Any]:
        """Return names, claims and statuses, for JSON."""
        rows = [
            {"name": p.name, "claim": p.claim, "status": str(p.status), "how": p.how}
            for p in self.properties
        ]
        return {"bound": self.bound, "properties": rows}


@lru_cache(maxsize=1024)
def audit(bound: Statement) -> Audit:
    """Return every property of ``bound`` that can be named, the proved ones verified.

    Signs and directions are proved by structure, for any bound; what structure does not decide is
    looked up among the theorem's own lemmas, else put to random parameters.
    """
    known = bound.own_lemmas.write(bound.expression) if bound.own_lemmas else ()
    own = {lemma.name: _proved(lemma.name, lemma.claim, lemma.certificate) for lemma in known}
    general = {item.name: item for item in _general(bound, own)}
    return Audit(bound.name, tuple((general | own).values()))


def _general(bound: Statement, own: dict[str, Property]) -> Iterator[Property]:
    may_be_negative = bound.quantity.minimum < 0 or bound.side is Side.LOWER
    if not may_be_negative or is_nonnegative(bound.expression):
        yield _nonnegative(bound)
    for entry in bound.symbols:
        if f"monotone in {entry.word}" not in own and not _is_index(bound, entry):
            yield from _monotone(bound, entry)
    if tested.undefined_case(bound) is None:
        yield from _limits(bound)


def _is_index(bound: Statement, entry: Notation) -> bool:
    """Whether the word chooses the row of a matrix, whose entries then are other numbers."""
    nodes = bound.expression.atoms(sp.Indexed)
    return any(entry.symbol in node.indices[:-1] for node in nodes)


def _proved(name: str, claim: str, certificate: Certificate) -> Property:
    holds = certificate.check()
    status = Status.PROVED if holds else Status.FAILS
    return Property(name, claim, status, certificate.method, certificate)


def _nonnegative(bound: Statement) -> Property:
    name, claim = "nonnegative", "is never below zero"
    nowhere = tested.undefined_case(bound)
    if nowhere is not None:
        return Property(name, claim, Status.FAILS, f"has no value at {_shown(nowhere)}")
    if is_nonnegative(bound.expression):
        return _proved(name, claim, Sign(bound.expression))
    case = tested.negative_case(bound)
    if case is None:
        return Property(name, claim, Status.TESTED, f"{tested.CASES} random parameters")
    return Property(name, claim, Status.FAILS, f"below zero at {_shown(case)}")


def _monotone(bound: Statement, entry: Notation) -> Iterator[Property]:
    name = f"monotone in {entry.word}"
    found = direction(bound.expression, entry.symbol)
    if found in (Direction.RISING, Direction.FALLING):
        proof = Composition(bound.expression, entry.symbol, found)
        yield _proved(name, f"{found.value} {entry.word}", proof)
    elif not (entry.is_sequence or entry.is_function):
        yield _tried(bound, entry, name)


def _tried(bound: Statement, entry: Notation, name: str) -> Property:
    seen = tested.steps(bound, entry)
    if not seen.count:
        return Property(name, f"moves in {entry.word}", Status.FAILS, "no pair of values was found")
    if seen.rise and seen.fall:
        return _both_ways(bound, entry, seen.rise, seen.fall)
    found = Direction.RISING if seen.rise else Direction.FALLING
    if not (seen.rise or seen.fall):
        found = Direction.CONSTANT
    claim = f"{found.value} {entry.word}"
    return Property(name, claim, Status.TESTED, f"{seen.count} random pairs")


def _both_ways(
    bound: Statement, entry: Notation, rise: tested.Change, fall: tested.Change
) -> Property:
    """Refute monotonicity by enclosed values; where a theorem should fall in n, say so."""
    name = f"monotone in {entry.word}"
    up, down = _values(bound, rise.after, rise.before), _values(bound, fall.before, fall.after)
    if _should_fall(bound, entry):
        how = f"rises to {entry.word} = {rise.after[entry.word]} from {_shown(rise.before)}"
        return Property(name, f"does not rise in {entry.word}", Status.FAILS, how, up)
    claim = f"rises somewhere and falls somewhere in {entry.word}"
    if up is None or down is None:
        return Property(name, claim, Status.TESTED, f"both seen among {tested.CASES} pairs")
    return _proved(name, claim, All((up, down)))


def _values(bound: Statement, larger: dict[str, Any], smaller: dict[str, Any]) -> Values | None:
    proof = Values(bound, larger, smaller)
    try:
        return proof if proof.check() else None
    except UserError:
        return None


def _should_fall(bound: Statement, entry: Notation) -> bool:
    is_distance = bound.quantity.maximum == 1 and bound.side is Side.UPPER
    return is_distance and entry.word in ("n", "share")


_LIMITS = {
    "n": (sp.oo,),
    "generation": (sp.oo,),
    "share": (sp.Integer(0),),
    "lam": (sp.Integer(0), sp.oo),
}


def _limits(bound: Statement) -> Iterator[Property]:
    for entry in bound.symbols:
        for to in _LIMITS.get(entry.word, ()):
            value = limit_by_rules(bound.expression, entry, to)
            if value is not None:
                proof = LimitOf(bound.expression, entry, to, value)
                yield _proved(f"limit {entry.word} -> {to}", f"tends to {_text(value)}", proof)


def _text(value: sp.Expr) -> str:
    return "infinity" if value is sp.oo else str(value)


def _shown(params: dict[str, Any]) -> str:
    return ", ".join(f"{word} = {value}" for word, value in params.items())
