"""Diffusion with one hidden layer, all layers trained by stochastic gradients."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import numpy as np
from jaxtyping import Float

from bounds.discovery import Fields
from empirics.diffusion.accuracy import LOOP, MOST_UNITS, Accuracy, check_parts
from empirics.diffusion.features import PRESETS
from empirics.diffusion.line_laws import line_grid
from empirics.diffusion.process import OrnsteinUhlenbeck, sampler_named
from empirics.errors import InputError, integer, number, one_of, require
from empirics.parameters import Count, Decay, Positive, Seed, Size
from empirics.protocols import FittedModel, as_points
from empirics.targets import GaussianMixture
from empirics.trained.schedules import Plan, schedule_named

__all__ = ["TrainedDiffusion"]

Array = np.ndarray
_DEVICES = ("cpu", "cuda")
_BROAD = GaussianMixture((1.0,), (0.0,), (1.0,))
"""Stands for the unknown law where a model is fitted to points outside an experiment."""


@dataclass(frozen=True, kw_only=True)
class TrainedDiffusion:
    r"""Score network ``s = skip x + c_out(t) / m A act(W x + U e(t))``, ``A, W, U`` trained.

    Parametrisation and initial ``W, U`` are those of :class:`empirics.models.Diffusion` of the same
    ``preset``, ``width`` and ``seed``; ``A`` starts at zero. Adam minimises the denoising loss with
    weight :math:`g^2/2` on minibatches (:mod:`empirics.trained.training`). On the line the law that
    the trained network generates, its score risk and the bound are computed as for ``Diffusion``.

    Training is in float32, everything that is measured of the network in float64. A result depends
    on the model and on the replicate's stream alone, up to the rounding of the device. Adam is no
    gradient flow, so a record's ``training_time`` is empty.

    Args:
        width: hidden units, at least 1.
        preset: ``"tanh"``, or ``"relu"`` for the paper's network.
        steps: of the optimiser, at least 1.
        batch_size: training points per step, each noised twice.
        learning_rate: at the start, > 0.
        schedule: ``"cosine"`` to zero, or ``"constant"``.
        averaging: decay of the moving average of the weights, in [0, 1); 0 takes the last ones.
        sampler: ``"sde"``, of which the bounds speak, or ``"ode"``.
        process: the forward process and its early-stopping time.
        device: ``"cpu"`` or ``"cuda"``, where networks are trained.
        seed: of the initial weights.
        accuracy: ``LOOP`` or ``REPORT`` of :mod:`empirics.diffusion.accuracy`.

    Raises:
        InputError: an argument is outside its range, or the device is not there.
    """

    grid_dimensions: ClassVar = (1,)
    grid_engine: ClassVar = "empirics.trained.engine:TrainedEngine"
    libraries: ClassVar = ("torch",)

    width: Size = 256
    preset: str = "tanh"
    steps: Count = 2000
    batch_size: Size = 128
    learning_rate: Positive = 0.03
    schedule: str = "cosine"
    averaging: Decay = 0.99
    sampler: str = "sde"
    process: Annotated[OrnsteinUhlenbeck, Fields(("horizon", "stop"))] = field(
        default_factory=OrnsteinUhlenbeck
    )
    device: str = "cpu"
    seed: Seed = 0
    accuracy: Accuracy = LOOP

    def __post_init__(self) -> None:
        for name in ("width", "steps", "batch_size"):
            integer(name, getattr(self, name), at_least=1, at_most=MOST_UNITS)
        integer("seed", self.seed, at_least=0)
        check_parts(self.process, self.accuracy)
        number("learning_rate", self.learning_rate, above=0)
        number("averaging", self.averaging, at_least=0, below=1)
        one_of("preset", self.preset, PRESETS)
        one_of("device", self.device, _DEVICES)
        schedule_named(self.schedule)
        sampler_named(self.sampler)
        if self.device == "cuda":
            require(self)
            _check_cuda()

    @property
    def plan(self) -> Plan:
        """The training plan of the networks."""
        schedule = schedule_named(self.schedule)
        return Plan(self.steps, self.batch_size, self.learning_rate, schedule, self.averaging)

    def fit(self, samples: Float[Array, "size ..."], generator: np.random.Generator) -> FittedModel:
        """Train on points.

        The law has a sampler, and a density on the line or with ``sampler="ode"``.

        Raises:
            InputError: points that are not finite, training that explodes, or torch is not there.
        """
        require(self)
        from empirics.trained.fitting import fitted  # imports torch

        points = as_points(samples)
        grid = line_grid(_BROAD, self.process, self.accuracy) if points.ndim == 1 else None
        return fitted(self, points, generator, grid)


def _check_cuda() -> None:
    import torch

    if not torch.cuda.is_available():
        raise InputError("device = 'cuda': there is no CUDA device here; use 'cpu'")
