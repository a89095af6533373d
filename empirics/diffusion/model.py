"""Diffusion with one hidden layer of frozen random features, trained and sampled exactly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Float

from empirics.diffusion.accuracy import LOOP, MOST_UNITS, Accuracy, check_parts
from empirics.diffusion.features import PRESETS, draw_features
from empirics.diffusion.line_model import LineModel, line_tables
from empirics.diffusion.plane_model import PlaneModel, plane_tables
from empirics.diffusion.process import OrnsteinUhlenbeck, sampler_named
from empirics.diffusion.space import SpaceModel
from empirics.diffusion.training_time import (
    BestKl,
    BestTv,
    FixedTime,
    PowerTime,
    TrainingTime,
    training_rule,
)
from empirics.errors import InputError, integer, one_of
from empirics.parameters import NotNegative, Positive, Seed, Size
from empirics.protocols import FittedModel, Model, as_points
from empirics.targets import GaussianMixture, normal

__all__ = ["Diffusion", "diffusion"]

Array = np.ndarray
_ORACLES: dict[str, type[TrainingTime]] = {"kl": BestKl, "tv": BestTv}
_BROAD = GaussianMixture((1.0,), (0.0,), (1.0,))
_BROAD_PLANE = normal(2)
"""These stand for the unknown law where a model is fitted to points outside an experiment."""


@dataclass(frozen=True, kw_only=True)
class Diffusion:
    r"""Score network ``s = skip x + c_out(t) / m A act(W x + U e(t))`` with ``W, U`` frozen.

    The features are drawn once, from ``seed``, and shared by all generations and replicates.
    Training is gradient flow on the denoising loss with weight :math:`g^2/2` from ``A = 0``; its
    time is that of :mod:`empirics.diffusion.training_time`.

    On the line and in the plane the noise of training is integrated on a grid and the generated law
    is computed on cells. In more dimensions the noise is a mean over draws from a fixed seed (a
    fitted law's ``quadrature_risk`` tells what that costs), and loops need ``sampler="ode"``: its
    density gives TV with an interval, while of the SDE's TV samples give lower bounds only.

    Args:
        width: hidden units, at least 1.
        preset: ``"tanh"``, or ``"relu"`` for the paper's network.
        training_time: a number > 0, or a rule: ``PowerTime(constant, exponent)``, or the oracles
            ``BestKl()`` and ``BestTv()``.
        sampler: ``"sde"``, of which the bounds speak, or ``"ode"``.
        process: the forward process and its early-stopping time.
        seed: of the frozen weights.
        accuracy: ``LOOP`` or ``REPORT`` of :mod:`empirics.diffusion.accuracy`.

    Raises:
        InputError: an argument is outside its range.
    """

    grid_dimensions: ClassVar = (1, 2)
    grid_engine: ClassVar = "empirics.diffusion.engine:FrozenEngine"

    width: int = 256
    preset: str = "tanh"
    training_time: TrainingTime | float | str = field(default_factory=lambda: PowerTime(1.0, 1.1))
    sampler: str = "sde"
    process: OrnsteinUhlenbeck = field(default_factory=OrnsteinUhlenbeck)
    seed: int = 0
    accuracy: Accuracy = LOOP

    def __post_init__(self) -> None:
        integer("width", self.width, at_least=1, at_most=MOST_UNITS)
        integer("seed", self.seed, at_least=0)
        check_parts(self.process, self.accuracy)
        one_of("preset", self.preset, PRESETS)
        sampler_named(self.sampler)
        object.__setattr__(self, "training_time", training_rule(self.training_time))

    @property
    def rule(self) -> TrainingTime:
        """Rule that says at which training time a model stops."""
        return training_rule(self.training_time)

    def check_dimension(self, dimension: int) -> None:
        """Refuse a loop in a dimension where the sampler's law has no density to compute.

        Raises:
            InputError: the SDE in three dimensions or more: of its TV only lower bounds can be
                had, from samples.
        """
        if dimension > 2 and sampler_named(self.sampler).stochastic:
            raise InputError(
                f"sampler = {self.sampler!r}: in {dimension} dimensions its law has no density that"
                " could be computed, and TV only a lower bound from samples; use sampler = 'ode'"
            )

    def fit(self, samples: Float[Array, "size ..."], generator: np.random.Generator) -> FittedModel:
        """Train on points: ``(size,)`` on the line, ``(size, d)`` otherwise.

        Raises:
            InputError: points that are not finite, or of another shape, or far off the prior's
                scale; an oracle for the training time in three dimensions or more.
        """
        points = as_points(samples)
        if not len(points):
            raise InputError("samples: must be finite numbers, at least one")
        return self._bound(points.shape[1:]).fit(points, generator)

    def _bound(self, shape: tuple[int, ...]) -> Model:
        """A model with its tables, for points of this shape."""
        sampler, drawn = sampler_named(self.sampler), (self.preset, self.width, self.process)
        if not shape:
            tables = line_tables(_BROAD, *drawn, self.seed, self.accuracy)
            return LineModel(tables, self.rule, sampler)
        if shape == (2,):
            plane = plane_tables(_BROAD_PLANE, *drawn, self.seed, self.accuracy.plane)
            return PlaneModel(plane, self.rule, sampler)
        features = draw_features(
            PRESETS[self.preset], self.process, self.width, shape[0], self.seed
        )
        times = self.process.quadrature(self.accuracy.training_times)
        return SpaceModel(features, times, self.rule, sampler, self.accuracy.ode_steps)


def diffusion(
    width: Size = Diffusion.width,
    preset: str = Diffusion.preset,
    training_time: Positive | None = None,
    constant: Positive | None = None,
    exponent: NotNegative | None = None,
    oracle: Literal["kl", "tv"] | None = None,
    sampler: str = Diffusion.sampler,
    horizon: Positive = OrnsteinUhlenbeck.horizon,
    stop: NotNegative = OrnsteinUhlenbeck.stop,
    seed: Seed = Diffusion.seed,
) -> Diffusion:
    """Diffusion on frozen random features, trained exactly.

    Training stops at ``training_time``, at ``constant * n^exponent``, or where an ``oracle`` says.

    Args:
        width: as for :class:`Diffusion`, like ``preset``, ``sampler`` and ``seed``.
        preset: the network.
        training_time: > 0.
        constant: > 0.
        exponent: >= 0.
        oracle: which distance to the learned law the training time makes smallest.
        sampler: ``"sde"`` or ``"ode"``.
        horizon: of the forward process.
        stop: its early-stopping time.
        seed: of the frozen weights.

    Raises:
        InputError: more than one rule is given for when training stops.
    """
    rules: list[TrainingTime] = []
    if training_time is not None:
        rules.append(FixedTime(training_time))
    if constant is not None or exponent is not None:
        power = PowerTime.exponent if exponent is None else exponent
        rules.append(PowerTime(1.0 if constant is None else constant, power))
    if oracle is not None:
        rules.append(_ORACLES[oracle]())
    if len(rules) > 1:
        raise InputError(
            "training_time, constant with exponent, oracle: are three rules for when training"
            " stops; give one"
        )
    return Diffusion(
        width=width,
        preset=preset,
        sampler=sampler,
        process=OrnsteinUhlenbeck(horizon=horizon, stop=stop),
        seed=seed,
        training_time=rules[0] if rules else Diffusion().rule,
    )
