"""Parameters of a bound: the notation of one, and a caller's values, checked and completed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from inspect import Parameter, signature
from typing import Any

import numpy as np
import sympy as sp

from bounds.errors import ParameterError, did_you_mean
from bounds.values import BLOCK, FloatArray, as_floats, extremes, plain

__all__ = ["Notation", "OwnSymbol", "Quantities", "Request"]

Quantities = Callable[..., Mapping[str, Any]]


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
            raise self.refusal(str(error), required_by) from None
        outside = ~self._contains(array)
        if outside.any():
            raise self.refusal(f"{array[outside].flat[0]:.12g}", required_by)
        return array

    def expect_one(self, value: Any, required_by: str) -> Any:
        """Return ``value`` as one ``float``, or ``int`` where the notation is an integer.

        Raises:
            ParameterError: an array, not a finite number, or out of range.
        """
        array = self.expect(value, required_by)
        if array.ndim:
            raise self.refusal(f"an array of shape {array.shape}", required_by)
        return plain(array, integer=self.integer)

    def _holds(self, array: FloatArray, ends: FloatArray) -> bool:
        """Whether all values are in range: a quick check, by their extremes."""
        is_inside = np.isfinite(ends).all() and self._contains(ends).all()
        return bool(is_inside and (not self.integer or _are_whole(array)))

    def _contains(self, array: FloatArray) -> np.ndarray:
        above = array > self.minimum if self.open_minimum else array >= self.minimum
        below = array < self.maximum if self.open_maximum else array <= self.maximum
        return above & below & (np.rint(array) == array) if self.integer else above & below

    def refusal(self, shown: str, required_by: str) -> ParameterError:
        """Return the error that names word, value, range and theorem."""
        return ParameterError(
            f"{self.word} = {shown}: must be {self.allowed}, required by {required_by!r}"
        )


def _are_whole(array: FloatArray) -> bool:
    """Whether all values are integers; in parts, whose roundings stay in the processor's cache."""
    flat = array.reshape(-1)
    parts = (flat[start : start + BLOCK] for start in range(0, flat.size, BLOCK))
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


class Request:
    """The parameters of one evaluation.

    Args:
        title: the theorem's title, for messages.
        words: words that the expression needs.
        quantities: computes words the caller left out from other words, its keyword arguments.
        given: what the caller gave.
        entries: the notation of words, by word.

    Raises:
        ParameterError: an unknown word or a value out of range.
    """

    def __init__(
        self,
        title: str,
        words: tuple[str, ...],
        quantities: Quantities | None,
        given: Mapping[str, Any],
        entries: Mapping[str, Notation],
    ) -> None:
        self._title, self._words, self._quantities = title, words, quantities
        self._entries = entries
        self.extremes: dict[str, tuple[float, float] | None] = {}
        """Of the arrays given: the least and the greatest entry, by word."""
        self._inputs = dict(signature(quantities).parameters) if quantities else {}
        self._refuse_unknown(given)
        self._given = {word: self._checked(word, value) for word, value in given.items()}
        absent = [w for w in words if w not in given and self._default(w) is None]
        self._computes = bool(absent and quantities)

    @property
    def defaults(self) -> dict[str, Any]:
        """Notation's defaults that stand in for words not given."""
        words = [*self._words, *self._inputs] if self._computes else [*self._words]
        defaults = {word: self._default(word) for word in words if word not in self._given}
        return {word: value for word, value in defaults.items() if value is not None}

    def values(self) -> dict[str, FloatArray]:
        """Return a float array for every word of the expression.

        Raises:
            ParameterError: a word is missing.
        """
        known = self._given | {w: self._checked(w, v) for w, v in self.defaults.items()}
        computed = self._computed(known) if self._computes else {}
        known = {word: as_floats(value) for word, value in computed.items()} | known
        self._refuse_missing([word for word in self._words if word not in known])
        values = {word: known[word] for word in self._words}
        _refuse_shapes({word: self._leading(word, value) for word, value in values.items()})
        _refuse_shapes({w: v.shape[-1:] for w, v in values.items() if self._is_function(w)})
        return values

    def _computed(self, known: Mapping[str, Any]) -> Mapping[str, Any]:
        assert self._quantities is not None
        required = [w for w, p in self._inputs.items() if p.default is Parameter.empty]
        self._refuse_missing([word for word in required if word not in known])
        return self._quantities(
            **{word: self._handed(word, known[word]) for word in self._inputs if word in known}
        )

    def _checked(self, word: str, value: Any) -> Any:
        if entry := self._entries.get(word):
            self.extremes[word] = extremes(value)
            return entry.expect(value, self._title, self.extremes[word])
        return _cell(value) if word in self._words else value

    def _default(self, word: str) -> Any:
        return self._entries[word].default if word in self._entries else None

    def _is_function(self, word: str) -> bool:
        return word in self._entries and self._entries[word].is_function

    def _leading(self, word: str, value: FloatArray) -> tuple[int, ...]:
        entry = self._entries.get(word)
        has_own_axis = entry is not None and (entry.is_function or entry.is_sequence)
        return value.shape[:-1] if has_own_axis else value.shape

    def _handed(self, word: str, value: Any) -> Any:
        entry = self._entries.get(word)
        return value if entry is None else plain(value, integer=entry.integer)

    def _refuse_unknown(self, given: Mapping[str, Any]) -> None:
        accepted = list(dict.fromkeys([*self._words, *self._inputs]))
        for word in given:
            if word not in accepted:
                raise ParameterError(
                    f"{word}: unknown to {self._title!r}{did_you_mean(word, accepted)}; it takes"
                    f" {', '.join(accepted)}"
                )

    def _refuse_missing(self, missing: list[str]) -> None:
        if missing:
            raise ParameterError(f"{', '.join(missing)}: missing, needed by {self._title!r}")


def _refuse_shapes(shapes: Mapping[str, tuple[int, ...]]) -> None:
    try:
        np.broadcast_shapes(*shapes.values())
    except ValueError:
        shown = ", ".join(f"{word} {shape}" for word, shape in shapes.items() if shape)
        raise ParameterError(f"{shown}: these shapes do not broadcast") from None


def _cell(value: Any) -> FloatArray:
    try:
        cells = as_floats(value)
    except ValueError as error:
        raise ParameterError(f"cell = {error}: must be a number > 0") from None
    if not (cells > 0).all():
        raise ParameterError(f"cell = {cells[~(cells > 0)].flat[0]:.12g}: must be a number > 0")
    return cells
