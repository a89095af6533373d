"""Loops of models that sample: TV by Monte-Carlo integration, or limits from samples alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import numpy as np

from empirics.data.arrays import real_numbers
from empirics.distances.classifier import Judge
from empirics.distances.monte_carlo import Interval, monte_carlo_total_variation
from empirics.errors import InputError
from empirics.experiment import Experiment
from empirics.grid import Grid
from empirics.laws import KeptLaws, drawn_density, keeping
from empirics.loop import generations
from empirics.mixed_law import MixedLaw
from empirics.pool import PointDraws, Training, TrainingSet, real_points
from empirics.protocols import FittedModel, HasLogDensity, Model
from empirics.record import Record
from empirics.sampled import Sampled
from empirics.targets import Samples

__all__ = ["PointsEngine", "check_pool", "fit"]

Array = np.ndarray
_OVERLAP = 1e-3
"""Share of two laws that overlaps below which nothing is told of how a density is normalised."""
_CURE = "; give the right density, or hide log_density: TV is then limited from samples alone"


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


@dataclass(frozen=True, eq=False)
class PointsEngine:
    """What runs an experiment whose laws are on no grid, one replicate at a time.

    Args:
        experiment: what to run.
        judge: what tells samples apart where no density is known.

    ``notes`` gathers what is to be said of the run: how data was read, what was not checked.
    """

    experiment: Experiment
    judge: Judge | None = None
    batch: int = 1
    notes: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        target = self.experiment.target
        if isinstance(target, Samples) and target.note:
            self.notes[target.note] = None
        check_pool(self.experiment)

    def run(self, replicates: range, kept: KeptLaws | None = None) -> Iterator[Record]:
        """Run one replicate."""
        e, (replicate,) = self.experiment, replicates
        draws = PointDraws(e.target, e.stream(replicate), e.operator)
        sampled = Sampled(e, draws, self.judge)
        family = _Drawn(e, draws, replicate, sampled, self.notes)
        return generations(e.cycle, e.generations, family, draws, keeping(kept, family))


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
    """Fitted models, measured by draws."""

    experiment: Experiment
    draws: PointDraws
    replicate: int
    sampled: Sampled
    notes: dict[str, None]

    def learn(self, j: int, row: Array, training: Training[TrainingSet]) -> Record:
        """Fit model ``j`` and estimate its distances, or limit them if a density is not known."""
        law = fit(self.experiment.model, self.draws, training)
        has_density = isinstance(law, HasLogDensity) and self.experiment.target.has_density
        if not has_density or self.sampled.judge is not None:
            return self.sampled.record(j, row, self.draws.laws)
        numerics, laws = self.experiment.numerics, self.draws.laws
        how = (numerics.draws, self.draws.generator, numerics.confidence_level)
        model, target = MixedLaw([law], np.ones(1)), MixedLaw([laws[0]], np.ones(1))
        learned = MixedLaw(laws[:j], row)
        # Of what has passed an operator there are points, and no density.
        known = not any(self.experiment.operator(k) for k in range(1, j) if row[k] > 0)
        try:
            tv = monte_carlo_total_variation(model, target, *how)
            step = tv
            if j > 1 and known:
                step = monte_carlo_total_variation(model, learned, *how)
        except InputError as error:
            text = str(error).removeprefix("log_")
            raise InputError(f"model {type(law).__name__}: log_{text}{_CURE}") from None
        self._note_unchecked(j, law, tv, step)
        value, reach = (step.value, step.half_width) if known else (np.nan, np.nan)
        return Record(
            tv=np.array([tv.value]),
            tv_error=np.array([tv.half_width]),
            one_step_tv=np.array([value]),
            one_step_error=np.array([reach]),
            noise=np.array([np.nan]),
            mass_defect=np.zeros(1),
        )

    def densities(self, j: int, places: Grid) -> Array:
        """Density of model ``j``; of one that only samples, an estimate from its draws."""
        law = self.draws.laws[j]
        if isinstance(law, HasLogDensity):
            with np.errstate(over="ignore"):
                return np.exp(real_numbers("log_density", law.log_density(places.points())))[None]
        # A stream of its own, so that what is kept changes no result.
        stream = self.experiment.stream(self.replicate).spawn(1)[0]
        return drawn_density(lambda size: law.sample(size, stream), places)[None]

    def forget(self, needed: Collection[int]) -> None:
        """Nothing: fitted models are small, and the target is measured against."""

    def _note_unchecked(self, j: int, law: FittedModel, *found: Interval) -> None:
        if max(interval.overlap for interval in found) < _OVERLAP:
            self.notes[
                f"generation {j}: log_density of {type(law).__name__} hardly overlaps with the"
                " target and with what it learned, so that its normalisation was not checked"
            ] = None
