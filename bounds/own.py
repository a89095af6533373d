"""A bound of a user's own: its numbers are right to ten digits, or are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isinf, nan
from typing import Any

import numpy as np
import sympy as sp

from bounds.bound import Bound
from bounds.enclosure import enclose
from bounds.errors import UserError
from bounds.evaluate import compiled
from bounds.notation import NOTATION
from bounds.roundoff import roundoff
from bounds.values import FloatArray

__all__ = ["Own"]

_ACCURACY = 1e-10
_SMALLEST = float(np.finfo(float).tiny)
_MOST_ENCLOSED, _MOST_SUMS_ENCLOSED = 1000, 20
"""Points of one evaluation whose digits ran out and that are enclosed instead."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Own(Bound):
    """A bound whose formula nobody has made safe for floats.

    Where rounding may have cost its digits, a certified enclosure gives the value instead.
    """

    def _floats(self, values: Mapping[str, FloatArray]) -> FloatArray:
        is_sum = self.expression.has(sp.Sum)
        value = compiled(self.expression)(**values) if is_sum else super()._floats(values)
        error = roundoff(self.expression, values)
        with np.errstate(all="ignore"):
            sure = (error <= _ACCURACY * np.abs(value) + _SMALLEST) | np.isinf(value)
        return np.asarray(np.where(sure, value, np.nan))

    def _settled(self, value: FloatArray, values: Mapping[str, FloatArray]) -> FloatArray:
        settled, left = value.copy(), np.flatnonzero(~np.isfinite(value))
        most = _MOST_SUMS_ENCLOSED if self.expression.has(sp.Sum) else _MOST_ENCLOSED
        for at in map(int, left[:most]):
            point = {word: self._at(word, given, value.shape, at) for word, given in values.items()}
            settled.flat[at] = self._enclosed(point)
        return settled

    def _at(self, word: str, given: FloatArray, shape: tuple[int, ...], at: int) -> Any:
        entry = NOTATION.get(word)
        if entry is None or not (entry.is_sequence or entry.is_function) or not given.ndim:
            return float(np.broadcast_to(given, shape).flat[at])
        rows = np.broadcast_to(given, (*shape, given.shape[-1]))
        return rows.reshape(-1, given.shape[-1])[at].tolist()

    def _enclosed(self, point: dict[str, Any]) -> float:
        """The value with ten digits for certain, infinite if too large for a float; else NaN."""
        try:
            found = enclose(self, point)
        except UserError:
            return nan
        low, high = found.low, found.high
        if isinf(low) or isinf(high):
            return high if low > 0 else low if high < 0 else nan
        is_narrow = high - low <= _ACCURACY * max(abs(low), abs(high)) + _SMALLEST
        return low / 2 + high / 2 if is_narrow else nan
