"""Running an experiment: batches of replicates, each measured as it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import numpy as np
from jaxtyping import Float
from threadpoolctl import threadpool_limits

from empirics.cost import check_memory
from empirics.distances.monte_carlo import monte_carlo_total_variation
from empirics.errors import InputError, integer, number
from empirics.experiment import Experiment, Sampling
from empirics.grid_laws import Record
from empirics.models import Engine, HasLogDensity
from empirics.points_loop import PointsLoop
from empirics.result import Result, make_frame
from empirics.targets import Target

__all__ = ["run"]

Array = np.ndarray


def run(
    experiment: Experiment,
    workers: int = 1,
    progress: Callable[[int], object] | None = None,
    memory: float | None = None,
) -> Result:
    """Run every replicate of an experiment.

    The result depends on the experiment alone, not on ``workers``.

    Args:
        experiment: what to run.
        workers: threads that share the replicates.
        progress: called with the number of replicates that have just been finished.
        memory: bytes that the run may take; what the machine has free if ``None``.

    Raises:
        InputError: more memory is needed, the target does not fit its grid, or a model cannot be
            measured.
    """
    integer("workers", workers, at_least=1)
    if memory is not None:
        number("memory", memory, above=0)
    check_memory(experiment, workers, memory)
    start = perf_counter()
    points = experiment.sampling is Sampling.POINTS
    one_batch = _points_replicate if points else _counts_batch

    def work(replicates: range) -> list[Record]:
        records = one_batch(experiment, replicates)
        if progress is not None:
            progress(len(replicates))
        return records

    # Workers share the cores; threads of the linear algebra below would only fight them.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(workers) as pool:
        parts = list(pool.map(work, _batches(experiment)))
    records = [_joined([part[j] for part in parts]) for j in range(experiment.generations)]
    return Result(experiment, make_frame(experiment, records), perf_counter() - start)


def _batches(experiment: Experiment) -> Iterator[range]:
    size = 1
    if experiment.sampling is not Sampling.POINTS:
        size = _engine(experiment).batch()
    for first in range(0, experiment.replicates, size):
        yield range(first, min(first + size, experiment.replicates))


def _joined(records: list[Record]) -> Record:
    kind = type(records[0])
    names = kind.__dataclass_fields__
    return kind(**{n: np.concatenate([getattr(r, n) for r in records]) for n in names})


def _engine(experiment: Experiment) -> Engine:
    engine = experiment.engine()
    assert engine is not None
    return engine


def _counts_batch(experiment: Experiment, replicates: range) -> list[Record]:
    return _engine(experiment).by_counts(replicates)


def _points_replicate(experiment: Experiment, replicates: range) -> list[Record]:
    (replicate,) = replicates
    if engine := experiment.engine():
        return list(engine.by_points(replicate))
    generator = experiment.stream(replicate)
    loop = PointsLoop(experiment.target, experiment.model, experiment.cycle, generator)
    return list(_measure_by_draws(experiment, loop))


class _Mixture:
    """The mixture that a model was trained on, with a density and a sampler."""

    def __init__(self, laws: list, row: Array) -> None:
        self.parts = [(w, law) for w, law in zip(row, laws, strict=True) if w > 0]

    def density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        return np.asarray(sum(w * _density(law, x) for w, law in self.parts))

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size ..."]:
        counts = generator.multinomial(size, [w for w, _ in self.parts]).tolist()
        drawn = [law.sample(c, generator) for c, (_, law) in zip(counts, self.parts, strict=True)]
        return generator.permutation(np.concatenate(drawn))


def _density(law: HasLogDensity | Target, x: Array) -> Array:
    if isinstance(law, HasLogDensity):
        return np.exp(law.log_density(x))
    return np.asarray(law.density(x))


def _measure_by_draws(experiment: Experiment, loop: PointsLoop) -> Iterator[Record]:
    numerics, generator = experiment.numerics, loop.generator
    target = _Mixture(loop.laws, np.array([1.0]))
    for j in range(1, experiment.generations + 1):
        loop.advance()
        if not isinstance(loop.laws[j], HasLogDensity):
            raise InputError(
                f"model {type(loop.laws[j]).__name__}: has no log_density; TV needs one"
            )
        law = _Mixture([loop.laws[j]], np.array([1.0]))
        row = np.array([float(w) for w in experiment.cycle.weights(j)])
        learned = _Mixture(loop.laws[:j], row)
        draw = (numerics.draws, generator, numerics.confidence_level)
        tv = monte_carlo_total_variation(law, target, *draw)
        step = tv if j == 1 else monte_carlo_total_variation(law, learned, *draw)
        numbers = (tv.value, tv.half_width, step.value, step.half_width, np.nan, 0.0)
        yield Record(*(np.array([v]) for v in numbers))
