"""Files that are written whole or not at all, what killed writers leave behind, and locks."""

from __future__ import annotations

import json
import os
import platform
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from math import isfinite
from pathlib import Path
from secrets import token_hex
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from bounds.errors import ParameterError

try:
    import fcntl
except ImportError:  # a system without record locks
    fcntl = None  # type: ignore[assignment]

__all__ = [
    "Locks",
    "check_writable",
    "clear_leftovers",
    "files_in",
    "is_storable",
    "read_json",
    "write_whole",
    "write_with",
]

_HOST = sha256(platform.node().encode()).hexdigest()[:8]
_PART = re.compile(rf"\..*\.{_HOST}\.(\d+)\.[0-9a-f]{{8}}\.part", re.DOTALL)
_STEM = 32
"""Characters of a file's name in that of its unfinished part: names end at 255 bytes."""
_DEEPEST = 64
_LOWEST, _HIGHEST = -(2**63), 2**64
"""Integers of 64 bits, with a sign (what a study counts) or without (seeds made from digests)."""
_WIDEST = 20
"""Characters of the longest of them."""
_N = TypeVar("_N", int, float)
_DIGITS = 15
"""Hexadecimal digits of a key that pick the byte of its lock: within the range of an offset."""


def check_writable(option: str, given: Path | str) -> None:
    """Refuse a path that cannot be written, before anything is computed for it.

    Raises:
        ParameterError: it is a folder, or in no folder.
    """
    path = Path(given)
    if str(given).endswith(os.sep) or path.is_dir() or not path.absolute().parent.is_dir():
        raise ParameterError(f"{option} {given}: must be a file in a folder that is there")


def write_whole(path: Path, data: bytes) -> None:
    """Write data; see :func:`write_with`."""
    write_with(path, lambda part: _write(part, data))


def write_with(path: Path, write: Callable[[Path], object]) -> None:
    """Write to a name of its own, sync, rename to ``path``, sync the folder.

    Links are followed. What is there and no regular file, such as a pipe or a device, is written
    into and stays what it is.

    Args:
        path: of the file.
        write: makes a file at the path that it is given.

    Raises:
        OSError: the disk is full or cannot be written; then nothing is left of it.
    """
    if _is_special(path):
        _write_through(path, write)
        return
    target = Path(os.path.realpath(path))
    name = f".{target.stem[:_STEM]}.{_HOST}.{os.getpid()}.{token_hex(4)}.part"
    part = target.with_name(name)
    try:
        write(part)
        _sync(part)
        part.replace(target)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    _sync(target.parent)


def _write_through(path: Path, write: Callable[[Path], object]) -> None:
    with TemporaryDirectory() as folder:
        part = Path(folder) / "part"
        write(part)
        with part.open("rb") as made, path.open("wb") as out:
            copyfileobj(made, out)


def _is_special(path: Path) -> bool:
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return False


def clear_leftovers(folder: Path) -> None:
    """Remove the unfinished files of processes of this machine that are no more.

    A folder that cannot be listed keeps them: hidden files that no command looks at.
    """
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for match in filter(None, map(_PART.fullmatch, names)):
        if not _alive(int(match[1])):
            with suppress(OSError):
                (folder / match[0]).unlink(missing_ok=True)


def files_in(folder: Path, *endings: str) -> list[Path]:
    """Regular files with one of these endings, by name; hidden files are left out.

    Raises:
        OSError: the folder is there and cannot be read.
    """
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
    paths = [folder / name for name in names if name.endswith(endings) and name[0] != "."]
    return [path for path in paths if path.is_file()]


def read_json(data: bytes | str) -> Any:
    """The content of JSON that this project could have written.

    Raises:
        ValueError: it is no JSON, nested more deeply than anything of this project, escapes
            characters that no text can hold, or holds a number that is not finite or an integer
            beyond 64 bits.
    """
    try:
        found = json.loads(data, parse_int=_integer, parse_float=_float, parse_constant=_float)
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except OverflowError:
        raise ValueError("holds a number out of range") from None
    except ValueError:
        raise ValueError("is not JSON") from None
    level = [found]
    for _ in range(_DEEPEST):
        level = [item for outer in level for item in _inside(outer)]
    if level:
        raise ValueError("is nested too deeply")
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("holds half a character") from None
    return found


def is_storable(number: float) -> bool:
    """Whether files of this project can hold a number: finite, an integer within 64 bits."""
    return _LOWEST <= number < _HIGHEST if isinstance(number, int) else isfinite(number)


def _integer(text: str) -> int:
    return _storable(int(text) if len(text) <= _WIDEST else _HIGHEST)


def _float(text: str) -> float:
    return _storable(float(text))


def _storable(number: _N) -> _N:
    if not is_storable(number):
        raise OverflowError
    return number


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


class Locks:
    """The cells that this process computes, so that two processes on one store share the work.

    Each is a record lock on one byte of one file. The system drops it when its process ends,
    however it ends, so none can go stale. Locks save work and nothing else: a file is correct
    whoever writes it, and where there are no such locks a cell may be computed twice.

    Args:
        path: the file that is locked; it is created and stays empty.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def take(self, key: str) -> bool:
        """Lock a cell; ``False`` if another process holds it."""
        return fcntl is None or self._lock(key, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def drop(self, key: str) -> None:
        """Give a lock back."""
        if fcntl is not None:
            self._lock(key, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give all locks back."""
        os.close(self._descriptor)

    def _lock(self, key: str, flags: int) -> bool:
        try:
            fcntl.lockf(self._descriptor, flags, 1, int(key[:_DIGITS], 16))
        except (BlockingIOError, PermissionError):
            return False
        except OSError:
            # A file system without locks, such as some network mounts: work is not shared.
            return True
        return True
