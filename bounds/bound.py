"""The bound: the face of a statement, which hands each question to the module that answers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from bounds import accuracy, enclosure
from bounds.audit import properties as auditing
from bounds.audit.properties import Audit
from bounds.enclosure import Enclosure
from bounds.hypotheses import Hypothesis
from bounds.questions import comparing, explaining, limits, proving, solving
from bounds.statement import (
    Constants,
    Evidence,
    Quantity,
    Side,
    Source,
    Statement,
    Statistic,
    Tightness,
)
from bounds.values import FloatArray, plain

__all__ = [
    "Bound",
    "Constants",
    "Evidence",
    "Hypothesis",
    "Quantity",
    "Side",
    "Source",
    "Statistic",
    "Tightness",
]


@dataclass(frozen=True, kw_only=True, repr=False)
class Bound(Statement):
    """A statement that answers questions; its fields are those of :class:`Statement`.

    Numbers, LaTeX, parameters and text all come from ``expression``.
    """

    def evaluate(self, /, **params: Any) -> float | FloatArray:
        """Return the value of the expression; it is not capped at one.

        One point is within 2^-50, relative, of the certified value, and so are points
        of an array that are far out; see :mod:`bounds.accuracy`. A value too large for a float is
        infinite.

        Args:
            **params: a value for each word in ``parameters`` that has no default: a number,
                ``"1/4"``, or an array; they broadcast. A sequence has ``k = 1, 2, ...`` on its last
                axis, a function of ``x`` a grid, with ``cell`` the volume of a grid cell. Words
                that ``quantities`` takes are accepted too.

        Raises:
            ParameterError: a parameter is unknown, missing, not a number, or out of range; or the
                value is no number there, such as the logarithm of a negative one.
        """
        return accuracy.evaluate(self, params)

    def evaluate_where_defined(self, /, **params: Any) -> FloatArray:
        """Return the value as :meth:`evaluate` does, with NaN where it is no number."""
        return accuracy.evaluate_where_defined(self, params)

    def capped(self, /, **params: Any) -> float | FloatArray:
        """Return the value, or the quantity's maximum (1 for total variation) if that is less."""
        value: float | FloatArray = plain(
            np.minimum(self.quantity.maximum, self.evaluate(**params))
        )
        return value

    def is_vacuous(self, /, **params: Any) -> bool | np.ndarray:
        """Whether the value says nothing: ``>= 1`` above, ``<= 0`` below for total variation."""
        return self.says_nothing(self.evaluate(**params))

    def _repr_latex_(self) -> str:
        return rf"$\displaystyle {self.latex()}$"

    def enclose(
        self,
        /,
        *,
        width: Any = None,
        rel_width: Any = None,
        precision: int = 53,
        **params: Any,
    ) -> Enclosure:
        """Return an interval proved to contain the value.

        Args:
            width: how wide it may be.
            rel_width: how wide it may be, relative to the value.
            precision: bits of relative accuracy where no width is asked, as far as they can be had.
            **params: a number for each word in ``parameters`` that has no default, taken exactly:
                an int, ``Fraction``, ``"1/4"``, ``"0.1"`` as one tenth, a float as the binary
                fraction it is, or an ``Enclosure``; a list of such for a sequence.

        Raises:
            ParameterError: a parameter is unknown, missing or out of range, or the expression is
                an integral over a grid, which is not certified.
            EnclosureError: the width cannot be met.
        """
        return enclosure.enclose(
            self, params, width=width, rel_width=rel_width, precision=precision
        )

    def limit(self, /, parameter: str, to: Any, **params: Any) -> sp.Expr:
        """Return the exact limit as ``parameter`` goes ``to`` a number or ``"oo"``.

        Words that are not given stay symbols.

        Raises:
            ParameterError: an unknown word, a value out of range, or no limit was found.
        """
        return limits.limit(self, parameter, to, params)

    def order(self, /, parameter: str, **params: Any) -> limits.Order:
        """Return the leading behaviour as ``parameter`` goes to infinity, and how it was found."""
        return limits.order(self, parameter, params)

    def solve(
        self,
        /,
        parameter: str,
        *,
        at_most: Any,
        width: Any = None,
        **params: Any,
    ) -> solving.Solution:
        """Return which values of ``parameter`` keep the bound at or below a target.

        The ends of the answer are certified on both sides: for an integer the value meets the
        target and its neighbour's does not, a real end lies in an interval of at most ``width``.

        Args:
            parameter: the word to solve for, such as ``n``, ``share``, ``generation``, ``lam``.
            at_most: the target, taken exactly.
            width: how wide the interval around a real end may be; 2^-40 of its size if ``None``.
            **params: numbers for the other words.

        Raises:
            ParameterError: a parameter is unknown, missing or out of range.
        """
        return solving.solve(self, parameter, at_most, params, width=width)

    def explain(self, /, **params: Any) -> explaining.Explanation:
        """Return the value term by term, with each term's share."""
        return explaining.explain(self, params)

    def compare(self, /, *others: Bound, **params: Any) -> comparing.Comparison:
        """Return this bound's value beside others'; see :func:`bounds.compare`."""
        return comparing.compare(self, *others, **params)

    def cite(self) -> str:
        """Return BibTeX of exactly the works on which the bound rests."""
        return proving.cite(self)

    def audit(self) -> Audit:
        """Return the properties of the bound: proved with a certificate, tested, or failing."""
        return auditing.audit(self)
