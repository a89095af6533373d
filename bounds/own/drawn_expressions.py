"""Hypothesis strategy of the expressions of own bounds; see :mod:`bounds.strategies`."""

from __future__ import annotations

from typing import Any

import sympy as sp
from hypothesis import strategies as st

from bounds.notation import d, j, k, x
from bounds.own.grammar import CONSTANTS, FUNCTIONS, functions, scalars, sequences

__all__ = ["expressions"]

_Drawn = st.SearchStrategy[sp.Expr]
_SMALL_NUMBER = 40


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
    return arguments.get(name, usual).map(lambda given: accepted.make(*given))


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
