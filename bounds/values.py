"""Numbers as users write them, turned into float arrays: ints, floats, fractions, ``"1/4"``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from numbers import Real
from typing import Any

import numpy as np

from bounds.errors import shortened

__all__ = ["BLOCK", "FloatArray", "as_floats", "extremes", "fraction_of", "percent", "plain"]

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


def extremes(value: Any) -> tuple[float, float] | None:
    """Return the least and the greatest entry of an array of floats; ``None`` of anything else."""
    if isinstance(value, np.ndarray) and value.dtype == np.float64 and value.size:
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
