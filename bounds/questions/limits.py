"""Exact limits of a bound in one of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from bounds.calculus.limits import limit_of
from bounds.certified.exact import as_fraction
from bounds.errors import ParameterError
from bounds.notation import Notation
from bounds.questions.words import scalar_entry, substituted
from bounds.statement import Statement

__all__ = ["limit"]


def limit(bound: Statement, parameter: str, to: Any, params: Mapping[str, Any]) -> sp.Expr:
    """Return the limit of a bound; see :meth:`Bound.limit`."""
    entry = scalar_entry(bound, parameter)
    if parameter in params:
        raise ParameterError(f"{parameter}: cannot be both given and varied")
    found = limit_of(substituted(bound, params), entry, _target(entry, to, bound.title))
    if found is None:
        given = "; give numbers for the other words" if not params else ""
        raise ParameterError(f"{parameter} -> {to}: no limit of {bound.title!r} was found{given}")
    return found


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
    if not entry.minimum <= value <= entry.maximum:
        raise ParameterError(f"{entry.word} -> {to}: must be {entry.allowed}, or an end of it")
    return sp.Rational(value.numerator, value.denominator)
