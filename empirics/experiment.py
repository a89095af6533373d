"""The specification of a loop: target, model, data cycle, and how it is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Annotated, Any

import numpy as np
from msgspec import Meta

from bounds.cycles import DataCycle, Protocol
from bounds.discovery import Written
from empirics.errors import InputError, integer, number
from empirics.operators import Operator, acts_on_laws
from empirics.parameters import Confidence, Interval, numbers
from empirics.protocols import Model
from empirics.quantities import Quantity, quantities_of
from empirics.targets import Target

__all__ = [
    "Experiment",
    "Numerics",
    "Sampling",
    "check_cycle",
    "checked_operators",
    "operator_of",
    "shown",
]

_MOST_POINTS = 10**15
_MOST_IN_POOL = 10**9
"""Largest size that NumPy's generator of hypergeometric counts takes."""


class Sampling(StrEnum):
    """The way in which a generation is drawn: as cell counts on a grid, as points, or not at all.

    ``POPULATION`` trains every model on its mixture itself, the limit of infinitely many points.
    """

    COUNTS = "counts"
    POINTS = "points"
    POPULATION = "population"


@dataclass(frozen=True, kw_only=True)
class Numerics:
    """Settings of the computation of a loop; none of them changes what is estimated.

    Args:
        sampling: ``"counts"`` (laws on a grid, any size), ``"points"`` (any model and dimension;
            cost grows with the size) or ``"population"`` (laws on a grid, infinite size). Chosen
            if ``None``.
        tv_accuracy: numerical error aimed at in a TV of kernel density estimates on a grid, from
            1e-12 to below 0.1; the resolution and, for points, the nodes per cell follow from it.
            What was reached is in ``tv_error``. Counts, whose cells also carry the sampling
            noise, take 6 cells per bandwidth at least (9 for Epanechnikov's kernel).
        resolution: grid cells per bandwidth, instead of those that follow from ``tv_accuracy``.
        window: ``(low, high)`` per axis instead of the target's own.
        draws: points per Monte-Carlo estimate of TV where there is no grid; points of each law
            where one of them is known by its samples alone.
        confidence_level: of the interval whose half-width is then the TV error; of all lower
            limits of the run together where there are only such.
    """

    sampling: Annotated[Sampling | str | None, Written(Sampling | None)] = None
    tv_accuracy: Annotated[float, Meta(ge=1e-12, lt=0.1)] = 1e-6
    resolution: Annotated[float, Meta(ge=3)] | None = None
    window: tuple[Interval, ...] | None = None
    draws: Annotated[int, Meta(ge=4, le=10**9)] = 10_000
    confidence_level: Confidence = 0.99


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A self-consuming loop to be run.

    Args:
        target: the law of the real data.
        model: what each generation trains, such as ``empirics.models.Kde(...)``.
        cycle: which data each generation trains on (``bounds.cycles``).
        generations: number of models, at least 1.
        replicates: independent runs of the loop, at least 1.
        seed: non-negative; with the replicate's number it determines every random draw.
        numerics: how it is computed.
        between: what a model's samples pass before anyone trains on them: an operator of
            ``empirics.operators``, or any object with ``samples(points, generator)``; or one for
            the samples of each model in turn, ``None`` where they pass none.
        entropy: joins the seed in the random streams, so that the cells of a sweep share none.
        record: quantities of every law that are measured beside its TV, by their words or from
            ``empirics.quantities``; they change no other number. Needs laws on a grid.

    Raises:
        InputError: an argument is outside its range, or the parts do not fit together.
    """

    target: Target
    model: Model
    cycle: DataCycle
    generations: Annotated[int, Meta(ge=1, le=1000)]
    replicates: Annotated[int, Meta(ge=1, le=10**6)] = 256
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    numerics: Numerics = field(default_factory=Numerics)
    between: Any = None
    entropy: int | None = field(default=None, repr=False)
    record: Annotated[Sequence[Quantity | str], Written(list[str | dict[str, Any]])] = field(
        default=(), repr=False
    )

    def __post_init__(self) -> None:
        _check_types(self)
        for name in ("generations", "replicates"):
            integer(name, getattr(self, name), at_least=1, at_most=_MOST_POINTS)
        integer("seed", self.seed, at_least=0)
        quantities_of(self.record)
        object.__setattr__(self, "record", tuple(self.record))
        _check_numerics(self.numerics)
        _check_window(self.numerics.window, self.target.dimension)
        check_cycle(self.cycle, self.generations)
        if check := getattr(self.model, "check_dimension", None):
            check(self.target.dimension)
        own = checked_operators(self.between, self.generations, self.target.dimension)
        object.__setattr__(self, "between", own)
        if self.sampling is not Sampling.POINTS and not self.on_grid:
            raise InputError(
                f"sampling = {self.sampling.value!r}: needs a model whose laws live on a grid, such"
                " as a Kde in one or two dimensions, and a target with a density; use 'points'"
            )
        if self.sampling is not Sampling.POINTS and not self._operators_act_on_laws:
            raise InputError(
                f"sampling = {self.sampling.value!r}: needs an operator between the generations"
                " that acts on laws; use 'points'"
            )
        _check_recorded(self.quantities, self.on_grid)
        if self.cycle.data is Protocol.SUBSAMPLED and self.sampling is Sampling.COUNTS:
            _check_subsamples(self.cycle, self.generations)

    @property
    def on_grid(self) -> bool:
        """Whether the laws are held on a grid, so that TV needs no sampling."""
        dimensions = getattr(self.model, "grid_dimensions", ())
        return self.target.has_density and self.target.dimension in dimensions

    @property
    def sampling(self) -> Sampling:
        """The sampling asked for, or counts wherever they are possible."""
        if self.numerics.sampling is not None:
            return Sampling(self.numerics.sampling)
        counted = self.on_grid and self._operators_act_on_laws
        return Sampling.COUNTS if counted else Sampling.POINTS

    @property
    def _operators_act_on_laws(self) -> bool:
        used = (self.operator(k) for k in range(1, self.generations))
        return all(acts_on_laws(operator) for operator in used if operator is not None)

    def operator(self, k: int) -> Any:
        """The operator on the samples of model ``k >= 1``, ``None`` if there is none."""
        return operator_of(self.between, k)

    def __repr__(self) -> str:
        return shown(self)

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The quantities that are recorded of every law."""
        return quantities_of(self.record)

    def stream(self, replicate: int) -> np.random.Generator:
        """The replicate's own random generator."""
        entropy = self.seed if self.entropy is None else (self.entropy, self.seed)
        return np.random.default_rng(np.random.SeedSequence(entropy, spawn_key=(replicate,)))


