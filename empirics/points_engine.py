"""Loops of models that sample: TV by Monte-Carlo integration, or limits from samples alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np
from jaxtyping import Float

from empirics.data.arrays import real_numbers
from empirics.distances.agreement import Limits, Tally, doubt, doubt_of_all, fault_of_all
from empirics.distances.classifier import Judge
from empirics.distances.monte_carlo import compared
from empirics.errors import DensityError, InputError, of_density
from empirics.experiment import Experiment
from empirics.grid import Grid, drawn_density
from empirics.loop import (
    KeptLaws,
    PointDraws,
    Training,
    TrainingSet,
    generations,
    keeping,
    real_points,
)
from empirics.protocols import (
    FittedModel,
    HasLogDensity,
    Model,
    check_pointwise,
    drawn_points,
    log_densities,
)
from empirics.quantities import Record
from empirics.sampled import Sampled
from empirics.targets import Samples, Target

__all__ = ["MixedLaw", "PointsEngine", "check_pool", "fit"]

Array = np.ndarray
_CURE = "; give the right density, or hide log_density: TV is then limited from samples alone"
_TRIED = 16
"""Training points at which a log density is asked for, before it is believed."""


class MixedLaw:
    """A mixture of the target and fitted models.

    Args:
        laws: its parts.
        row: their weights; parts without weight are left out.
        dimension: of the points.
    """

    def __init__(self, laws: list, row: Array, dimension: int) -> None:
        self.parts = [(w, law) for w, law in zip(row, laws, strict=True) if w > 0]
        self.dimension = dimension

    def density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """Sum of the parts' densities."""
        return np.asarray(sum(w * _density(law, x) for w, law in self.parts))

    def log_density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """Its logarithm, from the parts' logarithms."""
        logs = [np.log(w) + _log_density(law, x) for w, law in self.parts]
        return np.asarray(reduce(np.logaddexp, logs))

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size ..."]:
        """Points of the parts in random order, as many of each as fall to it."""
        counts = generator.multinomial(size, [w for w, _ in self.parts]).tolist()
        pairs = zip(counts, self.parts, strict=True)
        drawn = [
            drawn_points(_name(law), law.sample(c, generator), c, self.dimension)
            for c, (_, law) in pairs
        ]
        return generator.permutation(np.concatenate(drawn))


def _name(law: Any) -> str:
    return f"{'target' if isinstance(law, Target) else 'model'} {type(law).__name__}"


def _density(law: Any, x: Array) -> Array:
    if isinstance(law, Target):
        return _of_target(law, x)
    with np.errstate(over="ignore"):
        return np.exp(log_densities(law.log_density(x), len(x)))


def _log_density(law: Any, x: Array) -> Array:
    if isinstance(law, HasLogDensity):
        return log_densities(law.log_density(x), len(x))
    with np.errstate(divide="ignore"):
        return np.log(_of_target(law, x))


def _of_target(law: Target, x: Array) -> Array:
    found = real_numbers(f"{_name(law)}: density", law.density(x))
    if found.shape != (len(x),):
        raise InputError(
            f"{_name(law)}: density has shape {found.shape} at {len(x)} points; must be one number"
            " each"
        )
    return found


def fit(model: Model, draws: PointDraws, training: Training[TrainingSet]) -> FittedModel:
    """Train a model on points and append its law to those that can be drawn from.

    Raises:
        InputError: the points are weighted unequally, which the model cannot use, or what it
            returns cannot be sampled.
    """
    data = training.data
    assert data is not None
    if getattr(model, "takes_weights", False):
        given = {"weights": data.weights, "size": data.size}
    elif data.weights is not None:
        raise InputError(
            "data = 'reused' weights its batches unequally here, which only a Kde can use; use data"
            " = 'fresh' or 'resampled'"
        )
    else:
        given = {}
    law = model.fit(data.points, draws.generator, **given)
    if not isinstance(law, FittedModel):
        raise InputError(
            f"model {type(model).__name__}: fit returned {type(law).__name__}; must return a law"
            " with sample(size, generator)"
        )
    draws.laws.append(law)
    return law


@dataclass(frozen=True)
class Unseen:
    """The uncertainty that the check of a density leaves.

    Args:
        generation: of the model.
        mass: limits on what its density integrates to.
        moved: how far TV to the target, or to what it learned, moves at most within them.
        model: name of its class.
    """

    generation: int
    mass: Limits
    moved: float
    model: str

    @property
    def note(self) -> str:
        """The warning, for a run and its verdicts; empty if there is none."""
        said = doubt(self.mass, self.moved)
        return said and f"log_density of {self.model}, generation {self.generation}: {said}"


def _worse(unseen: Unseen) -> tuple[bool, float, int]:
    return bool(unseen.note), unseen.moved, -unseen.generation


def _times(one: Limits, other: Limits) -> Limits:
    return one[0] * other[0], one[1] * other[1] if one[1] and other[1] else 0.0


def _both(one: Limits, other: Limits) -> Limits:
    return max(one[0], other[0]), min(one[1], other[1])


