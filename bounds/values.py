"""Numbers as users write them, turned into float arrays: ints, floats, fractions, ``"1/4"``."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Real
from typing import Any

import numpy as np

from bounds.number_text import fraction_of
from bounds.suggest import shortened

__all__ = ["FloatArray", "as_floats", "plain"]

FloatArray = np.ndarray[Any, np.dtype[np.float64]]


def as_floats(value: Any) -> FloatArray:
    """Return ``value`` as an array of finite floats; its shape is kept.

    Args:
        value: an int, float, Fraction, NumPy or SymPy number, text such as ``"1/4"`` or ``"0.1"``,
            or an array or sequence of these.

    Raises:
        ValueError: text that is no number, a bool, NaN or infinity, anything else; the message is
            the offending entry alone.
    """
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        array = np.asarray(value, dtype=np.float64)
    elif isinstance(value, np.ndarray | list | tuple):
        array = _stacked(value)
    else:
        array = np.asarray(_number(value))
    if array.size and not np.isfinite([array.min(), array.max()]).all():
        raise ValueError(str(array[~np.isfinite(array)][0]))
    return array


def plain(array: FloatArray, *, integer: bool = False) -> Any:
    """Return a 0-d array as ``float`` (or ``int``); any other array as it is (or as integers)."""
    if array.ndim == 0:
        return int(array) if integer else float(array)
    return array.astype(np.int64) if integer else array


def _stacked(values: Iterable[Any]) -> FloatArray:
    rows = [as_floats(v) for v in values]
    try:
        return np.array(rows, dtype=np.float64)
    except ValueError:
        raise ValueError("rows of different lengths") from None


def _number(value: Any) -> float:
    is_number = isinstance(value, str | Real | np.number) or getattr(value, "is_number", False)
    if isinstance(value, bool | np.bool_) or not is_number:
        raise ValueError(repr(value))
    try:
        return float(fraction_of(value)) if isinstance(value, str) else float(value)
    except (ValueError, TypeError, OverflowError):
        raise ValueError(shortened(value)) from None
