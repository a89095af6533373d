"""All bounds by name; a theorem's file is imported when the catalogue is first asked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING

from bounds.discovery import modules_of
from bounds.errors import UnknownNameError
from bounds.suggest import did_you_mean

if TYPE_CHECKING:
    from bounds.bound import Bound

__all__ = ["catalogue", "get", "names"]


@cache
def catalogue() -> Mapping[str, Bound]:
    """Return every bound under its name, in order; the mapping cannot be changed."""
    files = modules_of("bounds.theorems")
    return MappingProxyType({bound.name: bound for file in files for bound in _bounds(file)})


def names() -> tuple[str, ...]:
    """Return the names of all bounds, in order."""
    return tuple(catalogue())


def get(name: str) -> Bound:
    """Return the bound called ``name``.

    Raises:
        UnknownNameError: no bound has this name; the message offers the closest one.
    """
    if name not in catalogue():
        raise UnknownNameError(
            f"no bound is called {name!r}{did_you_mean(name, names())}; known are"
            f" {', '.join(names())}"
        )
    return catalogue()[name]


def _bounds(file: ModuleType) -> tuple[Bound, ...]:
    bounds: tuple[Bound, ...] = getattr(file, "BOUNDS", None) or (file.BOUND,)
    return bounds
