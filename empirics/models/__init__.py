"""Models that a loop trains: anything with ``fit`` whose result can be sampled."""

from empirics.diffusion.training_time import BestKl, BestTv, FixedTime, PowerTime, TrainingTime
from empirics.models.diffusion import Diffusion
from empirics.models.kde import Kde, KdeLaw, PowerRule
from empirics.models.kernels import Epanechnikov, Gaussian, Kernel
from empirics.models.protocol import Engine, FittedModel, HasEngine, HasLogDensity, Model
from empirics.models.trained_diffusion import TrainedDiffusion

__all__ = [
    "BestKl",
    "BestTv",
    "Diffusion",
    "Engine",
    "Epanechnikov",
    "FittedModel",
    "FixedTime",
    "Gaussian",
    "HasEngine",
    "HasLogDensity",
    "Kde",
    "KdeLaw",
    "Kernel",
    "Model",
    "PowerRule",
    "PowerTime",
    "TrainedDiffusion",
    "TrainingTime",
]
