"""Kept laws in a cell's file: a column of densities, one list for each replicate and generation."""

from __future__ import annotations

import numpy as np
import polars as pl

from empirics.experiment import Experiment
from empirics.result import KeptLaws, Result, laws_frame, places_of
from empirics.sweeps.encoding import LAW

__all__ = ["split_laws", "with_laws"]

_PLACE = ("replicate", "generation")


def with_laws(result: Result) -> pl.DataFrame:
    """The rows of a result, with the densities that were kept in the column ``law``."""
    if result.laws is None:
        return result.frame
    lists = result.laws.group_by(_PLACE, maintain_order=True).agg(pl.col("density").alias(LAW))
    return result.frame.join(lists, on=_PLACE, how="left", maintain_order="left")


def split_laws(
    experiment: Experiment, frame: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """The rows without their laws, and the laws as :func:`empirics.run` gives them."""
    if LAW not in frame.columns:
        return frame, None
    places = places_of(experiment.target)
    kept = frame.filter(pl.col(LAW).is_not_null()).sort(_PLACE)
    found = np.asarray(kept[LAW].explode()).reshape(-1, experiment.generations, *places.shape)
    laws = KeptLaws(places, len(found), [found[:, j] for j in range(experiment.generations)])
    return frame.drop(LAW), laws_frame(experiment, [laws])