def _check_recorded(quantities: Sequence[Quantity], on_grid: bool) -> None:
    if quantities and not on_grid:
        raise InputError(
            "record: needs a model whose laws live on a grid, such as a Kde in one or two"
            " dimensions"
        )
    for quantity in quantities:
        if not quantity.of_cells:
            raise InputError(f"record: {quantity.column!r} is of laws on letters only")


def _check_types(experiment: Experiment) -> None:
    for name, kind in (("target", Target), ("model", Model), ("cycle", DataCycle)):
        value = getattr(experiment, name)
        if not isinstance(value, kind) or isinstance(value, type):
            raise InputError(
                f"{name} = {value!r}: must be a {kind.__name__} (see empirics.targets,"
                " empirics.models and bounds.cycles)"
            )


def checked_operators(given: Any, generations: int, dimension: int) -> Any:
    """Operators, one for all or a tuple of one for each model.

    Args:
        given: an operator, or a sequence of operators and ``None``.
        generations: of the loop.
        dimension: of the points; 0 for letters.

    Raises:
        InputError: one is no operator, does not act on points of this dimension, or is missing.
    """
    if several := isinstance(given, list | tuple):
        needed = generations - 1
        if len(given) < needed:
            raise InputError(
                f"between: has {len(given)} operators; models 1 to {needed} are sampled from, and"
                " each needs one, or None"
            )
        if all(operator is None for operator in given[:needed]):
            return None
    for operator in given if several else (given,):
        if operator is None:
            continue
        if not isinstance(operator, Operator) or isinstance(operator, type):
            raise InputError(
                f"between = {operator!r}: must be an operator with samples(points, generator), such"
                " as empirics.operators.Noise(0.1)"
            )
        if check := getattr(operator, "check_dimension", None):
            check(dimension)
    return tuple(given) if several else given


