"""One worker process, as the process that feeds it sees it."""

from __future__ import annotations

import os
import subprocess
import sys
from tempfile import TemporaryFile
from typing import IO, Any

from empirics.sweeps.outcome import Outcome
from empirics.sweeps.worker import DONE, receive, send

__all__ = ["WorkerProcess"]

_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "POLARS_MAX_THREADS",
)


class WorkerProcess:
    """A worker process, started for its first cell and again after it has died.

    ``died`` says whether it died over the last cell that was taken from it.
    """

    def __init__(self) -> None:
        self.died = False
        self._running: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] = TemporaryFile()  # noqa: SIM115 (lives as long as the process)
        self._closed = False

    def give(self, key: str, task: bytes) -> None:
        """Hand over a cell; a worker that is dead is met when its outcome is taken."""
        try:
            process: Any = self._started()
            send(process.stdin, key.encode(), task)
        except (OSError, EOFError, ValueError):
            return

    def take(self, key: str) -> Outcome:
        """Wait for the outcome of the cell that was handed over first."""
        try:
            process: Any = self._running
            if process is None:
                raise EOFError
            flag, data = receive(process.stdout), receive(process.stdout)
        except (OSError, EOFError, ValueError):
            self.died = True
            return Outcome(key, None, self._death())
        self.died = False
        return Outcome(key, data) if flag == DONE else Outcome(key, None, data.decode())

    def kill(self) -> None:
        """End the process."""
        self._closed = True
        if (process := self._running) is not None:
            process.kill()
            process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise EOFError
        if self._running is None:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "empirics.sweeps.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=_environment(),
                # Out of the terminal's reach: Ctrl-C is for whoever feeds it.
                start_new_session=True,
            )
        return self._running

    def _death(self) -> str:
        """Why the process is gone; the next cell starts another."""
        process, self._running = self._running, None
        if process is None:
            return "its worker process could not be started"
        process.kill()
        status = process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        said = f": {lines[-1]}" if lines else ""
        return f"its worker process ended with status {status}{said}"


def _environment() -> dict[str, str]:
    # The user's modules are found where this process finds them.
    path = os.pathsep.join(p or os.getcwd() for p in sys.path)
    return {**os.environ, **dict.fromkeys(_THREADS, "1"), "PYTHONPATH": path}
