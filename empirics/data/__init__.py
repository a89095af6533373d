"""Points that a user brings: arrays, data frames and files, read in one way everywhere.

Paths of files are looked at here, before anything is loaded that reads them.
"""

from __future__ import annotations

from pathlib import Path

from empirics.errors import InputError

__all__ = ["FORMATS", "located"]

FORMATS = (".npy", ".npz", ".csv", ".parquet", ".pt")
"""Endings of the files that can be read."""


def located(text: str) -> tuple[Path, str]:
    """A file, and the array in it that is named as in ``digits.npz:images``; empty if none is.

    Raises:
        InputError: no such file, or of another format.
    """
    name, _, member = text.rpartition(":") if ".npz:" in text else (text, "", "")
    path = Path(name)
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"{text}: must be a file of the format {', '.join(FORMATS)}")
    if not path.is_file():
        reason = "is a folder" if path.is_dir() else "No such file or directory"
        raise InputError(f"{text}: {reason}")
    return path, member
