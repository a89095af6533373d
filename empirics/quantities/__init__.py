"""Quantities of a law beside its TV to the real one, recorded on request; records of generations.

There is a file for each quantity. An experiment names them, ``Experiment(...,
record=("variance", "hallucinated"))``, and the result's frame has a column for each and one for its
error. They are read off the laws that the loop holds anyway, on cells or as letters, so that
recording changes no other number.

A functional of densities that is computed from cell masses misses what happens inside a cell. That
shrinks with the cells' width by a power which shows when cells are joined in pairs, so the limit is
extrapolated and what was added is the error (:func:`in_the_limit`). Where no power shows, as at a
jump of the real density, nothing is added, and what might have been is the error.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from math import inf
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float

from bounds.discovery import given_of, kinds_of, made, word_of
from bounds.errors import did_you_mean, shortened
from empirics.errors import InputError
from empirics.grid import Grid, paired
from empirics.target_law import TargetLaw
from empirics.targets import Target

__all__ = [
    "CellLaw",
    "Columns",
    "LimitsRecord",
    "Quantity",
    "RealLaw",
    "Record",
    "Recorder",
    "columns",
    "in_the_limit",
    "quantities_of",
]

Array = np.ndarray
Columns = Mapping[str, Float[Array, "batch"]]
_FEWEST_CELLS = 8
_SLOWEST, _FASTEST = 1.25, 4.0
"""Range of the ratio by which what is missed falls when cells are halved; 4 at second order."""
_SHOWN = 2.0
"""Ratio, that of first order, below which no order shows: at a jump, coarser cells tell of where
their edges lie and not of what the finest ones miss."""
_ROUNDING = 1e-13
_FAR_TAIL = 1e-10
"""Masses below this that were found by a Fourier transform are read from the density."""


@dataclass(frozen=True, eq=False)
class CellLaw:
    """Masses of a batch of laws.

    Args:
        masses: non-negative, of cells of a grid or of letters.
        grid: the cells; ``None`` for letters.
        error: bound on the TV of the masses to the true ones, but for ``doubt``.
        doubt: by how much each mass may be wrong besides; ``None`` for not at all.
    """

    masses: Float[Array, "batch *cells"]
    grid: Grid | None
    error: Float[Array, "batch"]
    doubt: Float[Array, "batch *cells"] | None = None

    @property
    def cell(self) -> float:
        """Volume of a cell, 1 for letters."""
        return 1.0 if self.grid is None else self.grid.cell

    def total(self, values: Float[Array, "batch *cells"]) -> Float[Array, "batch"]:
        """Sum over the cells."""
        return np.asarray(values.sum(axis=tuple(range(1, self.masses.ndim))))

    def mean(self, values: Float[Array, "*cells"]) -> Float[Array, "batch"]:
        """Sum over the cells of masses times values."""
        return self.total(self.masses * values)

    def off(self, values: Float[Array, "*cells"]) -> Float[Array, "batch"]:
        """By how much :meth:`mean` of these values may be wrong."""
        moved = self.error * float(np.ptp(values)) if np.any(self.error) else 0 * self.error
        return moved if self.doubt is None else moved + self.total(self.doubt * np.abs(values))

    def swing(self, function: Callable[[Array], Array]) -> Float[Array, "batch"]:
        """By how much a sum over cells of a function of each mass may be wrong for the doubt."""
        if self.doubt is None:
            return np.zeros(len(self.masses))
        here = function(self.masses)
        more = np.abs(function(self.masses + self.doubt) - here)
        less = np.abs(function(np.maximum(self.masses - self.doubt, 0.0)) - here)
        return self.total(np.maximum(more, less))


@dataclass(frozen=True, eq=False)
class RealLaw:
    """The real law on the same cells.

    Args:
        masses: its cell masses.
        grid: the cells; ``None`` for letters.
        target: its density; ``None`` for letters.
        outside: mass that lies outside the grid.
        unresolved: bound on the sum of the errors of the masses.
        cut: part of ``outside`` that belongs to a heavy tail.
        noised: its masses, noised until a diffusion stops; ``None`` where none does early.
    """

    masses: Float[Array, "*cells"]
    grid: Grid | None = None
    target: Target | None = None
    outside: float = 0.0
    unresolved: float = 0.0
    cut: float = 0.0
    noised: Float[Array, "*cells"] | None = None

    @classmethod
    def of(cls, target: Target, law: TargetLaw, grid: Grid) -> RealLaw:
        """A target on a grid."""
        masses = np.maximum(law.masses, 0.0)
        return cls(masses, grid, target, law.mass_defect, law.unresolved, law.cut)

    @property
    def error(self) -> float:
        """Bound on the TV of the masses to the true ones."""
        return self.outside + self.unresolved

    @property
    def far(self) -> float:
        """Infinite where moments depend on a heavy tail that no grid holds, else zero."""
        return inf if self.cut else 0.0

    @cached_property
    def log_masses(self) -> Float[Array, "*cells"]:
        """Logarithms of the masses; in far tails of the plane those of the density's."""
        masses = self.masses
        if self.grid is not None and self.grid.dimension > 1 and self.target is not None:
            here = self.target.density(self.grid.points()) * self.grid.cell
            masses = np.where(masses > _FAR_TAIL, masses, here)
        with np.errstate(divide="ignore"):
            return np.log(masses)


