"""Records of the generations of a run, and its result: one row per replicate and generation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
import polars as pl
from jaxtyping import Float

from bounds.html import html_table
from empirics.errors import InputError, integer
from empirics.experiment import Experiment
from empirics.grid import Axis, Grid
from empirics.pictures import measured_table, plot_frame, plot_laws
from empirics.targets import Samples, Target

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "KeptLaws",
    "Record",
    "Result",
    "density_at",
    "drawn_density",
    "keeping",
    "kept_laws",
    "laws_frame",
    "make_frame",
    "places_of",
]

Array = np.ndarray
_CELLS = {1: 512, 2: 96}
"""Places along each axis, by dimension."""
_TAIL = 0.005
"""Target mass beyond each side of the places, before they are widened."""
_MARGIN = 0.25
"""Width added on each side, as a share of the window."""
_MOST_ROWS = 2 * 10**7
_DRAWS = 20_000
_SMOOTHING = 1.06
"""Scott's rule for a density that is estimated from draws."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """Measurements of one generation; one entry per replicate.

    ``tv`` is the distance to the target, ``one_step_tv`` to the mixture that was learned, each
    with a bound on its error, which is cut to what [0, 1] leaves; ``noise`` is the computable
    bound on the expected stochastic error given the past (``s_j`` of ``kde-noise``), NaN where the
    data is not fresh or it was not computed; ``recorded`` are the columns of the quantities asked
    for.
    """

    tv: Float[Array, "replicates"]
    tv_error: Float[Array, "replicates"]
    one_step_tv: Float[Array, "replicates"]
    one_step_error: Float[Array, "replicates"]
    noise: Float[Array, "replicates"]
    mass_defect: Float[Array, "replicates"]
    recorded: Mapping[str, Float[Array, "replicates"]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for value, name in ((self.tv, "tv_error"), (self.one_step_tv, "one_step_error")):
            most = np.maximum(value, 1 - value)
            object.__setattr__(self, name, np.minimum(getattr(self, name), most))

    @property
    def columns(self) -> dict[str, Float[Array, "replicates"]]:
        """All that was measured, by name."""
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "recorded"}
        return {**own, **self.recorded}


@dataclass(frozen=True, kw_only=True)
class LimitsRecord(Record):
    """Certified limits of a generation whose law, or the target's, is known by samples alone.

    ``tv`` and ``one_step_tv`` and their errors are NaN; TV to the target lies in
    ``[tv_low, tv_high]``, TV to the mixture in ``[one_step_low, one_step_high]``. Upper limits are
    one unless points are letters.
    """

    tv_low: Float[Array, "replicates"]
    tv_high: Float[Array, "replicates"]
    one_step_low: Float[Array, "replicates"]
    one_step_high: Float[Array, "replicates"]


@runtime_checkable
class HasDensities(Protocol):
    """A source of the densities of a generation's models."""

    def densities(self, j: int, places: Grid) -> Float[Array, "replicates *places"]:
        """Densities of model ``j`` at the places, one for each replicate."""


@dataclass(eq=False)
class KeptLaws:
    """Densities of the first few replicates of a batch, generation by generation.

    Args:
        places: where densities are read.
        count: how many replicates of the batch are kept.
    """

    places: Grid
    count: int
    found: list[Array] = field(default_factory=list)

    def keep(self, family: HasDensities, j: int) -> None:
        """Keep the densities of generation ``j``."""
        self.found.append(np.array(family.densities(j, self.places)[: self.count]))

    @property
    def densities(self) -> Float[Array, "replicates generations *places"]:
        """Densities of the replicates that were kept."""
        return np.stack(self.found, axis=1)


def keeping(kept: KeptLaws | None, laws: HasDensities) -> Callable[[int], None] | None:
    """The receiver of the laws of each generation, if any are kept."""
    return partial(kept.keep, laws) if kept is not None and kept.count else None


def kept_laws(experiment: Experiment, keep: int) -> Callable[[range], KeptLaws]:
    """The keeper of a batch's laws, if its replicates are among the first ``keep``.

    Raises:
        InputError: not a count, the target has more than two dimensions, or too many numbers.
    """
    integer("keep_laws", keep, at_least=0)
    if not keep:
        return lambda _: KeptLaws(Grid(()), 0)
    dimension = experiment.target.dimension
    if dimension not in _CELLS:
        raise InputError(
            f"keep_laws = {keep}: densities are kept on the line and in the plane, not in"
            f" {dimension} dimensions"
        )
    places = places_of(experiment.target)
    rows = min(keep, experiment.replicates) * experiment.generations * prod(places.shape)
    if rows > _MOST_ROWS:
        raise InputError(
            f"keep_laws = {keep}: would keep {rows:.3g} densities; at most {_MOST_ROWS:.3g} are"
            " kept, so keep fewer replicates"
        )
    return lambda part: KeptLaws(places, len(range(part.start, min(part.stop, keep))))


def places_of(target: Target) -> Grid:
    """Places that cover the target and a margin, inside its support."""
    axes = []
    for (low, high), (left, right) in zip(target.window(_TAIL), target.support, strict=True):
        margin = _MARGIN * (high - low)
        low, high = (low - margin, high + margin)
        if np.isfinite(left) and np.isfinite(right):
            low, high = max(low, left - margin / 4), min(high, right + margin / 4)
        cells = _CELLS[target.dimension]
        axes.append(Axis(float(low), float(high - low) / cells, cells))
    return Grid(tuple(axes))


def density_at(
    places: Grid, grid: Grid, masses: Float[Array, "batch *cells"]
) -> Float[Array, "batch *places"]:
    """Densities at the centres of other cells, linear between the grid's own; zero outside."""
    from scipy.interpolate import RegularGridInterpolator

    values = np.moveaxis(np.maximum(masses, 0.0) / grid.cell, 0, -1)
    centres = tuple(axis.centres for axis in grid.axes)
    read = RegularGridInterpolator(centres, values, bounds_error=False, fill_value=0.0)
    at = places.points()
    return np.moveaxis(read(at[..., None] if places.dimension == 1 else at), -1, 0)


def drawn_density(
    sample: Callable[[int], Float[Array, "size ..."]], places: Grid
) -> Float[Array, "*places"]:
    """Density of a law that can only be sampled: a kernel estimate of 20,000 draws."""
    from scipy.ndimage import gaussian_filter

    points = np.asarray(sample(_DRAWS), dtype=float).reshape(_DRAWS, -1)
    counts, _ = np.histogramdd(points, bins=[axis.edges for axis in places.axes])
    rate = _SMOOTHING * _DRAWS ** (-1 / (places.dimension + 4))
    widths = [
        rate * _spread(column) / axis.step
        for column, axis in zip(points.T, places.axes, strict=True)
    ]
    return np.asarray(gaussian_filter(counts, widths, mode="constant") / (_DRAWS * places.cell))


def _spread(values: Float[Array, "size"]) -> float:
    """The smaller of the standard deviation and the normal law's from the quartiles."""
    low, high = np.quantile(values, (0.25, 0.75))
    return float(min(values.std(), (high - low) / 1.349) or values.std())


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
        return plot_laws(self.laws)

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
