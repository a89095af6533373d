r"""Training time: gradient flow at every time, one point's influence, rules for stopping it.

One eigendecomposition gives all times. The convention, everywhere: training time ``tau`` is the
time of the flow

.. math:: \frac{d\Theta}{d\tau} = -\nabla L = -2(\Theta\Sigma - C), \quad \Theta(0) = 0, \qquad
          \Theta(\tau) = C\,V\,\frac{1 - e^{-2\tau\ell}}{\ell}\,V', \quad \Sigma = V \ell V'.

On matrices :math:`\Sigma + h S, C + h C'` the flow has, to first order,

.. math:: \frac{d\Theta(s)}{dh}\Big|_0 V = C' V \circ f(\ell) + \sum_a c_a\,
          f[\ell_a, \ell_b]\,(V' S V)_{ab}, \qquad f(\ell) = \frac{1 - e^{-2 s \ell}}{\ell},

with :math:`\Sigma = V \ell V'`, :math:`c = C V` and divided differences ``f[., .]``. It is linear
in ``(S, C')``, so one table over the points serves every law.

Source: the flow of ``gradient-flow-drift``; :math:`\Theta = A/\sqrt m`, so a flow on
``A`` is slower by the factor ``m``.

Derived: the flow's derivative, by Duhamel's formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from empirics.errors import InputError, number

__all__ = [
    "BestKl",
    "BestTv",
    "Candidates",
    "FixedTime",
    "GradientFlow",
    "Influence",
    "PowerTime",
    "TrainingTime",
    "VectorFlow",
    "divided_differences",
    "flow_factor",
    "training_rule",
]

Array = np.ndarray
_CLOSE = 1e-4
"""Gap of two eigenvalues, in units of the decay, at which a derivative stands for the quotient."""
_SEARCHED = np.geomspace(1e1, 1e8, 43)
"""Six training times per decade."""


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """The flow of a batch of quadratic losses."""

    values: Float[Array, "batch features"]
    vectors: Float[Array, "batch features features"]
    drive: Float[Array, "batch features"]

    @classmethod
    def of(
        cls, sigma: Float[Array, "batch features features"], cross: Float[Array, "batch features"]
    ) -> GradientFlow:
        """Decompose; eigenvalues below zero are rounding of the quadrature."""
        values, vectors = np.linalg.eigh(sigma)
        drive = np.einsum("bk,bkj->bj", cross, vectors)
        return cls(np.maximum(values, 0.0), vectors, drive)

    def weights(self, tau: Float[Array, "batch times"]) -> Float[Array, "batch times features"]:
        """``Theta(tau)`` at several training times of each loss."""
        return np.einsum("bkj,btj->btk", self.vectors, self.modes(tau))

    def modes(self, tau: Float[Array, "batch times"]) -> Float[Array, "batch times features"]:
        """Coordinates of ``Theta(tau)`` along the eigenvectors."""
        return self.drive[:, None] * flow_factor(self.values[:, None], tau[..., None])


@dataclass(frozen=True, eq=False)
class VectorFlow:
    """One :class:`GradientFlow` per row of ``Theta``.

    ``Sigma`` does not depend on the output, so that all rows have the same modes.
    """

    rows: tuple[GradientFlow, ...]

    @classmethod
    def of(
        cls,
        sigma: Float[Array, "batch features features"],
        cross: Float[Array, "batch outputs features"],
    ) -> VectorFlow:
        """The flow of these matrices, decomposed once for all training times."""
        first = GradientFlow.of(sigma, cross[:, 0])
        drives = np.einsum("bok,bkj->obj", cross[:, 1:], first.vectors)
        others = (GradientFlow(first.values, first.vectors, drive) for drive in drives)
        return cls((first, *others))

    def weights(
        self, tau: Float[Array, "batch times"]
    ) -> Float[Array, "batch times outputs features"]:
        """``Theta(tau)`` at several training times of each loss."""
        return np.stack([row.weights(tau) for row in self.rows], axis=2)


def flow_factor(
    values: Float[Array, "..."], s: Float[Array, "..."] | float, order: int = 0
) -> Float[Array, "..."]:
    r"""``f`` of the flow, or its derivative of some order in training time.

    .. math:: f = \frac{1 - e^{-2sl}}{l}, \qquad
              \frac{d^m f}{ds^m} = (-1)^{m-1} 2^m l^{m-1} e^{-2 s l}.
    """
    if order:
        return np.asarray(-((-2.0) ** order) * values ** (order - 1) * np.exp(-2 * s * values))
    small = 2 * s * values < 1e-12
    return np.where(small, 2 * s, -np.expm1(-2 * s * values) / np.where(small, 1.0, values))


def _slope(values: Array, s: float, order: int) -> Array:
    """Derivative of :func:`flow_factor` in the eigenvalue."""
    decay = np.exp(-2 * s * values)
    if order:
        power = (order - 1) * values ** max(order - 2, 0) - 2 * s * values ** (order - 1)
        return np.asarray(-((-2.0) ** order) * power * decay)
    x = 2 * s * values
    safe = np.where(x < 1e-4, 1.0, values)
    return np.where(x < 1e-4, -2 * s**2 * (1 - 2 * x / 3), (x * decay - (1 - decay)) / safe**2)


def divided_differences(values: Float[Array, "k"], s: float, order: int = 0) -> Float[Array, "k k"]:
    """``(f_a - f_b) / (l_a - l_b)``; the derivative between them where they are close."""
    gap = values[:, None] - values
    near = 2 * s * np.abs(gap) < _CLOSE
    f = flow_factor(values, s, order)
    middle = 0.5 * (values[:, None] + values)
    quotient = (f[:, None] - f) / np.where(near, 1.0, gap)
    return np.where(near, _slope(middle, s, order), quotient)


@dataclass(frozen=True, eq=False)
class Influence:
    """First-order effect of points on the weights of one flow, in its eigenvectors' coordinates.

    Args:
        flow: of the law that is learned, a batch of one.
        gram: upper triangle of every point's ``S``, in the coordinates of the features.
        cross: every point's ``C``, likewise.
    """

    flow: GradientFlow
    gram: Float[Array, "points pairs"]
    cross: Float[Array, "points features"]

    @property
    def vectors(self) -> Float[Array, "features features"]:
        """Eigenvectors: the columns."""
        return self.flow.vectors[0]

    def rows(self, s: float, order: int = 0) -> Float[Array, "points features"]:
        """Effect on ``Theta(s)``, or on its derivative of some order in ``s``.

        Not centred: the effect of a point on the mean of a sample is that less the law's mean.
        """
        values, vectors, drive = self.flow.values[0], self.vectors, self.flow.drive[0]
        mixed = vectors @ (drive[:, None] * divided_differences(values, s, order))
        rows, columns = np.triu_indices(len(values))
        packed = mixed[rows] * vectors[columns]
        packed += np.where((rows == columns)[:, None], 0.0, mixed[columns] * vectors[rows])
        return self.cross @ (vectors * flow_factor(values, s, order)) + self.gram @ packed


@runtime_checkable
class Candidates(Protocol):
    """Models of one generation at any training time."""

    @property
    def size(self) -> int:
        """Number of training points."""

    @property
    def batch(self) -> int:
        """Number of replicates."""

    def path_divergence(self, tau: Float[Array, "batch times"]) -> Float[Array, "batch times"]:
        """Girsanov bound on KL from the mixture that is learned."""

    def distance(self, tau: Float[Array, "batch times"]) -> Float[Array, "batch times"]:
        """TV from the mixture that is learned."""


class TrainingTime:
    """A rule. An oracle looks at the law that the data came from, which no learner can."""

    oracle: bool = False

    def at(self, size: int) -> float:
        """Training time for ``size`` points, where no law has to be looked at.

        Raises:
            InputError: the rule is an oracle.
        """
        raise InputError(
            f"training_time = {self!r}: an oracle looks at laws on a grid and cannot tell its time"
            f" for {size} points beforehand; give a number or a PowerTime"
        )

    def choose(self, models: Candidates) -> Float[Array, "batch"]:
        """Training time of every replicate: that of its number of points, but for an oracle."""
        return np.full(models.batch, self.at(models.size))


@dataclass(frozen=True)
class FixedTime(TrainingTime):
    """The same ``time`` in every generation."""

    time: float

    def __post_init__(self) -> None:
        _positive("training_time", self.time)

    def at(self, size: int) -> float:
        """The fixed training time, whatever the sample."""
        del size
        return float(self.time)


@dataclass(frozen=True)
class PowerTime(TrainingTime):
    """``constant * n^exponent`` for ``n`` training points; the bound's own optimum is 1/2."""

    constant: float
    exponent: float = 0.5

    def __post_init__(self) -> None:
        _positive("constant", self.constant)
        number("exponent", self.exponent)

    def at(self, size: int) -> float:
        """The power of the training size."""
        try:
            time = self.constant * float(size) ** self.exponent
        except OverflowError:
            time = np.inf
        if not time < np.inf:
            raise InputError(
                f"training_time = {self.constant:g} * n^{self.exponent:g}: is not finite for n ="
                f" {size}"
            )
        return time


