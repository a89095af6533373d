"""Where cells are computed: what a sweep asks of an executor, and processes of this machine."""

from __future__ import annotations

from collections import deque
from queue import Empty, SimpleQueue
from threading import Thread
from time import perf_counter
from typing import Protocol

from empirics.sweeps.outcome import Outcome
from empirics.sweeps.worker_process import WorkerProcess

__all__ = ["Executor", "LocalProcesses", "Outcomes"]

Request = tuple[str, bytes]
_AHEAD = 4
"""Cells held for each worker: computed, in its hands, and in the queue."""
_SHORT = 0.1
"""Seconds below which a worker is given its next cell before it has finished the last."""


class Executor(Protocol):
    """Computes cells in no particular order."""

    @property
    def slots(self) -> int:
        """How many cells it should hold at once, so that no worker waits."""

    def submit(self, key: str, task: bytes) -> None:
        """Take one more cell."""

    def wait(self, seconds: float) -> list[Outcome]:
        """Cells that have ended; waits at most this long for the first."""

    def close(self) -> None:
        """Stop at once, whatever is running."""


class Outcomes:
    """A queue of outcomes that is emptied in one go."""

    def __init__(self) -> None:
        self.queue: SimpleQueue[Outcome] = SimpleQueue()

    def wait(self, seconds: float) -> list[Outcome]:
        """Everything that is there; waits at most this long for the first."""
        found = []
        try:
            found.append(self.queue.get(timeout=seconds))
            while True:
                found.append(self.queue.get_nowait())
        except Empty:
            return found


class LocalProcesses:
    """Worker processes on this machine, one thread each, started when there is work.

    A process that dies costs the cell it was computing, and is replaced.

    Args:
        workers: number of processes.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._tasks: SimpleQueue[Request | None] = SimpleQueue()
        self._outcomes = Outcomes()
        self._processes: list[WorkerProcess] = []

    @property
    def slots(self) -> int:
        """More than are computed, so that a worker finds its next cell without waiting."""
        return _AHEAD * self.workers

    def submit(self, key: str, task: bytes) -> None:
        """Queue a cell; whichever worker is free next takes it."""
        self._tasks.put((key, task))
        if len(self._processes) < self.workers:
            process = WorkerProcess()
            self._processes.append(process)
            Thread(target=self._feed, args=(process,), daemon=True).start()

    def wait(self, seconds: float) -> list[Outcome]:
        """Cells that have ended."""
        return self._outcomes.wait(seconds)

    def close(self) -> None:
        """Kill the processes; a cell has no side effects, so nothing is lost but its time."""
        for process in self._processes:
            self._tasks.put(None)
            process.kill()

    def _feed(self, process: WorkerProcess) -> None:
        """Keep one worker busy, with a second cell in its hands while cells are short."""
        given: deque[Request] = deque()
        depth = 1
        while True:
            if not given:
                if (item := self._tasks.get()) is None:
                    return
                process.give(*item)
                given.append(item)
            while len(given) < depth and (item := self._next()) is not None:
                process.give(*item)
                given.append(item)
            start = perf_counter()
            outcome = process.take(given.popleft()[0])
            depth = 2 if perf_counter() - start < _SHORT else 1
            if process.died:
                depth = self._back(given)
            self._outcomes.queue.put(outcome)

    def _next(self) -> Request | None:
        try:
            item = self._tasks.get_nowait()
        except Empty:
            return None
        if item is None:
            self._tasks.put(None)
        return item

    def _back(self, given: deque[Request]) -> int:
        """Hand back the cell that a dead worker had not begun."""
        while given:
            self._tasks.put(given.popleft())
        return 1
