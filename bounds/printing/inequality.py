"""The inequality of a bound: in MathML, and in LaTeX that compiles as it is."""

from __future__ import annotations

from html import escape

from bounds.printing.mathml import math, row_of
from bounds.statement import Statement

__all__ = ["mathml", "snippet"]

_RELATION = {
    "upper bound": "&#8804;",
    "lower bound": "&#8805;",
    "prediction": "&#8776;",
    "exact value": "=",
}


def snippet(bound: Statement) -> str:
    """Return LaTeX that compiles as it is: comments on what it needs and says, one equation."""
    said = [f"% {line}" for line in (bound.title, *_conditions(bound), str(bound.source))]
    equation = [r"\begin{equation*}", f"  {bound.latex()}", r"\end{equation*}"]
    return "\n".join([r"% needs \usepackage{amsmath, amssymb}", *said, *equation])


def _conditions(bound: Statement) -> list[str]:
    return [f"{item.name}: {item.text}" for item in bound.hypotheses]


def mathml(bound: Statement) -> str:
    """Return the inequality of ``bound`` in presentation MathML."""
    left = f"<mtext>{escape(bound.subject)}</mtext><mo>{_RELATION[bound.side]}</mo>"
    return math(left + row_of(bound.formula))
