"""The places where cells are computed: the interface of an executor, and local processes."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from tempfile import TemporaryFile
from threading import Lock, local
from typing import IO, Any, Protocol

__all__ = ["Executor", "LocalProcesses", "Outcome", "Outcomes", "WorkerProcess"]

WORKER = "empirics.sweeps.worker"
"""The command that computes cells."""
_AHEAD = 2
"""Cells held for each worker: the one that it computes, and the next."""
_STARTS = 3
"""Processes that are started for one cell, as long as none of them begins with it."""
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "POLARS_MAX_THREADS",
)


@dataclass(frozen=True)
class Outcome:
    """The outcome of one cell: the bytes of its file, or the reason why there are none."""

    key: str
    data: bytes | None
    error: str = ""


class Executor(Protocol):
    """Computes cells in no particular order."""

    @property
    def slots(self) -> int:
        """Number of cells it should hold at once, so that no worker waits."""

    def submit(self, key: str, task: bytes) -> None:
        """Take one more cell."""

    def wait(self, seconds: float) -> list[Outcome]:
        """Cells that have ended; waits at most this long for the first."""

    def close(self) -> None:
        """Stop at once, whatever is running."""


class Outcomes:
    """Futures of cells, as the outcomes of those that have ended."""

    def __init__(self) -> None:
        self._ended: SimpleQueue[Outcome] = SimpleQueue()

    def follow(self, key: str, future: Any) -> None:
        """Tell of a cell when its future has ended."""
        future.add_done_callback(partial(self._note, key))

    def wait(self, seconds: float) -> list[Outcome]:
        """Everything that is there; waits at most this long for the first."""
        found = []
        try:
            found.append(self._ended.get(timeout=seconds))
            while True:
                found.append(self._ended.get_nowait())
        except Empty:
            return found

    def _note(self, key: str, future: Future[bytes]) -> None:
        # Runs on a thread of the executor, which must outlive whatever happens here.
        try:
            self._ended.put(Outcome(key, future.result()))
        except BaseException as error:
            kind = "" if isinstance(error, WorkerError) else f"{type(error).__name__}: "
            self._ended.put(Outcome(key, None, f"{kind}{error}".replace("\n", " ")))


class WorkerError(Exception):
    """A cell failed in a worker process, or with it; the text is one line."""


class LocalProcesses:
    """Worker processes on this machine, one for each thread that waits for it.

    They are commands of their own and not of ``multiprocessing``, whose children import the
    user's script again and so ask it for a guard; here a script needs none.

    Args:
        workers: number of processes; each is started when there is work for it, computes on one
            thread, and is replaced when it dies, which costs the cell that it was computing.
        module: what each runs, which calls :func:`empirics.sweeps.worker.serve`.
    """

    def __init__(self, workers: int, module: str = WORKER) -> None:
        self.workers, self._module = workers, module
        self._outcomes = Outcomes()
        self._threads = ThreadPoolExecutor(workers, initializer=self._start)
        self._mine = local()
        self._processes: list[WorkerProcess] = []

    @property
    def slots(self) -> int:
        """More than are computed, so that a worker finds its next cell without waiting."""
        return _AHEAD * self.workers

    def submit(self, key: str, task: bytes) -> None:
        """Queue a cell; whichever worker is free next takes it."""
        self._outcomes.follow(key, self._threads.submit(self._compute, key, task))

    def wait(self, seconds: float) -> list[Outcome]:
        """Cells that have ended."""
        return self._outcomes.wait(seconds)

    def close(self) -> None:
        """Kill the processes; a cell has no side effects, so nothing is lost but its time."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._processes:
            process.close()

    def _start(self) -> None:
        self._mine.process = WorkerProcess(self._module)
        self._processes.append(self._mine.process)

    def _compute(self, key: str, task: bytes) -> bytes:
        return self._mine.process.compute(key, task)


class WorkerProcess:
    """A worker process, started for its first cell and again after it has died."""

    def __init__(self, module: str = WORKER) -> None:
        self._module = module
        self._running: Any = None
        self._errors: IO[bytes] = TemporaryFile()  # noqa: SIM115 (lives as long as the process)
        self._lock, self._closed = Lock(), False

    def compute(self, key: str, task: bytes) -> bytes:
        """The bytes of a cell's file.

        A process that is found dead, or dies before it has begun with the cell, is no fault of the
        cell: another is started.

        Raises:
            WorkerError: the cell failed, or its process died over it or could not be started.
        """
        try:
            for _ in range(_STARTS):
                if self._begins(key, task):
                    break
                self._bury()
                self._start()
            else:
                if not self._begins(key, task):
                    raise EOFError
            made, data = pickle.load(self._running.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            raise WorkerError(self._bury()) from None
        if not made:
            raise WorkerError(data.decode())
        return data

    def close(self) -> None:
        """End the process, and start no other."""
        with self._lock:
            self._closed = True
            if self._running is not None:
                self._running.kill()
                self._running.wait()

    def _begins(self, key: str, task: bytes) -> bool:
        """Hand over a cell; whether there is a process that has begun with it."""
        if self._running is None:
            return False
        try:
            pickle.dump((key, task), self._running.stdin)
            self._running.stdin.flush()
            return bool(pickle.load(self._running.stdout) == key)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            return False

    def _start(self) -> None:
        with self._lock:
            if self._closed:
                raise EOFError
            self._errors.seek(0)
            self._errors.truncate()  # what the one before it said is not its own
            self._running = subprocess.Popen(
                [sys.executable, "-m", self._module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=_environment(),
                # Out of the terminal's reach: Ctrl-C is for whoever feeds it.
                start_new_session=True,
            )

    def _bury(self) -> str:
        """Make sure that the process is gone; what it died of."""
        if self._running is None:
            return "its worker process could not be started"
        with self._lock:
            process, self._running = self._running, None
        process.kill()
        status = process.wait()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                stream.close()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        said = f": {lines[-1]}" if lines else ""
        return f"its worker process ended with status {status}{said}"


def _environment() -> dict[str, str]:
    # The user's modules are found where this process finds them.
    path = os.pathsep.join(p or os.getcwd() for p in sys.path)
    return {**os.environ, **dict.fromkeys(_THREADS, "1"), "PYTHONPATH": path}
