"""Measured runs of a loop: a finished run, a closed-form loop, or a user's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from jaxtyping import Float

from bounds.cycles import DataCycle
from bounds.hypotheses import LoopFacts
from empirics.data.arrays import real_numbers
from empirics.errors import InputError
from empirics.experiment import Experiment
from empirics.result import Result

__all__ = ["Runs"]

Array = np.ndarray
_KEYS = ("replicate", "generation")
_MEASURED = (
    "tv",
    "tv_error",
    "one_step_tv",
    "one_step_error",
    "noise",
    "smoothing",
    "smoothing_error",
    "kl_prior",
    "score_risk",
    "score_risk_error",
    "kl_prior_real",
    "score_risk_real",
    "score_risk_real_error",
)
_PROBABILITIES = ("one_step_tv", "smoothing")
_LIMITS = {"tv": ("tv_low", "tv_high"), "one_step_tv": ("one_step_low", "one_step_high")}
_ERRORS = {"tv": "tv_error", "one_step_tv": "one_step_error"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Runs:
    """TV of independent runs, and what a verdict needs beside it.

    Args:
        cycle: the data cycle that drove the runs.
        tv: TV of every generation to the real law, one row per run, in [0, 1].
        tv_error: bound on its numerical error, >= 0; one number or an array like ``tv``.
        one_step_tv: TV of every model to the mixture it was trained on, or ``None``.
        one_step_error: bound on its numerical error; that of ``tv`` if ``None``.
        noise: bound on the expected stochastic error given the past (``kde-noise``), or ``None``.
        smoothing: TV of the real law to itself noised until generation stops, or ``None``.
        smoothing_error: bound on its numerical error, >= 0.
        kl_prior: KL of the noised training mixture to the prior, or ``None``.
        score_risk: squared error of the score along the noising path, or ``None``.
        score_risk_error: bound on its numerical error, >= 0.
        kl_prior_real: KL of the noised real law to the prior, or ``None``.
        score_risk_real: squared error of the score along the real law's noising path, or ``None``.
        score_risk_real_error: bound on its numerical error, >= 0.
        experiment: the loop, where a bound needs its target and bandwidths.
        facts: what else is known of the loop, where there is no experiment to tell.
        recorded: other quantities of every law that were recorded, each ``(runs, generations)``
            with the bound on its error beside it, such as ``variance`` and ``variance_error``.
        error_confidence: probability with which ``tv_error`` holds for one run and generation; one
            unless TV is a Monte-Carlo estimate. With ``limits_only``, that with which all limits of
            all runs and generations hold together.
        limits_only: whether TV is known by certified limits alone: ``tv`` is their middle and
            ``tv_error`` half their distance.
        notes: what is to be said of the runs beside any verdict.

    Raises:
        InputError: shapes differ, a number is not finite or out of range, or the cycles differ.
    """

    cycle: DataCycle
    tv: Float[Array, "runs generations"]
    tv_error: Any = 0.0
    one_step_tv: Float[Array, "runs generations"] | None = None
    one_step_error: Any = None
    noise: Float[Array, "runs generations"] | None = None
    smoothing: Float[Array, "runs generations"] | None = None
    smoothing_error: Any = 0.0
    kl_prior: Float[Array, "runs generations"] | None = None
    score_risk: Float[Array, "runs generations"] | None = None
    score_risk_error: Any = 0.0
    kl_prior_real: Float[Array, "runs generations"] | None = None
    score_risk_real: Float[Array, "runs generations"] | None = None
    score_risk_real_error: Any = 0.0
    experiment: Experiment | None = None
    facts: LoopFacts | None = None
    recorded: Mapping[str, Float[Array, "runs generations"]] = field(default_factory=dict)
    error_confidence: float = 1.0
    limits_only: bool = False
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        tv = _numbers("tv", self.tv, 1.0)
        if tv.ndim != 2 or not tv.size:
            raise InputError(f"tv: has shape {tv.shape}; must be (runs, generations)")
        object.__setattr__(self, "tv", tv)
        for name in _MEASURED[1:]:
            most = 1.0 if name in _PROBABILITIES else np.inf
            if (given := getattr(self, name)) is not None:
                object.__setattr__(self, name, _like(tv, name, _numbers(name, given, most)))
        for name, values in self.recorded.items():
            if np.shape(values) != tv.shape:
                raise InputError(f"{name}: has shape {np.shape(values)}, tv has {tv.shape}")
        _check_cycle(self)

    @classmethod
    def of(cls, measured: Result | Runs) -> Runs:
        """The runs of a finished experiment; runs are returned as they are.

        Raises:
            InputError: the frame lacks a column or a row.
        """
        if isinstance(measured, Runs):
            return measured
        if not isinstance(measured, Result):
            raise InputError(f"{type(measured).__name__}: must be a Result or Runs")
        experiment = measured.experiment
        expected = (experiment.replicates, experiment.generations)
        confidence = 1.0 if experiment.on_grid else experiment.numerics.confidence_level
        if measured.limits_only:
            confidence = experiment.numerics.confidence_level
        return cls(
            cycle=experiment.cycle,
            experiment=experiment,
            error_confidence=confidence,
            notes=measured.notes,
            **_matrices(measured.frame, expected),
        )

    @classmethod
    def from_frame(
        cls, cycle: DataCycle, frame: pl.DataFrame, error_confidence: float = 1.0
    ) -> Runs:
        """Runs from a frame with columns ``replicate``, ``generation``, ``tv`` and further ones.

        Instead of ``tv`` it may have ``tv_low`` and ``tv_high``, limits that hold together with
        probability ``error_confidence``.

        Raises:
            InputError: a column or a row is missing.
        """
        _require(frame, _KEYS)
        expected = (frame["replicate"].n_unique(), frame["generation"].n_unique())
        matrices = _matrices(frame, expected)
        return cls(cycle=cycle, error_confidence=error_confidence, **matrices)

    @property
    def replicates(self) -> int:
        """Number of independent runs."""
        return len(self.tv)

    @property
    def generations(self) -> int:
        """Number of models in each run."""
        return self.tv.shape[1]

    def only(self, chosen: slice) -> Runs:
        """Some of the runs."""
        arrays = {n: getattr(self, n) for n in _MEASURED if getattr(self, n) is not None}
        recorded = {name: array[chosen] for name, array in self.recorded.items()}
        return replace(self, recorded=recorded, **{n: array[chosen] for n, array in arrays.items()})

    def __repr__(self) -> str:
        low = self.tv - self.tv_error if self.limits_only else self.tv
        what, mean = "at least " if self.limits_only else "", low.mean(axis=0)
        return (
            f"Runs({self.cycle!r}, {self.replicates} runs x {self.generations} generations:"
            f" mean TV {what}{mean[0]:.4g} -> {mean[-1]:.4g})"
        )


def _numbers(name: str, given: Any, most: float) -> Array:
    array = real_numbers(name, given)
    if not np.all(np.isfinite(array)):
        raise InputError(f"{name}: {(~np.isfinite(array)).sum()} values are not finite numbers")
    outside = (array < 0) | (array > most)
    if outside.any():
        allowed = f"in [0, {most:g}]" if np.isfinite(most) else ">= 0"
        raise InputError(f"{name} = {array[outside].flat[0]:.6g}: must be {allowed}")
    return array


def _like(tv: Array, name: str, array: Array) -> Array:
    if array.shape not in ((), tv.shape):
        raise InputError(f"{name}: has shape {array.shape}, tv has {tv.shape}; must be the same")
    return np.array(np.broadcast_to(array, tv.shape))


def _check_cycle(runs: Runs) -> None:
    if not isinstance(runs.cycle, DataCycle):
        raise InputError(f"cycle = {runs.cycle!r}: must be a DataCycle (see bounds.cycles)")
    if runs.cycle.generations is not None and runs.cycle.generations < runs.generations:
        raise InputError(
            f"tv: has {runs.generations} generations, the cycle is defined for"
            f" {runs.cycle.generations}"
        )
    if runs.experiment is not None and runs.experiment.cycle != runs.cycle:
        raise InputError(
            f"cycle = {runs.cycle!r}: the experiment has another, {runs.experiment.cycle!r}"
        )


def _check_labels(generation: pl.Series) -> None:
    """Generations are numbered 1, 2, ..., N: others would be read in another order."""
    if not generation.dtype.is_integer():
        raise InputError(
            f"generation: holds {generation.dtype}; must be whole numbers 1, 2, ..., N"
        )
    found = generation.unique().sort().to_list()
    if found != list(range(1, len(found) + 1)):
        shown = ", ".join(map(str, found[:6])) + (", ..." if len(found) > 6 else "")
        raise InputError(f"generation: has the labels {shown}; must be 1, 2, ..., N")


def _require(frame: pl.DataFrame, names: tuple[str, ...]) -> None:
    if missing := [name for name in names if name not in frame.columns]:
        raise InputError(f"frame: lacks the column {', '.join(missing)}; has {frame.columns}")


def _matrices(frame: pl.DataFrame, shape: tuple[int, int]) -> dict[str, Any]:
    """Every measured column as ``(runs, generations)``; an empty one is left out."""
    _require(frame, _KEYS)
    keys = frame.select(_KEYS)
    if keys.height != shape[0] * shape[1] or keys.is_duplicated().any():
        raise InputError(
            f"frame: has {keys.height} rows; {shape[0]} runs x {shape[1]} generations need"
            f" {shape[0] * shape[1]}, one each"
        )
    _check_labels(frame["generation"])
    ordered = frame.sort(_KEYS)
    limits_only = _is_full(ordered, *_LIMITS["tv"]) and not _is_full(ordered, "tv")
    if limits_only:
        ordered = ordered.with_columns(
            column for pair in _LIMITS.items() for column in _middle(ordered, *pair)
        )
    _require(ordered, ("tv",))
    present = [n for n in _MEASURED if _is_full(ordered, n)]
    if "tv" not in present:
        raise InputError("tv: has empty entries")
    found = {n: ordered[n].cast(pl.Float64).to_numpy().reshape(shape) for n in present}
    return found | {"recorded": _recorded(ordered, shape), "limits_only": limits_only}


def _recorded(ordered: pl.DataFrame, shape: tuple[int, int]) -> dict[str, Array]:
    """Columns of other quantities: those with a column of their error, and these columns."""
    others = [n for n in ordered.columns if n not in (*_KEYS, *_MEASURED)]
    pairs = [(n, f"{n}_error") for n in others if f"{n}_error" in others]
    whole = [p for p in pairs if ordered.select(p).null_count().sum_horizontal()[0] == 0]
    return {
        n: ordered[n].cast(pl.Float64).to_numpy().reshape(shape) for pair in whole for n in pair
    }


def _is_full(frame: pl.DataFrame, *names: str) -> bool:
    return all(n in frame.columns and frame[n].null_count() == 0 for n in names)


def _middle(frame: pl.DataFrame, name: str, limits: tuple[str, str]) -> list[pl.Expr]:
    """The middle of two limits as a measured value, and half their distance as its error."""
    if not _is_full(frame, *limits):
        return []
    low, high = (pl.col(limit).cast(pl.Float64) for limit in limits)
    return [((low + high) / 2).alias(name), ((high - low) / 2).alias(_ERRORS[name])]
