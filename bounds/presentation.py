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
