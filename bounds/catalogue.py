"""All bounds by name; a theorem's file is imported when one of its bounds is first asked for.

Which file holds which bounds is made once (:mod:`bounds.made_once`): finding it imports them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from bounds.discovery import files_of
from bounds.errors import UnknownNameError, no_such
from bounds.made_once import made_once

if TYPE_CHECKING:
    from bounds.bound import Bound

__all__ = ["Named", "catalogue", "get", "names"]

_HOME = "bounds.theorems"
_LIST = "python -m bounds list"


class Named(Mapping[str, "Bound"]):
    """Bounds by name, in order: ``["kde-clt"]``, or ``.kde_clt`` where names are completed.

    Args:
        files: that hold them, by the bounds' names.
    """

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = dict(files)

    def __getitem__(self, name: str) -> Bound:
        self.check(name)
        return _bounds(self._files[name])[name]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __getattr__(self, word: str) -> Bound:
        name = word.replace("_", "-")
        if word.startswith("_") or name not in self:
            raise AttributeError(no_such("bound", name, self, _LIST))
        return self[name]

    def check(self, name: str) -> None:
        """Refuse a name that no bound has; no theorem's file is imported for it.

        Raises:
            UnknownNameError: it has none; the message offers the closest ones.
        """
        if name not in self:
            raise UnknownNameError(no_such("bound", name, self, _LIST))

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(name.replace("-", "_") for name in self)]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def __repr__(self) -> str:
        return "\n".join(f"{name}: {bound.title}" for name, bound in self.items())


@cache
def catalogue() -> Named:
    """Return every bound under its name, in order; the mapping cannot be changed."""
    return Named(made_once("files-of-bounds", _files))


def names() -> tuple[str, ...]:
    """Return the names of all bounds, in order."""
    return tuple(catalogue())


def get(name: str) -> Bound:
    """Return the bound called ``name``.

    Raises:
        UnknownNameError: no bound has this name; the message offers the closest one.
    """
    return catalogue()[name]


def _files() -> dict[str, str]:
    return {name: file for file in files_of(_HOME) for name in _bounds(file)}


@cache
def _bounds(file: str) -> dict[str, Bound]:
    module = import_module(f"{_HOME}.{file}")
    bounds: tuple[Bound, ...] = getattr(module, "BOUNDS", None) or (module.BOUND,)
    return {bound.name: bound for bound in bounds}
