"""Laws of TV that fool tests of a mean: equal runs, rare far values, skewed values in few runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import sympy as sp
from jaxtyping import Float

from bounds import Bound, Statistic, cycles
from empirics.closed_form import Discrete
from empirics.runs import Runs
from verify.statements import at_most

__all__ = ["BROKEN_BY", "LAWS", "PlantedLaw", "every_run_bound"]

Array = np.ndarray
_CYCLE = cycles.full_synthetic(n=10)
BROKEN_BY = 0.011
"""Share of runs that break :func:`every_run_bound`."""


@dataclass(frozen=True)
class PlantedLaw:
    """Independent runs whose mean TV is known.

    Args:
        name: for a table.
        runs: per check.
        mean: exact mean TV.
        draw: TV of so many runs and generations, independent of each other.
    """

    name: str
    runs: int
    mean: float
    draw: Callable[[tuple[int, int], np.random.Generator], Float[Array, "runs generations"]]

    def checks(self, checks: int, generations: int, seed: int) -> Callable[[], Iterator[Runs]]:
        """Runs of that many checks, the same ones whenever they are asked for."""

        def parts() -> Iterator[Runs]:
            generator = np.random.default_rng(seed)
            for _ in range(checks):
                yield Runs(cycle=_CYCLE, tv=self.draw((self.runs, generations), generator))

        return parts

    def bound(self, factor: Fraction = Fraction(1)) -> Bound:
        """The statement that mean TV is at most ``factor`` times what it is."""
        exact = sp.Rational(factor.numerator, factor.denominator) * sp.Float(self.mean)
        return replace(at_most(1), expression=exact)


def _two_valued(low: float, high: float, share: float) -> Callable[..., Array]:
    def draw(shape: tuple[int, int], generator: np.random.Generator) -> Array:
        return np.where(generator.random(shape) < share, high, low)

    return draw


def _one_letter(shape: tuple[int, int], generator: np.random.Generator) -> Array:
    """One letter of a law (99 %, 1 %): nearly always all runs are equal."""
    seed = int(generator.integers(2**63))
    real, cycle = (0.99, 0.01), cycles.fresh_real(n=1, share=1)
    return (
        Discrete(real=real, cycle=cycle, generations=shape[1], replicates=shape[0], seed=seed)
        .run()
        .tv
    )


def _skewed(shape: tuple[int, int], generator: np.random.Generator) -> Array:
    return generator.beta(0.2, 3.8, shape)


LAWS = (
    PlantedLaw("equal runs (one letter of 99 %, 1 %)", 100, 2 * 0.99 * 0.01, _one_letter),
    PlantedLaw(
        "0.3 % of runs at TV 0.95", 100, 0.997 * 0.05 + 0.003 * 0.95, _two_valued(0.05, 0.95, 0.003)
    ),
    PlantedLaw("skewed TV", 5, 0.05, _skewed),
    PlantedLaw("skewed TV", 2, 0.05, _skewed),
)


def every_run_bound() -> tuple[PlantedLaw, Bound]:
    """A law of which ``BROKEN_BY`` of all runs break a bound on every run, and that bound."""
    high, low, level = 0.2, 0.05, 0.1
    mean = BROKEN_BY * high + (1 - BROKEN_BY) * low
    law = PlantedLaw("runs", 300, mean, _two_valued(low, high, BROKEN_BY))
    return law, replace(at_most(level), statistic=Statistic.EVERY_RUN)
