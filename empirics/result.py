"""The result of a run: one row per replicate and generation, and the laws that were kept."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from bounds.html import html_table
from drawing.loops import draw_laws
from empirics.errors import InputError
from empirics.experiment import Experiment
from empirics.grid import Grid, drawn_density
from empirics.loop import KeptLaws
from empirics.pictures import measured_table, plot_frame
from empirics.quantities import Record
from empirics.targets import Samples, Target

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Result", "laws_frame", "make_frame"]

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Result:
    """The measurements of a finished run, generation by generation.

    ``frame`` has the columns ``replicate, generation`` (from 1), ``size`` (training points), ``tv``
    (to the target), ``tv_error`` (bound on its numerical error; the half-width of a confidence
    interval where TV is a Monte-Carlo estimate), ``one_step_tv`` and ``one_step_error`` (to the
    mixture that was learned), ``noise`` (bound on the expected stochastic error given the past,
    ``kde-noise``; null unless the data is fresh), ``mass_defect`` (mass lost at the grid's ends),
    what the model's own record adds, and the quantities that the experiment asks to record, each
    with the bound on its error, such as ``variance`` and ``variance_error``.

    ``laws``, where they were kept, has one row per replicate, generation and place, with the
    columns ``replicate, generation, x`` (and ``y`` in the plane), ``density`` of the generated law
    and ``real_density``; of a model without a density it is a kernel estimate from 20,000 draws.

    Where the model or the target is known by samples alone, ``tv`` and ``one_step_tv`` are null;
    ``tv_low`` and ``tv_high``, ``one_step_low`` and ``one_step_high`` limit them, all lower limits
    together at the confidence level of the numerics. ``notes`` says how data was read, and what of
    a model could not be checked.
    """

    experiment: Experiment
    frame: pl.DataFrame
    seconds: float
    laws: pl.DataFrame | None = None
    notes: tuple[str, ...] = ()

    def matrix(self, column: str) -> np.ndarray:
        """One column as an array ``(replicates, generations)``."""
        shape = (self.experiment.replicates, self.experiment.generations)
        ordered = self.frame.sort("replicate", "generation")
        return ordered[column].cast(pl.Float64).to_numpy().reshape(shape)

    def plot(self) -> Figure:
        """Measured TV of every generation: mean, 95 % interval, and single runs if they are few.

        The interval is Student's, widened by the mean numerical error. Of a model that only
        samples, the certified limits on TV are drawn.
        """
        return plot_frame(self.frame)

    def plot_laws(self) -> Figure:
        """The kept laws of several generations beside the real one.

        Raises:
            InputError: none were kept; ``empirics.run(..., keep_laws=8)`` keeps some.
        """
        if self.laws is None:
            raise InputError("laws: none were kept; run with keep_laws=8, say")
        return draw_laws(self.laws)

    def _repr_html_(self) -> str:
        table, e = measured_table(self.frame), self.experiment
        rows = [
            (int(row["x"]), *(_number(row[part]) for part in ("y", "low", "high")))
            for row in table.iter_rows(named=True)
        ]
        what = "mean TV" if table["series"][0] == "measured" else "mean lower limit on TV"
        title = f"{e.cycle!r}, {e.replicates} replicates, {self.seconds:.2g} s"
        return html_table(("generation", what, "from", "to"), rows, title)

    def __repr__(self) -> str:
        e = self.experiment
        what, column = ("at least", "tv_low") if self.limits_only else ("", "tv")
        tv = self.matrix(column).mean(axis=0)
        return "\n".join(
            [
                f"Result({e.cycle!r}, {e.replicates} replicates x {e.generations} generations: mean"
                f" TV {what} {tv[0]:.4g} -> {tv[-1]:.4g}, {self.seconds:.2g} s)".replace("  ", " "),
                *(f"  note: {note}" for note in self.notes),
            ]
        )

    @property
    def limits_only(self) -> bool:
        """Whether TV is limited from samples, not measured."""
        return "tv_low" in self.frame.columns


def _number(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.4f}"


def make_frame(experiment: Experiment, records: list[Record]) -> pl.DataFrame:
    """The frame of a run from one record per generation."""
    n, steps = experiment.replicates, experiment.generations
    data = {
        "replicate": np.repeat(np.arange(n), steps),
        "generation": np.tile(np.arange(1, steps + 1), n),
        "size": np.tile(experiment.cycle.sizes(steps), n),
    }
    found = [record.columns for record in records]
    columns = list(dict.fromkeys(name for each in found for name in each))
    unknown = np.full(n, np.nan)
    measured = {
        name: np.stack([each.get(name, unknown) for each in found], axis=1).ravel()
        for name in columns
    }
    return pl.DataFrame({**data, **measured}).with_columns(pl.col(*columns).fill_nan(None))


def laws_frame(experiment: Experiment, parts: list[KeptLaws]) -> pl.DataFrame:
    """One row per replicate, generation and place, with the real density beside the generated."""
    kept = [part for part in parts if part.found]
    places, densities = kept[0].places, np.concatenate([part.densities for part in kept])
    replicates, generations = densities.shape[:2]
    count = prod(places.shape)
    at = places.points()
    columns = {
        "replicate": np.repeat(np.arange(replicates), generations * count),
        "generation": np.tile(np.repeat(np.arange(1, generations + 1), count), replicates),
    }
    for name, values in zip("xy", at.reshape(count, -1).T, strict=False):
        columns[name] = np.tile(values, replicates * generations)
    columns["density"] = densities.ravel()
    real = _real_density(experiment.target, places).ravel()
    columns["real_density"] = np.tile(real, replicates * generations)
    return pl.DataFrame(columns)


def _real_density(target: Target, places: Grid) -> np.ndarray:
    """The target's density; of a data set, an estimate from the points that are held out."""
    if not isinstance(target, Samples):
        return np.asarray(target.density(places.points()))
    generator = np.random.default_rng(target.seed)
    return drawn_density(lambda size: generator.choice(target.held, size), places)