def in_the_limit(
    functional: Callable[..., Float[Array, "batch"]], *masses: Float[Array, "batch *cells"]
) -> tuple[Float[Array, "batch"], Float[Array, "batch"]]:
    """A functional of densities from cell masses, in the limit of narrow cells, and its error.

    Args:
        functional: of masses and how many cells of the grid each holds, as ``cells=``.
        masses: of the cells, batch axis first; none are joined where that would leave fewer than
            eight along an axis.
    """
    levels = [masses]
    while len(levels) < 3 and min(levels[-1][0].shape[1:]) >= 2 * _FEWEST_CELLS:
        levels.append(tuple(map(paired, levels[-1])))
    dimension = masses[0].ndim - 1
    values = [functional(*level, cells=2 ** (i * dimension)) for i, level in enumerate(levels)]
    fine = values[0]
    if len(values) < 3:
        return fine, np.full(len(fine), inf)
    gained, before = fine - values[1], values[1] - values[2]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.nan_to_num(np.abs(before / gained), nan=_FASTEST, posinf=_FASTEST)
    rest = gained / (np.clip(ratio, _SLOWEST, _FASTEST) - 1)
    return np.where(ratio < _SHOWN, fine, fine + rest), np.abs(rest) + _ROUNDING


@dataclass(frozen=True)
class Quantity(ABC):
    """A number that a law has beside the real one."""

    of_letters: ClassVar[bool] = True
    """Whether laws on letters have it, which have no places."""
    of_cells: ClassVar[bool] = True
    """Whether laws with a density have it."""

    @property
    def column(self) -> str:
        """Name of its column in a result."""
        return word_of(type(self)).replace("-", "_")

    @abstractmethod
    def measure(self, law: CellLaw, real: RealLaw) -> Columns:
        """Its columns for a batch of laws: at least the value, and a bound on its error."""


def columns(
    quantity: Quantity, value: Float[Array, "batch"], error: Float[Array, "batch"]
) -> dict[str, Float[Array, "batch"]]:
    """The two columns of a value and its error."""
    return {quantity.column: value, f"{quantity.column}_error": error}


def quantities_of(asked: Any) -> tuple[Quantity, ...]:
    """The quantities asked for: by their words, as a study's tables with a kind, or themselves.

    Raises:
        InputError: no list, or one of them is unknown or asked for twice.
    """
    if isinstance(asked, str) or not isinstance(asked, Sequence):
        raise InputError(f"record = {asked!r}: must be a list of quantities, such as ['variance']")
    found = tuple(map(_quantity, asked))
    names = [quantity.column for quantity in found]
    if twice := [name for name in names if names.count(name) > 1]:
        raise InputError(f"record: {twice[0]!r} is asked for twice")
    return found


def _quantity(asked: Any) -> Quantity:
    if isinstance(asked, Quantity):
        return asked
    given = dict(asked) if isinstance(asked, Mapping) else {"kind": asked}
    kinds, name = kinds_of(__name__), given.pop("kind", None)
    word = name.replace("_", "-") if isinstance(name, str) else ""
    if word not in kinds:
        known = ", ".join(map(repr, kinds))
        raise InputError(
            f"record = {shortened(name)}: must be one of {known}, or a quantity of"
            f" empirics.quantities{did_you_mean(word, kinds)}"
        )
    make, allowed = kinds[word], given_of(kinds[word])
    if unknown := [key for key in given if key not in allowed]:
        takes = " and ".join(allowed) if allowed else "nothing else"
        raise InputError(f"record: {word} = {unknown[0]!r}: is not known here; it takes {takes}")
    try:
        quantity: Quantity = made(make, given)
    except InputError as error:
        raise InputError(f"record: {word}: {error}") from None
    return quantity


@dataclass(frozen=True)
class Recorder:
    """Measures what an experiment asks for.

    Args:
        quantities: what.
        real: what they are held against; ``None`` if nothing is asked for.
    """

    quantities: tuple[Quantity, ...] = ()
    real: RealLaw | None = None

    def __call__(self, law: CellLaw) -> Columns:
        """All columns of a batch of laws."""
        found: dict[str, Array] = {}
        for quantity in self.quantities:
            assert self.real is not None
            found |= quantity.measure(law, self.real)
        return found


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
