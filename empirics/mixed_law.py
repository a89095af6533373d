"""The mixture of laws that a model was trained on, with a sampler and a density."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
from jaxtyping import Float

from empirics.answers import flat, log_densities
from empirics.data.arrays import real_numbers
from empirics.protocols import HasLogDensity
from empirics.targets import Target

__all__ = ["MixedLaw"]

Array = np.ndarray


class MixedLaw:
    """A mixture of the target and fitted models.

    Args:
        laws: its parts.
        row: their weights; parts without weight are left out.
    """

    def __init__(self, laws: list, row: Array) -> None:
        self.parts = [(w, law) for w, law in zip(row, laws, strict=True) if w > 0]

    def density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """Sum of the parts' densities."""
        return np.asarray(sum(w * _density(law, x) for w, law in self.parts))

    def log_density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """Its logarithm, from the parts' logarithms."""
        logs = [np.log(w) + _log_density(law, x) for w, law in self.parts]
        return np.asarray(reduce(np.logaddexp, logs))

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size ..."]:
        """Points of the parts in random order, as many of each as fall to it."""
        counts = generator.multinomial(size, [w for w, _ in self.parts]).tolist()
        pairs = zip(counts, self.parts, strict=True)
        drawn = [
            flat(real_numbers(f"{type(law).__name__}: sample", law.sample(c, generator)))
            for c, (_, law) in pairs
        ]
        return generator.permutation(np.concatenate(drawn))


def _density(law: Any, x: Array) -> Array:
    if isinstance(law, Target):
        return np.asarray(law.density(x))
    with np.errstate(over="ignore"):
        return np.exp(log_densities(law.log_density(x), len(x)))


def _log_density(law: Any, x: Array) -> Array:
    if isinstance(law, HasLogDensity):
        return log_densities(law.log_density(x), len(x))
    with np.errstate(divide="ignore"):
        return np.log(law.density(x))
