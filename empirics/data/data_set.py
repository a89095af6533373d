"""A data set by its content: equal points are the same data, whatever file they lie in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from empirics.data.arrays import Points, points_of
from empirics.data.files import read_points
from empirics.errors import InputError

__all__ = ["DataFile", "DataSet", "data_set"]

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class DataSet:
    """Points with a name, and the file that they were read from if there is one.

    Args:
        name: what messages call it.
        rows: one row per point.
        note: how points of another shape were flattened; empty if they were rows already.
        path: of the file, absolute; empty where the points came as an array.
    """

    name: str
    rows: Float[Array, "size dimension"] = field(repr=False)
    note: str = ""
    path: str = ""

    def __str__(self) -> str:
        return self.name

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the shape and the numbers, in hexadecimal."""
        size, dimension = self.rows.shape
        found = sha256(f"{size} {dimension}\n".encode())
        found.update(np.ascontiguousarray(self.rows, dtype="<f8").data)
        return found.hexdigest()

    @property
    def sent(self) -> DataSet | DataFile:
        """The data set as sent to another process: the place of its file, or the points."""
        return DataFile(self.name, self.path, self.digest) if self.path else self


@dataclass(frozen=True)
class DataFile:
    """The place of a data set on disk, for a process that reads it again."""

    name: str
    path: str
    digest: str

    def opened(self) -> DataSet:
        """The data, if it is still the same.

        Raises:
            InputError: it is not there, cannot be read, or has changed.
        """
        return _opened(self)


@lru_cache(maxsize=4)
def _opened(file: DataFile) -> DataSet:
    """Once for many cells: the digest holds for what was read, whatever becomes of the file."""
    try:
        found = data_set(file.path, file.name)
    except InputError as error:
        raise InputError(
            f"{error}; the study's data must be at this path wherever its cells are computed"
        ) from None
    if found.digest != file.digest:
        raise InputError(f"{file.path}: has changed since the study was read")
    return found


def data_set(given: Any, name: str = "") -> DataSet:
    """The data set of an array, a tensor, a data frame or the path of a file.

    Args:
        given: see :func:`empirics.data.arrays.points_of` and
            :func:`empirics.data.files.read_points`.
        name: what it is called; the path as given, or ``"data"``, if empty.

    Raises:
        InputError: it cannot be read, or holds no finite real numbers.
    """
    if isinstance(given, DataSet):
        return given
    if isinstance(given, str | Path):
        return _made(name or str(given), read_points(given, name), str(Path(given).absolute()))
    return _made(name or "data", points_of(name or "data", given), "")


def _made(name: str, points: Points, path: str) -> DataSet:
    # A copy: a file that is mapped, or the user's array, may change.
    return DataSet(name, np.array(points.values, dtype=float), points.note, path)
