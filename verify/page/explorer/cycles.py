"""The weights and sizes of data cycles as JavaScript, printed from the cycles themselves."""

from __future__ import annotations

from functools import cache
from itertools import groupby

import sympy as sp

import bounds.notation as symbols
from bounds.cycle_words import CYCLES
from bounds.cycles import DataCycle
from bounds.javascript import function_of, literal
from bounds.theorems._paper_form import one_step_rate

__all__ = ["cycles_script"]

_GENERATIONS = 64
"""A page holds data cycles up to this generation."""
_SYMBOLS = {"share": symbols.a, "lam": symbols.lam}
_NEEDS = {
    "accumulating_with_share": ("share",),
    "fresh_real": ("share",),
    "real_plus_synthetic": ("lam",),
    "weighted_real": ("share", "lam"),
}


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
