"""The loop: each generation draws its training data, learns, and is measured.

A data cycle says what every model is trained on, and :class:`Pool` is the one reading of its
protocol, for points and for cell counts: what is drawn when. A family of models says in
:class:`Draws` how its data is drawn and joined. Densities of the first few replicates are kept for
pictures.
"""

from __future__ import annotations

import typing
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import prod
from typing import Any, Generic, TypeVar

import numpy as np
from jaxtyping import Float

from bounds.cycles import DataCycle, Protocol
from empirics.counts import drawn_counts
from empirics.errors import InputError, integer, of_generation
from empirics.experiment import Experiment
from empirics.grid import Grid, places_of
from empirics.operators import drawn, settled
from empirics.protocols import FittedModel, drawn_points
from empirics.targets import Target

__all__ = [
    "Batch",
    "CellDraws",
    "Draws",
    "HasDensities",
    "KeptLaws",
    "PointDraws",
    "Pool",
    "Training",
    "TrainingSet",
    "generations",
    "keeping",
    "kept_laws",
    "laws_held",
    "real_points",
]

Array = np.ndarray
Data = TypeVar("Data")
Measured = TypeVar("Measured")
_MOST_ROWS = 2 * 10**7
"""Densities that are kept."""


def generations(
    cycle: DataCycle,
    count: int,
    learn: Callable[[int, Array, Training[Data]], Measured],
    draws: Draws[Data] | None,
    seen: Callable[[int], object] | None = None,
    forget: Callable[[Collection[int]], object] | None = None,
) -> Iterator[Measured]:
    """Train and measure models ``1..count`` in turn; law ``j`` is that of model ``j``, law 0 real.

    Args:
        learn: trains model ``j`` with these mixing weights over laws ``0..j-1`` on its data, keeps
            its law and measures it.
        draws: how training data is drawn; ``None`` if every model learns its mixture itself.
        seen: called with the number of each model, before laws are forgotten.
        forget: drops all laws but those that later generations need; ``None`` to keep all.

    Raises:
        InputError: a model cannot be trained or measured; it names the generation.
    """
    rows = cycle.weight_matrix(count)
    pool = None if draws is None else Pool(cycle, draws)
    for j in range(1, count + 1):
        row, size = rows[j - 1, :j], int(cycle.size(j))
        training = Training(None, size) if pool is None else pool.training(row, size)
        with of_generation(j):
            measured = learn(j, row, training)
        if seen is not None:
            seen(j)
        yield measured
        if forget is not None:
            forget(np.flatnonzero(rows[j:].any(axis=0)).tolist())


def laws_held(rows: Float[Array, "generations generations"]) -> int:
    """Most laws held at once: law ``k`` from generation ``k`` to the last one with weight on it."""
    used, count = np.flatnonzero(rows.any(axis=0)), len(rows) + 1
    last = len(rows) - np.argmax(rows[::-1, used] > 0, axis=0)
    return int(np.cumsum(np.bincount(used, None, count) - np.bincount(last, None, count)).max())


@dataclass(frozen=True)
class Batch(Generic[Data]):
    """A batch in a pool: of which law, its weight in the mixture, its points, what was drawn."""

    law: int
    weight: float
    size: int
    data: Data


class Draws(ABC, Generic[Data]):
    """The drawing of training data for a family of models."""

    @abstractmethod
    def fresh(self, row: Float[Array, "laws"], size: int) -> Data:
        """``size`` independent points of the mixture with weights ``row``."""

    @abstractmethod
    def batch(self, k: int, size: int) -> Data:
        """``size`` independent points of law ``k``."""

    @abstractmethod
    def joined(self, batches: Sequence[Batch[Data]]) -> Data:
        """The pool of weighted batches."""

    def reused(self, pool: Data, size: int) -> Data:
        """The whole pool, held as a training set of nominal ``size``."""
        del size
        return pool

    def resampled(self, pool: Data, size: int) -> Data:
        """``size`` points of the pool with replacement."""
        raise NotImplementedError

    def subsampled(self, pool: Data, size: int, total: int) -> Data:
        """``size`` of the ``total`` points of an equally weighted pool, without replacement."""
        raise NotImplementedError


@dataclass(frozen=True)
class Training(Generic[Data]):
    """The training data of a model.

    Args:
        data: as the family's :class:`Draws` make it; ``None`` for the mixture itself.
        size: number of training points.
        squared_weights: sum of the squares of the points' weights, 0 for the mixture itself.
        fresh: whether the points are independent draws from the mixture.
    """

    data: Data | None
    size: int
    squared_weights: float = 0.0
    fresh: bool = False


