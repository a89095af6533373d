"""The leading behaviour of a bound as a parameter goes to infinity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import sympy as sp

from bounds.calculus.leading import leading
from bounds.calculus.limits import limit_of
from bounds.errors import ParameterError
from bounds.functions import textbook
from bounds.html import html_table
from bounds.questions.words import scalar_entry, substituted
from bounds.statement import Statement

__all__ = ["How", "Order", "order"]


class How(StrEnum):
    """What a leading term rests on."""

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
    expression = substituted(bound, params)
    term = leading(expression, entry.symbol)
    how = How.SUM if expression.has(sp.Sum) else How.RULES
    if term is None:
        term, how = leading(textbook(expression), entry.symbol), how
    if term is None:
        term, how = limit_of(expression, entry, sp.oo), How.SYMPY
    if term is None or term in (0, sp.oo, sp.zoo, sp.nan):
        raise ParameterError(f"{parameter} -> oo: no leading term of {bound.title!r} was found")
    return Order(parameter, sp.powsimp(term, combine="exp"), how)
