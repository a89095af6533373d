r"""The laws of a diffusion loop on cells of any dimension, and the measurements of them.

KL between laws given by cell masses, one of them computed, is enclosed by

.. math:: \sum p \log\frac{p}{q + \delta} \le KL(p \| q) \le \sum p \log\frac{p}{q - \delta}

where masses ``q`` may be wrong by ``delta``. What cells of finite width leave out is of second
order in it, so that cells twice as wide lose more by three times as much (data processing gives the
sign). Where ``q`` is no larger than its own error nothing but a bound on KL limits it.

What is proved and what is estimated: the two sums hold for cell masses if every mass is within
``delta``; that KL is at most ``most`` is Girsanov's theorem. ``delta`` is an estimate, the
difference of two resolutions of the solver, and so is what finite cells leave out. No bound and no
verdict uses KL or its error: bounds on TV are made of the score risks, which have errors of their
own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from empirics.diffusion.fokker_planck import SolvedLaw
from empirics.diffusion.process import OrnsteinUhlenbeck
from empirics.distances.cells import total_variation
from empirics.errors import InputError
from empirics.grid import Grid, density_at, paired
from empirics.operators import acts_on_laws
from empirics.quantities import CellLaw, Record, Recorder
from empirics.target_law import TargetLaw

__all__ = [
    "CellLaws",
    "DiffusionRecord",
    "Divergence",
    "Trained",
    "cell_divergence",
    "divergence_to_tv",
]

Array = np.ndarray
ScoreRisk = Callable[[Any], tuple[Array, Array]]


@dataclass(frozen=True, kw_only=True)
class DiffusionRecord(Record):
    r"""A record with divergences, each one entry per replicate.

    ``kl`` is :math:`KL(\tilde p_{t_0} \| p_\theta)` from the (early-stopped) mixture that was
    learned, ``kl_error`` an estimate of how far from it that divergence may be (from two
    resolutions, see above; no bound uses it), infinite where the
    generated law is too small to be told from nothing and no bound speaks of it. ``kl_bound =
    kl_prior + score_risk`` bounds it for the SDE's law (NaN for the ODE's, of which the theorem
    does not speak). ``kl_prior_real`` and ``score_risk_real`` are the same terms for the real law
    in place of the mixture. ``smoothing`` is ``TV(P_{t0} p_0, p_0)``. ``tv_bound`` is the bound on
    ``tv`` that the terms of the mixtures make along the cycle, their numerical errors added.
    ``training_time`` is in the convention of :mod:`empirics.diffusion.training_time`, NaN where
    training is no gradient flow.
    """

    kl: Float[Array, "replicates"]
    kl_error: Float[Array, "replicates"]
    kl_bound: Float[Array, "replicates"]
    kl_prior: Float[Array, "replicates"]
    score_risk: Float[Array, "replicates"]
    score_risk_error: Float[Array, "replicates"]
    kl_prior_real: Float[Array, "replicates"]
    score_risk_real: Float[Array, "replicates"]
    score_risk_real_error: Float[Array, "replicates"]
    smoothing: Float[Array, "replicates"]
    smoothing_error: Float[Array, "replicates"]
    tv_bound: Float[Array, "replicates"]
    training_time: Float[Array, "replicates"]


def divergence_to_tv(kl: Float[Array, "..."]) -> Float[Array, "..."]:
    r"""TV from KL: :math:`\min(\sqrt{KL/2}, \sqrt{1 - e^{-KL}})`.

    Source: Pinsker; Bretagnolle and Huber, which is the smaller from KL = 1.594 on.
    """
    return np.minimum(np.sqrt(kl / 2), np.sqrt(-np.expm1(-kl)))


@dataclass(frozen=True, eq=False)
class Divergence:
    """A value, and how far from it the divergence may be; infinite where nothing limits it."""

    value: Float[Array, "batch"]
    error: Float[Array, "batch"]


def cell_divergence(
    p: Float[Array, "batch *cells"],
    q: Float[Array, "batch *cells"],
    doubt: Float[Array, "batch *cells"],
    most: Float[Array, "batch"],
    *,
    least: float,
    rounding: float,
) -> Divergence:
    """``sum p log(p / q)`` over the cells with more than ``least`` of ``p``.

    Args:
        p: cell masses of the law that is learned.
        q: those of the generated law; below ``rounding`` they are rounding of a solver.
        doubt: by how much each of ``q`` may be wrong.
        most: a bound on the divergence; NaN where there is none.
        least: mass of the cells that are left out.
        rounding: as above.
    """
    held = p > least
    value, doubt = _sum(p, q, held, rounding), np.maximum(doubt, rounding)
    left_out = _total(np.where(held, 0.0, np.abs(p))) * abs(np.log(rounding))
    wide = value - _sum(paired(p), paired(q), paired(p) > least, rounding)
    low = _sum(p, q + doubt, held, rounding) - left_out
    lost = np.any((held & (q <= doubt)).reshape(len(p), -1), axis=1)
    high = np.where(lost, np.inf, _sum(p, q - doubt, held, 0.0) + np.abs(wide) + left_out)
    limit = np.fmin(high, most)
    value = np.minimum(value, limit)
    return Divergence(value, np.maximum(np.maximum(limit - value, value - low), 0.0))


def _sum(p: Array, q: Array, held: Array, floor: float) -> Float[Array, "batch"]:
    safe = np.where(held, np.maximum(q, floor), 1.0)
    with np.errstate(divide="ignore"):
        ratio = np.log(np.where(held, p, 1.0)) - np.log(safe)
    return _total(np.where(held, p * ratio, 0.0))


def _total(values: Float[Array, "batch *cells"], keepdims: bool = False) -> Array:
    return np.asarray(values.sum(axis=tuple(range(1, values.ndim)), keepdims=keepdims))


@dataclass(frozen=True, eq=False)
class Trained:
    """Models of one generation, one per replicate.

    Args:
        law: what they generate.
        training_time: in the convention of :mod:`empirics.diffusion.training_time`; NaN for
            training that is no gradient flow.
        score_risk: their score risk under laws with given cell masses, or what
            :meth:`CellLaws.carried` makes of these, one for each model, and its numerical error;
            ``None`` where Girsanov's bound does not speak of what is generated.

    Raises:
        InputError: a law is not finite.
    """

    law: SolvedLaw
    training_time: Float[Array, "batch"] | float = np.nan
    score_risk: ScoreRisk | None = None

    def __post_init__(self) -> None:
        if not np.isfinite(self.law.masses).all():
            raise InputError(
                "the generated law is not finite; train for a shorter time, or in smaller steps"
            )


def _as_they_are(k: int) -> None:
    """No operator, whichever the model."""
    del k


class _Path(NamedTuple):
    """KL of a noised law to the prior, score risk under that law, and the error of the risk."""

    prior: Float[Array, "batch"]
    risk: Float[Array, "batch"]
    error: Float[Array, "batch"]

    @property
    def upper(self) -> Float[Array, "batch"]:
        """Bound on KL from the law, noised until generation stops, to the generated one."""
        return self.prior + self.risk + self.error


@dataclass(eq=False)
class CellLaws(ABC):
    """Laws ``p_0`` (real), ``p_1``, ... of a batch of replicates, on cells.

    Args:
        target: the real law on the cells.
        batch: number of replicates.
        recorder: measures what the experiment asks for besides.
    """

    target: TargetLaw
    batch: int
    recorder: Recorder = field(default_factory=Recorder, kw_only=True)
    between: Callable[[int], Any] = field(default_factory=lambda: _as_they_are, init=False)
    """The operator on the samples of model ``k``, ``None`` where there is none."""
    _laws: dict[int, Array] = field(default_factory=dict, init=False)
    _made: dict[int, Array] = field(default_factory=dict, init=False)
    """Masses of the last model, as it is before any operator."""
    _bounds: dict[int, Array] = field(default_factory=dict, init=False)

    _least_mass = 1e-10
    """Cells with less mass are left out of KL; on the line their share is below 1e-7."""
    _rounding = 1e-13
    """Generated masses below this are rounding of the solver, and may have been negative."""

    def __post_init__(self) -> None:
        real = np.maximum(self.target.masses, 0.0)
        self._laws[0] = np.broadcast_to(real, (self.batch, *real.shape))
        self._bounds[0] = np.zeros(self.batch)
        self._smoothing, self._smoothing_error = self._stopping_bias()

    @property
    @abstractmethod
    def process(self) -> OrnsteinUhlenbeck:
        """The forward process."""

    @property
    @abstractmethod
    def cells(self) -> Grid:
        """Cells of the grid on which laws live."""

    @abstractmethod
    def stopped(self, masses: Float[Array, "batch ..."]) -> Float[Array, "batch ..."]:
        """Cell masses of laws noised up to ``stop``."""

    @abstractmethod
    def prior_divergence(self, masses: Float[Array, "batch ..."]) -> Float[Array, "batch"]:
        """Bound on KL of the laws, noised up to ``horizon``, to the prior."""

    def carried(self, masses: Float[Array, "batch ..."]) -> Any:
        """The real law with these masses, as score risks of many models are computed from it."""
        return masses

    @cached_property
    def _real(self) -> Any:
        """The real law carried once, for the models of all generations."""
        return self.carried(self._laws[0])

    def masses(self, row: Array) -> Float[Array, "batch ..."]:
        """Cell masses of the mixture with weights ``row``."""
        return np.sum([w * self._laws[k] for k, w in enumerate(row) if w > 0], axis=0)

    @abstractmethod
    def measure(self, row: Array, shares: Array | None) -> Float[Array, "batch ..."]:
        """Training measure: shares of the points per cell, or the mixture itself.

        Points count at the centre of their cell. The mean of the measure is put right by adding
        the difference between the mixture and its binned version, to sixth order in the cell.
        """

    def densities(self, j: int, places: Grid) -> Array:
        """Densities of model ``j``, the last one made."""
        return density_at(places, self.cells, self._made[j])

    def forget(self, needed: Collection[int]) -> None:
        """Keep only the laws that are needed, and the real one."""
        self._laws = {k: law for k, law in self._laws.items() if k == 0 or k in needed}

    def keep(self, j: int, masses: Float[Array, "batch ..."]) -> Float[Array, "batch ..."]:
        """Take in the laws of model ``j``, past their operator; return them with a sum of one."""
        whole = masses / _total(masses, keepdims=True)
        self._made, self._laws[j] = {j: whole}, self._passed(j, whole)
        return whole

    def record(self, j: int, row: Array, models: Trained) -> DiffusionRecord:
        """Take in the models of generation ``j`` and measure them."""
        law, mixture = models.law, self.masses(row)
        masses = self.keep(j, law.masses)
        tv = total_variation(masses, self.target, 1.0, self.cells)
        step = tv
        if row[0] < 1:  # else it learned the real law alone
            learned = self.masses(np.append(0.0, row[1:]))
            step = total_variation(masses - learned, self.target, float(row[0]), self.cells)
        defect = law.defect + self.target.mass_defect
        path = self._path(models, mixture)
        straight = path if row[0] == 1 else self._path(models, self._laws[0])
        self._chain(j, row, path.upper)
        kl = cell_divergence(
            self.stopped(mixture),
            masses,
            law.doubt,
            path.upper,
            least=self._least_mass,
            rounding=self._rounding,
        )
        return DiffusionRecord(
            tv=tv.value,
            tv_error=tv.error + law.error + defect,
            one_step_tv=step.value,
            one_step_error=step.error + law.error + defect,
            noise=np.full(self.batch, np.nan),
            mass_defect=defect,
            kl=kl.value,
            kl_error=kl.error,
            kl_bound=path.prior + path.risk,
            kl_prior=path.prior,
            score_risk=path.risk,
            score_risk_error=path.error,
            kl_prior_real=straight.prior,
            score_risk_real=straight.risk,
            score_risk_real_error=straight.error,
            smoothing=self._each(self._smoothing),
            smoothing_error=self._each(self._smoothing_error),
            tv_bound=np.minimum(self._bounds[j], 1.0),
            training_time=self._each(models.training_time),
            recorded=self.recorder(CellLaw(masses, self.cells, defect, law.doubt)),
        )

    def _passed(self, j: int, masses: Float[Array, "batch ..."]) -> Float[Array, "batch ..."]:
        """The law of model ``j``'s samples past its operator; unknown where points alone tell."""
        operator = self.between(j)
        if operator is None:
            return masses
        return operator.act(masses, self.cells) if acts_on_laws(operator) else masses * np.nan

    def _path(self, models: Trained, masses: Float[Array, "batch ..."]) -> _Path:
        """The terms of Girsanov's bound from laws with these masses to the generated ones."""
        if models.score_risk is None:
            return _Path(*(self._each(np.nan) for _ in range(3)))
        risk, error = models.score_risk(self._real if masses is self._laws[0] else masses)
        return _Path(self.prior_divergence(masses), self._each(risk), self._each(error))

    def _chain(self, j: int, row: Array, divergence: Array) -> None:
        """The bound on TV of model ``j`` from its own step and those before it."""
        # The recursion of plain samples says nothing of those that passed an operator.
        bounds = {
            k: bound if self.between(k) is None or k == 0 else np.nan
            for k, bound in self._bounds.items()
        }
        passed = sum(w * bounds[k] for k, w in enumerate(row) if w > 0)
        self._bounds[j] = self.smoothing + divergence_to_tv(divergence) + passed

    @property
    def smoothing(self) -> float:
        """Bound on TV of the real law to itself noised until generation stops."""
        return self._smoothing + self._smoothing_error

    def _stopping_bias(self) -> tuple[float, float]:
        """TV of the real law to itself noised until generation stops, and its error."""
        if self.process.stop == 0:
            return 0.0, 0.0
        stopped = self.stopped(self.target.masses[None])
        tv = total_variation(stopped, self.target, 1.0, self.cells)
        return float(tv.value[0]), float(tv.error[0]) + self.target.mass_defect

    def _each(self, value: Array | float) -> Float[Array, "batch"]:
        return np.array(np.broadcast_to(value, (self.batch,)), dtype=float)
