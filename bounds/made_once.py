"""Values that depend on the code alone, made once and kept beside Python's byte code.

It is read only while every source file of the project, Python, the machine's kind and the libraries
are those that made it, and while its own digest is right; otherwise it is made anew. It lies where
Python keeps byte code, and is trusted as that is. Nothing is kept where Python is told to write no
byte code, or cannot write.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from importlib.machinery import SourceFileLoader
from importlib.metadata import PackageNotFoundError, version
from importlib.util import cache_from_source
from pathlib import Path
from typing import TypeVar

__all__ = ["made_once"]

_Made = TypeVar("_Made")
_STARTED = time.time()
_ROOT = Path(__file__).parents[1]
_PACKAGES = ("bounds", "drawing", "empirics", "paper_figures", "verify")
_SOURCES = (".css", ".html", ".js", ".py", ".toml")
_LIBRARIES = (
    *("jinja2", "latex2mathml", "markupsafe", "mpmath", "numpy"),
    *("polars", "python-flint", "rich", "scipy", "sympy"),
)


def made_once(name: str, make: Callable[[], _Made], *, again: bool = False) -> _Made:
    """Return the value of ``make`` from the first call of this code under this name.

    Args:
        name: of the file that keeps it.
        make: a function of the code alone; returns lists, tables with texts as keys, texts,
            numbers and ``None``, as JSON has them.
        again: make it anew.
    """
    code = _code()
    if not code:
        return make()
    path = Path(cache_from_source(__file__)).with_suffix("") / f"{name}.json"
    text = "" if again else _kept(path, code)
    if not text:
        text = json.dumps(make())
        if not sys.dont_write_bytecode and _digest() == code:  # nobody changed a source meanwhile
            _keep(path, f"{_seal(code, text)}\n{text}")
    found: _Made = json.loads(text)
    return found


def _kept(path: Path, code: str) -> str:
    """The values in a file; empty if it is absent, damaged, or of other code."""
    try:
        seal, _, text = path.read_text(encoding="utf-8").partition("\n")
    except (OSError, ValueError):
        return ""
    return text if seal == _seal(code, text) else ""


def _keep(path: Path, text: str) -> None:
    """Write a file whole or not at all, as byte code is written."""
    SourceFileLoader("", str(path)).set_data(str(path), text.encode())


def _seal(code: str, text: str) -> str:
    return sha256(f"{code}\n{text}".encode()).hexdigest()


@cache
def _code() -> str:
    """The digest when this process first asked: of the code that it runs."""
    return _digest()


def _digest() -> str:
    """Digest of the sources and of the versions of the libraries.

    Empty where Python keeps no byte code, where there are no sources (byte code alone, or a zip
    archive), where one cannot be read, or has changed since this process began: what the process
    imported before is then not what the digest is of.
    """
    own = Path(__file__)
    if sys.implementation.cache_tag is None or own.suffix != ".py" or not own.is_file():
        return ""
    whole = sha256(f"{sys.version} {platform.machine()} {list(_versions())}\n".encode())
    try:
        for path in _sources():
            if os.stat(path).st_ctime >= _STARTED:
                return ""
            data = Path(path).read_bytes()
            whole.update(f"{os.path.relpath(path, _ROOT)} {len(data)}\n".encode() + data)
    except OSError:
        return ""
    return whole.hexdigest()


def _sources() -> Iterator[str]:
    for package in _PACKAGES:
        for folder, below, files in os.walk(_ROOT / package, followlinks=True):
            below[:] = sorted(name for name in below if name != "__pycache__")
            own = sorted(name for name in files if name.endswith(_SOURCES) and name[0] != ".")
            yield from (os.path.join(folder, name) for name in own)


def _versions() -> Iterator[str]:
    for library in _LIBRARIES:
        try:
            yield version(library)
        except PackageNotFoundError:
            yield ""
