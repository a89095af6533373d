"""Formulas of proofs and facts as MathML: printed from SymPy, or read from LaTeX."""

from __future__ import annotations

from functools import lru_cache
from html import unescape
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import Converter
from markupsafe import Markup, escape

from bounds import Step

__all__ = ["formula", "sentence"]

_REFUSED = ("href", "style", "class", "id")
"""Attributes that LaTeX can ask for; none is part of a formula."""


@lru_cache(maxsize=1024)
def formula(step: Step) -> Markup:
    """Return the formula of a step, empty if it has none."""
    if step.mathml:
        return Markup(step.mathml)
    return _of_latex(step.latex) if step.latex else Markup("")


def sentence(text: str) -> Markup:
    """Return a sentence with its formulas, which are LaTeX between dollars."""
    pieces = [_of_latex(p) if n % 2 else escape(p) for n, p in enumerate(text.split("$"))]
    return Markup("").join(pieces)


@lru_cache(maxsize=1024)
def _of_latex(text: str) -> Markup:
    """LaTeX as MathML; as it is written where it cannot be read."""
    try:
        element = Converter().convert_to_element(text)
    except Exception:  # the library has a plain Exception for every mistake
        return Markup("<code>{}</code>").format(text)
    for part in element.iter():
        _mend(part)
    return Markup(tostring(element, encoding="unicode"))


def _mend(part: Element) -> None:
    """Undo the library's own escapes, which are made once more when it is written out."""
    part.text = unescape(part.text or "")
    for name in _REFUSED:
        part.attrib.pop(name, None)
    if part.text == "|":  # bars enclose: a conditioning one is written \mid
        part.attrib.update(lspace="0", rspace="0", stretchy="false")
