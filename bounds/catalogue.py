"""All bounds by name; a theorem's file is imported when the catalogue is first asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from bounds.discovery import modules_of
from bounds.errors import UnknownNameError
from bounds.suggest import no_such

if TYPE_CHECKING:
    from bounds.bound import Bound

__all__ = ["Named", "catalogue", "get", "names"]

_LIST = "python -m bounds list"


class Named(Mapping[str, "Bound"]):
    """Bounds by name, in order: ``["kde-clt"]``, or ``.kde_clt`` where names are completed."""

    def __init__(self, bounds: Mapping[str, Bound]) -> None:
        self._bounds = dict(bounds)

    def __getitem__(self, name: str) -> Bound:
        return self._bounds[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._bounds)

    def __len__(self) -> int:
        return len(self._bounds)

    def __getattr__(self, word: str) -> Bound:
        name = word.replace("_", "-")
        if word.startswith("_") or name not in self._bounds:
            raise AttributeError(no_such("bound", name, self, _LIST))
        return self._bounds[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(name.replace("-", "_") for name in self)]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {bound.title}" for name, bound in self.items())


@cache
def catalogue() -> Named:
    """Return every bound under its name, in order; the mapping cannot be changed."""
    files = modules_of("bounds.theorems")
    return Named({bound.name: bound for file in files for bound in _bounds(file)})


def names() -> tuple[str, ...]:
    """Return the names of all bounds, in order."""
    return tuple(catalogue())


def get(name: str) -> Bound:
    """Return the bound called ``name``.

    Raises:
        UnknownNameError: no bound has this name; the message offers the closest one.
    """
    if name not in catalogue():
        raise UnknownNameError(no_such("bound", name, names(), _LIST))
    return catalogue()[name]


def _bounds(file: ModuleType) -> tuple[Bound, ...]:
    bounds: tuple[Bound, ...] = getattr(file, "BOUNDS", None) or (file.BOUND,)
    return bounds
