"""Loops of claims: drawn from a store, where they are kept, or run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, TypeVar

from bounds.command_line import warn
from empirics import Experiment, InputError, run
from empirics.errors import missing
from empirics.progress import shown
from empirics.runs import Runs
from empirics.sweeps import Cell, IncompleteError, Store, Sweep, cell_of, read_result
from verify.claim import Claim, Loop
from verify.scale import Scale
from verify.settings import seeded

__all__ = ["Progress", "Timed", "cells_of", "measure", "obstacles", "reported"]

Progress = Callable[[str, int, int], object]
"""Called with what is being run, and how many runs are done of how many."""
_Name = TypeVar("_Name")


@dataclass(frozen=True, eq=False)
class Timed:
    """The runs of a loop, and how long they took when they were made."""

    runs: Runs
    seconds: float


def obstacles(claims: Iterable[Claim], scale: Scale) -> dict[str, str]:
    """Claims whose loops cannot be run here, by name, and the library that is missing."""
    found = {}
    for claim in claims:
        specs = (loop.spec for loop in claim.loops(scale))
        reasons = [missing(spec.model) for spec in specs if isinstance(spec, Experiment)]
        if reason := next(filter(None, reasons), ""):
            found[claim.name] = reason
    return found


@contextmanager
def reported(progress: Progress | bool | None) -> Iterator[Progress | None]:
    """The receiver of finished runs: the given function, or one that moves a bar."""
    if not isinstance(progress, bool):
        yield progress
        return
    with shown(progress, "runs", None) as advance:
        before = 0

        def report(label: str, done: int, total: int) -> None:
            nonlocal before
            del label
            advance(done - before, total)
            before = done

        yield report


def measure(
    loops: Sequence[Loop],
    seed: int = 0,
    progress: Progress | None = None,
    workers: int | None = None,
    store: Store | None = None,
    seen: Callable[[Any, Runs], object] = lambda spec, runs: None,
) -> dict[Any, Timed]:
    """Every loop once, whichever claims it serves, by its ``spec``; the numbers depend on no store.

    Args:
        loops: experiments, and loops in closed form, which run faster than they are read.
        seed: of all randomness; loops that differ get independent streams.
        progress: called as runs are finished.
        workers: processors that are used; all if ``None``.
        store: where finished experiments are, and where others go; ``None`` for no store.
        seen: called with each loop's ``spec`` and runs, while others are still run.

    Raises:
        IncompleteError: an experiment failed.
        StoreError: the store cannot be used; what is finished is kept.
    """
    labels = {loop.spec: loop.label for loop in loops}
    own = {spec: seeded(spec, seed) for spec in labels}
    total, done = sum(spec.replicates for spec in labels), 0
    measured = {}
    for spec, timed in _measured(own, workers or os.cpu_count() or 1, store):
        measured[spec], done = timed, done + spec.replicates
        seen(spec, timed.runs)
        if progress is not None:
            progress(labels[spec], done, total)
    return measured


def _measured(
    own: Mapping[Any, Any], workers: int, store: Store | None
) -> Iterator[tuple[Any, Timed]]:
    """Loops as they are measured: those of the store by workers, the others here meanwhile."""
    experiments = {spec: e for spec, e in own.items() if isinstance(e, Experiment)}
    cells = {} if store is None else cells_of(experiments)
    others = {spec: loop for spec, loop in own.items() if spec not in cells}
    if store is None:
        yield from _run(others, workers)
        return
    known = {cell.key: spec for spec, cell in cells.items()}
    sweep = Sweep(cells.values(), store, workers=workers, tell=warn)
    with sweep.running() as finished:
        yield from _run(others, workers)
        for cell in finished:
            spec, found = known[cell.key], read_result(store, cell)
            # One target object for all, so that what is computed of it is computed once.
            result = replace(found, experiment=experiments[spec])
            yield spec, Timed(Runs.of(result), found.seconds)
    if sweep.report.failures:
        raise IncompleteError(sweep.report)


def _run(loops: Mapping[Any, Any], workers: int) -> Iterator[tuple[Any, Timed]]:
    for spec, loop in loops.items():
        start = perf_counter()
        runs = Runs.of(run(loop, workers)) if isinstance(loop, Experiment) else loop.run()
        yield spec, Timed(runs, perf_counter() - start)


def cells_of(experiments: Mapping[_Name, Experiment], keep_laws: int = 0) -> dict[_Name, Cell]:
    """The cells of experiments, but for those that no file could describe, which must be run."""
    found = {}
    for name, experiment in experiments.items():
        try:
            found[name] = cell_of(experiment, {"loop": str(name)}, keep_laws=keep_laws)
        except InputError:
            continue
    return found
