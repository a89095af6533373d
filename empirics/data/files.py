"""Points from files: ``.npy``, ``.npz``, ``.csv``, ``.parquet`` and ``.pt``.

No file is unpickled, so what it holds cannot run; a ``.npy`` file is mapped, so what its header
claims cannot ask for memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from empirics.data import located
from empirics.data.arrays import Points, points_of
from empirics.errors import InputError
from empirics.memory import require

if TYPE_CHECKING:
    import polars as pl

__all__ = ["read_points"]

Array = np.ndarray


def read_points(path: str | Path, name: str = "") -> Points:
    """The points of a file, a row per point.

    ``.npz`` files hold one array, or the one that is named as in ``digits.npz:images``. A ``.csv``
    file has a header unless its first row is numbers.

    Args:
        path: of the file.
        name: what messages about its points call it; the path if empty.

    Raises:
        InputError: no such file, of another format, damaged, without rows, or not finite numbers.
    """
    text = str(path)
    file, member = located(text)
    ending = file.suffix.lower()
    try:
        data = _npz(file, member) if ending == ".npz" else _READERS[ending](file)
    except InputError as error:
        raise InputError(f"{text}: {error}") from None
    except OSError as error:
        raise InputError(f"{text}: {error.strerror or f'not a {ending} file of numbers'}") from None
    except (MemoryError, Exception):  # whatever libraries make of hostile bytes
        raise InputError(f"{text}: not a {ending} file of numbers") from None
    return points_of(name or text, data)


def _npy(path: Path) -> Array:
    array: Array = np.lib.format.open_memmap(path, mode="r")
    return array


def _npz(path: Path, member: str) -> Array:
    with zipfile.ZipFile(path) as archive:
        sizes = {i.filename.removesuffix(".npy"): i.file_size for i in archive.infolist()}
    if not member and len(sizes) == 1:
        (member,) = sizes
    if member not in sizes:
        if not sizes:
            raise InputError("holds no arrays")
        have = ", ".join(sorted(sizes))
        raise InputError(f"holds the arrays {have}; name one, as in {path.name}:{min(sizes)}")
    require("file", sizes[member], "use a smaller array", None)
    with np.load(path, allow_pickle=False) as arrays:
        return np.asarray(arrays[member])


def _csv(path: Path) -> pl.DataFrame:
    import polars as pl  # targets are built without it

    with path.open(encoding="utf-8") as file:
        first = file.readline()
    return pl.read_csv(path, has_header=not all(map(_is_number, first.strip().split(","))))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _parquet(path: Path) -> pl.DataFrame:
    import polars as pl

    return pl.read_parquet(path, use_pyarrow=False, glob=False)


def _tensor(path: Path) -> Any:
    if find_spec("torch") is None:
        raise InputError("needs torch: pip install torch, or save the points as .npy")
    import torch

    found = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(found, torch.Tensor):
        raise InputError(f"holds a {type(found).__name__}; must hold one tensor")
    return found


_READERS: dict[str, Callable[[Path], Any]] = {
    ".npy": _npy,
    ".csv": _csv,
    ".parquet": _parquet,
    ".pt": _tensor,
}
