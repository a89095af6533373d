"""Exact limits of a bound in a parameter, and its leading behaviour as one goes to infinity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf, nextafter
from typing import Any

import numpy as np
import sympy as sp

from bounds.calculus.limits import leading, limit_of
from bounds.certified.exact import as_fraction
from bounds.certified.given import plain_numbers
from bounds.errors import ParameterError
from bounds.functions import textbook
from bounds.html import html_table
from bounds.notation import Notation
from bounds.questions.words import demanded, scalar_entry, substituted
from bounds.statement import Statement

__all__ = ["How", "Order", "limit", "order"]


def limit(bound: Statement, parameter: str, to: Any, params: Mapping[str, Any]) -> sp.Expr:
    """Return the limit of a bound; see :meth:`Bound.limit`."""
    entry = scalar_entry(bound, parameter)
    if parameter in params:
        raise ParameterError(f"{parameter}: cannot be both given and varied")
    expression = _met(bound, params)
    target = _target(demanded(bound, entry, params), to, bound.title)
    found = limit_of(expression, entry, target)
    if found is None:
        given = "; give numbers for the other words" if not params else ""
        raise ParameterError(f"{parameter} -> {to}: no limit of {bound.title!r} was found{given}")
    return found


def _met(bound: Statement, params: Mapping[str, Any]) -> sp.Expr:
    """The expression with numbers put in, which no hypothesis between words forbids."""
    expression = substituted(bound, params)
    bound.refuse_unmet(plain_numbers(params))
    return expression


def _target(entry: Notation, to: Any, title: str) -> sp.Expr:
    if (isinstance(to, str) and to in ("oo", "inf", "infinity")) or to in (sp.oo, np.inf):
        if np.isfinite(entry.maximum):
            raise ParameterError(
                f"{entry.word} -> oo: must be {entry.allowed}, required by {title!r}"
            )
        return sp.oo
    try:
        value = as_fraction(to)
    except ValueError as error:
        raise ParameterError(f"{entry.word} -> {error}: must be a number or oo") from None
    if not nextafter(entry.minimum, -inf) <= value <= nextafter(entry.maximum, inf):
        raise ParameterError(f"{entry.word} -> {to}: must be {entry.allowed}, or an end of it")
    return sp.Rational(value.numerator, value.denominator)


class How(StrEnum):
    """The method behind a leading term."""

    RULES = "term by term, with the known asymptotics of each function"
    SUM = "term by term, with the known limit of a convergent sum or growth of a divergent one"
    SYMPY = "limit found by SymPy"


@dataclass(frozen=True)
class Order:
    """The leading term of a bound as one parameter goes to infinity, the others fixed.

    Args:
        parameter: the word that grows.
        term: bound / term -> 1.
        how: what the term rests on.
    """

    parameter: str
    term: sp.Expr
    how: How

    def __str__(self) -> str:
        return f"~ {self.term} as {self.parameter} -> oo ({self.how})"

    def _repr_html_(self) -> str:
        row = (f"{self.parameter} -> oo", f"~ {self.term}", self.how)
        return html_table(("as", "leading term", "found"), [row])


def order(bound: Statement, parameter: str, params: Mapping[str, Any]) -> Order:
    """Return the leading term of a bound; see :meth:`Bound.order`.

    Raises:
        ParameterError: an unknown or bounded parameter, or no leading term was found.
    """
    entry = scalar_entry(bound, parameter)
    if np.isfinite(entry.maximum):
        raise ParameterError(f"{parameter}: {entry.allowed} does not go to infinity")
    expression = _met(bound, params)
    term = leading(expression, entry.symbol)
    how = How.SUM if expression.has(sp.Sum) else How.RULES
    if term is None:
        term, how = leading(textbook(expression), entry.symbol), how
    if term is None:
        term, how = limit_of(expression, entry, sp.oo), How.SYMPY
    if term is None or term in (0, sp.oo, sp.zoo, sp.nan):
        raise ParameterError(f"{parameter} -> oo: no leading term of {bound.title!r} was found")
    return Order(parameter, sp.powsimp(term, combine="exp"), how)
