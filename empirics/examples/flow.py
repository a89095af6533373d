"""A small normalizing flow in torch in the loop; see ``empirics/studies/own-flow.toml``.

Affine coupling layers (Dinh et al., Density estimation using Real NVP, ICLR 2017): each moves and
scales half of the coordinates by functions of the other half, so that density and inverse are
closed forms.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from jaxtyping import Float

from empirics.errors import InputError

__all__ = ["FittedFlow", "Flow"]

Array = np.ndarray
_SEEDS = 2**62
_LEARNING_RATE = 0.01


@dataclass(frozen=True)
class Flow:
    """A normalizing flow in two or more dimensions, trained by maximum likelihood.

    Args:
        layers: number of coupling layers.
        width: hidden units of each.
        steps: full-batch Adam steps.

    Raises:
        InputError: torch is not installed, or a number is below 1.
    """

    layers: int = 4
    width: int = 16
    steps: int = 150

    def __post_init__(self) -> None:
        if find_spec("torch") is None:
            raise InputError("needs torch: pip install '.[torch]'")
        if min(self.layers, self.width, self.steps) < 1:
            raise InputError("layers, width and steps: must be >= 1")

    def fit(
        self, samples: Float[Array, "size dimension"], generator: np.random.Generator
    ) -> FittedFlow:
        """The trained flow; its initial weights are drawn from ``generator``.

        Raises:
            InputError: the samples are one-dimensional, where a coupling has nothing to couple.
        """
        import torch

        if samples.ndim == 1:
            raise InputError("a coupling flow needs at least two dimensions")
        shift, scale = samples.mean(axis=0), samples.std(axis=0)
        x = torch.from_numpy((samples - shift) / scale)
        layers = self._initial(x.shape[1], generator)
        optimiser = torch.optim.Adam([w for layer in layers for w in layer], lr=_LEARNING_RATE)
        for _ in range(self.steps):
            optimiser.zero_grad()
            loss = -_log_density(layers, x).mean()
            loss.backward()
            optimiser.step()
        weights = [[w.detach() for w in layer] for layer in layers]
        return FittedFlow(weights, shift, scale)

    def _initial(self, dimension: int, generator: np.random.Generator) -> list[list[Any]]:
        import torch

        # A stream of its own: torch's global one would tie a result to what ran before.
        stream = torch.Generator().manual_seed(int(generator.integers(_SEEDS)))
        shapes = [(dimension, self.width), (self.width,), (self.width, 2 * dimension)]

        def one(shape: tuple[int, ...]) -> Any:
            drawn = torch.randn(shape, generator=stream, dtype=torch.float64) * 0.3
            return drawn.requires_grad_()

        def layer() -> list[Any]:
            # The last bias starts at zero: with small weights a layer then moves little.
            last = torch.zeros(2 * dimension, dtype=torch.float64, requires_grad=True)
            return [*map(one, shapes), last]

        return [layer() for _ in range(self.layers)]


@dataclass(frozen=True, eq=False)
class FittedFlow:
    """A trained flow: the weights of its layers, and how the samples were standardised."""

    layers: list[list[Any]]
    shift: Float[Array, "dimension"]
    scale: Float[Array, "dimension"]

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size dimension"]:
        """Normal points carried back through the layers."""
        import torch

        z = torch.from_numpy(generator.standard_normal((size, len(self.shift))))
        with torch.no_grad():
            for k in reversed(range(len(self.layers))):
                z = _back(self.layers[k], z, k)
        return self.shift + self.scale * z.numpy()

    def log_density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """Logarithm of the density at points ``x``, coordinates last."""
        import torch

        flat = np.reshape((x - self.shift) / self.scale, (-1, len(self.shift)))
        with torch.no_grad():
            inside = _log_density(self.layers, torch.from_numpy(flat)).numpy()
        return np.asarray(inside - np.log(self.scale).sum()).reshape(np.shape(x)[:-1])


def _log_density(layers: list[list[Any]], x: Any) -> Any:
    """``log N(z; 0, I) + sum log |dz/dx|`` with ``z`` the points after all layers."""
    logs = -0.5 * x.shape[1] * float(np.log(2 * np.pi))
    for k, layer in enumerate(layers):
        move, stretch = _coupling(layer, x, k)
        x = x * stretch.exp() + move
        logs = logs + stretch.sum(dim=1)
    return logs - 0.5 * (x**2).sum(dim=1)


def _back(layer: list[Any], z: Any, k: int) -> Any:
    move, stretch = _coupling(layer, z, k)
    return (z - move) * (-stretch).exp()


def _coupling(layer: list[Any], x: Any, k: int) -> tuple[Any, Any]:
    """Shift and log-scale of the coordinates of parity ``k`` from the others; zero elsewhere."""
    import torch

    first, bias, second, last = layer
    moved = (torch.arange(x.shape[1]) % 2 == k % 2).to(x.dtype)
    hidden = torch.tanh((x * (1 - moved)) @ first + bias)
    move, stretch = (hidden @ second + last).chunk(2, dim=1)
    return move * moved, torch.tanh(stretch) * moved
