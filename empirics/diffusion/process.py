r"""The forward noising process, Ornstein-Uhlenbeck, and which reverse process generates.

The forward one is also VP diffusion in its own clock:
:math:`dX = -\tfrac12\beta X dr + \sqrt{\beta} dB` is this process at time
:math:`t = \tfrac12\int_0^r \beta`. Score risk with weight :math:`g^2/2`, path KL and generated law
do not depend on the clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, wraps
from math import log1p
from threading import Lock
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar, cast, runtime_checkable

import numpy as np
from jaxtyping import Float

from empirics.errors import InputError, number, one_of
from empirics.parameters import NotNegative, Positive
from empirics.targets import GaussianSmoothable

if TYPE_CHECKING:
    from empirics.diffusion.fokker_planck import SolvedLaw
    from empirics.protocols import HasLogDensity

__all__ = [
    "NestedTimes",
    "OrnsteinUhlenbeck",
    "Sampler",
    "Tables",
    "TimeNodes",
    "built_once",
    "noised_density",
    "noised_score",
    "sampler_named",
]

Array = np.ndarray
_Given = ParamSpec("_Given")
_Built = TypeVar("_Built")
_FOURFOLD = 16
"""Factor of an error of second order between steps four times as long."""


@dataclass(frozen=True, eq=False)
class TimeNodes:
    """Quadrature of ``int f(t) dt`` over the process: nodes and weights."""

    times: Float[Array, "times"]
    weights: Float[Array, "times"]


@dataclass(frozen=True, eq=False)
class NestedTimes:
    """Three rules of :class:`TimeNodes` in one: all nodes, every second and every fourth one."""

    times: Float[Array, "times"]
    rules: Float[Array, "rules times"]

    @property
    def weights(self) -> Float[Array, "times"]:
        """Those of the finest rule."""
        return self.rules[0]

    def integrate(
        self, values: Float[Array, "times ..."]
    ) -> tuple[Float[Array, "..."], Float[Array, "..."]]:
        """The finest rule's integral, and an estimate of its error.

        The estimate is what the coarser rules differ by, the coarsest one's over 16: rules of
        second order, the slowest case (functions with kinks), err by no more.
        """
        fine, half, quarter = np.tensordot(self.rules, values, 1)
        return fine, np.maximum(np.abs(fine - half), np.abs(fine - quarter) / _FOURFOLD)


@dataclass(frozen=True)
class OrnsteinUhlenbeck:
    r"""The process :math:`dX = -X\,dt + \sqrt2\,dB` from ``stop`` to ``horizon``.

    .. math:: X_t \mid X_0 = x_0 \sim N(e^{-t} x_0,\ (1 - e^{-2t}) I), \qquad g^2 = 2.

    Time is graded as ``t = stop + grading (e^u - 1)``: laws change on the scale of their finest
    feature near ``stop`` and not at all near ``horizon``.

    Args:
        horizon: time at which the law is taken to be ``N(0, I)``.
        stop: time at which generation stops, >= 0; zero needs data with a finite Fisher
            information, so neither jumps nor atoms.
        grading: the finest time scale.

    Raises:
        InputError: a time is not positive (``stop``: negative), or out of order.
    """

    horizon: Positive = 8.0
    stop: NotNegative = 0.0
    grading: Positive = 0.02

    def __post_init__(self) -> None:
        for name in ("horizon", "grading"):
            number(name, getattr(self, name), above=0)
        if not 0 <= number("stop", self.stop) < self.horizon:
            raise InputError(f"stop = {self.stop}: must be in [0, horizon = {self.horizon})")

    def decay(self, t: Float[Array, "..."]) -> Float[Array, "..."]:
        """``e^{-t}``."""
        return np.exp(-np.asarray(t))

    def variance(self, t: Float[Array, "..."]) -> Float[Array, "..."]:
        """``1 - e^{-2t}``."""
        return -np.expm1(-2 * np.asarray(t))

    def transition(self, t: float) -> tuple[float, float]:
        """Factor of the starting point, and standard deviation of the noise, at one time."""
        at = np.array(t)
        return float(self.decay(at)), float(np.sqrt(self.variance(at)))

    def prior_divergence(self, second_moment: Float[Array, "..."], dimension: int) -> Array:
        r"""Bound on :math:`KL(p_T \| N(0, I))` from :math:`E|X_0|^2`.

        .. math:: \tfrac12\bigl[e^{-2T} E|X_0|^2 - d e^{-2T} - d \log(1 - e^{-2T})\bigr]

        Derived: convexity of KL in the starting point.
        """
        left = np.exp(-2 * self.horizon)
        return 0.5 * (left * second_moment - dimension * (left + np.log1p(-left)))

    def quadrature(self, nodes: int) -> TimeNodes:
        """Gauss-Legendre in the graded clock."""
        z, w = np.polynomial.legendre.leggauss(nodes)
        half = self.length / 2
        u = half * (z + 1)
        return TimeNodes(self.time(u), self.grading * np.exp(u) * half * w)

    def nested_quadrature(self, nodes: int) -> NestedTimes:
        """Gauss-Legendre in the graded clock, and interpolatory rules on parts of its nodes.

        Args:
            nodes: a multiple of four.
        """
        z, half, rules = np.polynomial.legendre.leggauss(nodes)[0], self.length / 2, []
        for stride in (1, 2, 4):
            rule = np.zeros(nodes)
            rule[::stride] = _interpolatory(z[::stride])
            rules.append(rule)
        u = half * (z + 1)
        return NestedTimes(self.time(u), np.stack(rules) * (self.grading * np.exp(u) * half))

    def edges(self, steps: int) -> Float[Array, "steps+1"]:
        """Ends of ``steps`` equal steps of the graded clock, from ``stop`` to ``horizon``."""
        return self.time(np.linspace(0, self.length, steps + 1))

    def clock(self, t: Float[Array, "..."]) -> Float[Array, "..."]:
        """The graded clock, from -1 at ``stop`` to 1 at ``horizon``."""
        return 2 * np.log1p((np.asarray(t) - self.stop) / self.grading) / self.length - 1

    @property
    def length(self) -> float:
        """Length of the graded clock ``u``."""
        return log1p((self.horizon - self.stop) / self.grading)

    def time(self, u: Float[Array, "..."]) -> Float[Array, "..."]:
        """``stop + grading (e^u - 1)``."""
        return self.stop + self.grading * np.expm1(u)


def _interpolatory(z: Float[Array, "nodes"]) -> Float[Array, "nodes"]:
    """Weights that integrate polynomials over [-1, 1] exactly, one degree per node."""
    moments = np.zeros(len(z))
    moments[0] = 2.0
    return np.linalg.solve(np.polynomial.legendre.legvander(z, len(z) - 1).T, moments)


def noised_density(
    target: GaussianSmoothable, t: float, x: Float[Array, "..."], process: OrnsteinUhlenbeck
) -> Float[Array, "..."]:
    r"""Density of :math:`X_t = a (X_0 + (\sigma / a) Z)`, ``a = e^{-t}``, in closed form."""
    (a, width), dimension = process.transition(t), getattr(target, "dimension", 1)
    return target.smoothed_density(np.asarray(x / a), width / a) / a**dimension


def noised_score(
    target: GaussianSmoothable, t: float, x: Float[Array, "..."], process: OrnsteinUhlenbeck
) -> Float[Array, "..."]:
    """Gradient of the logarithm of :func:`noised_density`."""
    a, width = process.transition(t)
    return target.smoothed_score(x / a, width / a) / a


@runtime_checkable
class Tables(Protocol):
    """A maker of laws of trained networks; ``models`` are whatever its networks are held as."""

    def sde_law(self, models: Any) -> SolvedLaw:
        """Masses of the reverse SDE's laws."""

    def ode_law(self, models: Any) -> SolvedLaw:
        """Masses of the probability-flow ODE's laws."""

    def sde_fitted(self, models: Any) -> HasLogDensity:
        """One network's law under the reverse SDE, to be sampled."""

    def ode_fitted(self, models: Any) -> HasLogDensity:
        """One network's law under the probability-flow ODE, to be sampled."""


