"""Where a page takes sequences and functions of x from: data cycles, and loops computed here."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import sympy as sp

import bounds.notation as symbols
from bounds.cycle_words import CYCLES
from bounds.cycles import DataCycle
from bounds.javascript import function_of, literal
from bounds.kde import kde_quantities
from bounds.theorems._paper_form import one_step_rate

__all__ = ["GRIDS", "LOOPS", "KernelLoop", "cycles_script", "loops_data"]

_GENERATIONS = 64
"""A page holds data cycles up to this generation."""
_SYMBOLS = {"share": symbols.a, "lam": symbols.lam}
_NEEDS = {"fresh_real": ("share",), "real_plus_synthetic": ("lam",)}
_EVERY = 3
"""Cells of the quadrature grid that one cell of the page's grid is made of."""
_NEGLIGIBLE = 1e-8
GRIDS = ("bias", "variance", "kernel_variance")


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


@dataclass(frozen=True)
class KernelLoop:
    """A loop of kernel density estimates on N(0, 1) whose bounds' quantities the page holds.

    Args:
        title: in words.
        cycle: name of a data cycle.
        n: training points per generation.
        bandwidth: standard deviation of the kernel.
        generations: number of models.
        share: of real points, where the cycle has one.
    """

    title: str
    cycle: str
    n: int = 1000
    bandwidth: float = 0.25
    generations: int = 10
    share: float | None = None

    def quantities(self, generation: int) -> dict[str, Any]:
        """Everything that a kernel-density theorem may ask for, by quadrature."""
        return kde_quantities(
            bandwidth=self.bandwidth,
            generation=generation,
            cycle=self.cycle,
            n=self.n,
            share=self.share,
        )


LOOPS = (
    KernelLoop("full synthetic", "full_synthetic"),
    KernelLoop("fresh real share 0.1", "fresh_real", share=0.1),
)


def loops_data() -> list[dict[str, Any]]:
    """Return every loop's sequences and grids, grids as the bytes of float32 in base 64."""
    return [_loop_data(loop) for loop in LOOPS]


def _loop_data(loop: KernelLoop) -> dict[str, Any]:
    each = [loop.quantities(j) for j in range(1, loop.generations + 1)]
    last = each[-1]
    sequences = {w: last[w].tolist() for w in ("smoothing_bias", "noise")}
    return {
        "title": f"N(0, 1), {loop.title}, n = {loop.n}, bandwidth {loop.bandwidth:g}",
        "n": loop.n,
        "influence": [found["influence"].tolist() for found in each],
        "size": last["size"].tolist(),
        **sequences,
        "grids": [_grids(found) for found in each],
    }


def _grids(found: dict[str, Any]) -> dict[str, Any]:
    """Every third cell, as far out as anything is there: exact for what a kernel has smoothed."""
    rows = np.stack([found[word] for word in GRIDS])[:, ::_EVERY]
    seen = np.flatnonzero((abs(rows) > _NEGLIGIBLE * abs(rows).max(axis=1, keepdims=True)).any(0))
    kept = rows[:, seen[0] : seen[-1] + 1].astype("<f4")
    packed = {w: b64encode(row.tobytes()).decode() for w, row in zip(GRIDS, kept, strict=True)}
    return {**packed, "cell": found["cell"] * _EVERY}
