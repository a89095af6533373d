r"""Adam on all layers of a batch of networks, with a moving average of the weights.

The loss :math:`\tfrac12\int g^2\,E|s(X_t, t) + Z/\sigma_t|^2\,dt` is estimated with times drawn
uniformly in the process's graded clock, one in each of ``batch_size`` equal parts of it, and
weighted by ``dt / du``. Every point is noised by ``Z`` and by ``-Z``: the two targets of size
``1 / sigma`` nearly cancel, so that the gradient's variance stays finite down to time 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from empirics.diffusion.features import RandomFeatures
from empirics.errors import InputError
from empirics.trained.networks import Batch, Networks
from empirics.trained.schedules import Plan

__all__ = ["TrainingData", "batches", "stream_of", "train"]

_SEEDS = 2**62
_CHECKED = 50
"""Steps between looks at the loss, each of which waits for the device."""
_EXPLODED = 1e3
"""A loss this many times ``E|x|^2``, the mean square of the prior's score, is no chance."""
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


def stream_of(generator: np.random.Generator) -> torch.Generator:
    """A torch stream that a numpy stream determines; torch's own global one is never used."""
    return torch.Generator().manual_seed(int(generator.integers(_SEEDS)))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums do not depend on the number of cores, nor do workers fight over them."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@_one_thread()
def train(
    networks: Networks,
    data: TrainingData,
    plan: Plan,
    streams: Sequence[torch.Generator],
    inner: bool = True,
) -> Networks:
    """Train all replicates at once; each goes its own way.

    Args:
        plan: steps, batches, learning rate, averaging.
        inner: whether the hidden layers are trained too.

    Raises:
        InputError: the loss explodes or is not finite.
    """
    weights = [networks.outer.clone(), networks.inner.clone()]
    trained = [w.requires_grad_() for w in (weights if inner else weights[:1])]
    current = Networks(networks.features, weights[1], weights[0])
    average = [w.detach().clone() for w in weights]
    optimiser = torch.optim.Adam(trained, lr=plan.learning_rate)
    watch = _Watch(plan)
    drawn = batches(networks.features, data, streams, plan.steps, plan.batch_size, weights[0])
    for step, batch in enumerate(drawn):
        optimiser.param_groups[0]["lr"] = plan.rate(step)
        optimiser.zero_grad()
        loss = current.loss(batch)
        loss.sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        for kept, w in zip(average, weights, strict=True):
            kept.lerp_(w.detach(), 1 - plan.kept(step))
        watch(step, loss.detach(), batch)
    final = Networks(networks.features, average[1], average[0])
    watch(plan.steps, final.loss(batch), batch)
    return final


class _Watch:
    """Looks at the losses now and then, and stops a training that has exploded."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.losses: list[Tensor] = []
        self.limits: list[Tensor] = []

    def __call__(self, step: int, loss: Tensor, batch: Batch) -> None:
        """Take in the losses after ``step`` steps."""
        self.losses.append(loss)
        square = (batch.x**2).sum(dim=-1)
        self.limits.append(_EXPLODED * (batch.weight * square).sum(dim=-1))
        if len(self.losses) == _CHECKED or step == self.plan.steps:
            self._look(step + 1 - len(self.losses))

    def _look(self, first: int) -> None:
        losses = torch.stack(self.losses)
        wrong = ~(losses <= torch.stack(self.limits))
        if wrong.any():
            step = int(wrong.any(dim=1).nonzero()[0, 0])
            worst = float(losses[step][wrong[step]][0])
            raise InputError(
                f"training explodes at step {first + step} (loss {worst:.3g}) with learning_rate ="
                f" {self.plan.learning_rate:g}; use a smaller one"
            )
        self.losses, self.limits = [], []
