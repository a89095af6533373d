"""A user's own program: ``mypy --strict`` accepts it, and knows what comes back."""

from collections.abc import Mapping
from typing import assert_type

import numpy as np

import bounds
import empirics
import verify
from bounds.cycles import DataCycle
from empirics.models import Kde, PowerRule
from empirics.protocols import FittedModel
from verify.verdict import Verdicts


class Normal:
    """A law with a sampler and a density."""

    def __init__(self, mean: float, scale: float) -> None:
        self.mean, self.scale = mean, scale

    def sample(self, size: int, generator: np.random.Generator) -> np.ndarray:
        """Independent draws."""
        return generator.normal(self.mean, self.scale, size)

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Logarithm of the density."""
        z: np.ndarray = (x - self.mean) / self.scale
        return -0.5 * z**2 - float(np.log(self.scale * np.sqrt(2 * np.pi)))


class Moments:
    """A model: the normal law with the moments of the points."""

    def fit(self, samples: np.ndarray, generator: np.random.Generator) -> FittedModel:
        """Mean and standard deviation."""
        return Normal(float(samples.mean()), float(samples.std()))


cycle: DataCycle = bounds.cycles.fresh_real(n=100, share=0.1)
target = empirics.targets.normal()
loop = empirics.Experiment(target=target, model=Kde(PowerRule(0.5)), cycle=cycle, generations=2)
own = empirics.Experiment(target=target, model=Moments(), cycle=cycle, generations=2)
result = empirics.run(own)
assert_type(result, empirics.Result)
found = verify.check(bounds.get("kde-sandwich"), empirics.run(loop))
assert_type(found, Verdicts)
assert_type(bounds.get("fresh-real"), bounds.Bound)
catalogue: Mapping[str, bounds.Bound] = bounds.catalogue()
version: str = bounds.__version__
