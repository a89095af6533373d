r"""Fitting mean and variance of ``N(0, 1)``: every model is the normal law of its data's moments.

.. math:: \mathrm{TV}(N(m, v), N(0, 1)) = \tfrac12 \sum_i |\Delta_i|,

``Delta_i`` the differences of the two laws' masses between the points where the densities cross.
With samples that are moved by :math:`x \mapsto m + \sqrt{\ell}(x - m)` it is the Gaussian loop of
Alemohammad et al., ICLR 2024 (MAD): diversity is the variance, quality the TV.

Derived: the entries ``mad-variance`` and ``mad-variance-fresh`` for the mean of the variance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

from bounds.cycles import DataCycle, Protocol
from bounds.hypotheses import LoopFacts
from empirics.closed_form.moments import check_loop
from empirics.experiment import checked_operators, operator_of, shown
from empirics.loop import PointDraws, Training, TrainingSet, generations
from empirics.operators import Shrinking
from empirics.runs import Runs
from empirics.targets import normal

__all__ = ["NormalFit", "NormalRuns", "normal_tv"]

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class NormalRuns:
    """Moments of all models of a loop and their TV, which is exact.

    ``mean``, ``variance`` and ``tv`` have one row per run and one column per generation.
    """

    mean: Float[Array, "runs generations"]
    variance: Float[Array, "runs generations"]
    tv: Float[Array, "runs generations"]


@dataclass(frozen=True, kw_only=True)
class NormalFit:
    """A loop of normal laws with the mean and the unbiased variance of their data, from N(0, 1).

    Args:
        cycle: which data each generation trains on; its points are equally weighted.
        generations: number of models.
        replicates: independent runs.
        seed: non-negative; determines every draw.
        between: what a model's samples pass, as in an experiment; a law's own mean is its model's.

    Raises:
        InputError: an argument is outside its range.
    """

    cycle: DataCycle
    generations: int
    replicates: int = 200
    seed: int = 0
    between: Any = None

    def __post_init__(self) -> None:
        check_loop(self, *Protocol)
        object.__setattr__(self, "between", checked_operators(self.between, self.generations, 1))

    def __repr__(self) -> str:
        return shown(self)

    def run(self) -> Runs:
        """TV of all runs, and the variance of every model, which is exact."""
        facts = LoopFacts(
            model="normal mean and variance",
            target="normal",
            dimension=1,
            population=False,
            between=None if self.between is None else repr(self.between),
        )
        found = self.measure()
        recorded = {"variance": found.variance, "variance_error": np.zeros_like(found.tv)}
        return Runs(cycle=self.cycle, tv=found.tv, facts=facts, recorded=recorded)

    def measure(self) -> NormalRuns:
        """Moments and TV of all runs."""
        seeds = np.random.SeedSequence(self.seed).spawn(self.replicates)
        moments = np.array([self._moments(np.random.default_rng(seed)) for seed in seeds])
        mean, variance = moments[..., 0], moments[..., 1]
        return NormalRuns(mean, variance, normal_tv(mean, variance))

    def _moments(self, generator: np.random.Generator) -> list[tuple[float, float]]:
        draws = PointDraws(normal(), generator)
        draws.between = lambda k: _around_its_mean(operator_of(self.between, k), draws.laws[k])
        return list(generations(self.cycle, self.generations, partial(_fitted, draws), draws))


def _around_its_mean(operator: Any, law: Any) -> Any:
    """Shrinking to the law's own mean, which a normal law knows without draws."""
    if isinstance(operator, Shrinking) and operator.centre is None:
        return Shrinking(operator.factor, law.mean)
    return operator


@dataclass(frozen=True)
class _Law:
    mean: float
    variance: float

    def sample(self, size: int, generator: np.random.Generator) -> Float[Array, "size"]:
        return self.mean + np.sqrt(self.variance) * generator.standard_normal(size)


def _fitted(
    draws: PointDraws, j: int, row: Array, training: Training[TrainingSet]
) -> tuple[float, float]:
    """Mean and variance of a normal law that is fitted and can then be drawn from."""
    del j, row
    assert training.data is not None
    points, weights = training.data.points, training.data.weights
    mean = float(np.average(points, weights=weights))
    square = float(np.average((points - mean) ** 2, weights=weights))
    variance = square / max(1 - training.data.squared_weights, 1e-300)
    draws.laws.append(_Law(mean, variance))
    return mean, variance


def normal_tv(mean: Float[Array, "..."], variance: Float[Array, "..."]) -> Float[Array, "..."]:
    """TV between ``N(mean, variance)`` and ``N(0, 1)``, exact.

    Args:
        mean: any number.
        variance: > 0; a law of no variance has TV 1.
    """
    m, v = np.broadcast_arrays(np.asarray(mean, dtype=float), np.asarray(variance, dtype=float))
    v = np.maximum(v, 1e-300)
    # (x - m)^2 / v + log v = x^2: a quadratic in x, of which one root is far for v near one.
    a, half, c = 1 / v - 1, -m / v, m**2 / v + np.log(v)
    root = np.sqrt(np.maximum(half**2 - a * c, 0.0))
    shared = -half - np.copysign(root, half)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.sort(np.nan_to_num(np.stack([shared / a, c / shared]), nan=np.inf), axis=0)
    ends = np.clip(ends, -1e150, 1e150)
    gaps = ndtr((ends - m) / np.sqrt(v)) - ndtr(ends)
    return np.minimum(0.5 * (np.abs(gaps[0]) + np.abs(gaps[1] - gaps[0]) + np.abs(gaps[1])), 1.0)
