"""Targets as typed tables."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from empirics.errors import InputError
from empirics.sweeps.parts import Interval, Numbers, Own, Part, Positive
from empirics.targets import (
    Frozen,
    Target,
    beta,
    gaussian_mixture,
    normal,
    truncated_mixture,
)

__all__ = ["TargetPart"]

Dimension = Annotated[int, Meta(ge=1, le=100)]
Points = Annotated[list[float | Numbers], Meta(min_length=1, max_length=1000)]
Scales = Annotated[list[float | list[Numbers]], Meta(min_length=1, max_length=1000)]


class NormalPart(Part, frozen=True, kw_only=True, tag="normal"):
    """The standard normal law."""

    dimension: Dimension = 1

    def build(self) -> Target:
        """See :func:`empirics.targets.normal`."""
        return normal(self.dimension)


class MixturePart(Part, frozen=True, kw_only=True, tag="gaussian-mixture"):
    """A Gaussian mixture in any dimension."""

    weights: Numbers
    means: Points
    scales: float | Scales

    def build(self) -> Target:
        """See :func:`empirics.targets.gaussian_mixture`."""
        return _mixture(gaussian_mixture, self.weights, self.means, self.scales)


class TruncatedPart(Part, frozen=True, kw_only=True, tag="truncated-mixture"):
    """A Gaussian mixture on the line, conditioned on an interval."""

    weights: Numbers
    means: Numbers
    scales: float | Numbers
    interval: Interval

    def build(self) -> Target:
        """See :func:`empirics.targets.truncated_mixture`."""
        given = (self.weights, self.means, self.scales, self.interval)
        return _mixture(truncated_mixture, *given)


class BetaPart(Part, frozen=True, kw_only=True, tag="beta"):
    """The Beta law on [0, 1]."""

    a: Positive
    b: Positive

    def build(self) -> Target:
        """See :func:`empirics.targets.beta`."""
        return beta(self.a, self.b)


class ScipyPart(Part, frozen=True, kw_only=True, tag="scipy"):
    """A continuous distribution of ``scipy.stats`` with its keyword parameters."""

    distribution: str
    parameters: dict[str, float] = msgspec.field(default_factory=dict)

    def build(self) -> Target:
        """See :class:`empirics.targets.Frozen`."""
        from scipy import stats

        law = getattr(stats, self.distribution, None)
        if not isinstance(law, stats.rv_continuous):
            raise InputError(
                f"distribution = {self.distribution!r}: must be a continuous distribution of"
                " scipy.stats, such as 'laplace'"
            )
        try:
            return Frozen(law(**self.parameters))
        except TypeError as error:
            raise InputError(f"parameters = {self.parameters}: {error}") from None


def _mixture(make: Any, *given: Any) -> Target:
    try:
        return make(*given)
    except (ValueError, ArithmeticError) as error:
        # What numpy says of ragged points and of shapes that do not fit is no sentence for a user.
        text = (
            str(error)
            if isinstance(error, InputError)
            else "means: do not agree in size with weights or scales"
        )
        raise InputError(text) from None


TargetPart = NormalPart | MixturePart | TruncatedPart | BetaPart | ScipyPart | Own
