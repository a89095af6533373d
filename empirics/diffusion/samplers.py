"""Which law a score generates: the reverse SDE's or the probability-flow ODE's, never mixed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from empirics.diffusion.fokker_planck import SdeLaw
from empirics.diffusion.law import OdeLaw, SdeLineLaw
from empirics.diffusion.line import LineTables
from empirics.diffusion.probability_flow import flow_masses
from empirics.errors import InputError
from empirics.models.protocol import HasLogDensity

__all__ = ["SAMPLERS", "OdeSampler", "Sampler", "SdeSampler", "sampler_named"]

Array = np.ndarray
_EULER_STEPS = 400


class Sampler(ABC):
    """A way to generate from a score."""

    name: str
    stochastic: bool
    """Whether Girsanov's bound speaks of this law."""

    @abstractmethod
    def law(self, tables: LineTables, theta: Float[Array, "batch features"]) -> SdeLaw:
        """The generated law on the cells of the tables."""

    @abstractmethod
    def fitted(self, tables: LineTables, theta: Float[Array, "batch features"]) -> HasLogDensity:
        """The law of one network, to be sampled."""


@dataclass(frozen=True)
class SdeSampler(Sampler):
    """The reverse SDE, by its Fokker-Planck equation."""

    name = "sde"
    stochastic = True

    def law(self, tables: LineTables, theta: Float[Array, "batch features"]) -> SdeLaw:
        """Extrapolated from two grids."""
        return tables.sde_law(theta)

    def fitted(self, tables: LineTables, theta: Float[Array, "batch features"]) -> HasLogDensity:
        """Sampled by Euler-Maruyama steps."""
        law = tables.sde_law(theta)
        return SdeLineLaw(tables.features, theta, _EULER_STEPS, tables.axis, law)


@dataclass(frozen=True)
class OdeSampler(Sampler):
    """The probability-flow ODE, by carrying cell edges to the prior."""

    name = "ode"
    stochastic = False

    def law(self, tables: LineTables, theta: Float[Array, "batch features"]) -> SdeLaw:
        """Extrapolated from two step sizes."""
        return flow_masses(tables.features, theta, tables.axis, tables.ode_steps)

    def fitted(self, tables: LineTables, theta: Float[Array, "batch features"]) -> HasLogDensity:
        """Sampled by Runge-Kutta steps."""
        return OdeLaw(tables.features, theta, tables.ode_steps)


SAMPLERS: dict[str, Sampler] = {s.name: s for s in (SdeSampler(), OdeSampler())}


def sampler_named(name: str) -> Sampler:
    """The sampler of this name.

    Raises:
        InputError: there is none.
    """
    if name not in SAMPLERS:
        allowed = ", ".join(repr(s) for s in SAMPLERS)
        raise InputError(f"sampler = {name!r}: must be one of {allowed}")
    return SAMPLERS[name]
