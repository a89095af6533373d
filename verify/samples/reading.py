"""Samples from ``.npy`` files: one array of numbers, or a line that says what is wrong.

A file is mapped, never unpickled, so neither what it holds can run nor what its header claims can
ask for memory.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bounds.errors import ParameterError

__all__ = ["read_sample"]

Array = np.ndarray
_BLOCK = 2**20
"""Rows looked at together."""


def read_sample(path: str) -> Array:
    """The array of a file, a row per point.

    Raises:
        ParameterError: no such file, damaged, without rows, or not finite numbers.
    """
    array = _mapped(path)
    if array.dtype.kind not in "iufb" or array.ndim not in (1, 2) or not array.size:
        raise ParameterError(
            f"{path}: holds {array.dtype} of shape {array.shape}; must hold one array of numbers, a"
            " row per point"
        )
    if bad := sum(_not_finite(array[i : i + _BLOCK]) for i in range(0, len(array), _BLOCK)):
        raise ParameterError(f"{path}: {bad} values are not finite numbers")
    return array


def _mapped(path: str) -> Array:
    try:
        return np.lib.format.open_memmap(Path(path), mode="r")
    except OSError as error:
        raise ParameterError(f"{path}: {error.strerror or 'not a .npy file of numbers'}") from None
    except Exception:  # whatever numpy makes of hostile bytes
        raise ParameterError(f"{path}: not a .npy file of numbers") from None


def _not_finite(rows: Array) -> int:
    return int((~np.isfinite(rows)).sum())
