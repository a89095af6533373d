"""Models that a loop trains: anything with ``fit`` whose result can be sampled."""

from empirics.diffusion.model import Diffusion, diffusion
from empirics.diffusion.training_time import BestKl, BestTv, FixedTime, PowerTime, TrainingTime
from empirics.kde.kernels import Epanechnikov, Gaussian, Kernel
from empirics.kde.model import Kde, KdeLaw, PowerRule, kde
from empirics.protocols import FittedModel, HasLogDensity, Model, OnGrid
from empirics.trained.model import TrainedDiffusion

__all__ = [
    "KINDS",
    "BestKl",
    "BestTv",
    "Diffusion",
    "Epanechnikov",
    "FittedModel",
    "FixedTime",
    "Gaussian",
    "HasLogDensity",
    "Kde",
    "KdeLaw",
    "Kernel",
    "Model",
    "OnGrid",
    "PowerRule",
    "PowerTime",
    "TrainedDiffusion",
    "TrainingTime",
    "diffusion",
    "kde",
]

KINDS = (kde, diffusion, TrainedDiffusion)
"""The models that studies name, with those in ``KINDS`` of this package's other files."""
