"""Claims, one file each; a new file with a ``CLAIM`` in it is a new claim."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from bounds.errors import UnknownNameError
from bounds.suggest import did_you_mean
from verify.claim import Claim

__all__ = ["claims", "select"]


@cache
def claims() -> MappingProxyType[str, Claim]:
    """Every claim under its name; the mapping cannot be changed."""
    files = sorted(m.name for m in iter_modules(__path__) if not m.name.startswith("_"))
    found = [import_module(f"verify.claims.{file}").CLAIM for file in files]
    return MappingProxyType({claim.name: claim for claim in found})


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
