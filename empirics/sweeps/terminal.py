"""The terminal: texts are shown as they are, never obeyed; a sweep's bar, the table of kinds."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from bounds.command_line import plain

__all__ = ["Terminal", "bar", "show", "table_of", "terminal"]

_PIPED_WIDTH = 140


class Terminal(Console):
    """A console for texts that others wrote: no markup, no emoji codes, no control characters."""

    def render_str(self, text: str, **how: Any) -> Text:
        """A text as it is shown, in a line or in a table's cell; it may have several lines."""
        lines = "\n".join(map(plain, text.split("\n")))
        return super().render_str(lines, **{**how, "markup": False, "emoji": False})

    def on_broken_pipe(self) -> NoReturn:
        """Leave it to the command, as any other error of its output."""
        raise


def terminal(*, errors: bool = False) -> Terminal:
    """The standard output, or what stands beside it; a pipe is as wide as the tables need."""
    stream = sys.stderr if errors else sys.stdout
    return Terminal(stderr=errors, width=None if stream.isatty() else _PIPED_WIDTH, highlight=False)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        return Text(f"{speed:.1f}/s" if speed >= 1 else f"{1 / speed:.1f} s each")


def bar(console: Console) -> Progress:
    """A bar for cells; silent where the output is no terminal."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("cells"),
        _Rate(),
        TimeRemainingColumn(),
    )
    return Progress(
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
        speed_estimate_period=300,
    )


def table_of(*columns: str) -> Table:
    """A table without lines, in which names are not broken."""
    table = Table(box=None)
    for column in columns:
        table.add_column(column, no_wrap=column in ("run", "cell", "kind"))
    return table


def show(rows: Iterable[Sequence[str]]) -> None:
    """Print rows of part, kind, what it takes and what it is."""
    table = table_of("part", "kind", "takes", "what it is")
    for row in rows:
        table.add_row(*row)
    terminal().print(table)
