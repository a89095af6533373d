"""Claims, one file each; a new file with a ``CLAIM`` in it is a new claim."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

from bounds.discovery import modules_of
from bounds.errors import UnknownNameError
from bounds.suggest import did_you_mean
from verify.claim import Claim

__all__ = ["claims", "select"]


@cache
def claims() -> MappingProxyType[str, Claim]:
    """Every claim under its name; the mapping cannot be changed."""
    found = modules_of("verify.claims")
    return MappingProxyType({module.CLAIM.name: module.CLAIM for module in found})


def select(names: tuple[str, ...]) -> tuple[Claim, ...]:
    """The named claims, all if none is named.

    Raises:
        UnknownNameError: there is no claim of this name.
    """
    for name in names:
        if name not in claims():
            raise UnknownNameError(
                f"no claim is called {name!r}{did_you_mean(name, claims())}; known are"
                f" {', '.join(claims())}"
            )
    return tuple(claims()[name] for name in dict.fromkeys(names or claims()))
