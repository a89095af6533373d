"""Types of parameters: what a study may write for them, with its range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from msgspec import Meta

from bounds.discovery import Written

__all__ = [
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
]

Count = Annotated[int, Meta(ge=1, le=10**12)]
Size = Annotated[int, Meta(ge=1, le=10**6)]
Dimension = Annotated[int, Meta(ge=1, le=100)]
Seed = Annotated[int, Meta(ge=0)]
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
