"""The memory that this machine has left, the refusal of work that needs more, and its reuse."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path

from empirics.errors import InputError

__all__ = ["available", "in_units", "keep_freed", "require"]

_MEMINFO = Path("/proc/meminfo")
_KEPT, _LARGEST_KEPT = 2**28, 2**25
"""Bytes of freed memory that a process keeps, and of the largest piece among them."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Numbers of glibc's ``mallopt``."""
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")


def available() -> float:
    """Bytes that can be taken without swapping; all of the machine's where that is not told."""
    try:
        lines = dict(line.split(":", 1) for line in _MEMINFO.read_text().splitlines())
        return 1024.0 * int(lines["MemAvailable"].split()[0])
    except (OSError, KeyError, ValueError):
        return _physical()


def _physical() -> float:
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        return float("inf")


def require(what: str, needed: float, cure: str, limit: float | None = None) -> None:
    """Refuse work before it begins.

    Args:
        what: needs the memory.
        needed: bytes.
        cure: what to change.
        limit: bytes that may be taken; what is available if ``None``.

    Raises:
        InputError: more is needed than there is.
    """
    there = available() if limit is None else limit
    if needed > there:
        raise InputError(
            f"{what}: needs about {in_units(needed)} of memory, {in_units(there)} are"
            f" {'free' if limit is None else 'allowed'}; {cure}"
        )


def in_units(size: float) -> str:
    """Bytes in the unit that suits them."""
    power = 0
    while size >= 1024 and power < len(_UNITS) - 1:
        size, power = size / 1024, power + 1
    return f"{size:.3g} {_UNITS[power]}"


def keep_freed() -> None:
    """Let this process use memory again that it has freed, instead of giving it back and asking.

    Arrays of a megabyte come and go in loops; with glibc's defaults the kernel clears their pages
    each time, which took up to a third of a loop. For processes that are our own: the settings are
    those of the whole process. Elsewhere than on glibc nothing happens.
    """
    with suppress(AttributeError, OSError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_TRIM_THRESHOLD, _KEPT)
        mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT)
