"""A bound's value term by term, so that one sees which term pays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from bounds.accuracy import evaluate
from bounds.errors import ParameterError
from bounds.evaluate import compiled
from bounds.functions import GeometricDepth, textbook
from bounds.html import html_table
from bounds.notation import symbol_of
from bounds.statement import Statement

__all__ = ["Explanation", "Term", "explain"]

_MOST_TERMS = 1000
_MODEL = sp.Symbol("g", positive=True, integer=True)
"""The index of sums that are written out here, which no bound has for its own."""


@dataclass(frozen=True)
class Term:
    """One term of a bound.

    Args:
        formula: the term.
        generation: the model ``k`` it belongs to, where it is a term of a sum over models.
        value: its value.
        share: its part of the whole; shares sum to one.
    """

    formula: sp.Expr
    generation: int | None
    value: float
    share: float

    def __str__(self) -> str:
        of = "" if self.generation is None else f"k = {self.generation}: "
        return f"{self.share:7.2%}  {self.value:.6g}  {of}{self.formula}"


@dataclass(frozen=True)
class Explanation:
    """All terms of a bound, in the order of the formula, and their sum."""

    value: float
    terms: tuple[Term, ...]

    def __str__(self) -> str:
        return "\n".join([f"{self.value:.6g} is the sum of", *map(str, self.terms)])

    def _repr_html_(self) -> str:
        rows = [
            (t.formula, t.generation or "", f"{t.value:.6g}", f"{t.share:.2%}") for t in self.terms
        ]
        title = f"{self.value:.6g} is the sum of"
        return html_table(("term", "model", "value", "share"), rows, title)

    @property
    def largest(self) -> Term:
        """The term with the largest share."""
        return max(self.terms, key=lambda term: term.share)


def explain(bound: Statement, params: Mapping[str, Any]) -> Explanation:
    """Return the terms of a bound; see :meth:`Bound.explain`.

    A sum over models is listed model by model, and so are the geometric depth and the harmonic
    number, which stand for such sums.

    Raises:
        ParameterError: as :meth:`Bound.evaluate`; a parameter is an array of points.
    """
    total = evaluate(bound, params)
    if np.ndim(total):
        raise ParameterError(f"{bound.title!r}: explain one point, not an array of them")
    values = bound.request(params).values()
    parts = [part for term in _terms(bound.expression) for part in _parts(term, values)]
    whole = sum(value for _, _, value in parts)
    terms = (Term(textbook(f), k, v, v / whole if whole else 1 / len(parts)) for f, k, v in parts)
    return Explanation(float(total), tuple(terms))


def _terms(expression: sp.Expr) -> tuple[sp.Expr, ...]:
    """The terms of a sum, a common factor multiplied into each."""
    kept = {node: sp.Dummy() for node in expression.atoms(sp.Sum)}
    outside = expression.xreplace(kept)  # in a sum they stay what they are
    outside = outside.replace(GeometricDepth, _depth_as_sum).replace(sp.harmonic, _harmonic_sum)
    unrolled = outside.xreplace({dummy: node for node, dummy in kept.items()})
    sums = [f for f in sp.Mul.make_args(unrolled) if f.is_Add]
    if len(sums) == 1 and unrolled.is_Mul:
        return tuple(unrolled / sums[0] * term for term in sums[0].args)
    return tuple(sp.Add.make_args(unrolled))


def _depth_as_sum(share: sp.Expr, count: sp.Expr) -> sp.Expr:
    return sp.Sum((1 - sp.together(share)) ** (count - _MODEL), (_MODEL, 1, count))


def _harmonic_sum(count: sp.Expr, *order: sp.Expr) -> sp.Expr:
    if order:
        return sp.harmonic(count, *order)
    return sp.Sum(1 / _MODEL, (_MODEL, 1, count))


_Part = tuple[sp.Expr, int | None, float]


def _parts(term: sp.Expr, values: Mapping[str, Any]) -> Iterator[_Part]:
    sums = [f for f in sp.Mul.make_args(term) if isinstance(f, sp.Sum)]
    if len(sums) != 1 or len(sums[0].limits) != 1:
        yield term, None, _value(term, values)
        return
    (index, lower, upper), outside = sums[0].limits[0], term / sums[0]
    first, last = (int(_value(limit, values)) for limit in (lower, upper))
    if last - first >= _MOST_TERMS:
        yield term, None, _value(term, values)
        return
    for k in range(first, last + 1):
        one = outside * sums[0].function.subs(index, k)
        yield one, k, _value(one, values)


def _value(expression: sp.Expr, values: Mapping[str, Any]) -> float:
    fixed = {}
    for node in expression.atoms(sp.Indexed):
        if node.indices[-1].is_Integer:
            fixed[node] = _entry(node, values)
    return float(compiled(expression.xreplace(fixed))(**values))


def _entry(node: sp.Indexed, values: Mapping[str, Any]) -> sp.Float:
    entry = symbol_of(node.base)
    assert entry is not None
    sequence = np.asarray(values[entry.word])
    at = int(node.indices[-1]) - 1
    return sp.Float(float(sequence if sequence.ndim == 0 else sequence[at]))
