"""Self-consuming loops, run and measured."""

from empirics import distances, models, targets
from empirics.errors import InputError
from empirics.experiment import Experiment, Numerics, Sampling
from empirics.result import Result
from empirics.running import run

__all__ = [
    "Experiment",
    "InputError",
    "Numerics",
    "Result",
    "Sampling",
    "distances",
    "models",
    "run",
    "targets",
]
