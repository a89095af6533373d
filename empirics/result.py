"""What a run returns: one row per replicate and generation."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import polars as pl

from empirics.experiment import Experiment
from empirics.record import Record

__all__ = ["Result", "make_frame"]


@dataclass(frozen=True, eq=False)
class Result:
    """A finished run.

    ``frame`` has the columns ``replicate, generation`` (from 1), ``size`` (training points), ``tv``
    (to the target), ``tv_error`` (bound on its numerical error; the half-width of a confidence
    interval where TV is a Monte-Carlo estimate), ``one_step_tv`` and ``one_step_error`` (to the
    mixture that was learned), ``noise`` (bound on the expected stochastic error given the past,
    ``kde-noise``; null unless the data is fresh), ``mass_defect`` (mass lost at the grid's ends),
    and what the model's own record adds.
    """

    experiment: Experiment
    frame: pl.DataFrame
    seconds: float

    def matrix(self, column: str) -> np.ndarray:
        """One column as an array ``(replicates, generations)``."""
        shape = (self.experiment.replicates, self.experiment.generations)
        ordered = self.frame.sort("replicate", "generation")
        return ordered[column].cast(pl.Float64).to_numpy().reshape(shape)

    def __repr__(self) -> str:
        e = self.experiment
        tv = self.matrix("tv").mean(axis=0)
        return (
            f"Result({e.cycle!r}, {e.replicates} replicates x {e.generations} generations:"
            f" mean TV {tv[0]:.4g} -> {tv[-1]:.4g}, {self.seconds:.2g} s)"
        )


def make_frame(experiment: Experiment, records: list[Record]) -> pl.DataFrame:
    """The frame of a run from one record per generation."""
    n, steps = experiment.replicates, experiment.generations
    data = {
        "replicate": np.repeat(np.arange(n), steps),
        "generation": np.tile(np.arange(1, steps + 1), n),
        "size": np.tile(experiment.cycle.sizes(steps), n),
    }
    columns = [f.name for f in fields(records[0])]
    measured = {
        name: np.stack([getattr(r, name) for r in records], axis=1).ravel() for name in columns
    }
    return pl.DataFrame({**data, **measured}).with_columns(pl.col(*columns).fill_nan(None))
