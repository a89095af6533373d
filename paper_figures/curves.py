"""Curves that several figures share: bounds and measurements of a kernel-density loop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl

import bounds
from bounds.errors import HypothesisError
from empirics import Experiment, Result
from paper_figures.spec import tidy
from verify import along, check
from verify.facts import facts_of_experiment
from verify.statistics import MeanInterval, mean_interval

__all__ = [
    "DELTA",
    "bound_curves",
    "measured",
    "named",
    "numbered",
    "refusals",
    "run_bounds",
    "tv_with_limits",
]

DELTA = 0.05


def tv_with_limits(result: Result) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean TV of every generation with the ends of its 95 % interval."""
    tv = result.matrix("tv")
    limits = [mean_interval(column, 0.95, MeanInterval.STUDENT) for column in tv.T]
    low, high = np.array(limits).T
    return tv.mean(axis=0), low, high


def measured(panel: str, result: Result) -> pl.DataFrame:
    """The measured means of all generations."""
    mean, low, high = tv_with_limits(result)
    return tidy(panel, "measured", np.arange(1, len(mean) + 1), mean, low, high)


def bound_curves(panel: str, experiment: Experiment, names: Iterable[str]) -> pl.DataFrame:
    """KDE bounds along the generations of an experiment, without running it."""
    x = np.arange(1, experiment.generations + 1)
    return pl.concat(
        [tidy(panel, name, x, along(bounds.get(name), experiment).value) for name in names]
    )


def run_bounds(
    panel: str, result: Result, names: Sequence[str], delta: float = DELTA
) -> pl.DataFrame:
    """High-probability bounds that depend on the run: their mean over the runs."""
    x = np.arange(1, result.experiment.generations + 1)
    curves = []
    for name in names:
        rows = check(bounds.get(name), result, delta=delta).rows
        curves.append(tidy(panel, name, x, [row.bound for row in rows]))
    return pl.concat(curves)


def refusals(experiment: Experiment, names: Iterable[str]) -> dict[str, str]:
    """Bounds that do not speak of a loop, each with the hypothesis that it does not meet."""
    facts, refused = facts_of_experiment(experiment), {}
    for name in names:
        try:
            bounds.get(name).check_hypotheses(experiment.cycle, facts)
        except HypothesisError as error:
            refused[name] = str(error).partition(":")[0]
    return refused


def numbered(frame: pl.DataFrame, kind: str) -> list[int]:
    """The numbers ``i`` of the series ``kind i`` in a table."""
    names = frame.filter(pl.col("series").str.starts_with(f"{kind} "))["series"].unique()
    return sorted(int(name.rsplit(" ", 1)[1]) for name in names)


def named(frame: pl.DataFrame, kind: str) -> list[str]:
    """The names of the series ``kind ...`` of a table, in its order: ``["0.8", "1.1"]``."""
    names = frame.filter(pl.col("series").str.starts_with(f"{kind} "))["series"]
    return [name.removeprefix(f"{kind} ") for name in names.unique(maintain_order=True)]
