r"""Minibatches of denoising score matching.

The loss :math:`\tfrac12\int g^2\,E|s(X_t, t) + Z/\sigma_t|^2\,dt` is estimated with times drawn
uniformly in the process's graded clock, one in each of ``batch_size`` equal parts of it, and
weighted by ``dt / du``. Every point is noised by ``Z`` and by ``-Z``: the two targets of size
``1 / sigma`` nearly cancel, so that the gradient's variance stays finite down to time 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from empirics.diffusion.features import RandomFeatures
from empirics.errors import InputError
from empirics.trained.networks import Batch

__all__ = ["TrainingData", "batches"]

Array = np.ndarray
_BLOCK = 64
"""Steps whose draws are made at once; the draws depend on it, so it is no tuning parameter."""


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Points at time 0 that all replicates share, with every replicate's own weights."""

    points: Float[Array, "points dimension"]
    cumulative: Float[Array, "replicates points"]

    @classmethod
    def equal(cls, points: Float[Array, "points dimension"]) -> TrainingData:
        """Equally weighted points of one replicate.

        Raises:
            InputError: there is none, or one is not finite.
        """
        if not len(points) or not np.isfinite(points).all():
            raise InputError("samples: must be finite numbers, at least one")
        return cls(points, np.arange(1, len(points) + 1)[None] / len(points))

    @classmethod
    def weighted(
        cls, points: Float[Array, "points dimension"], weights: Float[Array, "replicates points"]
    ) -> TrainingData:
        """Weights per replicate; negative ones are left out."""
        total = np.cumsum(np.maximum(weights, 0.0), axis=1)
        return cls(points, total / total[:, -1:])

    def pick(self, r: int, shares: Float[Array, "..."]) -> Float[Array, "... dimension"]:
        """The points of replicate ``r`` at ``shares`` in [0, 1) of its weight."""
        index = np.searchsorted(self.cumulative[r], shares, side="right")
        return self.points[np.minimum(index, len(self.points) - 1)]


def batches(
    features: RandomFeatures,
    data: TrainingData,
    streams: Sequence[torch.Generator],
    steps: int,
    size: int,
    like: Tensor,
) -> Iterator[Batch]:
    """A batch for every step; each replicate draws from its own stream, on the CPU."""
    for first in range(0, steps, _BLOCK):
        drawn = [_draw(data, r, s, size) for r, s in enumerate(streams)]
        start, place, noise = (np.stack(part, axis=1) for part in zip(*drawn, strict=True))
        for i in range(min(_BLOCK, steps - first)):
            yield _paired(features, start[i], place[i], noise[i], like)


def _draw(
    data: TrainingData, r: int, stream: torch.Generator, size: int
) -> tuple[Array, Array, Array]:
    """Points, places in the clock as shares of it, and noise, for a block of steps."""
    uniform = torch.rand(2, _BLOCK, size, generator=stream, dtype=torch.float64).numpy()
    shape = (_BLOCK, size, data.points.shape[1])
    noise = torch.randn(shape, generator=stream, dtype=torch.float64).numpy()
    # Uniform numbers may be zero, where noise would have no score.
    return data.pick(r, uniform[0]), (np.arange(1, size + 1) - uniform[1]) / size, noise


def _paired(
    features: RandomFeatures, start: Array, place: Array, noise: Array, like: Tensor
) -> Batch:
    process = features.process
    u = process.length * place
    weight = process.length * process.grading * np.exp(u) / (2 * place.shape[1])
    start, t, weight = (np.concatenate([v, v], axis=1) for v in (start, process.time(u), weight))
    return Batch.of(features, start, t, np.concatenate([noise, -noise], axis=1), weight, like)
