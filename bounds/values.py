"""Numbers as users write them, turned into float arrays: ints, floats, fractions, ``"1/4"``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np

from bounds.errors import shortened

__all__ = [
    "BLOCK",
    "FloatArray",
    "as_floats",
    "extremes",
    "fraction_of",
    "is_listed",
    "percent",
    "plain",
]

FloatArray = np.ndarray[Any, np.dtype[np.float64]]
BLOCK = 1 << 16
"""Entries of a long array that are computed at a time: they stay in the processor's cache."""
_LONGEST = 1000
_LARGEST_EXPONENT = 5000
"""Beyond it lies no float and no certified end."""
_EXPONENT = re.compile(r"[eE]([+-]?[0-9_]+)")


def fraction_of(text: str) -> Fraction:
    """Return the rational number that ``text`` says: ``"12"``, ``"0.1"``, ``"1/4"``, ``"1e-3"``.

    Args:
        text: of at most 1000 characters, its decimal exponent at most 5000 in size.

    Raises:
        ValueError: no such number, division by zero included.
    """
    found = _EXPONENT.search(text[: _LONGEST + 1])
    if len(text) > _LONGEST or (found and abs(int(found[1])) > _LARGEST_EXPONENT):
        raise ValueError("longer than a number may be")
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise ValueError("divides by zero") from None


def as_floats(value: Any) -> FloatArray:
    """Return ``value`` as an array of finite floats; its shape is kept.

    Args:
        value: an int, float, Fraction, NumPy or SymPy number, text such as ``"1/4"`` or ``"0.1"``,
            or an array or sequence of these, such as a column of a data frame.

    Raises:
        ValueError: text that is no number, a bool, NaN or infinity, a masked entry, anything else;
            the message is the offending entry alone.
    """
    if hasattr(value, "__array__") and not isinstance(value, np.generic):
        value = _plain_array(value)
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        array = np.asarray(value, dtype=np.float64)
    elif is_listed(value):
        array = _stacked(value)
    else:
        return np.asarray(_number(value))
    if array.size and not np.isfinite([array.min(), array.max()]).all():
        raise ValueError(str(array[~np.isfinite(array)][0]))
    return array


def is_listed(value: object) -> bool:
    """Whether it is a sequence, or an array with axes, and no text."""
    if isinstance(value, np.ndarray):
        return value.ndim > 0
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def extremes(value: Any) -> tuple[float, float] | None:
    """Return the least and the greatest entry of an array of floats; ``None`` of anything else."""
    if type(value) is np.ndarray and value.dtype == np.float64 and value.size:
        return float(value.min()), float(value.max())
    return None


def percent(share: float) -> str:
    """Return a share in percent, in four digits; in more where they would say 100 of less."""
    texts = (f"{100 * share:.{digits}g}" for digits in range(4, 18))
    return f"{next(text for text in texts if text != '100' or share >= 1)}%"


def plain(array: FloatArray, *, integer: bool = False) -> Any:
    """Return a 0-d array as ``float`` (or ``int``); any other array as it is (or as integers)."""
    if array.ndim == 0:
        return int(array) if integer else float(array)
    return array.astype(np.int64) if integer else array


def _stacked(values: Sequence[Any] | np.ndarray) -> FloatArray:
    if set(map(type, values)) <= {int, float}:  # nearly always
        with suppress(OverflowError):
            return np.array(values, dtype=np.float64)
    rows = [as_floats(v) for v in values]
    try:
        return np.array(rows, dtype=np.float64)
    except ValueError:
        raise ValueError("rows of different lengths") from None


def _plain_array(value: Any) -> Any:
    """A NumPy array of what says that it is one; of no dimensions, its entry."""
    if type(value) is not np.ndarray and np.ma.is_masked(value):
        raise ValueError("a masked entry")
    try:
        array = np.asarray(value)
    except (TypeError, RuntimeError):  # of a tensor that is on a device or has gradients
        raise ValueError(shortened(value)) from None
    return array if array.ndim else array.item()


def _number(value: Any) -> float:
    is_number = isinstance(value, str | Real) or getattr(value, "is_number", False)
    if isinstance(value, bool | np.bool_) or not is_number:
        raise ValueError(shortened(value))
    try:
        number = float(fraction_of(value)) if isinstance(value, str) else float(value)
    except (ValueError, TypeError, OverflowError):
        raise ValueError(shortened(value)) from None
    if not isfinite(number):
        raise ValueError(str(number))
    return number
