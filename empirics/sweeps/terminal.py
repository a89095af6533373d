"""The terminal: texts are shown as they are, never obeyed."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from rich.console import Console
from rich.text import Text

from bounds.command_line import plain

__all__ = ["Terminal", "terminal"]

_PIPED_WIDTH = 140


class Terminal(Console):
    """A console for texts that others wrote: no markup, no emoji codes, no control characters."""

    def render_str(self, text: str, **how: Any) -> Text:
        """A text as it is shown, in a line or in a table's cell."""
        return super().render_str(plain(text), **{**how, "markup": False, "emoji": False})

    def on_broken_pipe(self) -> NoReturn:
        """Leave it to the command, as any other error of its output."""
        raise


def terminal(*, errors: bool = False) -> Terminal:
    """The standard output, or what stands beside it; a pipe is as wide as the tables need."""
    stream = sys.stderr if errors else sys.stdout
    return Terminal(stderr=errors, width=None if stream.isatty() else _PIPED_WIDTH, highlight=False)