@dataclass(frozen=True, eq=False)
class PointsEngine:
    """The engine of experiments whose laws are on no grid, one replicate at a time.

    Args:
        experiment: what to run.
        judge: what tells samples apart where no density is known.

    ``notes`` says what is to be said of the run: how data was read, what was not checked.
    """

    experiment: Experiment
    judge: Judge | None = None
    batch: int = 1
    unseen: dict[str, Unseen] = field(default_factory=dict)
    tallies: dict[tuple[str, int, int], Tally] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_pool(self.experiment)

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks on the replicates that were run, whichever was the first."""
        target = self.experiment.target
        read = (target.note,) if isinstance(target, Samples) and target.note else ()
        doubts = (self._doubt(model) for model in sorted(self.unseen))
        return (*read, *filter(None, doubts))

    def _doubt(self, model: str) -> str:
        """The remark on a model's density: by all of them together, or of the worst."""
        of_all = [self.tallies[key] for key in sorted(self.tallies) if key[0] == model]
        if said := fault_of_all(of_all):
            return f"log_density of {model}: {said}"
        said = doubt_of_all(of_all)
        return self.unseen[model].note or (said and f"log_density of {model}: {said}")

    def run(self, replicates: range, kept: KeptLaws | None = None) -> Iterator[Record]:
        """Run one replicate."""
        e, (replicate,) = self.experiment, replicates
        draws = PointDraws(e.target, e.stream(replicate), e.operator)
        sampled = Sampled(e, draws, self.judge)
        family = _Drawn(e, draws, replicate, sampled, self.unseen, self.tallies)
        return generations(e.cycle, e.generations, family.learn, draws, keeping(kept, family))


def check_pool(experiment: Experiment) -> None:
    """Refuse a data set that the cycle will use up, before any model is trained.

    Raises:
        InputError: more points are needed than the target has to train on.
    """
    target, steps = experiment.target, experiment.generations
    if isinstance(target, Samples):
        needed = real_points(experiment.cycle, steps)
        target.refuse_more(needed, f" in {steps} generations of {experiment.cycle!r}")


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Fitted models, measured by draws.

    ``masses`` limits what each law's density integrates to, as far as its draws tell.
    """

    experiment: Experiment
    draws: PointDraws
    replicate: int
    sampled: Sampled
    unseen: dict[str, Unseen]
    tallies: dict[tuple[str, int, int], Tally]
    masses: dict[int, Limits] = field(default_factory=lambda: {0: (1.0, 1.0)})

    def learn(self, j: int, row: Array, training: Training[TrainingSet]) -> Record:
        """Fit model ``j`` and estimate its distances, or limit them if a density is not known."""
        law = fit(self.experiment.model, self.draws, training)
        assert training.data is not None
        with _named(law, self.experiment.target):
            if isinstance(law, HasLogDensity):
                _check_density(law, training.data.points[:_TRIED])
            has_density = isinstance(law, HasLogDensity) and self.experiment.target.has_density
            if not has_density or self.sampled.judge is not None:
                return self.sampled.record(j, row, self.draws.laws)
            return self._measured(j, row)

    def _measured(self, j: int, row: Array) -> Record:
        numerics, laws = self.experiment.numerics, self.draws.laws
        how = (numerics.draws, self.draws.generator, numerics.confidence_level)
        model, target = self._mixed([laws[j]], np.ones(1)), self._mixed([laws[0]], np.ones(1))
        # Of what has passed an operator there are points, and no density.
        known = not any(self.experiment.operator(k) for k in range(1, j) if row[k] > 0)
        found = compared(model, target, *how)
        mass, step, moved = found.shares.factor(), found.tv, 0.0
        if j > 1 and known:
            to_learned = compared(model, self._mixed(laws[:j], row), *how)
            step, ratio = to_learned.tv, to_learned.shares.factor()
            moved = to_learned.shares.moved(ratio)
            mass = _both(mass, _times(ratio, self._mass_of(row)))
        self.masses[j] = mass
        moved = max(moved, found.shares.moved(mass))
        seen = Unseen(j, mass, moved, type(laws[j]).__name__)
        self.tallies[seen.model, self.replicate, j] = Tally.of(found.shares, found.tv.half_width)
        self.unseen[seen.model] = max(seen, self.unseen.get(seen.model, seen), key=_worse)
        value, reach = (step.value, step.half_width) if known else (np.nan, np.nan)
        return Record(
            tv=np.array([found.tv.value]),
            tv_error=np.array([found.tv.half_width]),
            one_step_tv=np.array([value]),
            one_step_error=np.array([reach]),
            noise=np.array([np.nan]),
            mass_defect=np.zeros(1),
        )

    def _mixed(self, laws: list, row: Array) -> MixedLaw:
        return MixedLaw(laws, row, self.experiment.target.dimension)

    def _mass_of(self, row: Array) -> Limits:
        """The integral of a mixture's density: a mean of its parts, whatever the point."""
        used = [self.masses[k] for k in np.flatnonzero(row).tolist()]
        return min(low for low, _ in used), max(high for _, high in used)

    def densities(self, j: int, places: Grid) -> Array:
        """Density of model ``j``; of one that only samples, an estimate from its draws."""
        law, shape = self.draws.laws[j], places.shape
        if isinstance(law, HasLogDensity):
            at = places.points()
            rows = at.reshape(-1) if len(shape) == 1 else at.reshape(-1, len(shape))
            return _density(law, rows).reshape(1, *shape)
        # A stream of its own, so that what is kept changes no result.
        stream = self.experiment.stream(self.replicate).spawn(1)[0]
        return drawn_density(lambda size: law.sample(size, stream), places)[None]


def _check_density(law: HasLogDensity, points: Array) -> None:
    """Refuse log densities that are no numbers of single points, before draws are spent."""

    def at(x: Array) -> Array:
        return log_densities(law.log_density(x), len(x))

    with of_density("log_density"):
        check_pointwise("log_density", at, points, at(points))


@contextmanager
def _named(law: FittedModel, target: Target) -> Iterator[None]:
    """Say of a mistake in a density whose it is."""
    try:
        yield
    except DensityError as error:
        own = type(target).__module__.startswith("empirics.")
        or_target = "" if own else f" (or the density of target {type(target).__name__})"
        whose = f"model {type(law).__name__}: log_density{or_target}"
        raise InputError(f"{whose}: {error.what}{_CURE}") from None
