r"""Fitting the mean of ``N(mu, 1)``: every model is ``N(mu_j, 1)`` with the mean of its data.

.. math:: \mathrm{TV}(N(\mu,1), N(0,1)) = 2\Phi(|\mu|/2) - 1, \qquad
          \mathbb{E}\,\mathrm{TV}(p_j, p_0) = \frac2\pi \arctan\frac{\sqrt{C_{jj}}}{2},

because ``mu_j`` is exactly normal with variance ``C_jj`` (:mod:`empirics.closed_form.moments`) and
``P(|Z| < t |Z'|) = (2/pi) arctan t`` for independent standard normal ``Z, Z'``.

Derived: as the entries ``gaussian-mean``, for a general weight matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import erf, ndtr

from bounds.cycles import DataCycle, Protocol
from bounds.loop_facts import LoopFacts, ModelKind
from empirics.closed_form.moments import check_loop, error_variances
from empirics.errors import number
from empirics.loop import generations
from empirics.memory import require
from empirics.pool import Batch, Draws, Training
from empirics.runs import Runs

__all__ = ["GaussianMean"]

Array = np.ndarray
_REACH = 8.5
_CELLS = 600
_FACTS = LoopFacts(model=ModelKind.NORMAL_MEAN, target="normal", dimension=1, population=False)


@dataclass(frozen=True, kw_only=True)
class GaussianMean:
    """A loop that fits the mean of a normal law of known variance, stratified training data.

    Args:
        cycle: which data each generation trains on: fresh, reused or renewed.
        generations: number of models.
        replicates: independent runs.
        seed: non-negative; determines every draw.
        one_step: whether the TV to the training mixture is measured too, by quadrature.
        shift: displacement of every draw from a model: zero, except for a planted fault.

    Raises:
        InputError: an argument is outside its range, or the data is resampled from a pool.
    """

    cycle: DataCycle
    generations: int
    replicates: int = 1000
    seed: int = 0
    one_step: bool = False
    shift: float = 0.0

    def __post_init__(self) -> None:
        check_loop(self, Protocol.FRESH, Protocol.REUSED, Protocol.RENEWED)
        number("shift", self.shift)

    @property
    def mean_tv(self) -> Float[Array, "generations"]:
        """The exact mean TV of every generation (without a planted fault)."""
        deviation = np.sqrt(error_variances(self.cycle, self.generations))
        return 2 / np.pi * np.arctan(deviation / 2)

    def run(self) -> Runs:
        """All runs at once.

        Raises:
            InputError: more memory is needed than there is.
        """
        numbers = self.replicates * (6 * self.generations + self.one_step * 8 * _CELLS)
        require("runs", 8 * numbers, "use fewer replicates or generations")
        means = self._means()
        tv = erf(np.abs(means[:, 1:]) / np.sqrt(8))
        if not self.one_step:
            return Runs(cycle=self.cycle, tv=tv, facts=_FACTS)
        step, error = self._one_step(means)
        one_step = np.minimum(step, 1.0)
        return Runs(cycle=self.cycle, tv=tv, tv_error=error, one_step_tv=one_step, facts=_FACTS)

    def _means(self) -> Float[Array, "runs generations+1"]:
        """``mu_0 = 0, mu_1, ...`` of every run."""
        family = _Means(self.replicates, self.shift, np.random.default_rng(self.seed))
        steps = generations(self.cycle, self.generations, family, family)
        return np.stack([family.means[0], *steps], axis=1)

    def _one_step(self, means: Array) -> tuple[Array, Array]:
        """TV to the mixture, and the difference that half as many cells make."""
        rows = self.cycle.weight_matrix(self.generations)
        steps = range(1, self.generations + 1)
        fine, coarse = (
            np.stack([_step(means[:, : j + 1], rows[j - 1, :j], cells) for j in steps], axis=1)
            for cells in (_CELLS, _CELLS // 2)
        )
        return fine, np.abs(fine - coarse)


class _Means(Draws[Array]):
    """Means of the laws of every run; the data of a model is its mean."""

    def __init__(self, runs: int, shift: float, generator: np.random.Generator) -> None:
        self.means, self._shift, self._generator = [np.zeros(runs)], shift, generator

    def fresh(self, row: Array, size: int) -> Float[Array, "runs"]:
        """Mean of points of the mixture, as many of each law as fall to it."""
        noise = self._noise(size)
        return np.stack(self.means, axis=1) @ row + noise + self._shift * (1 - row[0])

    def batch(self, k: int, size: int) -> Float[Array, "runs"]:
        """Mean of points of one law."""
        return self.means[k] + self._noise(size) + self._shift * (k > 0)

    def joined(self, batches: Sequence[Batch[Array]]) -> Float[Array, "runs"]:
        """Mean of the weighted pool."""
        row, pooled = np.zeros(len(self.means)), np.zeros((len(self.means[0]), len(self.means)))
        for b in batches:
            row[b.law], pooled[:, b.law] = b.weight, b.data
        return pooled @ row

    def learn(self, j: int, row: Array, training: Training[Array]) -> Float[Array, "runs"]:
        """Take the mean of the data for the model's."""
        del j, row
        assert training.data is not None
        self.means.append(training.data)
        return training.data

    def forget(self, needed: Collection[int]) -> None:
        """Nothing: a law is one number."""

    def _noise(self, size: int) -> Float[Array, "runs"]:
        return self._generator.standard_normal(len(self.means[0])) / np.sqrt(size)


def _step(means: Array, row: Array, cells: int) -> Float[Array, "runs"]:
    """TV between the last model and the mixture of those before it."""
    used = np.flatnonzero(row)
    if len(used) > 1:
        return _to_mixture(means, row, cells)
    return np.asarray(erf(np.abs(means[:, -1] - means[:, used[0]]) / np.sqrt(8)))


def _to_mixture(means: Array, row: Array, cells: int) -> Float[Array, "runs"]:
    """TV between ``N(means[-1], 1)`` and the mixture, from exact masses of grid cells.

    A cell in which the difference changes sign gets the excess of a broken line.
    """
    low, high = means.min() - _REACH, means.max() + _REACH
    edges = np.linspace(low, high, cells + 1)

    def difference(f: Callable[[Array], Array]) -> Array:
        model = f(edges - means[:, -1:])
        used = np.flatnonzero(row).tolist()
        return np.asarray(model - sum(row[k] * f(edges - means[:, k, None]) for k in used))

    mass = np.diff(difference(ndtr), axis=1)
    ends = difference(_normal_density) * (high - low) / cells
    a, b = ends[:, :-1], ends[:, 1:]
    total = np.abs(a) + np.abs(b)
    broken = (a**2 + b**2) / np.where(total > 0, 2 * total, 1.0) - np.abs(a + b) / 2
    excess = np.where(a * b < 0, broken, 0.0)
    return np.asarray(0.5 * (np.abs(mass) + excess).sum(axis=1))


def _normal_density(z: Array) -> Array:
    return np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
