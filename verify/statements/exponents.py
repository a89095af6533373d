"""Exponents: how fast mean TV falls with a parameter, and how fast it grows with the generation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bounds import Side
from bounds.propagation import paper_errors, propagate
from empirics.runs import Runs
from verify.claim import Measured
from verify.estimates import Estimate, Term, log_contrast, slope_weights
from verify.statements.contrast import Contrast, ContrastStatement, covered, grouped

__all__ = ["Bounded", "GrowthExponent", "RateExponent"]


@dataclass(frozen=True)
class RateExponent(ContrastStatement):
    """Mean TV falls like ``x^-gamma`` along the loops of a group; no constant is needed.

    Args:
        gamma: claimed exponent: one for all groups, one for each, or what a function makes of the
            loops of a group.
        side: ``LOWER``: it falls at least so fast; ``PREDICTION``: within ``tolerance``.
        generations: at which the slope is taken.
        tolerance: absolute distance within which a prediction holds.
        off: relative distance from the truth of the scaled control.
        groups: curves that it is stated of; all if empty.
    """

    gamma: float | dict[str, float] | Callable[[Sequence[Measured]], float]
    side: Side
    generations: tuple[int, ...]
    tolerance: float = 0.0
    off: float = 0.1
    groups: tuple[str, ...] = ()

    statistic = "least-squares slope of log mean TV over log size, with its sign changed"

    def contrasts(self, measured: Sequence[Measured]) -> list[Contrast]:
        """One per group and generation."""
        return [
            self._contrast(group, loops, j)
            for group, loops in grouped(measured, self.groups).items()
            for j in covered(loops, self.generations)
        ]

    def _contrast(self, group: str, loops: Sequence[Measured], generation: int) -> Contrast:
        weights = -slope_weights(np.log([float(m.loop.x or 1.0) for m in loops]))
        gamma = self._claimed(group, loops)

        def estimate(runs: slice) -> Estimate:
            chosen = [m.runs.only(runs) for m in loops]
            return log_contrast(
                [Term(r, w * _at(r, generation)) for r, w in zip(chosen, weights, strict=True)]
            )

        where = f"{group}: exponent in {loops[0].loop.axis}"
        return Contrast(
            where,
            generation,
            estimate,
            gamma,
            self.side,
            self.tolerance,
            off=self.off,
            swap=2 * gamma,
        )

    def _claimed(self, group: str, loops: Sequence[Measured]) -> float:
        if callable(self.gamma):
            return self.gamma(loops)
        return self.gamma[group] if isinstance(self.gamma, dict) else self.gamma


def _at(runs: Runs, generation: int) -> np.ndarray:
    return np.asarray(np.arange(1, runs.generations + 1) == generation, dtype=float)


def _growth(runs: Runs, gamma: float) -> np.ndarray:
    """The recursion's growth over the generations for one-step errors ``n_k^-gamma``."""
    return propagate(runs.cycle, paper_errors(runs.cycle, runs.generations, 1, gamma))


@dataclass(frozen=True)
class Bounded(ContrastStatement):
    """Mean TV of the last generation is at most ``most`` times that of the first, or at least.

    Of a quantity that was recorded, likewise.

    Args:
        most: the limit of the growth.
        off: relative distance from the truth of the scaled control.
        groups: loops that it is stated of; all if empty.
        side: ``UPPER``, or ``LOWER`` for growth by ``most`` at least.
        column: a recorded quantity instead of TV, with values in [0, 1].
    """

    most: float
    off: float = 0.1
    groups: tuple[str, ...] = ()
    side: Side = Side.UPPER
    column: str = ""

    @property
    def statistic(self) -> str:
        """The computed and tested statistic, in words."""
        return f"mean {self.column or 'TV'} of the last generation over that of the first"

    def contrasts(self, measured: Sequence[Measured]) -> list[Contrast]:
        """Contrasts that are tested, one for each loop."""
        return [
            self._contrast(m) for m in measured if not self.groups or m.loop.group in self.groups
        ]

    def _contrast(self, m: Measured) -> Contrast:
        last = m.runs.generations
        weights = _at(m.runs, last) - _at(m.runs, 1)
        shown = m.runs
        if self.column:
            recorded = m.runs.recorded
            error = recorded[f"{self.column}_error"]
            shown = replace(m.runs, tv=recorded[self.column], tv_error=error)

        def estimate(runs: slice) -> Estimate:
            return log_contrast([Term(shown.only(runs), weights)])

        return Contrast(
            f"{m.loop.label}: growth {f'of {self.column} ' if self.column else ''}in all",
            last,
            estimate,
            float(np.log(self.most)),
            self.side,
            logarithmic=True,
            off=self.off,
            dropped=0.0,
        )


@dataclass(frozen=True)
class GrowthExponent(ContrastStatement):
    """Mean TV grows over the generations like a power of the bound's own growth.

    The exponent is the slope of ``log mean TV`` over ``log shape``: 1 if TV grows as fast as the
    bound, 0 if it does not grow. The constant is fitted to a held-out half and only reported.

    Args:
        value: claimed exponent.
        side: of the value.
        gamma: exponent of the one-step rate that makes the shape.
        off: relative distance from the truth of the scaled control.
        groups: loops that it is stated of; all if empty.
    """

    value: float
    side: Side
    gamma: float = 0.4
    off: float = 0.1
    groups: tuple[str, ...] = ()

    statistic = "slope of log mean TV over the log of the bound's growth"

    def contrasts(self, measured: Sequence[Measured]) -> list[Contrast]:
        """Contrasts that are tested, one for each loop."""
        chosen = [m for m in measured if not self.groups or m.loop.group in self.groups]
        return [self._contrast(m) for m in chosen]

    def _contrast(self, m: Measured) -> Contrast:
        shape = _growth(m.runs, self.gamma)
        weights = slope_weights(np.log(shape))

        def estimate(runs: slice) -> Estimate:
            return log_contrast([Term(m.runs.only(runs), weights)])

        held_out = m.runs.only(slice(0, None, 2)).tv.mean(axis=0)
        constant = float((held_out / shape).max())
        return Contrast(
            f"{m.loop.label}: growth exponent",
            m.runs.generations,
            estimate,
            self.value,
            self.side,
            off=self.off,
            detail=f"{m.loop.label}: constant fitted to held-out runs {constant:.3g}",
            dropped=0.0 if self.side is Side.UPPER else None,
        )
