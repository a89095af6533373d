"""A denoising diffusion model in torch that only samples, in any dimension.

Ho, Jain and Abbeel, Denoising diffusion probabilistic models, NeurIPS 2020: a network predicts the
noise in noised points, and sampling walks back from noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from jaxtyping import Float

from empirics.errors import InputError

__all__ = ["Ddpm", "FittedDdpm"]

Array = np.ndarray
_SEEDS = 2**62


@dataclass(frozen=True)
class Ddpm:
    """A small diffusion model trained by Adam.

    Args:
        steps: of training.
        levels: of noise, between which sampling walks.
        width: hidden units of each of two layers.
        batch: points per step.

    Raises:
        InputError: torch is not installed, or a number is below 1.
    """

    steps: int = 400
    levels: int = 40
    width: int = 64
    batch: int = 256

    def __post_init__(self) -> None:
        if find_spec("torch") is None:
            raise InputError("needs torch: pip install '.[torch]'")
        if min(self.steps, self.levels, self.width, self.batch) < 1:
            raise InputError("steps, levels, width and batch: must be >= 1")

    def fit(self, samples: Float[Array, "size ..."], generator: np.random.Generator) -> FittedDdpm:
        """The trained model; weights and batches are drawn from ``generator``."""
        import torch

        rows = samples.reshape(len(samples), -1)
        shift, scale = rows.mean(axis=0), rows.std(axis=0)
        x = torch.as_tensor((rows - shift) / scale, dtype=torch.float32)
        stream = torch.Generator().manual_seed(int(generator.integers(_SEEDS)))
        net = _network(x.shape[1], self.width, stream)
        kept = torch.cumprod(1 - torch.linspace(1e-4, 8 / self.levels, self.levels), 0)
        optimiser = torch.optim.Adam(net.parameters(), lr=3e-3)
        for _ in range(self.steps):
            start = x[torch.randint(len(x), (self.batch,), generator=stream)]
            t = torch.randint(self.levels, (self.batch,), generator=stream)
            noise = torch.randn(start.shape, generator=stream)
            a = kept[t][:, None]
            guess = net(_with_time(a.sqrt() * start + (1 - a).sqrt() * noise, t / self.levels))
            optimiser.zero_grad()
            ((guess - noise) ** 2).mean().backward()
            optimiser.step()
        return FittedDdpm(net, kept, shift, scale, samples.shape[1:])


@dataclass(frozen=True, eq=False)
class FittedDdpm:
    """A trained model: the network, the levels of noise, and how points were standardised."""

    net: Any
    kept: Any
    shift: Float[Array, "d"]
    scale: Float[Array, "d"]
    shape: tuple[int, ...]

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size ..."]:
        """Walk back from noise, level by level."""
        import torch

        stream = torch.Generator().manual_seed(int(generator.integers(_SEEDS)))
        x = torch.randn((size, len(self.shift)), generator=stream)
        before = torch.cat([torch.ones(1), self.kept[:-1]])
        with torch.no_grad():
            for t in reversed(range(len(self.kept))):
                a, level = self.kept[t] / before[t], torch.full((size,), t / len(self.kept))
                x = x - (1 - a) / (1 - self.kept[t]).sqrt() * self.net(_with_time(x, level))
                x = x / a.sqrt()
                if t:
                    spread = ((1 - a) * (1 - before[t]) / (1 - self.kept[t])).sqrt()
                    x = x + spread * torch.randn(x.shape, generator=stream)
        rows = self.shift + self.scale * x.double().numpy()
        return np.asarray(rows.reshape(size, *self.shape))


def _with_time(x: Any, t: Any) -> Any:
    import torch

    return torch.cat([x, t[:, None], torch.cos(3 * t)[:, None]], dim=1)


def _network(dimension: int, width: int, stream: Any) -> Any:
    from torch import nn

    layers = [nn.Linear(dimension + 2, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU()]
    net = nn.Sequential(*layers, nn.Linear(width, dimension))
    for weight in net.parameters():
        # A stream of its own: torch's global one would tie a result to what ran before.
        bound = (weight.shape[-1] if weight.ndim > 1 else width) ** -0.5
        nn.init.uniform_(weight, -bound, bound, generator=stream)
    return net
