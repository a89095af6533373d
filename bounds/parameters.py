"""A caller's parameters, checked and completed: ranges, misspellings, defaults, quantities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import Any

import numpy as np

from bounds.errors import ParameterError, did_you_mean
from bounds.notation import NOTATION
from bounds.notation_entry import Notation
from bounds.values import FloatArray, as_floats, extremes, plain

__all__ = ["Quantities", "Request", "refuse_nan"]

_CELL = "cell"
"""The volume of a grid cell: the one word of an expression that is not in the notation."""

Quantities = Callable[..., Mapping[str, Any]]


class Request:
    """The parameters of one evaluation.

    Args:
        title: the theorem's title, for messages.
        words: words that the expression needs.
        quantities: computes words the caller left out from other words, its keyword arguments.
        given: what the caller gave.
        own: symbols of the user's own, by word.

    Raises:
        ParameterError: an unknown word or a value out of range.
    """

    def __init__(
        self,
        title: str,
        words: tuple[str, ...],
        quantities: Quantities | None,
        given: Mapping[str, Any],
        own: Mapping[str, Notation] | None = None,
    ) -> None:
        self._title, self._words, self._quantities = title, words, quantities
        self._own = own or {}
        self.extremes: dict[str, tuple[float, float] | None] = {}
        """Of the arrays given: the least and the greatest entry, by word."""
        self._inputs = dict(signature(quantities).parameters) if quantities else {}
        self._refuse_unknown(given)
        self._given = {word: self._checked(word, value) for word, value in given.items()}
        absent = [w for w in words if w not in given and _default(w) is None]
        self._computes = bool(absent and quantities)

    @property
    def defaults(self) -> dict[str, Any]:
        """Notation's defaults that stand in for words not given."""
        words = [*self._words, *self._inputs] if self._computes else [*self._words]
        defaults = {word: _default(word) for word in words if word not in self._given}
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
        _refuse_shapes({word: _leading(word, value) for word, value in values.items()})
        _refuse_shapes({w: v.shape[-1:] for w, v in values.items() if _is_function(w)})
        return values

    def _computed(self, known: Mapping[str, Any]) -> Mapping[str, Any]:
        assert self._quantities is not None
        required = [w for w, p in self._inputs.items() if p.default is Parameter.empty]
        self._refuse_missing([word for word in required if word not in known])
        return self._quantities(
            **{word: _handed(word, known[word]) for word in self._inputs if word in known}
        )

    def _checked(self, word: str, value: Any) -> Any:
        if entry := self._own.get(word) or NOTATION.get(word):
            self.extremes[word] = extremes(value)
            return entry.expect(value, self._title, self.extremes[word])
        return _cell(value) if word in self._words else value

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


def refuse_nan(value: FloatArray, values: Mapping[str, FloatArray], title: str) -> FloatArray:
    """Return ``value``, the result at ``values``, unless an entry is no number.

    Raises:
        ParameterError: names the first point at which there is none.
    """
    absent = np.isnan(value)
    if not absent.any():
        return value
    single = {w: v for w, v in values.items() if w == _CELL or _is_single(w)}
    at = int(np.flatnonzero(absent)[0])
    point = ", ".join(
        f"{word} = {np.broadcast_to(given, value.shape).flat[at]:.12g}"
        for word, given in single.items()
    )
    raise ParameterError(
        f"{title!r} has no value in floating point at {point or 'these parameters'}: a function is"
        " outside its range there, or digits run out; an enclosure, or bound.limit where it is 0/0,"
        " may tell"
    )


def _is_single(word: str) -> bool:
    return word not in NOTATION or not (NOTATION[word].is_sequence or NOTATION[word].is_function)


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


def _is_function(word: str) -> bool:
    return word in NOTATION and NOTATION[word].is_function


def _leading(word: str, value: FloatArray) -> tuple[int, ...]:
    has_own_axis = _is_function(word) or (word in NOTATION and NOTATION[word].is_sequence)
    return value.shape[:-1] if has_own_axis else value.shape


def _default(word: str) -> Any:
    return NOTATION[word].default if word in NOTATION else None


def _handed(word: str, value: Any) -> Any:
    return plain(value, integer=NOTATION[word].integer) if word in NOTATION else value
