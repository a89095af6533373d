"""Diffusion with one hidden layer of frozen random features, trained and sampled exactly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from empirics.diffusion.accuracy import LOOP, Accuracy
from empirics.diffusion.features import PRESETS
from empirics.diffusion.line import line_tables
from empirics.diffusion.line_model import LineModel
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.diffusion.samplers import sampler_named
from empirics.diffusion.training_time import PowerTime, TrainingTime, training_rule
from empirics.errors import InputError
from empirics.models.protocol import Engine, FittedModel
from empirics.targets import GaussianMixture

if TYPE_CHECKING:
    from empirics.experiment import Experiment

__all__ = ["Diffusion"]

Array = np.ndarray
_BROAD = GaussianMixture((1.0,), (0.0,), (1.0,))
"""Stands for the unknown law where a model is fitted to points outside an experiment."""


@dataclass(frozen=True, kw_only=True)
class Diffusion:
    r"""Score network ``s = skip x + c_out(t) / m A act(W x + U e(t))`` with ``W, U`` frozen.

    The features are drawn once, from ``seed``, and shared by all generations and replicates.
    Training is gradient flow on the denoising loss with weight :math:`g^2/2` from ``A = 0``; its
    time is that of :mod:`empirics.diffusion.flow`.

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

    width: int = 256
    preset: str = "tanh"
    training_time: TrainingTime | float | str = field(default_factory=lambda: PowerTime(1.0, 1.1))
    sampler: str = "sde"
    process: OrnsteinUhlenbeck = field(default_factory=OrnsteinUhlenbeck)
    seed: int = 0
    accuracy: Accuracy = LOOP

    def __post_init__(self) -> None:
        if not isinstance(self.width, int | np.integer) or self.width < 1:
            raise InputError(f"width = {self.width!r}: must be an integer >= 1")
        if self.preset not in PRESETS:
            allowed = ", ".join(repr(name) for name in PRESETS)
            raise InputError(f"preset = {self.preset!r}: must be one of {allowed}")
        sampler_named(self.sampler)
        object.__setattr__(self, "training_time", training_rule(self.training_time))

    @property
    def rule(self) -> TrainingTime:
        """When training stops."""
        return training_rule(self.training_time)

    def engine(self, experiment: Experiment) -> Engine | None:
        """Loops on the line and in the plane."""
        from empirics.diffusion.engine import DiffusionEngine
        from empirics.diffusion.plane_engine import PlaneEngine

        engines: dict[int, type[Engine]] = {1: DiffusionEngine, 2: PlaneEngine}
        kind = engines.get(experiment.target.dimension)
        return kind and kind(experiment, self)

    def fit(self, samples: Float[Array, "size ..."], generator: np.random.Generator) -> FittedModel:
        """Train on points of the line.

        Raises:
            InputError: points that are not finite, or in several dimensions, or far off the
                prior's scale.
        """
        if samples.ndim != 1:
            raise InputError(f"samples: shape {samples.shape}; must be points on the line")
        tables = line_tables(
            _BROAD,
            self.preset,
            self.width,
            self.process,
            self.seed,
            self.accuracy,
        )
        return LineModel(tables, self.rule, sampler_named(self.sampler)).fit(samples, generator)
