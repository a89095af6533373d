"""Claims, one file each; a new file with a ``CLAIM`` in it is a new claim.

Claims are imported when they are first asked for: their names and sentences are read without that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import bounds
from bounds.discovery import modules_of, texts_of
from bounds.errors import UnknownNameError, no_such
from bounds.made_once import made_once

if TYPE_CHECKING:
    from verify.claim import Claim

__all__ = ["check_names", "claims", "select", "sentences"]


@cache
def claims() -> MappingProxyType[str, Claim]:
    """Every claim under its name; the mapping cannot be changed."""
    found = modules_of("verify.claims")
    return MappingProxyType({module.CLAIM.name: module.CLAIM for module in found})


@cache
def sentences() -> MappingProxyType[str, str]:
    """The sentence of every claim, by its name, as their files tell without being run."""
    return MappingProxyType(dict(texts_of("verify.claims", "CLAIM", "name", "sentence")))  # type: ignore[arg-type]


def select(names: tuple[str, ...]) -> tuple[Claim, ...]:
    """The named claims, all if none is named.

    Raises:
        UnknownNameError: there is no claim of this name.
    """
    check_names(names)
    return tuple(claims()[name] for name in dict.fromkeys(names or sentences()))


def check_names(names: Iterable[str]) -> None:
    """Refuse names that are no claim's; no claim is imported for those that are.

    Raises:
        UnknownNameError: there is no claim of this name.
    """
    for name in names:
        if name not in sentences():
            if name in bounds.names():
                raise UnknownNameError(f"{name!r} is a bound, not a claim; {_tested_by(name)}")
            raise UnknownNameError(no_such("claim", name, sentences(), "python -m verify list"))


def _tested_by(bound: str) -> str:
    """The claims that test a bound, or that name it as their source."""
    known = made_once("bounds-of-claims", _bounds_by_claim)  # importing all claims takes a second
    found = [name for name, named in known.items() if bound in named]
    if found:
        return f"claims that test it: {', '.join(found)}"
    return "no claim tests it; hold it against runs with verify.check"


def _bounds_by_claim() -> dict[str, list[str]]:
    return {name: sorted(_bounds_of(claim)) for name, claim in claims().items()}


def _bounds_of(claim: Claim) -> set[str]:
    given = (getattr(statement, "bound", None) for statement in claim.statements)
    tested = [bound for bound in given if isinstance(bound, str)]
    return {*tested, *re.findall(r"[a-z]+(?:-[a-z]+)+", claim.source)}
