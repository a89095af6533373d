"""LaTeX of the pages as MathML: nothing is loaded to show a formula."""

from html import escape
from typing import Any, NoReturn

from docutils import nodes
from latex2mathml.converter import convert

__all__ = ["displayed", "inline"]


def inline(self: Any, node: Any) -> NoReturn:
    """A formula within a sentence."""
    self.body.append(convert(node.astext()))
    raise nodes.SkipNode


def displayed(self: Any, node: Any) -> NoReturn:
    """A formula in its own line, which can be scrolled where it is too wide."""
    text = node.astext()
    label = escape(text, quote=True)
    self.body.append(
        f'<div class="formula" tabindex="0" role="region" aria-label="{label}">'
        f"{convert(text, display='block')}</div>"
    )
    raise nodes.SkipNode
