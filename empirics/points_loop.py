"""The loop with actual samples: the independent check, and the only way for other models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from bounds.cycles import DataCycle, Protocol
from empirics.errors import InputError, of_generation
from empirics.models import FittedModel, Kde, Model
from empirics.targets import Target

__all__ = ["PointsLoop", "TrainingSet", "flat"]

Array = np.ndarray


@dataclass(frozen=True)
class TrainingSet:
    """Points with weights (``None``: equal) and the nominal size that sets a bandwidth."""

    points: Float[Array, "points ..."]
    weights: Float[Array, "points"] | None
    size: int


def flat(points: Array) -> Array:
    """Points of one coordinate as ``(size,)``, whichever way a model hands them out."""
    return points[:, 0] if points.ndim == 2 and points.shape[1] == 1 else points


@dataclass
class PointsLoop:
    """One replicate of a loop, generation by generation.

    Args:
        target: the real law.
        model: what is trained.
        cycle: the data cycle.
        generator: source of all randomness of the replicate.
    """

    target: Target
    model: Model
    cycle: DataCycle
    generator: np.random.Generator
    laws: list[FittedModel] = field(init=False)
    _batches: dict[int, Array] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.laws = [self.target]

    def advance(self) -> TrainingSet:
        """Train the next model; it is appended to ``laws`` and its training set returned."""
        j = len(self.laws)
        row = np.array([float(w) for w in self.cycle.weights(j)])
        training = self._training_set(row, int(self.cycle.size(j)))
        self.laws.append(self._fit(training))
        return training

    def _fit(self, training: TrainingSet) -> FittedModel:
        if isinstance(self.model, Kde):
            return self.model.fit(training.points, self.generator, training.weights, training.size)
        if training.weights is not None:
            raise InputError(
                "data = 'reused' weights its batches unequally here, which only a Kde can use;"
                " use data = 'fresh' or 'resampled'"
            )
        with of_generation(len(self.laws)):
            return self.model.fit(training.points, self.generator)

    def _training_set(self, row: Array, size: int) -> TrainingSet:
        if self.cycle.data is Protocol.FRESH:
            counts = self.generator.multinomial(size, row / row.sum())
            drawn = [self._draw(k, c) for k, c in enumerate(counts.tolist()) if c]
            return TrainingSet(np.concatenate(drawn), None, size)
        points, weights = self._pool(row)
        if self.cycle.data is Protocol.REUSED:
            equal = np.ptp(weights) < 1e-12 * weights.max()
            return TrainingSet(points, None if equal else weights, size)
        again = self.cycle.data is Protocol.RESAMPLED
        chosen = self.generator.choice(
            len(points), size, replace=again, p=weights if again else None
        )
        return TrainingSet(points[chosen], None, size)

    def _pool(self, row: Array) -> tuple[Array, Array]:
        used: Sequence[int] = np.flatnonzero(row).tolist()
        for k in used:
            if k not in self._batches:
                self._batches[k] = self._draw(k, int(self.cycle.batch_size(k)))
        weights = [np.full(len(self._batches[k]), row[k] / len(self._batches[k])) for k in used]
        joined = np.concatenate(weights)
        return np.concatenate([self._batches[k] for k in used]), joined / joined.sum()

    def _draw(self, k: int, size: int) -> Array:
        drawn = np.asarray(self.laws[k].sample(size, self.generator), dtype=float)
        if not np.all(np.isfinite(drawn)):
            raise InputError(f"model {k}: sampled values that are not finite")
        d, drawn = self.target.dimension, flat(drawn)
        if drawn.shape != ((size,) if d == 1 else (size, d)):
            raise InputError(
                f"model {k}: sampled an array of shape {drawn.shape}; must be ({size},), or"
                f" ({size}, d) in d > 1 dimensions; the target has {d}"
            )
        return drawn
