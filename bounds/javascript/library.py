"""The script of a page that evaluates bounds: runtime, words with ranges, functions, cycles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import groupby
from math import isfinite
from typing import Any

import sympy as sp

import bounds.notation as symbols
from bounds.cycle_words import CYCLES
from bounds.cycles import DataCycle
from bounds.javascript.printer import careful_function_of, function_of
from bounds.notation import NOTATION, Notation
from bounds.statement import Statement
from bounds.theorems._paper_form import one_step_rate

__all__ = ["cycles_script", "library", "literal", "words"]

_UNSAFE = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}
"""They could end the script element, or open a comment in it."""
_GENERATIONS = 64
"""A page holds data cycles up to this generation."""
_SYMBOLS = {"share": symbols.a, "lam": symbols.lam}
_NEEDS = {
    "accumulating_with_share": ("share",),
    "fresh_real": ("share",),
    "real_plus_synthetic": ("lam",),
    "weighted_real": ("share", "lam"),
}


def library(bounds: Mapping[str, Statement]) -> str:
    """Return JavaScript that defines ``evaluate(name, params)`` for ``bounds``.

    It also defines ``runtime``, the map ``words`` of the notation and the map ``formulas``; it
    belongs inside a function, so that these names are not global.

    Args:
        bounds: by name.

    Raises:
        UnprintableError: an expression has no JavaScript.
    """
    entries = (
        f"[{literal(name)}, {{ title: {literal(bound.title)}, takes: {literal(bound.parameters)},"
        f" relations: [{_relations(bound)}], value: {_value(bound)} }}]"
        for name, bound in bounds.items()
    )
    formulas = ",\n".join(entries)
    return "\n".join(
        (
            _source("runtime.js"),
            _source("roundoff.js") if any(bound.watched for bound in bounds.values()) else "",
            f"const words = new Map({literal(list(words().items()))});",
            f"const formulas = new Map([\n{formulas},\n]);",
            _source("evaluating.js"),
        )
    )


def _value(bound: Statement) -> str:
    return (careful_function_of if bound.watched else function_of)(bound.expression)


def _relations(bound: Statement) -> str:
    """The demands of hypotheses on the words: a text, and a function that is one where it holds."""
    return ", ".join(
        f"{{ text: {literal(str(relation))},"
        f" holds: {function_of(sp.Piecewise((1, relation.formula), (0, True)))} }}"
        for relation in bound.relations
        if relation.words <= set(bound.parameters)
    )


def words() -> dict[str, dict[str, Any]]:
    """Return every word's meaning, range and default, as data for JSON."""
    return {word: _described(entry) for word, entry in NOTATION.items()}


def _described(entry: Notation) -> dict[str, Any]:
    kind = "sequence" if entry.is_sequence else "function" if entry.is_function else "number"
    return {
        "kind": kind,
        "symbol": str(entry.symbol),
        "meaning": entry.meaning,
        "minimum": _finite(entry.minimum),
        "maximum": _finite(entry.maximum),
        "openMinimum": entry.open_minimum,
        "openMaximum": entry.open_maximum,
        "integer": entry.integer,
        "unit": entry.unit,
        "default": None if entry.default is None else float(entry.default),
        "allowed": entry.allowed,
    }


def _finite(end: float) -> float | None:
    return end if isfinite(end) else None


def _source(name: str) -> str:
    return (files("bounds.javascript") / name).read_text(encoding="utf-8")


def literal(data: Any) -> str:
    """Return ``data`` as a literal of printable ASCII without ``<``, ``>`` and ``&``.

    Args:
        data: plain data for JSON, without NaN and infinities.

    Raises:
        ValueError: a number is not finite.
    """
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.translate(_UNSAFE)


@cache
def cycles_script() -> str:
    """Return JavaScript that defines ``cycles`` by name, and ``oneStepRate``.

    A cycle holds the functions that occur among its weights and sizes, each once, and which of them
    stands where: rows of ``[function, count]``, and one function per size.
    """
    held = ",\n".join(_held(word) for word in CYCLES)
    rate = function_of(one_step_rate)
    return f"const cycles = new Map([\n{held},\n]);\nconst oneStepRate = {rate};"


def _held(word: str) -> str:
    cycle = _symbolic(word)
    rows = [list(map(sp.sympify, cycle.weights(j))) for j in range(1, _GENERATIONS + 1)]
    sizes = [sp.sympify(cycle.size(j)) for j in range(1, _GENERATIONS + 1)]
    weights = list(dict.fromkeys(weight for row in rows for weight in row))
    counts = list(dict.fromkeys(sizes))
    runs = [[[weights.index(w), len(list(same))] for w, same in groupby(row)] for row in rows]
    return (
        f"[{literal(word)}, {{ name: {literal(cycle.name)}, needs: {literal(_NEEDS.get(word, []))},"
        f" weights: [{', '.join(map(function_of, weights))}], rows: {literal(runs)},"
        f" sizes: [{', '.join(map(function_of, counts))}],"
        f" sizeOf: {literal([counts.index(size) for size in sizes])} }}]"
    )


def _symbolic(word: str) -> DataCycle:
    given = {need: _SYMBOLS[need] for need in _NEEDS.get(word, ())}
    return CYCLES[word](n=symbols.n, **given)
