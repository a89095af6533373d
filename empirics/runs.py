"""Measured runs of a loop: a finished run, a closed-form loop, or a user's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import polars as pl
from jaxtyping import Float

from bounds.cycles import DataCycle
from bounds.loop_facts import LoopFacts
from empirics.errors import InputError
from empirics.experiment import Experiment
from empirics.result import Result

__all__ = ["Runs", "real_numbers"]

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
            unless TV is a Monte-Carlo estimate.

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

    def __post_init__(self) -> None:
        tv = _numbers("tv", self.tv, 1.0)
        if tv.ndim != 2 or not tv.size:
            raise InputError(f"tv: has shape {tv.shape}; must be (runs, generations)")
        _set(self, "tv", tv)
        for name in _MEASURED[1:]:
            most = 1.0 if name in _PROBABILITIES else np.inf
            if (given := getattr(self, name)) is not None:
                _set(self, name, _like(tv, name, _numbers(name, given, most)))
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
        return cls(
            cycle=experiment.cycle,
            experiment=experiment,
            error_confidence=confidence,
            **_matrices(measured.frame, expected),
        )

    @classmethod
    def from_frame(cls, cycle: DataCycle, frame: pl.DataFrame) -> Runs:
        """Runs from a frame with columns ``replicate``, ``generation``, ``tv`` and further ones.

        Raises:
            InputError: a column or a row is missing.
        """
        _require(frame, _KEYS)
        expected = (frame["replicate"].n_unique(), frame["generation"].n_unique())
        return cls(cycle=cycle, **_matrices(frame, expected))

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
        mean = self.tv.mean(axis=0)
        return (
            f"Runs({self.cycle!r}, {self.replicates} runs x {self.generations} generations:"
            f" mean TV {mean[0]:.4g} -> {mean[-1]:.4g})"
        )


def _set(runs: Runs, name: str, value: object) -> None:
    assert name in {f.name for f in fields(runs)}
    object.__setattr__(runs, name, value)


def _numbers(name: str, given: Any, most: float) -> Array:
    array = real_numbers(name, given)
    if not np.all(np.isfinite(array)):
        raise InputError(f"{name}: {(~np.isfinite(array)).sum()} values are not finite numbers")
    outside = (array < 0) | (array > most)
    if outside.any():
        allowed = f"in [0, {most:g}]" if np.isfinite(most) else ">= 0"
        raise InputError(f"{name} = {array[outside].flat[0]:.6g}: must be {allowed}")
    return array


def real_numbers(name: str, given: Any) -> Array:
    """Floats of an array without masked values, text or complex numbers.

    Raises:
        InputError: names what it is instead.
    """
    if masked := int(np.sum(np.ma.getmaskarray(given))) if np.ma.isMaskedArray(given) else 0:
        raise InputError(f"{name}: {masked} values are masked; leave them out or fill them")
    try:
        array = np.asarray(given)
        if array.dtype.kind in "biuf":
            return np.asarray(array, dtype=float)
    except (TypeError, ValueError):
        pass
    raise InputError(f"{name}: must be an array of numbers")


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
    _require(frame, (*_KEYS, "tv"))
    keys = frame.select(_KEYS)
    if keys.height != shape[0] * shape[1] or keys.is_duplicated().any():
        raise InputError(
            f"frame: has {keys.height} rows; {shape[0]} runs x {shape[1]} generations need"
            f" {shape[0] * shape[1]}, one each"
        )
    _check_labels(frame["generation"])
    ordered = frame.sort(_KEYS)
    present = [n for n in _MEASURED if n in frame.columns and ordered[n].null_count() == 0]
    if "tv" not in present:
        raise InputError("tv: has empty entries")
    found = {n: ordered[n].cast(pl.Float64).to_numpy().reshape(shape) for n in present}
    return found | {"recorded": _recorded(ordered, shape)}


def _recorded(ordered: pl.DataFrame, shape: tuple[int, int]) -> dict[str, Array]:
    """Columns of other quantities: those with a column of their error, and these columns."""
    others = [n for n in ordered.columns if n not in (*_KEYS, *_MEASURED)]
    pairs = [(n, f"{n}_error") for n in others if f"{n}_error" in others]
    whole = [p for p in pairs if ordered.select(p).null_count().sum_horizontal()[0] == 0]
    return {
        n: ordered[n].cast(pl.Float64).to_numpy().reshape(shape) for pair in whole for n in pair
    }
