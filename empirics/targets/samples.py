"""A data set as the real law: fresh points come from a pool, measuring uses what is held out."""

from __future__ import annotations

from dataclasses import dataclass, field
from numbers import Integral
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float

from empirics.answers import flat
from empirics.data.arrays import Points, points_of
from empirics.data.files import read_points
from empirics.errors import InputError, integer, number
from empirics.targets.base import Target

__all__ = ["Samples"]

Array = np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class Samples(Target):
    """The unknown law of a data set, as independent draws from it.

    The data is split once, at random: a part is held out to measure against, the rest is the pool
    of points that loops train on. A law that is known by its points alone has no density, so TV to
    it is only limited from below (from above too where points are letters).

    Args:
        data: an array of any shape with a point in each row, a tensor, a data frame, or the path
            of a file: ``.npy``, ``.npz``, ``.csv``, ``.parquet`` or ``.pt``.
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

    data: Any
    holdout: float | int = 0.5
    replace: bool = False
    letters: int | None = None
    seed: int = 0
    note: str = field(init=False)
    pool: Float[Array, "points ..."] = field(init=False)
    held: Float[Array, "points ..."] = field(init=False)
    dimension: int = field(init=False)

    def __post_init__(self) -> None:
        integer("seed", self.seed, at_least=0)
        name, points = _read(self.data)
        held = _held(self.holdout, len(points.values))
        order = np.random.default_rng(self.seed).permutation(len(points.values))
        rows = flat(points.values)[order].astype(float)
        made = {
            "data": name,
            "note": points.note,
            "dimension": points.values.shape[1],
            "held": rows[:held],
            "pool": rows[held:],
        }
        for attribute, value in made.items():
            object.__setattr__(self, attribute, value)

    def __repr__(self) -> str:
        shown = self.note or f"{self.data}: {len(self.held) + len(self.pool)} points"
        return f"Samples({shown}; {len(self.pool)} to train on, {len(self.held)} held out)"

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
        if not self.replace and needed > len(self.pool):
            raise InputError(
                f"target {self.data}: {needed:.0f} points to train on are needed{why}, the pool has"
                f" {len(self.pool)}; give more data, a smaller holdout, fewer points per generation"
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
        rows = np.concatenate([self.pool, self.held]).reshape(-1, self.dimension)
        low, high = np.quantile(rows, [tail, 1 - tail], axis=0)
        return tuple(zip(low.tolist(), high.tolist(), strict=True))


@dataclass(eq=False)
class DrawnPool:
    """The points of a pool, in random order, given out one by one."""

    target: Samples
    points: Float[Array, "points ..."]
    given: int = 0

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size ..."]:
        """The next points.

        Raises:
            InputError: the pool is used up.
        """
        if self.target.replace:
            return self.target.sample(size, generator)
        self.target.refuse_more(self.given + size, " by now")
        self.given += size
        return self.points[self.given - size : self.given]


def _read(data: Any) -> tuple[str, Points]:
    if isinstance(data, str | Path):
        return str(data), read_points(data)
    return "data", points_of("data", data)


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
