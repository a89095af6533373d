"""Running an experiment: batches of replicates, each measured as it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import numpy as np
from jaxtyping import Float

from bounds.cycles import Protocol
from empirics.binning import empirical_spectrum
from empirics.counts_loop import CountsLoop
from empirics.distances.monte_carlo import monte_carlo_total_variation
from empirics.errors import InputError, integer
from empirics.experiment import Experiment, Sampling
from empirics.grid import Grid
from empirics.grid_laws import GridLaws, Record, Source
from empirics.models import HasLogDensity
from empirics.points_loop import PointsLoop, TrainingSet
from empirics.result import Result, make_frame
from empirics.target_law import target_law
from empirics.targets import Target

__all__ = ["run"]

Array = np.ndarray
_BATCH_NUMBERS = 2**16
"""Grid values of one law held by a batch of replicates: half a megabyte, which a cache holds."""


def run(
    experiment: Experiment,
    workers: int = 1,
    progress: Callable[[int], object] | None = None,
) -> Result:
    """Run every replicate of an experiment.

    The result depends on the experiment alone, not on ``workers``.

    Args:
        experiment: what to run.
        workers: threads that share the replicates.
        progress: called with the number of replicates that have just been finished.

    Raises:
        InputError: the target does not fit its grid, or a model cannot be measured.
    """
    integer("workers", workers, at_least=1)
    start = perf_counter()
    one_batch = _counts_batch if experiment.sampling is Sampling.COUNTS else _points_replicate

    def work(replicates: range) -> list[Record]:
        records = one_batch(experiment, replicates)
        if progress is not None:
            progress(len(replicates))
        return records

    with ThreadPoolExecutor(workers) as pool:
        parts = list(pool.map(work, _batches(experiment)))
    records = [_joined([part[j] for part in parts]) for j in range(experiment.generations)]
    return Result(experiment, make_frame(experiment, records), perf_counter() - start)


def _batches(experiment: Experiment) -> Iterator[range]:
    size = 1
    if experiment.sampling is Sampling.COUNTS:
        grid = experiment.smoothers()[0].grid
        size = max(1, _BATCH_NUMBERS // int(np.prod(grid.shape)))
    for first in range(0, experiment.replicates, size):
        yield range(first, min(first + size, experiment.replicates))


def _joined(records: list[Record]) -> Record:
    names = Record.__dataclass_fields__
    return Record(**{n: np.concatenate([getattr(r, n) for r in records]) for n in names})


def _counts_batch(experiment: Experiment, replicates: range) -> list[Record]:
    smoothers = experiment.smoothers()
    law = target_law(experiment.target, smoothers[0].grid)
    streams = [experiment.stream(r) for r in replicates]
    return CountsLoop(experiment.cycle, law, smoothers, streams).run()


def _points_replicate(experiment: Experiment, replicates: range) -> list[Record]:
    (replicate,) = replicates
    generator = experiment.stream(replicate)
    loop = PointsLoop(experiment.target, experiment.model, experiment.cycle, generator)
    measure = _measure_on_grid if experiment.on_grid else _measure_by_draws
    return list(measure(experiment, loop))


def _measure_on_grid(experiment: Experiment, loop: PointsLoop) -> Iterator[Record]:
    smoothers = experiment.smoothers()
    grid = smoothers[0].grid
    laws = GridLaws(target_law(experiment.target, grid), grid)
    rows = experiment.cycle.weight_matrix(experiment.generations)
    for j, smoother in enumerate(smoothers, start=1):
        training = loop.advance()
        source = _source(training, grid, experiment.cycle.data is Protocol.FRESH)
        yield laws.learn(j, rows[j - 1, :j], source, smoother)


def _source(training: TrainingSet, grid: Grid, fresh: bool) -> Source:
    weights = training.weights
    return Source(
        empirical_spectrum(training.points, weights, grid)[None],
        1 / len(training.points) if weights is None else float((weights**2).sum()),
        training.size if fresh else None,
        from_points=True,
    )


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
        learned = _Mixture(loop.laws[:j], experiment.cycle.weight_matrix(j)[-1])
        draw = (numerics.draws, generator, numerics.confidence_level)
        tv = monte_carlo_total_variation(law, target, *draw)
        step = tv if j == 1 else monte_carlo_total_variation(law, learned, *draw)
        numbers = (tv.value, tv.half_width, step.value, step.half_width, np.nan, 0.0)
        yield Record(*(np.array([v]) for v in numbers))
