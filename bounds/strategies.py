"""Hypothesis strategies: property tests of a bound, one's own included, in a few lines.

>>> from hypothesis import given, settings
>>> import bounds
>>> from bounds.strategies import parameters
>>> bound = bounds.get("fresh-real")
>>> @settings(max_examples=20, database=None)
... @given(parameters(bound))
... def test_more_points_never_hurt(params):
...     assert bound.evaluate(**params | {"n": 2 * params["n"]}) <= bound.evaluate(**params)
>>> test_more_points_never_hurt()

Hypothesis is an optional dependency and imported only by this module.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from bounds import cycles as data_cycles
from bounds.cycles import DataCycle
from bounds.notation import NOTATION, Notation
from bounds.own.drawn_expressions import expressions

if TYPE_CHECKING:
    from bounds.bound import Bound

__all__ = ["cycles", "expressions", "parameters", "value_of"]

_GENERATIONS = 8
_GRID = 9
_LONGEST = 60
_MOST_POINTS = 10**7
_TOP = 10**4
_NEAR = 20
_DENOMINATOR = 10**4
_OPEN = Fraction(1, _DENOMINATOR)


_JOINT: tuple[tuple[set[str], Callable[..., bool]], ...] = (
    ({"collision_probability", "support_size"}, lambda S, K: K * S >= 1),
    ({"generation", "horizon"}, lambda j, N: j <= N),
)
"""Joint conditions: a collision probability is at least one over the support's size."""


@st.composite
def parameters(draw: st.DrawFn, /, bound: Bound, **fixed: Any) -> dict[str, Any]:
    """Draw a value in range for every word that ``bound.evaluate`` needs.

    Numbers are ints and fractions, so the same draw serves exact and float evaluation; ends of a
    range that belong to it are drawn often. Sequences cover the generation that is drawn.

    Args:
        draw: supplied by Hypothesis.
        bound: any bound.
        **fixed: words with values of your own, or strategies.
    """
    params = {word: draw(v) if isinstance(v, st.SearchStrategy) else v for word, v in fixed.items()}
    entries = [entry for entry in bound.symbols if entry.word not in params]
    length = _GENERATIONS if any(entry.is_sequence for entry in bound.symbols) else _LONGEST
    for entry in entries:
        params[entry.word] = draw(_any_value(entry, length))
    if "cell" in bound.parameters:
        params.setdefault("cell", draw(st.floats(1e-3, 1.0)))
    for words, consistent in _JOINT:
        if words <= params.keys():
            assume(consistent(*(params[word] for word in sorted(words))))
    assume(bound.meets(params).all())
    return {word: params[word] for word in [*bound.parameters, *fixed]}


def value_of(word: str) -> st.SearchStrategy[Any]:
    """Strategy: one number in the range of a word of the notation."""
    return _number(NOTATION[word], _LONGEST)


def cycles(generations: int = _GENERATIONS) -> st.SearchStrategy[DataCycle]:
    """Strategy: a data cycle of any kind, defined for at least ``generations`` models."""
    sizes, ratios = st.integers(1, 10**6), st.fractions(0, 100, max_denominator=20)
    return st.one_of(
        st.builds(data_cycles.full_synthetic, n=sizes),
        st.builds(data_cycles.fresh_real, n=sizes, share=st.fractions(0, 1, max_denominator=50)),
        st.builds(data_cycles.balanced, n=sizes),
        st.builds(data_cycles.accumulating, n=sizes),
        st.builds(data_cycles.real_plus_synthetic, n=sizes, lam=ratios, real_start=st.booleans()),
        _custom(generations),
    )


@st.composite
def _custom(draw: st.DrawFn, generations: int) -> DataCycle:
    rows = []
    for j in range(1, generations + 1):
        parts = draw(st.lists(st.integers(0, 9), min_size=j, max_size=j).filter(any))
        rows.append([Fraction(part, sum(parts)) for part in parts])
    counts = st.integers(1, 10**6)
    sizes = draw(st.lists(counts, min_size=generations, max_size=generations))
    return data_cycles.custom(rows=rows, n=sizes)


def _any_value(entry: Notation, length: int) -> st.SearchStrategy[Any]:
    if entry.is_sequence:
        return st.lists(_number(entry, length), min_size=length, max_size=length)
    if entry.is_function:
        low = max(entry.minimum, -1.0)
        return st.lists(st.floats(low, 1.0), min_size=_GRID, max_size=_GRID).map(np.array)
    return _number(entry, length)


def _number(entry: Notation, length: int) -> st.SearchStrategy[Any]:
    if entry.integer:
        return _integer(entry, length)
    low = Fraction(entry.minimum) if np.isfinite(entry.minimum) else Fraction(-_TOP)
    high = Fraction(entry.maximum) if np.isfinite(entry.maximum) else low + _TOP
    first, last = low + _OPEN * entry.open_minimum, high - _OPEN * entry.open_maximum
    inside = st.fractions(first, last, max_denominator=_DENOMINATOR)
    if last - first > _NEAR:
        inside |= st.fractions(first, first + _NEAR, max_denominator=_DENOMINATOR)
    ends = [low] * (not entry.open_minimum) + [high] * (
        not entry.open_maximum and bool(np.isfinite(entry.maximum))
    )
    return st.one_of(inside, st.sampled_from(ends)) if ends else inside


def _integer(entry: Notation, length: int) -> st.SearchStrategy[int]:
    low = int(entry.minimum) if np.isfinite(entry.minimum) else 0
    high = int(entry.maximum) if np.isfinite(entry.maximum) else _MOST_POINTS
    if entry.word in ("generation", "horizon"):
        high = length
    if entry.word == "dimension":
        high = 20
    small = st.integers(low, min(high, low + 20))
    return st.one_of(small, st.integers(low, high)) if high > low + 20 else small
