"""Finding what stands one to a file: theorems, claims, figures."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from re import findall
from types import ModuleType

__all__ = ["files_of", "modules_of"]


def files_of(package: str) -> list[str]:
    """Names of the modules of a package, in the natural order of their files: ``x9``, ``x10``.

    Files whose names begin with an underscore are parts that others share, and left out.
    """
    folder = import_module(package).__path__
    files = [m.name for m in iter_modules(folder) if not m.name.startswith("_")]
    return sorted(files, key=_natural)


def modules_of(package: str) -> list[ModuleType]:
    """The modules of a package, see :func:`files_of`."""
    return [import_module(f"{package}.{file}") for file in files_of(package)]


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in findall(r"\d+|\D+", name)]
