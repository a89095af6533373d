"""Adam on all layers of a batch of networks, with a moving average of the weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from empirics.errors import InputError
from empirics.trained.draws import TrainingData, batches
from empirics.trained.networks import Batch, Networks
from empirics.trained.schedules import Plan

__all__ = ["stream_of", "train"]

_SEEDS = 2**62
_CHECKED = 50
"""Steps between looks at the loss, each of which waits for the device."""
_EXPLODED = 1e3
"""A loss this many times ``E|x|^2``, the mean square of the prior's score, is no chance."""


def stream_of(generator: np.random.Generator) -> torch.Generator:
    """A torch stream that a numpy stream determines; torch's own global one is never used."""
    return torch.Generator().manual_seed(int(generator.integers(_SEEDS)))


def train(
    networks: Networks,
    data: TrainingData,
    plan: Plan,
    streams: Sequence[torch.Generator],
    inner: bool = True,
) -> Networks:
    """Train all replicates at once; each goes its own way.

    Args:
        networks: where training starts.
        data: the replicates' training sets.
        plan: steps, batches, learning rate, averaging.
        streams: one per replicate.
        inner: whether the hidden layers are trained too.

    Raises:
        InputError: the loss explodes or is not finite.
    """
    with _one_thread():
        return _train(networks, data, plan, streams, inner)


def _train(
    networks: Networks,
    data: TrainingData,
    plan: Plan,
    streams: Sequence[torch.Generator],
    inner: bool,
) -> Networks:
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


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sums do not depend on the number of cores, nor do workers fight over them."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
