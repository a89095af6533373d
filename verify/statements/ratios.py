"""Ratios of mean TV between loops of one curve: a rise and a fall, neither, or a low place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bounds import Side
from bounds.errors import ParameterError
from verify.claim import Measured
from verify.estimates import Estimate, Term, log_contrast
from verify.statements.contrast import Contrast, ContrastStatement, covered, grouped

__all__ = ["Below", "EveryRatio", "RiseAndFall"]

_REACH = 30
"""The grid of lambda must reach this multiple of the generation."""
_OFF = 0.25
"""A quarter of the ratio: the scaled control of a statement about 10 % effects."""
_CHOOSING = 4
"""One run in so many chooses the place of the peak; the others test it."""


@dataclass(frozen=True)
class RiseAndFall(ContrastStatement):
    """Mean TV at some ``lambda`` exceeds both that at 0 and that at the end of the grid.

    The ``lambda`` is chosen on a quarter of the runs, and both ratios are tested on the others.

    Args:
        generations: at which the curve is looked at.
        groups: curves that it is stated of; all if empty.
    """

    generations: tuple[int, ...]
    groups: tuple[str, ...] = ()

    statistic = "mean TV at the peak over mean TV at either end"

    def contrasts(self, measured: Sequence[Measured]) -> list[Contrast]:
        """A rise and a fall per group and generation.

        Raises:
            ParameterError: the grid ends too early to see the fall.
        """
        out = []
        for group, loops in grouped(measured, self.groups).items():
            for j in covered(loops, self.generations):
                _check_reach(group, loops, j)
                peak = _highest(loops, j)
                out.append(_ratio(f"{group}: rise to {_x(peak)}", peak, loops[0], j))
                out.append(_ratio(f"{group}: fall after {_x(peak)}", peak, loops[-1], j))
        return out


def _x(m: Measured) -> str:
    return f"{m.loop.axis} {m.loop.x:.3g}"


def _check_reach(group: str, loops: Sequence[Measured], generation: int) -> None:
    last = loops[-1].loop.x or 0.0
    if loops[0].loop.x != 0 or last < _REACH * generation:
        raise ParameterError(
            f"{group}: the grid must hold 0 and reach {_REACH * generation}, {_REACH} times the"
            f" generation; it ends at {last:g}"
        )


def _highest(loops: Sequence[Measured], generation: int) -> Measured:
    inside = loops[1:-1]
    means = [
        m.runs.only(slice(0, m.runs.replicates // _CHOOSING)).tv[:, generation - 1].mean()
        for m in inside
    ]
    return inside[int(np.argmax(means))]


def _ratio(
    where: str,
    top: Measured,
    base: Measured,
    generation: int,
    value: float = 1.0,
    side: Side = Side.LOWER,
    chosen: bool = True,
) -> Contrast:
    """Mean TV of ``top`` over that of ``base``, without the runs that have chosen ``top``."""
    first = [m.runs.replicates // _CHOOSING if chosen else 0 for m in (top, base)]
    upper, lower = (m.runs.only(slice(f, None)) for f, m in zip(first, (top, base), strict=True))
    weights = np.asarray(np.arange(1, upper.generations + 1) == generation, dtype=float)

    def estimate(runs: slice) -> Estimate:
        return log_contrast([Term(upper.only(runs), weights), Term(lower.only(runs), -weights)])

    return Contrast(
        where, generation, estimate, float(np.log(value)), side, logarithmic=True, off=_OFF
    )


@dataclass(frozen=True)
class EveryRatio(ContrastStatement):
    """Mean TV at every ``lambda`` is at most ``most`` times that at 0: there is no bump.

    Args:
        generations: at which the curve is looked at.
        most: above one by the margin that shall not count as a bump.
    """

    generations: tuple[int, ...]
    most: float = 1.05

    statistic = "mean TV over mean TV without synthetic data"

    def contrasts(self, measured: Sequence[Measured]) -> list[Contrast]:
        """One per group, generation and place on the grid.

        Raises:
            ParameterError: the grid ends too early.
        """
        out = []
        for group, loops in grouped(measured).items():
            for j in covered(loops, self.generations):
                _check_reach(group, loops, j)
                out += [
                    _ratio(f"{group}: {_x(m)}", m, loops[0], j, self.most, Side.UPPER, chosen=False)
                    for m in loops[1:]
                ]
        return out


@dataclass(frozen=True)
class Below(ContrastStatement):
    """Mean TV at one place of every curve is below that at other places, named beforehand.

    Args:
        places: of every group: the low place, and those above it.
        generations: at which the curve is looked at.
    """

    places: Mapping[str, tuple[float, tuple[float, ...]]]
    generations: tuple[int, ...]

    statistic = "mean TV at a place over mean TV at the low place"

    def contrasts(self, measured: Sequence[Measured]) -> list[Contrast]:
        """One per group, generation and higher place.

        Raises:
            ParameterError: a curve lacks a place.
        """
        out = []
        for group, loops in grouped(measured, tuple(self.places)).items():
            low, higher = self.places[group]
            for j in covered(loops, self.generations):
                base = _at(group, loops, low)
                out += [
                    _ratio(f"{group}: {_x(top)} over {low:.3g}", top, base, j, chosen=False)
                    for top in (_at(group, loops, x) for x in higher)
                ]
        return out


def _at(group: str, loops: Sequence[Measured], x: float) -> Measured:
    for m in loops:
        if m.loop.x == x:
            return m
    raise ParameterError(f"{group}: there is no loop at {loops[0].loop.axis} = {x:g}")
