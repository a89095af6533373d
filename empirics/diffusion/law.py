"""A trained diffusion model as a law: sampled by steps, with a density where there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from jaxtyping import Float

from empirics.diffusion.features import RandomFeatures
from empirics.diffusion.fokker_planck import SolvedLaw
from empirics.diffusion.noising import centred, second_difference
from empirics.diffusion.probability_flow import (
    flow_from_prior,
    flow_log_density,
    score_and_divergence,
)
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.grid import Axis, lagrange

__all__ = ["EULER_STEPS", "OdeLaw", "SdeLineLaw", "SdePlaneLaw", "SdeSampled", "reverse_sde"]

Array = np.ndarray
EULER_STEPS = 400
_FEW = 16


def reverse_sde(
    score: object,
    process: OrnsteinUhlenbeck,
    start: Float[Array, "size dimension"],
    steps: int,
    generator: np.random.Generator,
) -> Float[Array, "size dimension"]:
    r"""Exponential Euler-Maruyama steps of :math:`dY = [Y + 2 s(Y, t)]\,ds + \sqrt2\,dB`.

    The score is held at the noisier end of every step and the linear part solved exactly:
    :math:`Y \leftarrow e^\delta Y + 2(e^\delta - 1) s + \sqrt{e^{2\delta} - 1}\,\xi`.
    """
    y, times = start, process.edges(steps)
    for i in range(steps, 0, -1):
        delta = times[i] - times[i - 1]
        noise = generator.standard_normal(y.shape)
        drift = 2 * np.expm1(delta) * score(y, float(times[i]))  # type: ignore[operator]
        y = np.exp(delta) * y + drift + np.sqrt(np.expm1(2 * delta)) * noise
    return y


@dataclass(frozen=True, eq=False)
class _Trained:
    """Features with trained output weights.

    ``quadrature_risk`` estimates ``int E|s - s_exact|^2 dt``, ``s_exact`` the score that training
    with the noise integrated exactly would give; nil where it is integrated on a grid.
    """

    features: RandomFeatures
    theta: Float[Array, "dimension features"]
    steps: int
    quadrature_risk: float = field(default=0.0, kw_only=True)

    @property
    def dimension(self) -> int:
        """Number of coordinates."""
        return len(self.theta)

    def score(self, x: Float[Array, "points dimension"], t: float) -> Array:
        """``s(x, t)``."""
        parts = self.features.parts(x)
        values = [score_and_divergence(self.features, self.theta, part, t)[0] for part in parts]
        return np.concatenate(values)

    def _points(self, x: Array) -> Array:
        return np.reshape(x, (-1, self.dimension))

    def _start(self, size: int, generator: np.random.Generator) -> Array:
        return generator.standard_normal((size, self.dimension))

    def _shaped(self, x: Array) -> Array:
        return x[:, 0] if self.dimension == 1 else x


@dataclass(frozen=True, eq=False)
class SdeSampled(_Trained):
    """The reverse SDE's law in any dimension, known through its samples."""

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size ..."]:
        """Euler-Maruyama from the prior."""
        start, process = self._start(size, generator), self.features.process
        return self._shaped(reverse_sde(self.score, process, start, self.steps, generator))


@dataclass(frozen=True, eq=False)
class SdeLineLaw(SdeSampled):
    """The reverse SDE's law on the line, with its density from the Fokker-Planck equation."""

    axis: Axis
    law: SolvedLaw

    def score(self, x: Float[Array, "points dimension"], t: float) -> Array:
        """Interpolated linearly between points eight to a cell, so that many samples are cheap."""
        if len(x) < _FEW * self.axis.cells:
            return super().score(x, t)
        at = np.linspace(self.axis.low, self.axis.high, 8 * self.axis.cells + 1)
        values = super().score(at[:, None], t)[:, 0]
        inside = np.interp(x[:, 0], at, values)
        out = np.abs(x[:, 0] - np.clip(x[:, 0], at[0], at[-1])) > 0
        inside[out] = super().score(x[out], t)[:, 0]
        return inside[:, None]

    def log_density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """Logarithm of the local polynomial through the cells' mean densities."""
        at = np.clip(np.ravel(x), self.axis.low, self.axis.high)
        cells, shares = lagrange(at, self.axis)
        value = (self._centres[cells] * shares).sum(axis=1)
        with np.errstate(divide="ignore"):
            return np.log(np.maximum(value, 0.0)).reshape(np.shape(x))

    @cached_property
    def _centres(self) -> Float[Array, "cells"]:
        """Densities at the centres from cell means, to fourth order."""
        mean = self.law.masses[0] / self.axis.step
        return mean - second_difference(mean) / 24


@dataclass(frozen=True, eq=False)
class SdePlaneLaw(SdeSampled):
    """The reverse SDE's law in the plane, with its density from the Fokker-Planck equation.

    That is solved when a density is first asked for.
    """

    axis: Axis
    solve: Callable[[], SolvedLaw]

    def log_density(self, x: Float[Array, "... 2"]) -> Float[Array, "..."]:
        """Logarithm of the local polynomial through the cells' mean densities."""
        at = np.clip(self._points(x), self.axis.low, self.axis.high)
        (rows, one), (columns, two) = (lagrange(at[:, i], self.axis) for i in (0, 1))
        near = self._centres[rows[:, :, None], columns[:, None, :]]
        value = np.einsum("pi,pik,pk->p", one, near, two)
        with np.errstate(divide="ignore"):
            return np.log(np.maximum(value, 0.0)).reshape(np.shape(x)[:-1])

    @cached_property
    def _centres(self) -> Float[Array, "cells cells"]:
        """Densities at the centres from cell means, to sixth order."""
        return centred(self.solve().masses)[0] / self.axis.step**2


@dataclass(frozen=True, eq=False)
class OdeLaw(_Trained):
    """The probability-flow ODE's law, with its density by change of variables."""

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size ..."]:
        """The flow run back from the prior."""
        start = self._start(size, generator)
        parts = self.features.parts(start)
        ends = [flow_from_prior(self.features, self.theta, part, self.steps) for part in parts]
        return self._shaped(np.concatenate(ends))

    def log_density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """``log pi(x_T) + int div v dt``."""
        shape = np.shape(x) if self.dimension == 1 else np.shape(x)[:-1]
        parts = self.features.parts(self._points(x))
        logs = [flow_log_density(self.features, self.theta, part, self.steps) for part in parts]
        return np.concatenate(logs).reshape(shape)