def operator_of(between: Any, k: int) -> Any:
    """The operator on the samples of model ``k >= 1``, ``None`` if there is none."""
    if not isinstance(between, tuple):
        return between
    return between[k - 1] if k <= len(between) else None


def shown(loop: Any) -> str:
    """The representation of a loop; ``between`` is left out where there is no operator."""
    parts = (
        f"{f.name}={getattr(loop, f.name)!r}"
        for f in fields(loop)
        if f.repr and (f.name != "between" or loop.between is not None)
    )
    return f"{type(loop).__name__}({', '.join(parts)})"


def _check_numerics(numerics: Numerics) -> None:
    if not isinstance(numerics, Numerics):
        raise InputError(f"numerics = {numerics!r}: must be an empirics.Numerics")
    if numerics.sampling not in (None, *Sampling):
        allowed = ", ".join(repr(s.value) for s in Sampling)
        raise InputError(f"sampling = {numerics.sampling!r}: must be one of {allowed}")
    number("tv_accuracy", numerics.tv_accuracy, at_least=1e-12, below=0.1)
    if numerics.resolution is not None:
        number("resolution", numerics.resolution, at_least=3)
    integer("draws", numerics.draws, at_least=4, at_most=_MOST_POINTS)
    number("confidence_level", numerics.confidence_level, above=0, below=1)


def _check_window(window: Any, dimension: int) -> None:
    if window is None:
        return
    must = f"{dimension} pairs (low, high) of finite numbers, low < high, one per axis"
    ends = numbers("window", window, must)
    if ends.shape != (dimension, 2) or not np.all(ends[:, 0] < ends[:, 1]):
        raise InputError(f"window = {window!r}: must be {must}")


def check_cycle(cycle: DataCycle, generations: int) -> None:
    """Refuse a cycle that cannot drive a loop of so many generations.

    Raises:
        InputError: it has symbols, or fewer rows, or a training set is too large.
    """
    if cycle.generations is not None and cycle.generations < generations:
        raise InputError(
            f"generations = {generations}: the custom cycle has rows for {cycle.generations}"
        )
    try:
        cycle.weight_matrix(generations)
        largest = max(int(cycle.size(j)) for j in range(1, generations + 1))
    except TypeError:
        raise InputError(f"cycle = {cycle!r}: a loop needs numbers, not symbols") from None
    if largest > _MOST_POINTS:
        raise InputError(
            f"cycle = {cycle!r}: a generation would train on {largest:.3g} points; at most 10^15"
            " are allowed, which float64 counts exactly"
        )
    for j in range(1, generations + 1):
        cycle.check_pool(j)


def _check_subsamples(cycle: DataCycle, generations: int) -> None:
    """Refuse pools whose counts cannot be drawn from without replacement."""
    for j in range(1, generations + 1):
        used = (k for k, w in enumerate(cycle.weights(j)) if w > 0)
        pool = sum(int(cycle.batch_size(k)) for k in used)
        if pool >= _MOST_IN_POOL:
            raise InputError(
                f"generation {j}: data = 'subsampled' draws from a pool of {pool} points; less than"
                " 10^9 are required where cells are counted; use data = 'resampled' or a smaller n"
            )
