"""A statement in MathML, and in LaTeX that compiles as it is."""

from __future__ import annotations

import re
from html import escape
from html.entities import html5
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.printing.mathml import MathMLPresentationPrinter

if TYPE_CHECKING:
    from bounds.statement import Statement

__all__ = ["mathml", "presented", "snippet"]

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
    return _math(left + _row_of(bound.formula))


def presented(expression: sp.Basic) -> str:
    """Return an expression or a relation in presentation MathML."""
    return _math(_row_of(expression))


def _math(row: str) -> str:
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML"><mrow>{row}</mrow></math>'


def _row_of(expression: sp.Basic) -> str:
    row = _Presentation().doprint(_with_indexed_harmonics(expression))
    return re.sub(r"&(\w+);", _numbered, row)


def _numbered(entity: re.Match[str]) -> str:
    """Write an entity that only HTML knows, such as ``&pi;``, as its number."""
    character = html5.get(f"{entity[1]};", "")
    is_of_xml = entity[1] in ("lt", "gt", "amp", "quot", "apos")
    return entity[0] if is_of_xml or len(character) != 1 else f"&#{ord(character)};"


def _with_indexed_harmonics(expression: sp.Basic) -> sp.Basic:
    """Harmonic numbers as an indexed ``H``, which the printer of MathML does not know."""
    H = sp.IndexedBase("H")
    return expression.replace(sp.harmonic, lambda *args: H[args])


class _Presentation(MathMLPresentationPrinter):  # type: ignore[misc]  # SymPy is untyped
    """SymPy's printer without brackets around the product in a sum, or around indices."""

    def _print_Sum(self, expr: sp.Sum) -> Any:  # noqa: N802
        row = super()._print_Sum(expr)
        if not expr.function.is_Add:
            row.replaceChild(self._print(expr.function), row.lastChild)
        return row

    def _print_EulerGamma(self, expr: sp.Expr) -> Any:  # noqa: N802
        del expr
        symbol = self.dom.createElement("msub")
        symbol.appendChild(self._leaf("mi", "&#x3B3;"))
        symbol.appendChild(self._leaf("mi", "E"))
        return symbol

    def mathml_tag(self, e: Any) -> str:
        """Return SymPy's operator; it writes ``<`` as it is, which is no XML."""
        return {"<": "&lt;", ">": "&gt;"}.get(tag := str(super().mathml_tag(e)), tag)

    def _print_Piecewise(self, expr: sp.Piecewise) -> Any:  # noqa: N802
        row, table = self.dom.createElement("mrow"), self.dom.createElement("mtable")
        row.appendChild(self._leaf("mo", "{"))
        for value, condition in expr.args:
            cells = [self._print(value)]
            if condition == sp.true:
                cells.append(self._leaf("mtext", "otherwise"))
            else:
                cells += [self._leaf("mtext", "if"), self._print(condition)]
            table.appendChild(self._row(cells))
        row.appendChild(table)
        return row

    def _row(self, cells: list[Any]) -> Any:
        row = self.dom.createElement("mtr")
        for cell in cells:
            box = self.dom.createElement("mtd")
            box.appendChild(cell)
            row.appendChild(box)
        return row

    def _leaf(self, kind: str, text: str) -> Any:
        leaf = self.dom.createElement(kind)
        leaf.appendChild(self.dom.createTextNode(text))
        return leaf

    def _print_Indexed(self, expr: sp.Indexed) -> Any:  # noqa: N802
        element, indices = self.dom.createElement("msub"), self.dom.createElement("mrow")
        for place, index in enumerate(expr.indices):
            if place:
                comma = self.dom.createElement("mo")
                comma.appendChild(self.dom.createTextNode(","))
                indices.appendChild(comma)
            indices.appendChild(self._print(index))
        element.appendChild(self._print(expr.base))
        element.appendChild(indices)
        return element
