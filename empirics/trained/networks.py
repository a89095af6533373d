r"""A batch of score networks with one hidden layer, one per replicate, in torch.

.. math:: s(x, t) = \mathrm{skip}\, x + \frac{c_{out}(t)}{m} A\,\mathrm{act}(W x + U e(t))

with the skip, scale and embedding of a preset of :mod:`empirics.diffusion.features`; here ``W``
and ``U`` are trained as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from empirics.diffusion.features import RandomFeatures

__all__ = ["Batch", "Networks"]

Array = np.ndarray
_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"tanh": torch.tanh, "relu": torch.relu}


@dataclass(frozen=True, eq=False)
class Batch:
    """Noised points of every replicate, in the form in which the networks see them.

    ``inputs`` are the preset's factor times ``x``, and ``e(t)``; ``scale`` is ``c_out(t) / m``;
    ``target`` is the score of the noise; ``weight`` is that of a point in the loss.
    """

    x: Float[Tensor, "replicates points dimension"]
    inputs: Float[Tensor, "replicates points inputs"]
    scale: Float[Tensor, "replicates points 1"]
    target: Float[Tensor, "replicates points dimension"]
    weight: Float[Tensor, "replicates points"]

    @classmethod
    def of(
        cls,
        features: RandomFeatures,
        start: Float[Array, "replicates points dimension"],
        t: Float[Array, "replicates points"],
        noise: Float[Array, "replicates points dimension"],
        weight: Float[Array, "replicates points"],
        like: Tensor,
    ) -> Batch:
        """Noise points at time 0 up to times ``t``, in the precision and place of ``like``."""
        process, preset = features.process, features.preset
        flat = t.ravel()
        factor, e = preset.embedding(flat, process)
        sigma = np.sqrt(process.variance(t))[..., None]
        x = process.decay(t)[..., None] * start + sigma * noise
        inputs = [factor.reshape(t.shape)[..., None] * x, e.reshape(*t.shape, -1)]
        scale = preset.output_scale(flat, process).reshape(t.shape)[..., None] / features.width
        parts = x, np.concatenate(inputs, axis=-1), scale, -noise / sigma, weight
        return cls(*(torch.from_numpy(part).to(like) for part in parts))


@dataclass(frozen=True, eq=False)
class Networks:
    """Weights ``inner = (W, U)`` and ``outer = A`` of every replicate.

    Args:
        features: the initial weights, and the parametrisation.
        inner: hidden layers.
        outer: output layers.
    """

    features: RandomFeatures
    inner: Float[Tensor, "replicates width inputs"]
    outer: Float[Tensor, "replicates dimension width"]

    @classmethod
    def initial(
        cls,
        features: RandomFeatures,
        replicates: int,
        device: str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> Networks:
        """The features' own ``W`` and ``U`` for every replicate, and ``A = 0``."""
        weights = np.concatenate([features.W, features.U], axis=1)
        inner = torch.from_numpy(weights).to(device, dtype).repeat(replicates, 1, 1)
        outer = torch.zeros(replicates, features.W.shape[1], features.width)
        return cls(features, inner, outer.to(inner))

    def score(self, batch: Batch) -> Float[Tensor, "replicates points dimension"]:
        """``s(x, t)`` of every network at its own points."""
        hidden = _ACTIVATIONS[self.features.preset.name](batch.inputs @ self.inner.mT)
        return self.features.preset.skip * batch.x + batch.scale * (hidden @ self.outer.mT)

    def loss(self, batch: Batch) -> Float[Tensor, "replicates"]:
        r"""Weighted sum of ``|s - target|^2 - |target|^2``.

        What is left out does not depend on the network, and at time 0 its mean is infinite.
        """
        score = self.score(batch)
        return (batch.weight * (score * (score - 2 * batch.target)).sum(dim=-1)).sum(dim=-1)

    def each(self) -> list[tuple[RandomFeatures, Float[Array, "dimension width"]]]:
        """Every network as features of its own with output weights ``A / sqrt(m)``, in float64."""
        inner, outer = (w.detach().double().cpu().numpy() for w in (self.inner, self.outer))
        preset, process = self.features.preset, self.features.process
        width, dimension = self.features.W.shape
        unrotated = np.eye(width)
        return [
            (
                RandomFeatures(preset, process, V[:, :dimension], V[:, dimension:], unrotated),
                A / np.sqrt(width),
            )
            for V, A in zip(inner, outer, strict=True)
        ]
