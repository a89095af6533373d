"""The record of each generation: measurements, and densities of laws for pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from math import prod
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from empirics.errors import InputError, integer
from empirics.experiment import Experiment
from empirics.grid import Axis, Grid
from empirics.targets import Target

__all__ = ["KeptLaws", "Record", "density_at", "drawn_density", "keeping", "kept_laws", "places_of"]

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


def keeping(kept: KeptLaws | None, family: HasDensities) -> Callable[[int], None] | None:
    """The receiver of the laws of each generation, if any are kept."""
    return partial(kept.keep, family) if kept is not None and kept.count else None


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
