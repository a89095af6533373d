"""Versions that a result depends on: of this code by its meaning, of the libraries by name."""

from __future__ import annotations

import ast
import platform
import subprocess
import sys
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from bounds.made_once import made_once

__all__ = ["code_digest", "code_version", "commit", "library_versions"]

_LIBRARIES = ("numpy", "scipy", "polars")
_OPTIONAL = ("torch", "scikit-learn")
_SILENT = ("ctx", "kind", "type_comment")
"""Fields of the syntax tree that change nothing that is computed."""
_ROOT = Path(__file__).parents[2]
_APART = (
    "sweeps",
    "examples",
    "studies",
    "__main__.py",
    "__init__.py",
    "means.py",
    "pictures.py",
    "progress.py",
)
"""Parts of ``empirics`` that compute no number of a cell, or count only where a cell names them."""


def code_version(modules: Iterable[str]) -> str:
    """Digest of the code that computes a cell: the core, and the modules that the cell names.

    It is taken of the syntax tree without docstrings, so comments, layout and documentation do not
    change it, while any change of the code does. Of a module outside the core its own code counts,
    not what it imports in turn.
    """
    apart = sorted({name for name in modules if not _is_core(name)})
    parts = [_core(), *(f"{name} {_module(name)}" for name in apart)]
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def _is_core(name: str) -> bool:
    first, _, rest = name.partition(".")
    return name.startswith("bounds.cycles") or (
        first == "empirics" and rest.split(".")[0] not in _APART
    )


@lru_cache
def _core() -> str:
    return made_once("code-of-cells", _digest)


def _digest() -> str:
    home = _ROOT / "empirics"
    files = sorted(p for p in home.rglob("*.py") if p.relative_to(home).parts[0] not in _APART)
    return code_digest([*sorted((_ROOT / "bounds" / "cycles").glob("*.py")), *files])


@lru_cache
def _module(name: str) -> str:
    spec = find_spec(name)
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        return ""
    return code_digest([Path(spec.origin)])


def code_digest(paths: Iterable[Path]) -> str:
    """Digest of what Python files do: of their syntax trees without docstrings."""
    whole = sha256()
    for path in paths:
        data = path.read_bytes()
        whole.update(
            f"{path.name} {_meaning(data) if path.suffix == '.py' else data.hex()}\n".encode()
        )
    return whole.hexdigest()


def _meaning(source: bytes) -> str:
    words: list[str] = []
    _add_tokens(ast.parse(source), words)
    return " ".join(words)


def _add_tokens(node: object, out: list[str]) -> None:
    """The syntax tree as words; empty fields are left out, as Python's versions differ in them."""
    if isinstance(node, list):
        for item in node:
            _add_tokens(item, out)
    elif not isinstance(node, ast.AST):
        out.append(repr(node))
    elif not _is_docstring(node):
        out.append(f"({type(node).__name__}")
        for name in node._fields:
            value = getattr(node, name, None)
            if name not in _SILENT and value is not None and value != []:
                out.append(name)
                _add_tokens(value, out)
        out.append(")")


def _is_docstring(node: ast.AST) -> bool:
    # A text that stands alone computes nothing, wherever it stands.
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@lru_cache
def library_versions() -> dict[str, str]:
    """Python, the machine's kind, and the libraries that the numbers come from."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in (*_LIBRARIES, *(n for n in _OPTIONAL if _imported(n))):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _imported(distribution: str) -> bool:
    return {"scikit-learn": "sklearn"}.get(distribution, distribution) in sys.modules


@lru_cache
def commit() -> str | None:
    """The commit of the code, marked if the working tree differs from it; ``None`` if unknown.

    An installed copy has none, though it may lie inside a repository of something else.
    """
    if not (_ROOT / ".git").exists():
        return None
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        run = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return run.stdout.strip()
