"""The table of what a study may name: targets, models, cycles, operators, recorded quantities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from empirics.sweeps.terminal import terminal

__all__ = ["show"]


def show(rows: Iterable[Sequence[str]]) -> None:
    """Print rows of part, kind, what it takes and what it is."""
    table = Table(box=None)
    for column in ("part", "kind", "takes", "what it is"):
        table.add_column(column, no_wrap=column == "kind")
    for row in rows:
        table.add_row(*row)
    terminal().print(table)
