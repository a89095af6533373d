"""LaTeX, MathML and Unicode of an expression, in the field's way of writing."""

from __future__ import annotations

import re
from html import escape
from html.entities import html5
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm

if TYPE_CHECKING:
    from bounds.bound import Bound

__all__ = ["latex", "mathml", "presentation", "snippet", "unicode"]

_RELATION = {
    "upper bound": "&#8804;",
    "lower bound": "&#8805;",
    "prediction": "&#8776;",
    "exact value": "=",
}


def latex(expression: sp.Expr) -> str:
    """Return ``expression`` in LaTeX, harmonic numbers as ``H_{j}``, of an order as ``H_j^(r)``."""
    return str(_Latex().doprint(expression))


def unicode(expression: sp.Expr) -> str:
    """Return ``expression`` as lines of Unicode text."""
    return str(_Pretty({"use_unicode": True, "wrap_line": False}).doprint(expression))


def snippet(bound: Bound) -> str:
    """Return LaTeX that compiles as it is: comments on what it needs and says, one equation."""
    said = [f"% {line}" for line in (bound.title, *_conditions(bound), str(bound.source))]
    equation = [r"\begin{equation*}", f"  {bound.latex()}", r"\end{equation*}"]
    return "\n".join([r"% needs \usepackage{amsmath, amssymb}", *said, *equation])


def _conditions(bound: Bound) -> list[str]:
    return [f"{item.name}: {item.text}" for item in bound.hypotheses]


def mathml(bound: Bound) -> str:
    """Return the inequality of ``bound`` in presentation MathML."""
    left = f"<mtext>{escape(bound.subject)}</mtext><mo>{_RELATION[bound.side]}</mo>"
    return _math(left + _presented(bound.formula))


def presentation(expression: sp.Basic) -> str:
    """Return an expression or a relation in presentation MathML."""
    return _math(_presented(expression))


def _math(row: str) -> str:
    return f'<math xmlns="http://www.w3.org/1998/Math/MathML"><mrow>{row}</mrow></math>'


def _presented(expression: sp.Basic) -> str:
    from bounds.presentation import Presentation

    row = Presentation().doprint(_with_indexed_harmonics(expression))
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
