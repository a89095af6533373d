"""Progress of a long computation: a bar in the terminal, or in a notebook."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from threading import Lock
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

__all__ = ["Advance", "in_notebook", "shown"]


class Advance(Protocol):
    """Told how many more are finished, and of how many if that was not known before."""

    def __call__(self, count: int, total: int | None = None, /) -> object:
        """Move the bar."""


@contextmanager
def shown(
    progress: Callable[[int], object] | bool | None, what: str, total: int | None
) -> Iterator[Advance]:
    """Yield the receiver of progress: a function of the caller's, a bar, or nothing.

    Args:
        progress: a function that takes the count of what was finished; ``True`` for a bar.
        what: what is counted.
        total: how many there are, if it is known.
    """
    if callable(progress):
        tell = progress
        yield lambda count, total=None: tell(count)
    elif progress:
        with (_notebook_bar if in_notebook() else _terminal_bar)(what, total) as advance:
            yield advance
    else:
        yield lambda count, total=None: None


def in_notebook() -> bool:
    """Whether this is the kernel of a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


@contextmanager
def _terminal_bar(what: str, total: int | None) -> Iterator[Advance]:
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task(what, total=total)

        def advance(count: int, total: int | None = None, /) -> None:
            bar.update(task, advance=count, total=total)

        yield advance


@contextmanager
def _notebook_bar(what: str, total: int | None) -> Iterator[Advance]:
    """HTML's own progress element, drawn anew: it needs no widgets."""
    display = sys.modules["IPython"].display
    lock, done, known = Lock(), 0, total

    def drawn() -> Any:
        ends = "" if known is None else f' max="{known}"'
        words = escape(f"{what}: {done} of {known or '?'}")
        return display.HTML(f'<progress value="{done}"{ends}></progress> {words}')

    handle = display.display(drawn(), display_id=True)

    def advance(count: int, total: int | None = None, /) -> None:
        nonlocal done, known
        with lock:
            done, known = done + count, known if total is None else total
            handle.update(drawn())

    yield advance
