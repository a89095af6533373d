r"""The reward of a law: mean and variance of a score, the number that curation raises.

.. math:: R(q) = \mathbb{E}_q r, \qquad \mathrm{Var}_q\, r

Source: Ferbach et al., "Self-consuming generative models with curated data provably optimize human
preferences", NeurIPS 2024, for ``r`` an exponential (``curation-reward``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from empirics.errors import InputError
from empirics.grid import Axis, Grid, paired
from empirics.operators._base import Letters, scored
from empirics.operators._scores import PLAIN, Score, ScoreWord, Terms
from empirics.quantities import CellLaw, Columns, Quantity, RealLaw, columns

__all__ = ["KINDS", "Reward"]

Array = np.ndarray


@dataclass(frozen=True)
class Reward(Quantity):
    """Mean of a score, and beside it its variance and the real law's mean.

    The score of a cell is that of its centre. The error is the difference that joining cells in
    pairs makes, and what the masses' own errors can move; it is infinite where the real law has a
    tail too heavy for any grid and the score no supremum.

    Args:
        score: of points, such as ``Exponential(Toward(0.5))``.

    Raises:
        InputError: it is no score.
    """

    score: Score

    def __post_init__(self) -> None:
        if not callable(self.score):
            raise InputError(f"score = {self.score!r}: must be a score, such as Along(1.0)")

    def measure(self, law: CellLaw, real: RealLaw) -> Columns:
        """Both moments and the real law's mean, with bounds on their errors."""
        own = CellLaw(real.masses[None], real.grid, np.array([real.error]))
        each = np.ones(len(law.masses))
        mean, error = self._mean(law, real, 1)
        square, square_error = self._mean(law, real, 2)
        own_mean, own_error = self._mean(own, real, 1)
        return columns(self, mean, error) | {
            "reward_variance": np.maximum(square - mean**2, 0.0),
            "reward_variance_error": square_error + 2 * np.abs(mean) * error + error**2,
            "reward_real": own_mean * each,
            "reward_real_error": own_error * each,
        }

    def _mean(self, law: CellLaw, real: RealLaw, power: int) -> tuple[Array, Array]:
        """Mean of a power of the score, and a bound on its error."""
        scores = self._scores(law, law.grid) ** power
        value, error = law.mean(scores), law.off(scores)
        if law.grid is not None:
            wide = Grid(tuple(Axis(a.low, 2 * a.step, a.cells // 2) for a in law.grid.axes))
            joined = paired(law.masses) * self._scores(law, wide) ** power
            error = error + np.abs(value - joined.reshape(len(joined), -1).sum(axis=1))
        bounded = getattr(self.score, "supremum", None) is not None
        return value, error + (0.0 if bounded and power == 1 else real.far)

    def _scores(self, law: CellLaw, grid: Grid | None) -> Float[Array, "*cells"]:
        if grid is None:
            return scored(self.score, Letters(law.masses.shape[1]).points())
        points = grid.points().reshape(-1, *([grid.dimension] if grid.dimension > 1 else []))
        return scored(self.score, points).reshape(grid.shape)


def reward(score: ScoreWord = "along", terms: Terms = PLAIN) -> Reward:
    """Mean of a score.

    Args:
        score: ``"toward"`` a centre, ``"along"`` or ``"sigmoid"`` along a direction, or
            ``"per-letter"``.
        terms: its parameters.

    Raises:
        InputError: a parameter is not the score's.
    """
    return Reward(terms.score(score, "score"))


KINDS = (reward,)
