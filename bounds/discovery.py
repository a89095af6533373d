"""Finding what stands one to a file: theorems, claims, figures."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from re import findall
from types import ModuleType

__all__ = ["files_of", "modules_of", "texts_of"]


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


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in findall(r"\d+|\D+", name)]
