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
import sympy as sp
from hypothesis import assume
from hypothesis import strategies as st

from bounds import cycles as data_cycles
from bounds.cycles import DataCycle
from bounds.notation import NOTATION, Notation, d, j, k, x
from bounds.own.grammar import CONSTANTS, FUNCTIONS, functions, scalars, sequences

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
_SMALL_NUMBER = 40
_Drawn = st.SearchStrategy[sp.Expr]
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
    for length in range(1, generations + 1):
        parts = draw(st.lists(st.integers(0, 9), min_size=length, max_size=length).filter(any))
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


def expressions(depth: int = 3) -> _Drawn:
    """Strategy: an expression of everything that ``bounds.define`` takes, operations in operations.

    ``define`` refuses some: a logarithm of a negative number, a harmonic number of no count.

    Args:
        depth: how deep operations are nested.
    """
    numbers = _of_numbers(depth)
    return st.one_of(numbers, numbers, _with_sequences(), _integrals())


@st.composite
def _of_numbers(draw: st.DrawFn, depth: int, *indices: sp.Symbol) -> sp.Expr:
    if depth == 0:
        return draw(_leaves(*indices))
    operations = _operations(_of_numbers(depth - 1, *indices))
    return draw(st.one_of(_leaves(*indices), operations, operations, _sums(depth - 1, *indices)))


def _operations(inner: _Drawn) -> _Drawn:
    several = st.lists(inner, min_size=2, max_size=3)
    pairs, nonzero = st.tuples(inner, inner), inner.filter(lambda part: part != 0)
    return st.one_of(
        several.map(lambda parts: sp.Add(*parts)),
        several.map(lambda parts: sp.Mul(*parts)),
        pairs.map(lambda pair: pair[0] - pair[1]),
        st.tuples(inner, nonzero).map(lambda pair: pair[0] / pair[1]),
        _powers(nonzero, inner),
        _choices(inner),
        st.sampled_from(sorted(FUNCTIONS)).flatmap(lambda name: _call(name, inner)),
    ).filter(_is_real)


def _leaves(*more: sp.Expr) -> _Drawn:
    symbols = st.sampled_from([*scalars().values(), *CONSTANTS.values(), *more])
    numbers = st.fractions(0, 20, max_denominator=12).map(sp.Rational)
    return st.one_of(symbols, symbols, numbers, st.floats(0.01, 100).map(sp.Float))


def _is_real(expression: sp.Expr) -> bool:
    return isinstance(expression, sp.Expr) and not expression.has(sp.nan, sp.zoo, sp.oo, sp.I)


def _powers(bases: _Drawn, inner: _Drawn) -> _Drawn:
    small = st.sampled_from([-2, -1, 2, 3, *map(sp.Rational, ("1/2", "-1/2", "1/3"))])
    exponents = st.one_of(small, inner.filter(lambda part: not part.is_number))
    return st.tuples(bases, exponents).map(lambda pair: sp.Pow(*pair))


def _call(name: str, inner: _Drawn) -> _Drawn:
    counts = st.sampled_from([j, j - 1, d, sp.Integer(7), 2 * j])
    small = inner.filter(lambda part: not part.is_number or abs(part) < _SMALL_NUMBER)
    lower = small.map(lambda u: -sp.exp(-sp.Abs(u) - 1))
    arguments: dict[str, st.SearchStrategy[Any]] = {
        "harmonic": st.one_of(st.tuples(counts), st.tuples(counts, small.map(sp.Abs))),
        "polygamma": st.tuples(st.integers(0, 4), small),
        "LambertW": st.one_of(st.tuples(small), st.tuples(lower, st.just(-1))),
        "GeometricDepth": st.tuples(small.map(lambda u: 1 / (1 + sp.Abs(u))), counts),
        "LogMinusDigamma": st.tuples(small, small),
        "zeta": st.one_of(st.tuples(small), st.tuples(small, small)),
    }
    accepted = FUNCTIONS[name]
    usual = st.lists(small, min_size=accepted.fewest, max_size=min(accepted.most, 3))
    return arguments.get(name, usual).map(lambda given: _called(accepted.make, given))


def _called(make: Callable[..., sp.Expr], given: Any) -> sp.Expr:
    try:
        return make(*given)
    except ValueError:  # SymPy knows that one of them is not real, such as Max(atanh(2), j)
        return sp.nan


def _choices(inner: _Drawn) -> _Drawn:
    relations = st.sampled_from([sp.Lt, sp.Le, sp.Gt, sp.Ge, sp.Eq, sp.Ne])
    one = st.tuples(relations, inner, inner).map(_compared).filter(lambda test: test is not None)
    both = st.tuples(st.sampled_from([sp.And, sp.Or]), one, one).map(lambda m: m[0](m[1], m[2]))
    return st.tuples(inner, st.one_of(one, both), inner).map(
        lambda made: sp.Piecewise((made[0], made[1]), (made[2], True), evaluate=False)
    )


def _compared(made: tuple[Any, sp.Expr, sp.Expr]) -> Any:
    relation, p, q = made
    try:
        return relation(p, q)
    except TypeError:  # SymPy knows that one of them is not real
        return None


def _sums(depth: int, *indices: sp.Symbol) -> _Drawn:
    """Sums over an index of their own, from 0, 1 or 2 to a count, or to an outer index."""
    index = sp.Symbol("kilpuw"[len(indices)], integer=True)
    lasts = st.sampled_from([j, j - 1, d, sp.Integer(4), *indices])
    return st.tuples(_of_numbers(depth, *indices, index), st.integers(0, 2), lasts).map(
        lambda made: sp.Sum(made[0], (index, made[1], made[2]))
    )


def _with_sequences() -> _Drawn:
    one = [base[k] for base in sequences().values() if str(base) != "G"]
    terms = _operations(_leaves(*one, sequences()["influence"][j, k], k))
    return terms.map(lambda term: sp.Sum(term, (k, 1, j)))


def _integrals() -> _Drawn:
    on_grid = [function(x) for function in functions().values()]
    terms = st.tuples(st.sampled_from(on_grid), _leaves(*on_grid)).map(
        lambda pair: sp.sqrt(sp.Abs(pair[0]) + sp.Abs(pair[1]))
    )
    return terms.map(lambda term: sp.Integral(term, (x, -sp.oo, sp.oo)) / 2)
