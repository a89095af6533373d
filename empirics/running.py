"""Running an experiment: its engine, and batches of replicates, each measured as it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from bounds.errors import refuse_other
from empirics.cost import check_memory
from empirics.distances.classifier import Judge
from empirics.errors import InputError, integer, number, require
from empirics.experiment import Experiment, Sampling
from empirics.grid import Grid
from empirics.loop import KeptLaws, kept_laws
from empirics.points_engine import PointsEngine
from empirics.progress import shown
from empirics.protocols import OnGrid
from empirics.quantities import Record
from empirics.result import Result, laws_frame, make_frame
from empirics.target_law import TargetLaw

__all__ = ["Engine", "GridEngine", "engine_for", "on_grid_engine", "run"]


class Engine(Protocol):
    """A runner of the replicates of one experiment."""

    @property
    def batch(self) -> int:
        """Replicates that are run together where training sets are counts."""

    def run(self, replicates: range, kept: KeptLaws | None = None) -> Iterable[Record]:
        """Run replicates together, one record per generation; ``kept`` takes in their laws."""


class GridEngine(Engine, Protocol):
    """An engine that holds laws on a grid."""

    @property
    def real_law(self) -> tuple[TargetLaw, Grid]:
        """The real law on the cells of the loop."""


def engine_for(experiment: Experiment, judge: Judge | None = None) -> Engine:
    """The engine of an experiment.

    Args:
        experiment: what to run.
        judge: what tells samples apart where no density is known.

    Raises:
        InputError: the target does not fit its grid, the model's library is not installed, or
            there are grids to measure on and a judge.
    """
    require(experiment.model)
    if not (experiment.on_grid and isinstance(experiment.model, OnGrid)):
        return PointsEngine(experiment, judge)
    if judge is not None:
        raise InputError(
            f"classifier, embedding: {type(experiment.model).__name__} is measured on a grid here,"
            " without samples; leave them out"
        )
    return on_grid_engine(experiment)


def on_grid_engine(experiment: Experiment) -> GridEngine:
    """The engine of a loop whose laws are on a grid."""
    module, _, name = experiment.model.grid_engine.partition(":")  # type: ignore[attr-defined]
    engine: GridEngine = getattr(import_module(module), name)(experiment)
    return engine


def run(
    experiment: Experiment,
    workers: int = 1,
    progress: Callable[[int], object] | bool | None = None,
    memory: float | None = None,
    keep_laws: int = 0,
    classifier: Any = None,
    embedding: Any = None,
) -> Result:
    """Run every replicate of an experiment.

    The result depends on the experiment alone, not on ``workers``.

    Args:
        experiment: what to run.
        workers: threads that share the replicates.
        progress: ``True`` for a bar in the terminal or notebook; or what is called with the number
            of replicates that have just been finished.
        memory: bytes that the run may take; what the machine has free if ``None``.
        keep_laws: of how many replicates the laws are kept, as densities on the line or in the
            plane (``Result.laws``); they change no number of the result.
        classifier: your own way to tell samples apart, where a law is known by samples alone; see
            :class:`empirics.distances.Judge`. Replicates share it, so results are theirs only if
            it is fixed or has a seed of its own.
        embedding: your own map of points to features, fixed in advance; see there.

    Raises:
        InputError: more memory is needed, the target does not fit its grid, or a model cannot be
            measured.
    """
    refuse_other("experiment", experiment, Experiment, "an Experiment")
    integer("workers", workers, at_least=1)
    if memory is not None:
        memory = number("memory", memory, above=0)
    laws_of = kept_laws(experiment, keep_laws)
    check_memory(experiment, workers, memory)
    start = perf_counter()
    given = classifier is not None or embedding is not None
    judge = Judge(classifier=classifier, embedding=embedding) if given else None
    engine = engine_for(experiment, judge)
    size = 1 if experiment.sampling is Sampling.POINTS else engine.batch

    def work(replicates: range) -> tuple[list[Record], KeptLaws]:
        kept = laws_of(replicates)
        records = list(engine.run(replicates, kept))
        advance(len(replicates))
        return records, kept

    # Workers share the cores; threads of the linear algebra below would only fight them.
    with (
        shown(progress, "replicates", experiment.replicates) as advance,
        threadpool_limits(1, "blas"),
        ThreadPoolExecutor(workers) as pool,
    ):
        parts = list(pool.map(work, _batches(experiment.replicates, size)))
    records = [_joined([part[j] for part, _ in parts]) for j in range(experiment.generations)]
    laws = laws_frame(experiment, [kept for _, kept in parts]) if keep_laws else None
    notes, frame = tuple(getattr(engine, "notes", ())), make_frame(experiment, records)
    return Result(experiment, frame, perf_counter() - start, laws, notes)


def _batches(replicates: int, size: int) -> Iterator[range]:
    for first in range(0, replicates, size):
        yield range(first, min(first + size, replicates))


def _joined(records: list[Record]) -> Record:
    first, parts = records[0], [record.columns for record in records]
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    recorded = {name: whole.pop(name) for name in first.recorded}
    return type(first)(**whole, recorded=recorded)
