"""LaTeX and Unicode of an expression, in the field's way of writing."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm

__all__ = ["latex", "unicode"]


def latex(expression: sp.Expr) -> str:
    """Return ``expression`` in LaTeX, harmonic numbers as ``H_{j}``, of an order as ``H_j^(r)``."""
    return str(_Latex().doprint(expression))


def unicode(expression: sp.Expr) -> str:
    """Return ``expression`` as lines of Unicode text."""
    return str(_Pretty({"use_unicode": True, "wrap_line": False}).doprint(expression))


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
