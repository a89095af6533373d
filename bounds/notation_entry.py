"""One entry of the notation: symbol, word, meaning and range, and how a value is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from bounds.errors import ParameterError
from bounds.values import FloatArray, as_floats, plain

__all__ = ["Notation", "OwnSymbol"]

_BLOCK = 1 << 16


@dataclass(frozen=True, kw_only=True)
class Notation:
    """A symbol of the formulas and the word, meaning and range that go with it.

    Args:
        word: the keyword under which a value is given.
        symbol: a SymPy ``Symbol``; an ``IndexedBase`` for a sequence over generations, given as
            an array whose last axis is ``k``; a ``Function`` of ``x``, given on a grid, its last
            axis.
        meaning: one phrase.
        minimum, maximum: the allowed range; an end is excluded if ``open_minimum`` /
            ``open_maximum``.
        integer: whether only integers make sense.
        unit: the unit, where there is one.
        default: the value taken when none is given; ``None``: a value must be given.
    """

    word: str
    symbol: Any
    meaning: str
    minimum: float = -np.inf
    maximum: float = np.inf
    open_minimum: bool = False
    open_maximum: bool = False
    integer: bool = False
    unit: str = ""
    default: Fraction | int | None = None

    @property
    def is_sequence(self) -> bool:
        """Whether the symbol is indexed by the generation ``k``."""
        return isinstance(self.symbol, sp.IndexedBase)

    @property
    def is_function(self) -> bool:
        """Whether the symbol is a function of ``x``."""
        return isinstance(self.symbol, sp.core.function.UndefinedFunction)

    @property
    def allowed(self) -> str:
        """The range in words, such as ``a number in (0, 1)``."""
        noun = "an integer" if self.integer else "a number"
        low, high = f"{self.minimum:g}", f"{self.maximum:g}"
        if np.isfinite(self.maximum):
            ends = "[("[self.open_minimum], "])"[self.open_maximum]
            return f"{noun} in {ends[0]}{low}, {high}{ends[1]}"
        if np.isfinite(self.minimum):
            return f"{noun} {'>' if self.open_minimum else '>='} {low}"
        return noun if self.integer else "a finite number"

    @property
    def description(self) -> str:
        """Word, symbol, meaning, unit, range and default in a line."""
        unit = f", {self.unit}" if self.unit else ""
        default = "" if self.default is None else f"; default {self.default}"
        own = " (your own)" if isinstance(self.symbol, OwnSymbol) else ""
        said = f"{self.meaning}{unit}; {self.allowed}{default}"
        return f"{self.word} ({self.symbol}){own}: {said}"

    def expect(
        self, value: Any, required_by: str, ends: tuple[float, float] | None = None
    ) -> FloatArray:
        """Return ``value`` as a float array, every entry in range.

        Args:
            value: a number, ``"1/4"``, or an array of such; its shape is kept.
            required_by: title of the theorem that needs the range, for the message.
            ends: the extremes of an array of floats, where they are known: they spare a look at
                every entry.

        Raises:
            ParameterError: not a finite number, or out of range.
        """
        if ends is not None and self._holds(value, np.array(ends)):
            return np.asarray(value)
        try:
            array = as_floats(value)
        except ValueError as error:
            raise self._refusal(str(error), required_by) from None
        outside = ~self._contains(array)
        if outside.any():
            raise self._refusal(f"{array[outside].flat[0]:.12g}", required_by)
        return array

    def expect_one(self, value: Any, required_by: str) -> Any:
        """Return ``value`` as one ``float``, or ``int`` where the notation is an integer.

        Raises:
            ParameterError: an array, not a finite number, or out of range.
        """
        array = self.expect(value, required_by)
        if array.ndim:
            raise self._refusal(f"an array of shape {array.shape}", required_by)
        return plain(array, integer=self.integer)

    def _holds(self, array: FloatArray, ends: FloatArray) -> bool:
        """Whether all values are in range: a quick check, by their extremes."""
        is_inside = np.isfinite(ends).all() and self._contains(ends).all()
        return bool(is_inside and (not self.integer or _are_whole(array)))

    def _contains(self, array: FloatArray) -> np.ndarray:
        above = array > self.minimum if self.open_minimum else array >= self.minimum
        below = array < self.maximum if self.open_maximum else array <= self.maximum
        return above & below & (np.equal(np.round(array), array) | (not self.integer))

    def _refusal(self, shown: str, required_by: str) -> ParameterError:
        return ParameterError(
            f"{self.word} = {shown}: must be {self.allowed}, required by {required_by!r}"
        )


def _are_whole(array: FloatArray) -> bool:
    """Whether all values are integers; in parts, whose roundings stay in the processor's cache."""
    flat = array.reshape(-1)
    parts = (flat[start : start + _BLOCK] for start in range(0, flat.size, _BLOCK))
    return all((np.rint(part) == part).all() for part in parts)


class OwnSymbol(sp.Symbol):  # type: ignore[misc]  # SymPy is untyped
    """A symbol of a user's own bound, which carries its entry: it stands in no table.

    Symbols of one name with other meanings or ranges are other symbols.
    """

    __slots__ = ("entry",)

    def __new__(cls, word: str, meaning: str, allowed: Mapping[str, Any]) -> OwnSymbol:
        """A symbol with the signs that its range tells."""
        low = allowed.get("minimum", -np.inf)
        signs = {
            "positive": low > 0 or (low == 0 and bool(allowed.get("open_minimum"))),
            "nonnegative": low >= 0,
            "integer": bool(allowed.get("integer")),
        }
        assumed = {name: True for name, holds in signs.items() if holds}
        symbol: OwnSymbol = sp.Symbol.__xnew__(cls, word, real=True, **assumed)
        symbol.entry = Notation(word=word, symbol=symbol, meaning=meaning, **allowed)
        return symbol

    def _hashable_content(self) -> tuple[Any, ...]:
        entry = getattr(self, "entry", None)
        said = () if entry is None else (entry.meaning, entry.allowed)
        return (*super()._hashable_content(), *said)

    def __getnewargs_ex__(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        e = self.entry
        names = ("minimum", "maximum", "open_minimum", "open_maximum", "integer")
        return (e.word, e.meaning, {name: getattr(e, name) for name in names}), {}
