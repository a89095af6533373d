"""The words of a user's own bound: functions, constants, and symbols of one's own.

Functions and constants are those that every evaluator has; a symbol has a name, a meaning, and a
range in words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from keyword import kwlist
from types import MappingProxyType
from typing import Any

import sympy as sp

from bounds.errors import ParameterError, shortened
from bounds.functions import GeometricDepth, LogMinusDigamma, OneMinusExp
from bounds.notation import NOTATION, Notation
from bounds.parameters import OwnSymbol
from bounds.values import fraction_of

__all__ = [
    "CONSTANTS",
    "FUNCTIONS",
    "MOST_BITS",
    "Accepted",
    "functions",
    "own_symbols",
    "scalars",
    "sequences",
]

MOST_BITS = 1000
"""Of the numbers in an expression, so that all of them are floats."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,29}")
_NUMBER = r"-?[0-9][0-9./eE+-]*"
_HALF_LINE = re.compile(rf"(integer )?(>=?) ?({_NUMBER})")
_INTERVAL = re.compile(rf"(integer )?in ([\[(]) ?({_NUMBER}), ?({_NUMBER}) ?([\])])")
_SPOKEN_FOR = {*kwlist, "cell", "k", "x", "oo", "near", "runtime", "Sum", "Integral", "Piecewise"}
_SPOKEN_FOR |= {"I", "O", "case", "catch", "const", "debugger", "default", "delete", "do", "enum"}
_SPOKEN_FOR |= {"export", "extends", "false", "function", "implements", "instanceof", "interface"}
_SPOKEN_FOR |= {"let", "new", "null", "package", "private", "protected", "public", "static"}
_SPOKEN_FOR |= {"super", "switch", "this", "throw", "true", "typeof", "var", "void", "undefined"}
_SPOKEN_FOR |= {"NaN", "Infinity", "Math", "arguments", "eval", "self"}
"""Words of the languages in which bounds are computed, and names of the grammar's own."""


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


def own_symbols(described: Mapping[str, str]) -> dict[str, OwnSymbol]:
    """The symbols of a table of names and meanings.

    Raises:
        ParameterError: no table of texts, or a name that is a word already or none at all.
    """
    if not isinstance(described, Mapping):
        raise ParameterError(f"symbols = {shortened(described)}: must be names with meanings")
    return {name: _symbol(name, said) for name, said in described.items()}


def _symbol(name: Any, said: Any) -> OwnSymbol:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ParameterError(
            f"symbols: {shortened(name)}: must be a letter, then letters, digits and underscores"
        )
    if name in NOTATION:
        raise ParameterError(
            f"symbols: {name!r} is a word of the notation already, {NOTATION[name].meaning}"
        )
    if name in _SPOKEN_FOR or name in FUNCTIONS or name in CONSTANTS:
        raise ParameterError(f"symbols: {name!r} has a meaning of its own; choose another name")
    if not isinstance(said, str) or not said.strip():
        raise ParameterError(f"symbols: {name!r}: must have a meaning, such as 'diameter, > 0'")
    meaning, allowed = _range(name, said.strip())
    return OwnSymbol(name, meaning, allowed)


def _range(name: str, said: str) -> tuple[str, dict[str, Any]]:
    """The meaning without the range at its end, and the range."""
    for pattern, read in ((_HALF_LINE, _half_line), (_INTERVAL, _interval)):
        found = re.fullmatch(rf"(.*), ?{pattern.pattern}", said, re.DOTALL)
        if found:
            allowed = read(name, *found.groups()[1:])
            return found[1], allowed
    if re.search(r"[<>]", said):
        raise ParameterError(
            f"symbols: {name!r}: {shortened(said)}: a range must stand at the end, as in"
            " 'diameter, > 0', ', >= 1', ', in (0, 1)' or ', integer >= 1'"
        )
    return said, {}


def _half_line(name: str, whole: str | None, sign: str, low: str) -> dict[str, Any]:
    return {"minimum": _number(name, low), "open_minimum": sign == ">", "integer": bool(whole)}


def _interval(
    name: str, whole: str | None, left: str, low: str, high: str, right: str
) -> dict[str, Any]:
    ends = _number(name, low), _number(name, high)
    if not ends[0] < ends[1]:
        raise ParameterError(f"symbols: {name!r}: in {left}{low}, {high}{right} is no interval")
    return {
        "minimum": ends[0],
        "maximum": ends[1],
        "open_minimum": left == "(",
        "open_maximum": right == ")",
        "integer": bool(whole),
    }


def _number(name: str, text: str) -> float:
    try:
        return float(Fraction(fraction_of(text)))
    except (TypeError, ValueError, OverflowError):
        raise ParameterError(f"symbols: {name!r}: {shortened(text)} is no number") from None
