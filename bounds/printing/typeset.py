"""LaTeX, MathML and Unicode of an expression, in the field's way of writing."""

from __future__ import annotations

import re
from html.entities import html5
from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.mathml import MathMLPresentationPrinter
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm

__all__ = ["latex", "math", "presented", "row_of", "unicode"]


def latex(expression: sp.Expr) -> str:
    """Return ``expression`` in LaTeX, harmonic numbers as ``H_{j}``, of an order as ``H_j^(r)``."""
    return str(_Latex().doprint(expression))


def unicode(expression: sp.Expr) -> str:
    """Return ``expression`` as lines of Unicode text."""
    return str(_Pretty({"use_unicode": True, "wrap_line": False}).doprint(expression))


def presented(expression: sp.Basic) -> str:
    """Return an expression or a relation in presentation MathML."""
    return math(row_of(expression))


def math(row: str) -> str:
    """Return the element around a row of presentation MathML."""
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML"><mrow>{row}</mrow></math>'


def row_of(expression: sp.Basic) -> str:
    """Return the row of presentation MathML of an expression or a relation."""
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


class _Latex(LatexPrinter):  # type: ignore[misc]  # SymPy is untyped
    def _print_harmonic(self, expr: sp.harmonic, exp: str | None = None) -> str:
        count, *order = map(self._print, expr.args)
        form = f"H_{{{count}}}" + (rf"^{{\left({order[0]}\right)}}" if order else "")
        if exp is None:
            return form
        return rf"\left({form}\right)^{{{exp}}}" if order else f"{form}^{{{exp}}}"

    def _print(self, expr: Any, **settings: Any) -> str:
        if expr is sp.EulerGamma:  # the exponent of the one-step rate is a gamma too
            return r"\gamma_{\mathrm{E}}"
        return str(super()._print(expr, **settings))


class _Pretty(PrettyPrinter):  # type: ignore[misc]
    def _print_EulerGamma(self, expr: sp.Expr) -> Any:  # noqa: N802
        del expr
        return prettyForm("γ_E")

    def _print_harmonic(self, expr: sp.harmonic) -> Any:
        count, *order = expr.args
        shown = str(count) if count.is_Atom and not order else f"({', '.join(map(str, expr.args))})"
        return prettyForm(f"H_{shown}")


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