@dataclass(frozen=True)
class BestKl(TrainingTime):
    """The time with the smallest path KL from the learned mixture (an oracle)."""

    oracle = True

    def choose(self, models: Candidates) -> Float[Array, "batch"]:
        """Best of a fixed ladder of times."""
        return _smallest(models.batch, models.path_divergence)


@dataclass(frozen=True)
class BestTv(TrainingTime):
    """The time with the smallest TV from the learned mixture (an oracle)."""

    oracle = True

    def choose(self, models: Candidates) -> Float[Array, "batch"]:
        """Best of a fixed ladder of times."""
        return _smallest(models.batch, models.distance)


def training_rule(value: TrainingTime | float | str) -> TrainingTime:
    """A rule from a rule or a number.

    Raises:
        InputError: neither, or a time that is not positive.
    """
    return value if isinstance(value, TrainingTime) else FixedTime(value)  # type: ignore[arg-type]


def _smallest(batch: int, measure: object) -> Float[Array, "batch"]:
    tau = np.broadcast_to(_SEARCHED, (batch, len(_SEARCHED)))
    return _SEARCHED[np.argmin(measure(tau), axis=1)]  # type: ignore[operator]


def _positive(name: str, value: float) -> None:
    try:
        number(name, value, above=0)
    except InputError:
        raise InputError(
            f"{name} = {value!r}: must be a finite number > 0, or a rule for it"
        ) from None
