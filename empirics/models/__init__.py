"""Models that a loop trains: anything with ``fit`` whose result can be sampled."""

from empirics.models.kde import Kde, KdeLaw, PowerRule
from empirics.models.kernels import Epanechnikov, Gaussian, Kernel
from empirics.models.protocol import FittedModel, HasLogDensity, Model

__all__ = [
    "Epanechnikov",
    "FittedModel",
    "Gaussian",
    "HasLogDensity",
    "Kde",
    "KdeLaw",
    "Kernel",
    "Model",
    "PowerRule",
]
