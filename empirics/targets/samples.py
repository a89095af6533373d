"""A data set as the real law: fresh points come from a pool, measuring uses what is held out."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from numbers import Integral
from typing import Annotated, Any, ClassVar

import numpy as np
from jaxtyping import Float
from msgspec import Meta

from bounds.discovery import FilePath
from empirics.data.data_set import data_set
from empirics.errors import InputError, integer, number
from empirics.parameters import MOST_LETTERS, Seed
from empirics.protocols import flat
from empirics.targets.base import Target

__all__ = ["KINDS", "Samples"]

Array = np.ndarray
_Holdout = Annotated[float, Meta(gt=0, lt=1)] | Annotated[int, Meta(ge=1)]
_Letters = Annotated[int, Meta(ge=1, le=MOST_LETTERS)] | None


@dataclass(frozen=True, eq=False, repr=False)
class Samples(Target):
    """The unknown law of a data set, as independent draws from it.

    The data is split once, at random: a part is held out to measure against, the rest is the pool
    of points that loops train on. A law that is known by its points alone has no density, so TV to
    it is only limited from below (from above too where points are letters).

    Args:
        data: an array of any shape with a point in each row, a tensor, a data frame, or the path
            of a file: ``.npy``, ``.npz``, ``.csv``, ``.parquet`` or ``.pt``. In a study, a path
            relative to the study's file.
        holdout: share of the points that is held out, in (0, 1), or their number.
        replace: whether fresh points are drawn with replacement. Without it a run ends in a line
            when the pool is used up; with it, "fresh" points repeat, so that theorems about
            independent draws of the real law do not apply.
        letters: size of the alphabet if the points are letters ``0 .. letters - 1``.
        seed: of the split.

    Raises:
        InputError: no points, masked, complex, text, dates, not finite, or a share out of range.
    """

    has_density: ClassVar = False

    data: Annotated[Any, FilePath()]
    holdout: _Holdout = 0.5
    replace: bool = False
    letters: _Letters = None
    seed: Seed = 0
    dimension: int = field(init=False)

    def __post_init__(self) -> None:
        integer("seed", self.seed, at_least=0)
        if self.letters is not None:
            integer("letters", self.letters, at_least=1, at_most=MOST_LETTERS)
        found = data_set(self.data)
        object.__setattr__(self, "data", found)
        object.__setattr__(self, "dimension", found.rows.shape[1])
        self._check_letters()
        _held(self.holdout, self.size)

    def _check_letters(self) -> None:
        rows, count = self.data.rows, self.letters
        if count is None:
            return
        if self.dimension != 1 or not np.all((rows >= 0) & (rows < count) & (rows == rows.round())):
            raise InputError(f"letters = {count}: points must be integers from 0 to {count - 1}")

    @property
    def size(self) -> int:
        """Number of points, held out or not."""
        return len(self.data.rows)

    @property
    def holds_out(self) -> int:
        """Number of points that are held out."""
        return _held(self.holdout, self.size)

    @property
    def note(self) -> str:
        """A remark on points of another shape that were flattened; empty if they were rows."""
        return str(self.data.note)

    @cached_property
    def held(self) -> Float[Array, "points ..."]:
        """The points to measure against."""
        return self._shuffled[: self.holds_out]

    @cached_property
    def pool(self) -> Float[Array, "points ..."]:
        """The points to train on."""
        return self._shuffled[self.holds_out :]

    @cached_property
    def _shuffled(self) -> Float[Array, "points ..."]:
        order = np.random.default_rng(self.seed).permutation(self.size)
        return flat(self.data.rows)[order]

    def __repr__(self) -> str:
        shown, held = self.note or f"{self.data}: {self.size} points", self.holds_out
        return f"Samples({shown}; {self.size - held} to train on, {held} held out)"

    def source(self, generator: np.random.Generator) -> DrawnPool:
        """The pool of one run, in an order of its own."""
        return DrawnPool(self, generator.permutation(self.pool))

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size ..."]:
        """Different points of the pool; with replacement if the target says so.

        Raises:
            InputError: there are not so many.
        """
        if not self.replace:
            self.refuse_more(size)
        return generator.choice(self.pool, size, replace=self.replace)

    def refuse_more(self, needed: float, why: str = "") -> None:
        """Refuse to draw more points than there are.

        Raises:
            InputError: the pool has fewer.
        """
        pool = self.size - self.holds_out
        if not self.replace and needed > pool:
            raise InputError(
                f"target {self.data}: {needed:.0f} points to train on are needed{why}, the pool has"
                f" {pool}; give more data, a smaller holdout, fewer points per generation"
                " or generations, a cycle with data = 'reused', or replace = True"
            )

    def density(self, x: Float[Array, "..."]) -> Float[Array, "..."]:
        """Not available: the law of a data set has no known density.

        Raises:
            InputError: always.
        """
        raise InputError(f"target {self.data}: is known by its points alone and has no density")

    @property
    def support(self) -> tuple[tuple[float, float], ...]:
        """Unknown: the whole space."""
        return ((-np.inf, np.inf),) * self.dimension

    def window(self, tail: float) -> tuple[tuple[float, float], ...]:
        """Quantiles of the data along each axis."""
        low, high = np.quantile(self.data.rows, [tail, 1 - tail], axis=0)
        return tuple(zip(low.tolist(), high.tolist(), strict=True))


@dataclass(eq=False)
class DrawnPool:
    """The points of a pool, in random order, given out one by one."""

    target: Samples
    points: Float[Array, "points ..."]
    given: int = 0

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size ..."]:
        """The next points of the pool.

        Raises:
            InputError: the pool is used up.
        """
        if self.target.replace:
            return self.target.sample(size, generator)
        self.target.refuse_more(self.given + size, " by now")
        self.given += size
        return self.points[self.given - size : self.given]


def _held(holdout: Any, size: int) -> int:
    """Number of points that are held out; some are left to train on."""
    is_count = isinstance(holdout, Integral) and not isinstance(holdout, bool)
    held = int(holdout) if is_count else round(number("holdout", holdout, above=0, below=1) * size)
    if not 0 < held < size:
        raise InputError(
            f"holdout = {holdout}: holds out {held} of {size} points; at least one must be held out"
            " and one left to train on"
        )
    return held


KINDS = (Samples,)
