"""Files that are written whole or not at all, and what killed writers leave behind."""

from __future__ import annotations

import os
import platform
import re
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

__all__ = ["clear_leftovers", "write_whole"]

_HOST = sha256(platform.node().encode()).hexdigest()[:8]
_PART = re.compile(rf"\..*\.{_HOST}\.(\d+)\.[0-9a-f]{{8}}\.part")


def write_whole(path: Path, data: bytes) -> None:
    """Write to a name of its own, sync, rename to ``path``, sync the folder.

    Raises:
        OSError: the disk is full or cannot be written; then nothing is left of it.
    """
    part = path.with_name(f".{path.stem}.{_HOST}.{os.getpid()}.{token_hex(4)}.part")
    try:
        _write(part, data)
        part.replace(path)
    except BaseException:
        _remove(part)
        raise
    _sync(path.parent)


def clear_leftovers(folder: Path) -> None:
    """Remove the unfinished files of processes of this machine that are no more."""
    for path in folder.iterdir():
        match = _PART.fullmatch(path.name)
        if match and not _alive(int(match[1])):
            _remove(path)


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
