"""Types of parameters: what a study may write for them, with its range; checks of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from msgspec import Meta

from bounds.discovery import Written
from bounds.values import FloatArray, as_floats
from empirics.errors import InputError

__all__ = [
    "MOST_LETTERS",
    "Confidence",
    "Count",
    "Decay",
    "Dimension",
    "Interval",
    "NotNegative",
    "Numbers",
    "Points",
    "Positive",
    "Scale",
    "Scales",
    "Seed",
    "Size",
    "ends_of",
    "numbers",
]

Count = Annotated[int, Meta(ge=1, le=10**12)]
Size = Annotated[int, Meta(ge=1, le=10**6)]
Dimension = Annotated[int, Meta(ge=1, le=100)]
Seed = Annotated[int, Meta(ge=0)]
MOST_LETTERS = 10_000_000
"""Of an alphabet whose laws are told apart by samples."""
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Confidence = Annotated[float, Meta(gt=0, lt=1)]
Decay = Annotated[float, Meta(ge=0, lt=1)]
Interval = tuple[float, float]

_Row = Annotated[list[float], Meta(min_length=1, max_length=1000)]
_Points = Annotated[list[float | _Row], Meta(min_length=1, max_length=1000)]
_Scales = Annotated[list[float | list[_Row]], Meta(min_length=1, max_length=1000)]

Numbers = Annotated[Sequence[float] | np.ndarray, Written(_Row)]
"""One number for each of something."""
Points = Annotated[Sequence[Any] | np.ndarray, Written(_Points)]
"""Points on the line or in space."""
Scale = Annotated[Sequence[float] | np.ndarray | float, Written(float | _Row)]
"""One standard deviation, or one for each component."""
Scales = Annotated[Sequence[Any] | np.ndarray | float, Written(float | _Scales)]
"""The same, or a covariance matrix for each component."""


def numbers(name: str, values: Any, must: str = "finite numbers") -> FloatArray:
    """Return ``values`` as an array of floats if they are finite real numbers.

    Raises:
        InputError: they are not; the message says what they ``must`` be.
    """
    try:
        return as_floats(values)
    except ValueError:
        raise InputError(f"{name} = {values!r}: must be {must}") from None


def ends_of(name: str, value: Any) -> tuple[float, float]:
    """Return the ends of an interval, whose order is for the law on it to check.

    Raises:
        InputError: it is no pair of finite numbers.
    """
    must = "two finite numbers, low < high"
    ends = numbers(name, value, must)
    if ends.shape != (2,):
        raise InputError(f"{name} = {value!r}: must be {must}")
    return float(ends[0]), float(ends[1])
