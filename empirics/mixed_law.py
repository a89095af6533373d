"""The mixture of laws that a model was trained on, with a sampler and a density."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
from jaxtyping import Float

from empirics.answers import drawn_points, log_densities
from empirics.data.arrays import real_numbers
from empirics.errors import InputError
from empirics.protocols import HasLogDensity
from empirics.targets import Target

__all__ = ["MixedLaw"]

Array = np.ndarray


class MixedLaw:
    """A mixture of the target and fitted models.

    Args:
        laws: its parts.
        row: their weights; parts without weight are left out.
        dimension: of the points.
    """

    def __init__(self, laws: list, row: Array, dimension: int) -> None:
        self.parts = [(w, law) for w, law in zip(row, laws, strict=True) if w > 0]
        self.dimension = dimension

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
            drawn_points(_name(law), law.sample(c, generator), c, self.dimension)
            for c, (_, law) in pairs
        ]
        return generator.permutation(np.concatenate(drawn))


def _name(law: Any) -> str:
    return f"{'target' if isinstance(law, Target) else 'model'} {type(law).__name__}"


def _density(law: Any, x: Array) -> Array:
    if isinstance(law, Target):
        return _of_target(law, x)
    with np.errstate(over="ignore"):
        return np.exp(log_densities(law.log_density(x), len(x)))


def _log_density(law: Any, x: Array) -> Array:
    if isinstance(law, HasLogDensity):
        return log_densities(law.log_density(x), len(x))
    with np.errstate(divide="ignore"):
        return np.log(_of_target(law, x))


def _of_target(law: Target, x: Array) -> Array:
    found = real_numbers(f"{_name(law)}: density", law.density(x))
    if found.shape != (len(x),):
        raise InputError(
            f"{_name(law)}: density has shape {found.shape} at {len(x)} points; must be one number"
            " each"
        )
    return found
