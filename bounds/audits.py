"""Audits of many bounds, their proofs included, on all processors."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import active_children, parent_process
from threading import Thread, current_thread, main_thread

from bounds.audit import Audit
from bounds.bound import Bound
from bounds.catalogue import get
from bounds.printing.pages import step_count
from bounds.proof import Known

__all__ = ["Examined", "checked_lines", "examine", "examine_all"]

_FEW = 8
"""So many are audited before other processes would have begun."""
_CHUNK = 12
"""Neighbours have much in common that a process computes once."""


@dataclass(frozen=True)
class Examined:
    """The audit of a bound and the outcome of its proof's checks.

    Args:
        audit: its properties, without their certificates.
        steps: how many steps of its proof are known in which way.
        failing: numbers of the steps whose check fails; ``None`` if none was run.
    """

    audit: Audit
    steps: dict[Known, int]
    failing: tuple[int, ...] | None


def examine(bound: Bound, checks: bool) -> Examined:
    """Audit a bound, and run the checks of its proof if asked to."""
    found = bound.audit()
    bare = tuple(replace(item, certificate=None) for item in found.properties)
    failing = bound.proof.failing() if checks and bound.proof else None
    return Examined(replace(found, properties=bare), step_count([bound]), failing)


def examine_all(names: Sequence[str], checks: bool) -> list[Examined]:
    """:func:`examine` bounds of the catalogue; many of them in a process for each processor."""
    if len(names) <= _FEW:
        return _chunk(names, checks)
    others = active_children()
    chunks = [names[first : first + _CHUNK] for first in range(0, len(names), _CHUNK)]
    with ProcessPoolExecutor(_processes(len(chunks)), initializer=_begin) as pool:
        try:
            with _without_interrupts():
                futures = [pool.submit(_chunk, chunk, checks) for chunk in chunks]
            return [found for future in futures for found in future.result()]
        except BaseException:
            for process in set(active_children()) - set(others):
                process.kill()  # nobody waits for what it would find
            raise


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Raise a ``KeyboardInterrupt`` after these lines; Python drops one that comes in a fork."""
    handler = signal.getsignal(signal.SIGINT)
    if handler is not signal.default_int_handler or current_thread() is not main_thread():
        yield
        return
    heard: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if heard:
        raise KeyboardInterrupt


def _processes(chunks: int) -> int:
    return min(os.cpu_count() or 1, chunks)


def _chunk(names: Sequence[str], checks: bool) -> list[Examined]:
    return [examine(get(name), checks) for name in names]


def _begin() -> None:
    """Leave interrupts to whoever asked, and end when that process has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)


def checked_lines(found: Iterable[Examined]) -> Iterator[str]:
    """Yield the count of steps of all proofs, and each whose check failed."""
    every = list(found)
    counts = {kind: sum(each.steps[kind] for each in every) for kind in Known}
    parts = ", ".join(f"{number} {kind}" for kind, number in counts.items())
    yield f"{sum(counts.values())} steps of proofs: {parts}"
    for each in every:
        for number in each.failing or ():
            yield f"FAILS   proof of {each.audit.bound}, step {number}"
