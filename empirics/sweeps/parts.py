"""The parts of a study as typed tables: what a TOML file may say, and what it then means."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.errors import InputError
from empirics.experiment import Numerics, Sampling
from empirics.models import (
    BestKl,
    BestTv,
    Diffusion,
    Epanechnikov,
    FixedTime,
    Gaussian,
    Kde,
    Kernel,
    Model,
    PowerRule,
    PowerTime,
    TrainedDiffusion,
    TrainingTime,
)

__all__ = ["Count", "Interval", "ModelPart", "Numbers", "NumericsPart", "Own", "Part", "Positive"]

Count = Annotated[int, Meta(ge=1, le=10**12)]
Size = Annotated[int, Meta(ge=1, le=10**6)]
Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Numbers = Annotated[list[float], Meta(min_length=1, max_length=1000)]
Interval = tuple[float, float]


class Part(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """A table of a study whose ``kind`` says what else it may hold."""

    def build(self) -> Any:
        """The object that the table stands for."""
        raise NotImplementedError


class Own(Part, frozen=True, kw_only=True, tag="import"):
    """The user's own target, model or cycle: ``path`` called with ``arguments``."""

    path: str
    arguments: dict[str, Any] = msgspec.field(default_factory=dict)


class KernelName(StrEnum):
    """The kernels of a kernel density estimate."""

    GAUSSIAN = "gaussian"
    EPANECHNIKOV = "epanechnikov"


_KERNELS: dict[KernelName, type[Kernel]] = {
    KernelName.GAUSSIAN: Gaussian,
    KernelName.EPANECHNIKOV: Epanechnikov,
}


class KdePart(Part, frozen=True, kw_only=True, tag="kde"):
    """Kernel density estimates: a fixed ``bandwidth``, or ``constant * n^-exponent``."""

    bandwidth: Positive | None = None
    constant: Positive | None = None
    exponent: NotNegative | None = None
    kernel: KernelName = KernelName.GAUSSIAN

    def build(self) -> Model:
        """See :class:`empirics.models.Kde`."""
        kernel = _KERNELS[self.kernel]()
        if self.bandwidth is None:
            constant = 1.06 if self.constant is None else self.constant
            return Kde(PowerRule(constant, self.exponent), kernel)
        if self.constant is not None or self.exponent is not None:
            raise InputError(
                f"bandwidth = {self.bandwidth}: is fixed, so constant and exponent, which make it"
                " a rule of n, must not be given beside it"
            )
        return Kde(self.bandwidth, kernel)


class Oracle(StrEnum):
    """Which distance to the learned law the best training time makes smallest."""

    KL = "kl"
    TV = "tv"


_ORACLES: dict[Oracle, type[TrainingTime]] = {Oracle.KL: BestKl, Oracle.TV: BestTv}


class DiffusionPart(Part, frozen=True, kw_only=True, tag="diffusion"):
    """Diffusion on frozen random features, trained exactly; ``horizon`` and ``stop`` are times.

    Training stops at ``training_time``, at ``constant * n^exponent``, or where an ``oracle`` says.
    """

    width: Size = Diffusion.width
    preset: str = Diffusion.preset
    training_time: Positive | None = None
    constant: Positive | None = None
    exponent: NotNegative | None = None
    oracle: Oracle | None = None
    sampler: str = Diffusion.sampler
    horizon: Positive = OrnsteinUhlenbeck.horizon
    stop: NotNegative = OrnsteinUhlenbeck.stop
    seed: Annotated[int, Meta(ge=0)] = Diffusion.seed

    def build(self) -> Model:
        """See :class:`empirics.models.Diffusion`."""
        rules = self._rules()
        if len(rules) > 1:
            raise InputError(
                "training_time, constant with exponent, oracle: are three rules for when training"
                " stops; give one"
            )
        return Diffusion(
            width=self.width,
            preset=self.preset,
            sampler=self.sampler,
            process=OrnsteinUhlenbeck(horizon=self.horizon, stop=self.stop),
            seed=self.seed,
            training_time=rules[0] if rules else Diffusion().rule,
        )

    def _rules(self) -> list[TrainingTime]:
        """Every rule that the table states."""
        fixed = [FixedTime(self.training_time)] if self.training_time else []
        oracle = [_ORACLES[self.oracle]()] if self.oracle else []
        if self.constant is None and self.exponent is None:
            return [*fixed, *oracle]
        given = {"constant": self.constant or 1.0, "exponent": self.exponent}
        power = PowerTime(**{name: v for name, v in given.items() if v is not None})
        return [*fixed, power, *oracle]


class TrainedDiffusionPart(Part, frozen=True, kw_only=True, tag="trained-diffusion"):
    """Diffusion with all layers trained; ``horizon`` and ``stop`` are times of its process."""

    width: Size = TrainedDiffusion.width
    preset: str = TrainedDiffusion.preset
    steps: Count = TrainedDiffusion.steps
    batch_size: Size = TrainedDiffusion.batch_size
    learning_rate: Positive = TrainedDiffusion.learning_rate
    schedule: str = TrainedDiffusion.schedule
    averaging: Annotated[float, Meta(ge=0, lt=1)] = TrainedDiffusion.averaging
    sampler: str = TrainedDiffusion.sampler
    horizon: Positive = OrnsteinUhlenbeck.horizon
    stop: NotNegative = OrnsteinUhlenbeck.stop
    device: str = TrainedDiffusion.device
    seed: Annotated[int, Meta(ge=0)] = TrainedDiffusion.seed

    def build(self) -> Model:
        """See :class:`empirics.models.TrainedDiffusion`."""
        given = msgspec.structs.asdict(self)
        times = {name: given.pop(name) for name in ("horizon", "stop")}
        return TrainedDiffusion(**given, process=OrnsteinUhlenbeck(**times))


class NumericsPart(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the loops are computed, see :class:`empirics.Numerics`."""

    sampling: Sampling | None = None
    resolution: Annotated[float, Meta(ge=3)] | None = None
    window: list[Interval] | None = None
    draws: Annotated[int, Meta(ge=4, le=10**9)] = 10_000
    confidence_level: Annotated[float, Meta(gt=0, lt=1)] = 0.99

    def build(self) -> Numerics:
        """The settings of an experiment."""
        window = None if self.window is None else tuple(self.window)
        return Numerics(**{**msgspec.structs.asdict(self), "window": window})


ModelPart = KdePart | DiffusionPart | TrainedDiffusionPart | Own
