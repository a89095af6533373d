"""Results as HTML for notebooks: tables in which every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["html_table"]


def html_table(
    headings: Sequence[object],
    rows: Iterable[Sequence[object]],
    title: str = "",
    notes: Iterable[str] = (),
) -> str:
    """A table for a notebook; every text is escaped.

    Args:
        headings: one for each column.
        rows: cells, as they are shown by ``str``.
        title: what stands above it.
        notes: lines below it.
    """
    head = f"<caption>{escape(title)}</caption>" if title else ""
    below = "".join(f"<div>{escape(line)}</div>" for line in notes if line)
    body = "".join(f"<tr>{_cells('td', row)}</tr>" for row in rows)
    columns = f"<thead><tr>{_cells('th', headings)}</tr></thead>" if headings else ""
    return f"<table>{head}{columns}<tbody>{body}</tbody></table>{below}"


def _cells(kind: str, values: Sequence[object]) -> str:
    return "".join(f"<{kind}>{escape(str(value))}</{kind}>" for value in values)
