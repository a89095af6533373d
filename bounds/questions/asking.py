"""The questions as methods; each is answered in a module of its own, imported when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sympy as sp

    from bounds.audit.properties import Audit
    from bounds.bound import Bound
    from bounds.enclosure import Enclosure
    from bounds.questions.comparing import Comparison
    from bounds.questions.explaining import Explanation
    from bounds.questions.ordering import Order
    from bounds.questions.solving import Solution

__all__ = ["Asked"]


class Asked:
    """The methods of a bound that answer questions about it."""

    @property
    def _bound(self) -> Bound:
        from bounds.bound import Bound

        assert isinstance(self, Bound)
        return self

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
        from bounds.enclosure import enclose

        return enclose(self._bound, params, width=width, rel_width=rel_width, precision=precision)

    def limit(self, /, parameter: str, to: Any, **params: Any) -> sp.Expr:
        """Return the exact limit as ``parameter`` goes ``to`` a number or ``"oo"``.

        Words that are not given stay symbols.

        Raises:
            ParameterError: an unknown word, a value out of range, or no limit was found.
        """
        from bounds.questions.limits import limit

        return limit(self._bound, parameter, to, params)

    def order(self, /, parameter: str, **params: Any) -> Order:
        """Return the leading behaviour as ``parameter`` goes to infinity, and how it was found."""
        from bounds.questions.ordering import order

        return order(self._bound, parameter, params)

    def solve(
        self,
        /,
        parameter: str,
        *,
        at_most: Any,
        width: Any = None,
        **params: Any,
    ) -> Solution:
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
        from bounds.questions.solving import solve

        return solve(self._bound, parameter, at_most, params, width=width)

    def explain(self, /, **params: Any) -> Explanation:
        """Return the value term by term, with each term's share."""
        from bounds.questions.explaining import explain

        return explain(self._bound, params)

    def compare(self, /, *others: Bound, **params: Any) -> Comparison:
        """Return this bound's value beside others'; see :func:`bounds.compare`."""
        from bounds.questions.comparing import compare

        return compare(self._bound, *others, **params)

    def cite(self) -> str:
        """Return BibTeX of exactly the works on which the bound rests."""
        from bounds.questions.citing import cite

        return cite(self._bound)

    def audit(self) -> Audit:
        """Return the properties of the bound: proved with a certificate, tested, or failing."""
        from bounds.audit import audit

        return audit(self._bound)

    def mathml(self) -> str:
        """Return the inequality in presentation MathML."""
        from bounds.typeset import mathml

        return mathml(self._bound)