def built_once(build: Callable[_Given, _Built]) -> Callable[_Given, _Built]:
    """Let ``build`` return the tables it has built before, the last three; threads wait for one."""
    kept, building = cast("Callable[_Given, _Built]", lru_cache(maxsize=3)(build)), Lock()

    @wraps(build)
    def built(*args: _Given.args, **kwargs: _Given.kwargs) -> _Built:
        with building:
            return kept(*args, **kwargs)

    return built


class Sampler(StrEnum):
    """The law that a score generates, never mixed.

    ``SDE``: the reverse SDE's, by its Fokker-Planck equation on several grids; sampled by
    Euler-Maruyama steps. ``ODE``: the probability-flow ODE's, by carrying points to the prior with
    two step sizes; sampled by Runge-Kutta steps.
    """

    SDE = "sde"
    ODE = "ode"

    @property
    def stochastic(self) -> bool:
        """Whether Girsanov's bound speaks of this law."""
        return self is Sampler.SDE

    def law(self, tables: Tables, models: Any) -> SolvedLaw:
        """The generated laws on the cells of the tables."""
        return tables.sde_law(models) if self.stochastic else tables.ode_law(models)

    def fitted(self, tables: Tables, models: Any) -> HasLogDensity:
        """The law of one network, to be sampled."""
        return tables.sde_fitted(models) if self.stochastic else tables.ode_fitted(models)


def sampler_named(name: str) -> Sampler:
    """The sampler of this name.

    Raises:
        InputError: there is none.
    """
    return Sampler(one_of("sampler", name, [sampler.value for sampler in Sampler]))
