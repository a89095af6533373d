"""Which law a score generates: the reverse SDE's or the probability-flow ODE's, never mixed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from empirics.diffusion.fokker_planck import SolvedLaw
from empirics.errors import one_of

if TYPE_CHECKING:
    from empirics.protocols import HasLogDensity

__all__ = ["SAMPLERS", "OdeSampler", "Sampler", "SdeSampler", "Tables", "sampler_named"]


@runtime_checkable
class Tables(Protocol):
    """What makes laws of trained networks; ``models`` are whatever its networks are held as."""

    def sde_law(self, models: Any) -> SolvedLaw:
        """Masses of the reverse SDE's laws."""

    def ode_law(self, models: Any) -> SolvedLaw:
        """Masses of the probability-flow ODE's laws."""

    def sde_fitted(self, models: Any) -> HasLogDensity:
        """One network's law under the reverse SDE, to be sampled."""

    def ode_fitted(self, models: Any) -> HasLogDensity:
        """One network's law under the probability-flow ODE, to be sampled."""


class Sampler(ABC):
    """A way to generate from a score."""

    name: str
    stochastic: bool
    """Whether Girsanov's bound speaks of this law."""

    @abstractmethod
    def law(self, tables: Tables, models: Any) -> SolvedLaw:
        """The generated laws on the cells of the tables."""

    @abstractmethod
    def fitted(self, tables: Tables, models: Any) -> HasLogDensity:
        """The law of one network, to be sampled."""


@dataclass(frozen=True)
class SdeSampler(Sampler):
    """The reverse SDE, by its Fokker-Planck equation."""

    name = "sde"
    stochastic = True

    def law(self, tables: Tables, models: Any) -> SolvedLaw:
        """Extrapolated from several grids."""
        return tables.sde_law(models)

    def fitted(self, tables: Tables, models: Any) -> HasLogDensity:
        """Sampled by Euler-Maruyama steps."""
        return tables.sde_fitted(models)


@dataclass(frozen=True)
class OdeSampler(Sampler):
    """The probability-flow ODE, by carrying points to the prior."""

    name = "ode"
    stochastic = False

    def law(self, tables: Tables, models: Any) -> SolvedLaw:
        """Extrapolated from two step sizes."""
        return tables.ode_law(models)

    def fitted(self, tables: Tables, models: Any) -> HasLogDensity:
        """Sampled by Runge-Kutta steps."""
        return tables.ode_fitted(models)


SAMPLERS: dict[str, Sampler] = {s.name: s for s in (SdeSampler(), OdeSampler())}


def sampler_named(name: str) -> Sampler:
    """The sampler of this name.

    Raises:
        InputError: there is none.
    """
    return SAMPLERS[one_of("sampler", name, SAMPLERS)]
