"""Claims: which process is computing which cell, so that two on one store share the work.

A claim is a record lock on one byte of one file. The system drops it when its process ends,
however it ends, so none can go stale. Claims save work and nothing else: a file is correct
whoever writes it, and where such locks do not exist a cell may be computed twice.
"""

from __future__ import annotations

import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # a system without record locks
    fcntl = None  # type: ignore[assignment]

__all__ = ["Claims"]

_DIGITS = 15
"""Hexadecimal digits of a key that pick the byte: within the range of a file offset."""


class Claims:
    """The claims of this process on the cells of a store.

    Args:
        path: the file that is locked; it is created and stays empty.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def take(self, key: str) -> bool:
        """Claim a cell; ``False`` if another process holds it."""
        return fcntl is None or self._lock(key, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def drop(self, key: str) -> None:
        """Give a claim back."""
        if fcntl is not None:
            self._lock(key, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give all claims back."""
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
