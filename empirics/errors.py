"""The error for a user's mistake, one line naming argument, value and requirement, and checks."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from math import inf, isfinite
from numbers import Integral, Real
from typing import Any

from bounds.errors import UserError

__all__ = [
    "DensityError",
    "InputError",
    "MissingLibraryError",
    "integer",
    "missing",
    "number",
    "of_density",
    "of_generation",
    "one_of",
    "require",
]


_READABLE = 10**20
"""Larger integers are not written out; Python refuses to from 4300 digits on."""


class InputError(UserError):
    """A mistake in what was asked for; its text is one line fit for a terminal."""


class DensityError(InputError):
    """A density that is none, or not that of the points that its law draws.

    Args:
        name: what the density is called.
        what: what is wrong with it.
    """

    def __init__(self, name: str, what: str) -> None:
        super().__init__(name, what)
        self.what = what

    def __str__(self) -> str:
        return ": ".join(self.args)


class MissingLibraryError(InputError):
    """A library is not installed that only this part needs."""


def number(
    name: str,
    value: Any,
    *,
    above: float = -inf,
    at_least: float = -inf,
    below: float = inf,
) -> float:
    """Return ``value`` as a float if it is a finite real number in range.

    Raises:
        InputError: it is not.
    """
    limits = [
        f"{sign} {limit:g}"
        for sign, limit in ((">", above), (">=", at_least), ("<", below))
        if isfinite(limit)
    ]
    if not _finite(value) or not above < value < below or value < at_least:
        raise InputError(f"{name} = {value!r}: must be a number {' and '.join(limits)}".rstrip())
    return float(value)


def _finite(value: Any) -> bool:
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
    except OverflowError:
        return False


def integer(name: str, value: Any, *, at_least: int, at_most: float = inf) -> int:
    """Return ``value`` as an int if it is an integer in range.

    Raises:
        InputError: it is not.
    """
    if not isinstance(value, Integral) or isinstance(value, bool) or value < at_least:
        raise InputError(f"{name} = {value!r}: must be an integer >= {at_least}")
    if int(value) > at_most:
        shown = f" = {value}" if value < _READABLE else ""
        raise InputError(f"{name}{shown}: must be an integer >= {at_least} and <= {at_most:g}")
    return int(value)


def one_of(name: str, value: Any, allowed: Collection[str]) -> str:
    """Return ``value`` if it is one of the allowed words.

    Raises:
        InputError: it is not.
    """
    if not isinstance(value, str) or value not in allowed:
        words = ", ".join(repr(word) for word in allowed)
        raise InputError(f"{name} = {value!r}: must be one of {words}")
    return str(value)


@contextmanager
def of_density(name: str) -> Iterator[None]:
    """Say of a mistake in what a function gives that the function is a density."""
    try:
        yield
    except DensityError:
        raise
    except InputError as error:
        raise DensityError(name, str(error).removeprefix(f"{name}: ")) from None


@contextmanager
def of_generation(j: int) -> Iterator[None]:
    """Say of a mistake that comes to light within which generation it does."""
    try:
        yield
    except InputError as error:
        raise InputError(f"generation {j}: {error}") from None


def missing(part: object) -> str:
    """The reason why a model cannot be run here: a library in its ``libraries`` that is not there.

    Empty where nothing is missing. Nothing is imported.
    """
    absent = [name for name in getattr(part, "libraries", ()) if find_spec(name) is None]
    if not absent:
        return ""
    return f"{type(part).__name__} needs {absent[0]}: pip install '.[{absent[0]}]'"


def require(part: object) -> None:
    """Refuse a part whose libraries are not there.

    Raises:
        MissingLibraryError: one is not.
    """
    if reason := missing(part):
        raise MissingLibraryError(reason)
