"""A sweep: cells that are not in the store are computed, each once, and kept as they finish."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from queue import SimpleQueue
from threading import Thread
from typing import Any

import numpy as np
import polars as pl

from empirics.cost import cost_of
from empirics.errors import InputError
from empirics.experiment import Experiment
from empirics.grid import places_of
from empirics.loop import KeptLaws
from empirics.progress import shown
from empirics.result import Result, laws_frame
from empirics.sweeps.cell import Cell, cell_of
from empirics.sweeps.cluster import DaskCluster
from empirics.sweeps.encoding import LAW, DamagedError, require_complete
from empirics.sweeps.executors import Executor, LocalProcesses, Outcome
from empirics.sweeps.files import Locks
from empirics.sweeps.store import Damage, Store, StoreError

__all__ = ["Failure", "IncompleteError", "Report", "Sweep", "read_result", "results"]

_TICK = 0.2
"""Seconds between looks at cells that another process computes."""
_PATIENCE = 25
"""Looks, nothing else being left to do, after which the user is told what is waited for."""
_MOMENT = 0.002
"""Seconds between looks at files that are being written."""
_WRITERS = 4
"""Threads that write: they wait for the disk, not for the processor."""
_ATTEMPTS = 2


@dataclass(frozen=True)
class Failure:
    """A cell that could not be computed, and its last error."""

    cell: Cell
    error: str

    def __str__(self) -> str:
        return f"{self.cell.label} ({self.cell.key[:8]}): {self.error}"


@dataclass
class Report:
    """The outcome of a sweep."""

    total: int
    found: int = 0
    computed: int = 0
    elsewhere: int = 0
    failures: list[Failure] = field(default_factory=list)
    damages: list[Damage] = field(default_factory=list)

    @property
    def finished(self) -> int:
        """Cells that are in the store."""
        return self.found + self.computed + self.elsewhere


class Sweep:
    """The cells of a sweep on their way into a store.

    Iterating yields every cell when it is in the store; :attr:`report` tells how it went. Ending
    the iteration early, by an exception too, stops the workers and keeps what is finished.

    Args:
        cells: what to compute; those in the store are found there.
        store: where results go.
        workers: processes on this machine; one for each core if ``None``.
        cluster: address of a Dask scheduler to use instead.
        limit: the most cells that are computed.
        tell: is told, once, that nothing is left but cells which another process computes.

    Raises:
        InputError: an argument is out of range, or the cluster does not answer.
        StoreError: the store cannot be read.
    """

    def __init__(
        self,
        cells: Iterable[Cell],
        store: Store,
        *,
        workers: int | None = None,
        cluster: str | None = None,
        limit: int | None = None,
        tell: Callable[[str], object] = str,
    ) -> None:
        for name, value in (("workers", workers), ("limit", limit)):
            if value is not None and value < 1:
                raise InputError(f"{name} = {value}: must be an integer >= 1")
        self.cells = {cell.key: cell for cell in cells}
        self.store, self._tell = store, tell
        self._workers, self._cluster = workers or os.cpu_count() or 1, cluster
        found, damages = store.check(self.cells, set_aside=True)
        self.versions = [manifest["versions"] for manifest in found.values()]
        self.report = Report(len(self.cells), found=len(found), damages=damages)
        missing = [cell for key, cell in self.cells.items() if key not in found]
        self._found = [self.cells[key] for key in found]
        self._missing = _longest_first(missing[:limit])

    @property
    def planned(self) -> int:
        """Cells that this sweep sets out to compute."""
        return len(self._missing)

    def __iter__(self) -> Iterator[Cell]:
        with self.running() as finished:
            yield from finished

    @contextmanager
    def running(self) -> Iterator[Iterator[Cell]]:
        """The iterator, with the workers started already; they stop where the context ends."""
        if not self._missing:
            yield iter(self._found)
            return
        with ExitStack() as stack:
            locks = self.store.open()
            stack.callback(locks.close)
            writers = stack.enter_context(ThreadPoolExecutor(_WRITERS))
            executor = self._executor()
            stack.callback(executor.close)
            progress = _Progress(self, locks, executor, writers)
            first = list(progress.fill())
            feeder = _Feeder(progress)
            stack.callback(feeder.stop)
            yield chain(self._found, first, feeder)

    def _executor(self) -> Executor:
        if self._cluster is None:
            return LocalProcesses(min(self._workers, len(self._missing)))
        return DaskCluster(self._cluster)


def _longest_first(cells: Sequence[Cell]) -> list[Cell]:
    """No long cell is left for the end, when the other workers have nothing more to do."""
    return sorted(cells, key=lambda cell: -cost_of(cell.experiment).seconds)


class _Progress:
    """The state of a running sweep."""

    def __init__(
        self, sweep: Sweep, locks: Locks, executor: Executor, writers: ThreadPoolExecutor
    ) -> None:
        self.store, self.report, self.cells = sweep.store, sweep.report, sweep.cells
        self.locks, self.executor, self.writers = locks, executor, writers
        self.waiting = deque(sweep._missing)
        self.locked_elsewhere: list[Cell] = []
        self.running: dict[str, int] = {}
        self.writing: dict[str, Future[None]] = {}
        self.tell, self.looks, self.stopped = sweep._tell, 0, False

    def run(self) -> Iterator[Cell]:
        """Cells as they come into the store."""
        while not self.stopped and self._is_unfinished:
            yield from self.fill()
            for outcome in self.executor.wait(_MOMENT if self.writing else _TICK):
                self._ended(outcome)
            yield from self._written()
            yield from self._look_elsewhere()

    @property
    def _is_unfinished(self) -> bool:
        return bool(self.waiting or self.locked_elsewhere or self.running or self.writing)

    def fill(self) -> Iterator[Cell]:
        slots = self.executor.slots
        while self.waiting and len(self.running) < slots:
            yield from self._start(self.waiting.popleft())

    def _start(self, cell: Cell) -> Iterator[Cell]:
        if not self.locks.take(cell.key):
            self.locked_elsewhere.append(cell)
            return
        found, damages = self.store.check([cell.key], set_aside=True)
        self.report.damages += damages
        if found:
            self.locks.drop(cell.key)
            self.report.elsewhere += 1
            yield cell
        else:
            self.running[cell.key] = 1
            self.executor.submit(cell.key, cell.task)

    def _ended(self, outcome: Outcome) -> None:
        attempts = self.running[outcome.key]
        if outcome.data is not None:
            del self.running[outcome.key]
            write = partial(self.store.put, outcome.key, outcome.data)
            self.writing[outcome.key] = self.writers.submit(write)
        elif attempts < _ATTEMPTS:
            self.running[outcome.key] = attempts + 1
            self.executor.submit(outcome.key, self.cells[outcome.key].task)
        else:
            del self.running[outcome.key]
            self.locks.drop(outcome.key)
            self.report.failures.append(Failure(self.cells[outcome.key], outcome.error))

    def _written(self) -> Iterator[Cell]:
        for key in [k for k, future in self.writing.items() if future.done()]:
            self._result(self.writing.pop(key))
            self.locks.drop(key)
            self.report.computed += 1
            yield self.cells[key]

    def _result(self, future: Future[Any]) -> None:
        try:
            future.result()
        except StoreError as error:
            done, total = self.report.finished, self.report.total
            raise StoreError(f"{error}: {done} of {total} cells; run again to go on") from None

    def _look_elsewhere(self) -> Iterator[Cell]:
        if self.waiting or self.running:
            return
        others, self.locked_elsewhere = self.locked_elsewhere, []
        self.looks += 1
        if others and self.looks == _PATIENCE:
            self.tell(
                f"waiting for {len(others)} cells that another process on this store computes; if"
                " that one is suspended, resume it or end it"
            )
        for cell in others:
            yield from self._start(cell)


class _Feeder:
    """The cells of a running sweep, taken by a thread: no worker waits for whoever reads them."""

    def __init__(self, progress: _Progress) -> None:
        self._progress = progress
        self._cells: SimpleQueue[Cell | BaseException | None] = SimpleQueue()
        self._thread = Thread(target=self._feed, daemon=True)
        self._thread.start()

    def _feed(self) -> None:
        try:
            for cell in self._progress.run():
                self._cells.put(cell)
        except BaseException as error:  # is raised where cells are read
            self._cells.put(error)
        else:
            self._cells.put(None)

    def __iter__(self) -> Iterator[Cell]:
        while (found := self._cells.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield found

    def stop(self) -> None:
        """Take no more cells."""
        self._progress.stopped = True
        self._thread.join()


class IncompleteError(InputError):
    """Some cells could not be computed; the rest are in the store."""

    def __init__(self, report: Report) -> None:
        self.report = report
        lines = "; ".join(map(str, report.failures))
        super().__init__(f"{len(report.failures)} of {report.total} cells failed twice: {lines}")


def read_result(store: Store, cell: Cell) -> Result:
    """The result of a finished cell.

    Raises:
        InputError: the cell is not finished, or its file is damaged.
    """
    if not store.path(cell.key).exists():
        raise InputError(f"store {store.folder}: cell {cell.label} ({cell.key[:8]}) is not there")
    try:
        frame, manifest = store.read(cell.key)
        require_complete(manifest)
    except DamagedError as damage:
        raise InputError(f"store {store.folder}: {cell.key[:8]} {damage}") from None
    rows, laws = _split_laws(cell.experiment, frame)
    return Result(cell.experiment, rows, manifest["seconds"], laws, tuple(manifest["notes"]))


def _split_laws(
    experiment: Experiment, frame: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """The rows without their laws, and the laws as :func:`empirics.run` gives them."""
    if LAW not in frame.columns:
        return frame, None
    places = places_of(experiment.target)
    kept = frame.filter(pl.col(LAW).is_not_null()).sort("replicate", "generation")
    found = np.asarray(kept[LAW].explode()).reshape(-1, experiment.generations, *places.shape)
    laws = KeptLaws(places, len(found), [found[:, j] for j in range(experiment.generations)])
    return frame.drop(LAW), laws_frame(experiment, [laws])


def results(
    experiments: Mapping[str, Experiment],
    store: Store,
    progress: Callable[[int], object] | bool | None = None,
    **how: Any,
) -> dict[str, Result]:
    """Results of experiments by name, the same numbers as :func:`empirics.run` gives.

    Args:
        experiments: what to run.
        store: where results are kept.
        progress: ``True`` for a bar in the terminal or notebook; or what is called with the number
            of experiments that have just been finished.
        **how: ``workers``, ``cluster`` and ``limit`` of :class:`Sweep`.

    Raises:
        IncompleteError: an experiment failed.
        InputError: an experiment has no canonical description.
    """
    cells = {name: cell_of(e, {"name": name}) for name, e in experiments.items()}
    sweep = Sweep(cells.values(), store, **how)
    with shown(progress, "experiments", sweep.report.total) as advance:
        for _ in sweep:
            advance(1)
    if sweep.report.failures:
        raise IncompleteError(sweep.report)
    return {name: read_result(store, cell) for name, cell in cells.items()}
