"""Loops of models that only sample and tell their density: TV by Monte-Carlo integration."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import reduce

import numpy as np
from jaxtyping import Float

from empirics.distances.monte_carlo import monte_carlo_total_variation
from empirics.errors import InputError
from empirics.experiment import Experiment
from empirics.grid import Grid
from empirics.laws import KeptLaws, drawn_density, keeping
from empirics.loop import generations
from empirics.pool import PointDraws, Training, TrainingSet, flat
from empirics.protocols import FittedModel, HasLogDensity, Model
from empirics.record import Record
from empirics.targets import Target

__all__ = ["PointsEngine", "fit"]

Array = np.ndarray


def fit(model: Model, draws: PointDraws, training: Training[TrainingSet]) -> FittedModel:
    """Train a model on points and append its law to those that can be drawn from.

    Raises:
        InputError: the points are weighted unequally, which the model cannot use.
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
    draws.laws.append(law)
    return law


@dataclass(frozen=True, eq=False)
class PointsEngine:
    """What runs an experiment whose laws are on no grid, one replicate at a time."""

    experiment: Experiment
    batch: int = 1

    def run(self, replicates: range, kept: KeptLaws | None = None) -> Iterator[Record]:
        """Run one replicate."""
        e, (replicate,) = self.experiment, replicates
        draws = PointDraws(e.target, e.stream(replicate), e.operator)
        family = _Drawn(e, draws, replicate)
        return generations(e.cycle, e.generations, family, draws, keeping(kept, family))


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Fitted models, measured by draws."""

    experiment: Experiment
    draws: PointDraws
    replicate: int

    def learn(self, j: int, row: Array, training: Training[TrainingSet]) -> Record:
        """Fit model ``j`` and estimate its distances.

        Raises:
            InputError: it has no density.
        """
        law = fit(self.experiment.model, self.draws, training)
        if not isinstance(law, HasLogDensity):
            raise InputError(f"model {type(law).__name__}: has no log_density; TV needs one")
        numerics, laws = self.experiment.numerics, self.draws.laws
        how = (numerics.draws, self.draws.generator, numerics.confidence_level)
        model, target = _Mixture([law], np.ones(1)), _Mixture([laws[0]], np.ones(1))
        learned = _Mixture(laws[:j], row)
        # Of what has passed an operator there are points, and no density.
        known = not any(self.experiment.operator(k) for k in range(1, j) if row[k] > 0)
        try:
            tv = monte_carlo_total_variation(model, target, *how)
            step = tv
            if j > 1 and known:
                step = monte_carlo_total_variation(model, learned, *how)
        except InputError as error:
            raise InputError(f"model {type(law).__name__}: log_{error}") from None
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
            return _density(law, places.points())[None]
        # A stream of its own, so that what is kept changes no result.
        stream = self.experiment.stream(self.replicate).spawn(1)[0]
        return drawn_density(lambda size: law.sample(size, stream), places)[None]

    def forget(self, needed: Collection[int]) -> None:
        """Nothing: fitted models are small, and the target is measured against."""


class _Mixture:
    """The mixture that a model was trained on, with a density and a sampler."""

    def __init__(self, laws: list, row: Array) -> None:
        self.parts = [(w, law) for w, law in zip(row, laws, strict=True) if w > 0]

    def density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        return np.asarray(sum(w * _density(law, x) for w, law in self.parts))

    def log_density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        logs = [np.log(w) + _log_density(law, x) for w, law in self.parts]
        return np.asarray(reduce(np.logaddexp, logs))

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size ..."]:
        counts = generator.multinomial(size, [w for w, _ in self.parts]).tolist()
        pairs = zip(counts, self.parts, strict=True)
        drawn = [flat(np.asarray(law.sample(c, generator))) for c, (_, law) in pairs]
        return generator.permutation(np.concatenate(drawn))


def _density(law: HasLogDensity | Target, x: Array) -> Array:
    if isinstance(law, Target):
        return np.asarray(law.density(x))
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(law.log_density(x)))


def _log_density(law: HasLogDensity | Target, x: Array) -> Array:
    if isinstance(law, HasLogDensity):
        return np.asarray(law.log_density(x))
    with np.errstate(divide="ignore"):
        return np.log(law.density(x))
