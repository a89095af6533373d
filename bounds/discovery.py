"""Finding what stands one to a file: theorems, claims, figures, targets, cycles, models."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from inspect import signature
from pathlib import Path
from pkgutil import iter_modules
from re import findall, sub
from types import MappingProxyType, ModuleType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

__all__ = [
    "Fields",
    "FilePath",
    "Part",
    "Written",
    "files_of",
    "given_of",
    "kinds_of",
    "made",
    "modules_of",
    "texts_of",
    "word_of",
]


@dataclass(frozen=True)
class Written:
    """Says in ``Annotated[T, Written(P)]`` that a file gives a ``P`` for a parameter of type ``T``.

    Args:
        type: a type of numbers, texts, lists and tables, with ranges as ``msgspec.Meta``.
    """

    type: Any


@dataclass(frozen=True)
class FilePath:
    """Says in ``Annotated[T, FilePath()]`` that a file gives a path for it, relative to itself."""


@dataclass(frozen=True)
class Part:
    """Says in ``Annotated[T, Part(package)]`` that a file gives the table of a part of a package.

    Args:
        package: whose kinds it may be, see :func:`kinds_of`; none that has such a parameter itself.
        several: whether a list of tables is given.
    """

    package: str
    several: bool = False


@dataclass(frozen=True)
class Fields:
    """Says in ``Annotated[T, Fields(names)]`` that a file gives these parameters of ``T`` itself.

    Args:
        names: of parameters of ``T``; the others keep their defaults.
    """

    names: tuple[str, ...]


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


def texts_of(package: str, variable: str, *words: str) -> list[tuple[str, ...]]:
    """Literal texts that every module of a package gives to what it calls ``variable``.

    They are read from the files, none of which is run: what they import may take seconds.

    Args:
        package: see :func:`files_of`.
        variable: assigned the result of a call at the top of every module, such as ``CLAIM``.
        words: keyword arguments of that call.
    """
    (home,) = import_module(package).__path__
    return [_texts(Path(home, f"{file}.py"), variable, words) for file in files_of(package)]


def _texts(path: Path, variable: str, words: tuple[str, ...]) -> tuple[str, ...]:
    (call,) = (
        node.value
        for node in ast.parse(path.read_bytes()).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == variable
    )
    assert isinstance(call, ast.Call)
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    return tuple(ast.literal_eval(given[word]) for word in words)


@cache
def kinds_of(package: str) -> MappingProxyType[str, Callable[..., Any]]:
    """The constructors in ``KINDS`` of a package and of its files, by :func:`word_of`."""
    homes = [import_module(package), *modules_of(package)]
    found = (make for home in homes for make in getattr(home, "KINDS", ()))
    return MappingProxyType({word_of(make): make for make in found})


def given_of(make: Callable[..., Any]) -> list[str]:
    """Names of what a file gives for a constructor: its parameters, or their ``Fields``."""
    names: list[str] = []
    for name, fields in _hinted(make).items():
        names += [name] if fields is None else fields[1].names
    return names


def made(make: Callable[..., Any], given: Mapping[str, Any]) -> Any:
    """Return the object that a constructor makes of a file's names, by :func:`given_of`."""
    arguments = dict(given)
    for name, fields in _hinted(make).items():
        if fields is not None:
            kind, mark = fields
            parts = {n: arguments.pop(n) for n in mark.names if n in arguments}
            arguments[name] = made(kind, parts)
    return make(**arguments)


@cache
def _hinted(make: Callable[..., Any]) -> dict[str, tuple[type, Fields] | None]:
    """Every parameter, with its type and mark where its ``Fields`` are given."""
    hints = get_type_hints(make, include_extras=True)
    return {name: _marked(hints.get(name)) for name in signature(make).parameters}


def _marked(hint: Any) -> tuple[type, Fields] | None:
    kind, *marks = get_args(hint) if get_origin(hint) is Annotated else (None,)
    return next(((kind, mark) for mark in marks if isinstance(mark, Fields)), None)


def word_of(make: Callable[..., Any]) -> str:
    """The name of a constructor as files and commands write it: ``FreshReal`` as ``fresh-real``."""
    return sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", make.__name__).replace("_", "-").lower()


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in findall(r"\d+|\D+", name)]