@dataclass
class Pool(Generic[Data]):
    """The training data of one loop, generation by generation.

    Args:
        cycle: the data cycle.
        draws: how its points are drawn.
    """

    cycle: DataCycle
    draws: Draws[Data]
    _batches: dict[int, Data] = field(default_factory=dict, init=False)

    def training(self, row: Float[Array, "laws"], size: int) -> Training[Data]:
        """Training data of ``size`` points for a model with mixing weights ``row``."""
        if self.cycle.data is Protocol.FRESH:
            return Training(self.draws.fresh(row, size), size, 1 / size, fresh=True)
        batches = self._used(row)
        pool = self.draws.joined(batches)
        if self.cycle.data in (Protocol.REUSED, Protocol.RENEWED):
            squares = sum(float(b.weight) ** 2 / b.size for b in batches)
            return Training(self.draws.reused(pool, size), size, squares)
        if self.cycle.data is Protocol.RESAMPLED:
            return Training(self.draws.resampled(pool, size), size, 1 / size)
        total = sum(b.size for b in batches)
        return Training(self.draws.subsampled(pool, size, total), size, 1 / size)

    def _used(self, row: Array) -> list[Batch[Data]]:
        """The batches with positive weight, each drawn when it is first needed or, renewed, now."""
        used: list[int] = np.flatnonzero(row).tolist()
        sizes = {k: int(self.cycle.batch_size(k)) for k in used}
        for k in used:
            if k not in self._batches or self.cycle.data is Protocol.RENEWED:
                self._batches[k] = self.draws.batch(k, sizes[k])
        return [Batch(k, row[k], sizes[k], self._batches[k]) for k in used]


def real_points(cycle: DataCycle, generations: int) -> float:
    """Real points that a loop draws in expectation: one batch, or fresh ones in all generations."""
    rows = range(1, generations + 1)
    if cycle.data is not Protocol.FRESH:
        return float(cycle.batch_size(0)) if any(cycle.weights(j)[0] > 0 for j in rows) else 0.0
    return sum(float(cycle.weights(j)[0]) * int(cycle.size(j)) for j in rows)


@dataclass
class CellDraws(Draws[Array]):
    """Shares of the training points in the cells of a grid, for a batch of replicates.

    The counts of ``n`` independent points in cells are exactly multinomial, so a draw does not cost
    what ``n`` points do.

    Args:
        streams: one random generator per replicate.
        shape: cells along each axis.
        masses: cell masses of the mixture with a given row of weights.
    """

    streams: Sequence[np.random.Generator]
    shape: tuple[int, ...]
    masses: Callable[[Array], Array]

    def fresh(self, row: Array, size: int) -> Float[Array, "replicates *cells"]:
        """Shares of points of the mixture."""
        return self._counts(self.masses(row), size) / size

    def batch(self, k: int, size: int) -> Float[Array, "replicates *cells"]:
        """Counts of points of one law."""
        return self._counts(self.masses(np.eye(k + 1)[k]), size)

    def joined(self, batches: Sequence[Batch[Array]]) -> Float[Array, "replicates *cells"]:
        """Shares of the cells in a weighted union of batches."""
        return np.sum([b.weight / b.size * b.data for b in batches], axis=0)

    def resampled(self, pool: Array, size: int) -> Float[Array, "replicates *cells"]:
        """Shares of points drawn from the pool's shares."""
        return self._counts(pool, size) / size

    def subsampled(self, pool: Array, size: int, total: int) -> Float[Array, "replicates *cells"]:
        """Shares of points drawn from the pool's counts."""
        counts = np.rint(pool * total).astype(int)
        drawn = [
            generator.multivariate_hypergeometric(c.ravel(), size, method="marginals")
            for generator, c in zip(self.streams, counts, strict=True)
        ]
        return np.reshape(drawn, counts.shape).astype(float) / size

    def _counts(self, masses: Array, size: int) -> Float[Array, "replicates *cells"]:
        """Multinomial counts of ``size`` points, each replicate from its own stream."""
        replicates = len(self.streams)
        flat = np.broadcast_to(masses, (replicates, *self.shape)).reshape(replicates, -1)
        return drawn_counts(self.streams, size, flat).reshape(replicates, *self.shape)


@dataclass(frozen=True)
class TrainingSet:
    """Points with weights (``None``: equal) and the nominal size that sets a bandwidth."""

    points: Float[Array, "points ..."]
    weights: Float[Array, "points"] | None
    size: int

    @property
    def squared_weights(self) -> float:
        """Sum of the squares of the points' weights."""
        if self.weights is None:
            return 1 / len(self.points)
        return float((self.weights**2).sum())


