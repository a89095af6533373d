"""Claims, one file each; a new file with a ``CLAIM`` in it is a new claim.

Claims are imported when they are first asked for: their names and sentences are read without that.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from bounds.discovery import modules_of, texts_of
from bounds.errors import UnknownNameError
from bounds.suggest import did_you_mean

if TYPE_CHECKING:
    from verify.claim import Claim

__all__ = ["claims", "select", "sentences"]


@cache
def claims() -> MappingProxyType[str, Claim]:
    """Every claim under its name; the mapping cannot be changed."""
    found = modules_of("verify.claims")
    return MappingProxyType({module.CLAIM.name: module.CLAIM for module in found})


@cache
def sentences() -> MappingProxyType[str, str]:
    """What every claim says, by its name, as their files tell without being run."""
    return MappingProxyType(dict(texts_of("verify.claims", "CLAIM", "name", "sentence")))  # type: ignore[arg-type]


def select(names: tuple[str, ...]) -> tuple[Claim, ...]:
    """The named claims, all if none is named.

    Raises:
        UnknownNameError: there is no claim of this name.
    """
    for name in names:
        if name not in sentences():
            raise UnknownNameError(
                f"no claim is called {name!r}{did_you_mean(name, sentences())}; known are"
                f" {', '.join(sentences())}"
            )
    return tuple(claims()[name] for name in dict.fromkeys(names or sentences()))
