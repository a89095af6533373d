r"""Score networks with one hidden layer whose inner weights are random and frozen.

.. math:: s(x, t) = \mathrm{skip}(x, t) + \Theta\,\varphi(x, t), \qquad
          \varphi = \frac{c_{out}(t)}{\sqrt m}\,\mathrm{act}(W x + U e(t)), \qquad
          \Theta = A / \sqrt m.

Only the output weights ``A`` are trained.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from jaxtyping import Float

from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.errors import InputError

__all__ = ["PRESETS", "Preset", "RandomFeatures", "draw_features"]

Array = np.ndarray
_SATURATED = 80.0
_CACHED = 2**15
"""Numbers of an array that stays in a cache and is not asked of the system anew every time."""
_KINK = 0.35


class Preset(ABC):
    """A parametrisation: skip connection, output scale, embedding of time, law of the weights."""

    name: str
    skip: float
    """Slope of the skip connection ``skip * x``."""
    kinked: bool = False
    """Whether units are piecewise linear, so that quadrature must know where they bend."""

    @abstractmethod
    def inner(
        self, width: int, dimension: int, generator: np.random.Generator
    ) -> tuple[Float[Array, "width dimension"], Float[Array, "width embedding"]]:
        """Draw ``W`` and ``U``."""

    @abstractmethod
    def embedding(
        self, t: Float[Array, "times"], process: OrnsteinUhlenbeck
    ) -> tuple[Float[Array, "times"], Float[Array, "times embedding"]]:
        """Factor of ``W x`` (one for the literal network), and ``e(t)``."""

    @abstractmethod
    def output_scale(
        self, t: Float[Array, "times"], process: OrnsteinUhlenbeck
    ) -> Float[Array, "times"]:
        """``c_out(t)``."""

    @abstractmethod
    def activate(self, z: Array) -> tuple[Array, Array]:
        """Activation and its derivative."""

    @abstractmethod
    def bend(self, t: float, process: OrnsteinUhlenbeck) -> float:
        """Length on which the units change, which sets the step of grids of several dimensions."""


@dataclass(frozen=True)
class TanhPreset(Preset):
    r"""``s = -x + (a^2 / v) psi`` with ``psi = tanh(w (x - b) / sqrt v + u.(1, clock))``.

    ``a = e^{-t}`` and ``v = 1 - a^2 + a^2 s0^2``: the residual of a law with features of size
    ``s0`` is of order ``a^2 / v``. ``w ~ N(0, steepness^2)`` and centres ``b`` spread over the
    data. The shift ``-w b / sqrt v`` is one coordinate of ``U e(t)``.
    """

    steepness: float = 1.0
    spread: float = 1.0
    feature: float = 0.2
    name = "tanh"
    skip = -1.0
    """The score of ``N(0, I)``."""

    def inner(
        self, width: int, dimension: int, generator: np.random.Generator
    ) -> tuple[Float[Array, "width dimension"], Float[Array, "width embedding"]]:
        """Normal ``W``, centres and time weights."""
        W = self.steepness * generator.standard_normal((width, dimension))
        b = self.spread * generator.standard_normal((width, dimension))
        u = generator.standard_normal((width, 2))
        return W, np.column_stack([-(W * b).sum(axis=1), u])

    def embedding(
        self, t: Float[Array, "times"], process: OrnsteinUhlenbeck
    ) -> tuple[Float[Array, "times"], Float[Array, "times embedding"]]:
        """``1 / sqrt v`` and ``(1 / sqrt v, 1, clock)``."""
        inverse = self._v(t, process) ** -0.5
        return inverse, np.column_stack([inverse, np.ones_like(inverse), process.clock(t)])

    def output_scale(
        self, t: Float[Array, "times"], process: OrnsteinUhlenbeck
    ) -> Float[Array, "times"]:
        """``a^2 / v``."""
        return process.decay(t) ** 2 / self._v(t, process)

    def activate(self, z: Array) -> tuple[Array, Array]:
        """``tanh`` and ``1 - tanh^2``."""
        # np.tanh is ten times slower than np.exp, and an absolute error of 1e-16 is enough.
        value = np.clip(2 * z, -_SATURATED, _SATURATED)
        np.exp(value, out=value)
        value += 1
        np.divide(-2, value, out=value)
        value += 1
        slope = value * value
        return value, np.subtract(1, slope, out=slope)

    def bend(self, t: float, process: OrnsteinUhlenbeck) -> float:
        """``sqrt v / steepness``."""
        return float(np.sqrt(self._v(np.array(t), process))) / self.steepness

    def _v(self, t: Array, process: OrnsteinUhlenbeck) -> Array:
        return process.variance(t) + (process.decay(t) * self.feature) ** 2


@dataclass(frozen=True)
class ReluPreset(Preset):
    r"""The paper's network: ``s = (1/m) A relu(W x + U e(t))`` with ``|w|_1 + |u|_1 = 1``.

    Neither skip nor output scale; ``e(t) = (1, clock, 1 - e^{-t})`` is bounded.
    Source: Li et al., NeurIPS 2023 (network and weight bound; their embedding is left open).
    """

    name = "relu"
    skip = 0.0
    kinked = True

    def inner(
        self, width: int, dimension: int, generator: np.random.Generator
    ) -> tuple[Float[Array, "width dimension"], Float[Array, "width embedding"]]:
        """Uniform directions on the unit sphere of the 1-norm."""
        weights = generator.laplace(size=(width, dimension + 3))
        weights /= np.abs(weights).sum(axis=1, keepdims=True)
        return weights[:, :dimension], weights[:, dimension:]

    def embedding(
        self, t: Float[Array, "times"], process: OrnsteinUhlenbeck
    ) -> tuple[Float[Array, "times"], Float[Array, "times embedding"]]:
        """One, and ``(1, clock, 1 - e^{-t})``."""
        one = np.ones(len(t))
        return one, np.column_stack([one, process.clock(t), 1 - process.decay(t)])

    def output_scale(
        self, t: Float[Array, "times"], process: OrnsteinUhlenbeck
    ) -> Float[Array, "times"]:
        """The output scale is one: the network gives the score itself."""
        del process
        return np.ones(len(t))

    def activate(self, z: Array) -> tuple[Array, Array]:
        """``max(z, 0)`` and its step."""
        return np.maximum(z, 0.0), (z > 0).astype(float)

    def bend(self, t: float, process: OrnsteinUhlenbeck) -> float:
        """The same length at every time: kinks do not widen.

        At loop accuracy their quadrature moves the law by less than 1e-4 in total variation.
        """
        del t, process
        return _KINK


PRESETS: dict[str, Preset] = {p.name: p for p in (TanhPreset(), ReluPreset())}


@dataclass(frozen=True, eq=False)
class RandomFeatures:
    """The map ``phi`` for drawn weights, rotated to the columns of ``rotation``.

    ``rotation`` has orthonormal columns, so the gradient flow on ``Theta`` and the one on
    ``Theta rotation`` are the same but for directions in which the features vanish.
    """

    preset: Preset
    process: OrnsteinUhlenbeck
    W: Float[Array, "width dimension"]
    U: Float[Array, "width embedding"]
    rotation: Float[Array, "width features"]

    @property
    def width(self) -> int:
        """Number of hidden units."""
        return len(self.W)

    @property
    def count(self) -> int:
        """Number of features after the rotation."""
        return int(self.rotation.shape[1])

    def parts(self, points: Array) -> list[Array]:
        """Points, or their numbers, in parts that are fast to evaluate."""
        return np.array_split(points, 1 + len(points) * self.width // _CACHED)

    def rotated(self, rotation: Float[Array, "width features"]) -> RandomFeatures:
        """The same units in other coordinates."""
        return RandomFeatures(self.preset, self.process, self.W, self.U, rotation)

    def preactivation(self, x: Float[Array, "points dimension"], t: float) -> Array:
        """``W x + U e(t)``, ``W`` with its factor."""
        at = _at_time(self, t)
        z = x @ at.W
        z += at.offset
        return z

    def kinks(self, t: float) -> Float[Array, "width"]:
        """The places on the line where the units' preactivations vanish."""
        offset = self.preactivation(np.zeros((1, 1)), t)[0]
        return -offset / (self.W[:, 0] * self.scales(t)[1])

    def scales(self, t: float) -> tuple[float, float]:
        """``c_out(t) / sqrt m``, and the factor of ``W x``."""
        at = _at_time(self, t)
        return at.scale, at.factor

    def values(
        self, x: Float[Array, "points dimension"], t: float
    ) -> Float[Array, "points features"]:
        """``phi(x, t)``."""
        value, _ = self.preset.activate(self.preactivation(x, t))
        return self.scales(t)[0] * self._rotate(value)

    def gradients(
        self, x: Float[Array, "points dimension"], t: float
    ) -> Float[Array, "dimension points features"]:
        """``d phi / d x_i`` for every coordinate."""
        _, slope = self.preset.activate(self.preactivation(x, t))
        scale, factor = self.scales(t)
        return np.stack([scale * factor * self._rotate(slope * w) for w in self.W.T])

    def values_and_mean_gradients(
        self, x: Float[Array, "points dimension"], t: float, weights: Float[Array, "batch points"]
    ) -> tuple[Float[Array, "points features"], Float[Array, "batch dimension features"]]:
        """``phi(x, t)``, and weighted sums of its gradients over the points."""
        value, slope = self.preset.activate(self.preactivation(x, t))
        scale, factor = self.scales(t)
        mean = scale * factor * (weights @ slope)
        gradients = np.stack([self._rotate(mean * w) for w in self.W.T], axis=1)
        return scale * self._rotate(value), gradients

    def units(self, theta: Float[Array, "... features"]) -> Float[Array, "... width"]:
        """Output weights of the units themselves."""
        return theta if self._plain else theta @ self.rotation.T

    def _rotate(self, values: Float[Array, "points width"]) -> Float[Array, "points features"]:
        return values if self._plain else values @ self.rotation

    @cached_property
    def _plain(self) -> bool:
        return self.count == self.width and np.array_equal(self.rotation, np.eye(self.width))


@dataclass(frozen=True, eq=False)
class _AtTime:
    """The ingredients of the features at one time."""

    W: Float[Array, "dimension width"]
    offset: Float[Array, "width"]
    scale: float
    factor: float


@lru_cache(maxsize=256)
def _at_time(features: RandomFeatures, t: float) -> _AtTime:
    at = np.array([t])
    factors, e = features.preset.embedding(at, features.process)
    scale = features.preset.output_scale(at, features.process)[0] / np.sqrt(features.width)
    factor = float(factors[0])
    W = np.ascontiguousarray(features.W.T) * factor
    return _AtTime(W, features.U @ e[0], float(scale), factor)


def draw_features(
    preset: Preset, process: OrnsteinUhlenbeck, width: int, dimension: int, seed: int
) -> RandomFeatures:
    """Draw the frozen weights.

    Raises:
        InputError: the width is not a positive integer.
    """
    if not isinstance(width, int | np.integer) or isinstance(width, bool) or width < 1:
        raise InputError(f"width = {width!r}: must be an integer >= 1")
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(width, dimension)))
    W, U = preset.inner(width, dimension, generator)
    return RandomFeatures(preset, process, W, U, np.eye(width))
