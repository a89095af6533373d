"""LaTeX and Unicode of an expression, in the field's way of writing."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm

__all__ = ["latex", "unicode"]


def latex(expression: sp.Expr) -> str:
    """Return ``expression`` in LaTeX, harmonic numbers as ``H_{j}``."""
    return str(_Latex().doprint(expression))


def unicode(expression: sp.Expr) -> str:
    """Return ``expression`` as lines of Unicode text."""
    return str(_Pretty({"use_unicode": True, "wrap_line": False}).doprint(expression))


class _Latex(LatexPrinter):  # type: ignore[misc]  # SymPy is untyped
    def _print_harmonic(self, expr: sp.harmonic, exp: str | None = None) -> str:
        form = f"H_{{{self._print(expr.args[0])}}}"
        return form if exp is None else f"{form}^{{{exp}}}"


class _Pretty(PrettyPrinter):  # type: ignore[misc]
    def _print_harmonic(self, expr: sp.harmonic) -> Any:
        return prettyForm(f"H_{expr.args[0]}")