@dataclass
class PointDraws(Draws[TrainingSet]):
    """Points of fitted models, for one replicate.

    Args:
        target: the real law, which is law 0.
        generator: source of all randomness of the replicate.
        between: what the samples of model ``k`` pass, ``None`` where they are taken as they are.
        laws: the real law and the models fitted so far; whoever fits a model appends it.
    """

    target: Target
    generator: np.random.Generator
    between: Callable[[int], Any] = lambda k: None
    _settled: dict[int, Any] = field(default_factory=dict, init=False)
    laws: list[FittedModel] = field(init=False)

    def __post_init__(self) -> None:
        self.laws = [self.target.source(self.generator)]

    def fresh(self, row: Array, size: int) -> TrainingSet:
        """Points of the laws, as many of each as fall to it."""
        counts = self.generator.multinomial(size, row / row.sum())
        drawn = [self.points(k, c) for k, c in enumerate(counts.tolist()) if c]
        return TrainingSet(np.concatenate(drawn), None, size)

    def batch(self, k: int, size: int) -> TrainingSet:
        """Points of one law."""
        return TrainingSet(self.points(k, size), None, size)

    def joined(self, batches: Sequence[Batch[TrainingSet]]) -> TrainingSet:
        """All points, the weight of a batch shared evenly by its points."""
        weights = np.concatenate([np.full(b.size, b.weight / b.size) for b in batches])
        points = np.concatenate([b.data.points for b in batches])
        return TrainingSet(points, weights / weights.sum(), len(points))

    def reused(self, pool: TrainingSet, size: int) -> TrainingSet:
        """All points; weights that are equal to rounding are left out."""
        assert pool.weights is not None
        equal = np.ptp(pool.weights) < 1e-12 * pool.weights.max()
        return TrainingSet(pool.points, None if equal else pool.weights, size)

    def resampled(self, pool: TrainingSet, size: int) -> TrainingSet:
        """Points chosen with the pool's weights."""
        return self._chosen(pool, size, replace=True, p=pool.weights)

    def subsampled(self, pool: TrainingSet, size: int, total: int) -> TrainingSet:
        """Points of which none is chosen twice."""
        del total
        return self._chosen(pool, size, replace=False, p=None)

    def _chosen(self, pool: TrainingSet, size: int, replace: bool, p: Array | None) -> TrainingSet:
        chosen = self.generator.choice(len(pool.points), size, replace=replace, p=p)
        return TrainingSet(pool.points[chosen], None, size)

    def points(self, k: int, size: int) -> Array:
        """Points of law ``k``, past what stands between it and the next model."""
        operator, draw = self.between(k) if k else None, partial(self._raw, k)
        if operator is None:
            return draw(size)
        if k not in self._settled:
            self._settled[k] = settled(operator, draw, size, self.generator)
        passed = drawn(self._settled[k], draw, size, self.generator)
        one = () if self.target.dimension == 1 else (self.target.dimension,)
        if passed.shape[1:] != one or not np.all(np.isfinite(passed)):
            raise InputError(f"between = {operator!r}: made points that are not finite, or others")
        return passed

    def _raw(self, k: int, size: int) -> Array:
        given = self.laws[k].sample(size, self.generator)
        return drawn_points(f"model {k}" if k else "target", given, size, self.target.dimension)


@typing.runtime_checkable
class HasDensities(typing.Protocol):
    """A source of the densities of a generation's models."""

    def densities(self, j: int, places: Grid) -> Float[Array, "replicates *places"]:
        """Densities of model ``j`` at the places, one for each replicate."""


@dataclass(eq=False)
class KeptLaws:
    """Densities of the first few replicates of a batch, generation by generation.

    Args:
        places: where densities are read.
        count: how many replicates of the batch are kept.
    """

    places: Grid
    count: int
    found: list[Array] = field(default_factory=list)

    def keep(self, laws: HasDensities, j: int) -> None:
        """Keep the densities of generation ``j``."""
        self.found.append(np.array(laws.densities(j, self.places)[: self.count]))

    @property
    def densities(self) -> Float[Array, "replicates generations *places"]:
        """Densities of the replicates that were kept."""
        return np.stack(self.found, axis=1)


def keeping(kept: KeptLaws | None, laws: HasDensities) -> Callable[[int], None] | None:
    """The receiver of the laws of each generation, if any are kept."""
    return partial(kept.keep, laws) if kept is not None and kept.count else None


def kept_laws(experiment: Experiment, keep: int) -> Callable[[range], KeptLaws]:
    """The keeper of a batch's laws, if its replicates are among the first ``keep``.

    Raises:
        InputError: not a count, the target has more than two dimensions, or too many numbers.
    """
    integer("keep_laws", keep, at_least=0)
    if not keep:
        return lambda _: KeptLaws(Grid(()), 0)
    dimension = experiment.target.dimension
    if dimension not in (1, 2):
        raise InputError(
            f"keep_laws = {keep}: densities are kept on the line and in the plane, not in"
            f" {dimension} dimensions"
        )
    places = places_of(experiment.target)
    rows = min(keep, experiment.replicates) * experiment.generations * prod(places.shape)
    if rows > _MOST_ROWS:
        raise InputError(
            f"keep_laws = {keep}: would keep {rows:.3g} densities; at most {_MOST_ROWS:.3g} are"
            " kept, so keep fewer replicates"
        )
    return lambda part: KeptLaws(places, len(range(part.start, min(part.stop, keep))))
