"""The functions and constants of a user's own bound: those that every evaluator has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sympy as sp

from bounds.functions import GeometricDepth, LogMinusDigamma, OneMinusExp
from bounds.notation import NOTATION, Notation

__all__ = ["CONSTANTS", "FUNCTIONS", "MOST_BITS", "Accepted", "functions", "scalars", "sequences"]

MOST_BITS = 1000
"""Of the numbers in an expression, so that all of them are floats."""


@dataclass(frozen=True)
class Accepted:
    """A function of the grammar.

    Args:
        make: SymPy's function.
        fewest, most: how many arguments it takes.
    """

    make: Callable[..., Any]
    fewest: int = 1
    most: int = 1


_MANY = 20
_PLAIN = (
    *("exp", "sign", "floor", "ceiling", "erf", "erfc", "gamma", "loggamma", "digamma"),
    *("factorial", "sin", "cos", "tan", "sinh", "cosh", "tanh"),
    *("asin", "acos", "atan", "asinh", "acosh", "atanh", "sqrt"),
)

FUNCTIONS: Mapping[str, Accepted] = MappingProxyType(
    {
        **{name: Accepted(getattr(sp, name)) for name in _PLAIN},
        "log": Accepted(sp.log, 1, 2),
        "Abs": Accepted(sp.Abs),
        "Max": Accepted(sp.Max, 1, _MANY),
        "Min": Accepted(sp.Min, 1, _MANY),
        "harmonic": Accepted(sp.harmonic, 1, 2),
        "zeta": Accepted(sp.zeta, 1, 2),
        "polygamma": Accepted(sp.polygamma, 2, 2),
        "LambertW": Accepted(sp.LambertW, 1, 2),
        "GeometricDepth": Accepted(GeometricDepth, 2, 2),
        "LogMinusDigamma": Accepted(LogMinusDigamma, 2, 2),
        "OneMinusExp": Accepted(OneMinusExp),
    }
)
"""By the name under which text and SymPy know it."""

CONSTANTS: Mapping[str, sp.Expr] = MappingProxyType(
    {"pi": sp.pi, "E": sp.E, "EulerGamma": sp.EulerGamma}
)


def scalars() -> Mapping[str, sp.Symbol]:
    """Return the symbols of the notation that are single numbers, by symbol and by word."""
    return _named(lambda entry: not (entry.is_sequence or entry.is_function))


def sequences() -> Mapping[str, sp.IndexedBase]:
    """Return the sequences of the notation, by symbol and by word."""
    return _named(lambda entry: entry.is_sequence)


def functions() -> Mapping[str, Any]:
    """Return the functions of ``x`` of the notation, by symbol and by word."""
    return _named(lambda entry: entry.is_function)


def _named(wanted: Callable[[Notation], bool]) -> Mapping[str, Any]:
    entries = [entry for entry in NOTATION.values() if wanted(entry)]
    by_symbol = {str(entry.symbol): entry.symbol for entry in entries}
    return by_symbol | {entry.word: entry.symbol for entry in entries}
