"""The printer of presentation MathML, with sums and indices as the field writes them."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.mathml import MathMLPresentationPrinter

__all__ = ["Presentation"]


class Presentation(MathMLPresentationPrinter):  # type: ignore[misc]  # SymPy is untyped
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
