"""Processes that make figures side by side: each runs ``python -m paper_figures.maker``."""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console

from empirics import InputError
from empirics.sweeps.executors import LocalProcesses
from paper_figures.catalogue import catalogue
from paper_figures.spec import FigureSpec

__all__ = ["Makers", "say_made"]

_MAKER = "paper_figures.maker"
_TICK = 0.2


def say_made(console: Console, figure: FigureSpec, seconds: float) -> None:
    """Tell that a figure was made, and how long it took."""
    console.print(f"{figure.name:<7}{figure.title:<50}{seconds:6.1f} s", highlight=False)


class Makers:
    """Processes that make figures side by side, one per core; a figure's loops are stored.

    Args:
        figures: what will be made.
        how: how they are made.
        out: folder that receives the files.
        store: folder of finished loops.
        console: where it is told what is made.
    """

    def __init__(
        self, figures: Sequence[FigureSpec], how: Any, out: Path, store: Path, console: Console
    ) -> None:
        self._how, self._out, self._store, self._console = how, out, store, console
        self._count = min(os.cpu_count() or 1, len(figures))
        self._processes = LocalProcesses(self._count, _MAKER)
        self._waited_for: set[str] = set()
        if self._count > 1 and not any((out / f"{f.name}.csv").exists() for f in figures):
            for maker in range(self._count):  # they start while loops are declared
                self._processes.submit(str(maker), b"")

    def __enter__(self) -> Makers:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is not None and issubclass(kind, Exception):
            while self._waited_for:  # what is being made is not lost by another's error
                with suppress(Exception):
                    self.tell(_TICK)
        self._processes.close()

    def take(self, figure: FigureSpec) -> bool:
        """Have another process make a figure; false where none could import it, or its changes."""
        if self._count < 2 or catalogue().get(figure.name) is not figure:
            return False
        try:
            task = pickle.dumps((self._how, self._out, self._store))
        except (pickle.PicklingError, TypeError, AttributeError):
            return False
        if b"__main__" in task:
            return False
        self._processes.submit(figure.name, task)
        self._waited_for.add(figure.name)
        return True

    def tell(self, seconds: float = 0.0) -> None:
        """Say what has been made, having waited at most this long for the first.

        Raises:
            InputError: a figure cannot be made, or its files not be written.
            RuntimeError: making it failed, or its process died.
        """
        for outcome in self._processes.wait(seconds):
            if outcome.key not in self._waited_for:
                continue
            self._waited_for.remove(outcome.key)
            if outcome.data is None:
                raise RuntimeError(f"figure {outcome.key}: {outcome.error}")
            answer = json.loads(outcome.data)
            if "refused" in answer:
                raise InputError(answer["refused"])
            say_made(self._console, catalogue()[outcome.key], answer["seconds"])

    def finish(self) -> None:
        """Wait for all."""
        while self._waited_for:
            self.tell(_TICK)
