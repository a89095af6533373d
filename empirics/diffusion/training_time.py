"""Rules for when gradient flow is stopped."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from empirics.errors import InputError, number

__all__ = [
    "BestKl",
    "BestTv",
    "Candidates",
    "FixedTime",
    "PowerTime",
    "TrainingTime",
    "training_rule",
]

Array = np.ndarray
_SEARCHED = np.geomspace(1e1, 1e8, 43)
"""Six training times per decade."""


@runtime_checkable
class Candidates(Protocol):
    """Models of one generation at any training time."""

    @property
    def size(self) -> int:
        """Number of training points."""

    @property
    def batch(self) -> int:
        """Number of replicates."""

    def path_divergence(self, tau: Float[Array, "batch times"]) -> Float[Array, "batch times"]:
        """Girsanov bound on KL from the mixture that is learned."""

    def distance(self, tau: Float[Array, "batch times"]) -> Float[Array, "batch times"]:
        """TV from the mixture that is learned."""


class TrainingTime(ABC):
    """A rule. An oracle looks at the law that the data came from, which no learner can."""

    oracle: bool = False

    def at(self, size: int) -> float:
        """Training time for ``size`` points, where no law has to be looked at.

        Raises:
            InputError: the rule is an oracle.
        """
        raise InputError(
            f"training_time = {self!r}: an oracle looks at laws on a grid and cannot tell its time"
            f" for {size} points beforehand; give a number or a PowerTime"
        )

    @abstractmethod
    def choose(self, models: Candidates) -> Float[Array, "batch"]:
        """Training time of every replicate."""


@dataclass(frozen=True)
class FixedTime(TrainingTime):
    """The same ``time`` in every generation."""

    time: float

    def __post_init__(self) -> None:
        _positive("training_time", self.time)

    def at(self, size: int) -> float:
        """The fixed training time, whatever the sample."""
        del size
        return float(self.time)

    def choose(self, models: Candidates) -> Float[Array, "batch"]:
        """The fixed training time, whatever the sample."""
        return np.full(models.batch, self.at(models.size))


@dataclass(frozen=True)
class PowerTime(TrainingTime):
    """``constant * n^exponent`` for ``n`` training points; the bound's own optimum is 1/2."""

    constant: float
    exponent: float = 0.5

    def __post_init__(self) -> None:
        _positive("constant", self.constant)
        number("exponent", self.exponent)

    def at(self, size: int) -> float:
        """The power of the training size."""
        try:
            time = self.constant * float(size) ** self.exponent
        except OverflowError:
            time = np.inf
        if not time < np.inf:
            raise InputError(
                f"training_time = {self.constant:g} * n^{self.exponent:g}: is not finite for n ="
                f" {size}"
            )
        return time

    def choose(self, models: Candidates) -> Float[Array, "batch"]:
        """The power of the training size."""
        return np.full(models.batch, self.at(models.size))


@dataclass(frozen=True)
class BestKl(TrainingTime):
    """The time with the smallest path KL from the learned mixture (an oracle)."""

    oracle = True

    def choose(self, models: Candidates) -> Float[Array, "batch"]:
        """Best of a fixed ladder of times."""
        return _smallest(models.batch, models.path_divergence)


@dataclass(frozen=True)
class BestTv(TrainingTime):
    """The time with the smallest TV from the learned mixture (an oracle)."""

    oracle = True

    def choose(self, models: Candidates) -> Float[Array, "batch"]:
        """Best of a fixed ladder of times."""
        return _smallest(models.batch, models.distance)


def training_rule(value: TrainingTime | float | str) -> TrainingTime:
    """A rule from a rule or a number.

    Raises:
        InputError: neither, or a time that is not positive.
    """
    return value if isinstance(value, TrainingTime) else FixedTime(value)  # type: ignore[arg-type]


def _smallest(batch: int, measure: object) -> Float[Array, "batch"]:
    tau = np.broadcast_to(_SEARCHED, (batch, len(_SEARCHED)))
    return _SEARCHED[np.argmin(measure(tau), axis=1)]  # type: ignore[operator]


def _positive(name: str, value: float) -> None:
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not (number and np.isfinite(value) and value > 0):
        raise InputError(f"{name} = {value!r}: must be a finite number > 0, or a rule for it")
