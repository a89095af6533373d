r"""Resampling a finite alphabet: every model is the frequency vector of its training data.

.. math:: \mathrm{Var}\, p_j(x) = \rho_j\, p_0(x) (1 - p_0(x)), \qquad
          \mathbb{E}\,\mathrm{TV}(p_j, p_0) \le \frac12 \sum_x \sqrt{\rho_j\, p_0 (1 - p_0)},

with ``rho_j`` from :func:`empirics.closed_form.error_variances` (shrinking); for a real share ``a``
it solves ``rho_{j+1} = (1-a)^2 (1 - 1/n) rho_j + 1/n``.

Derived: B5.2 of the project's theory notes, letter by letter, for a general weight matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from bounds.cycles import DataCycle, Protocol
from empirics.closed_form.moments import check_loop, error_variances
from empirics.errors import InputError
from empirics.memory import require
from empirics.runs import Runs

__all__ = ["Discrete"]

Array = np.ndarray
_TEMPORARY = 5
_LONG = 4096
"""Letters from which on those that are gone are dropped."""


@dataclass(frozen=True, kw_only=True)
class Discrete:
    """A loop of empirical measures on letters ``0, 1, ...``.

    Args:
        real: the real law's probabilities.
        cycle: which data each generation trains on: fresh, reused or resampled.
        generations: number of models.
        replicates: independent runs.
        seed: non-negative; determines every draw.

    Raises:
        InputError: not a probability vector, the data is subsampled, or another argument is outside
            its range.
    """

    real: tuple[float, ...]
    cycle: DataCycle
    generations: int
    replicates: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        check_loop(self, Protocol.FRESH, Protocol.REUSED, Protocol.RESAMPLED)
        try:
            p = np.asarray(self.real, dtype=float)
        except (TypeError, ValueError):
            p = np.zeros(0)
        if p.ndim != 1 or len(p) < 2 or not (p >= 0).all() or not abs(p.sum() - 1) <= 1e-12:
            raise InputError("real: must be two or more probabilities with sum 1")

    @property
    def mean_tv_bound(self) -> Float[Array, "generations"]:
        """The upper bound above, for fresh or reused data."""
        p = np.asarray(self.real)
        rho = error_variances(self.cycle, self.generations, shrinking=True)
        return np.asarray(0.5 * np.sqrt(p * (1 - p)).sum() * np.sqrt(rho))

    def run(self) -> Runs:
        """All runs at once; TV to the real law and to the training mixture are exact.

        Raises:
            InputError: more memory is needed than there is.
        """
        rows = self.cycle.weight_matrix(self.generations)
        self._check_memory(rows)
        alphabet = _Alphabet(np.asarray(self.real, dtype=float), self.replicates)
        generator = np.random.default_rng(self.seed)
        tv, step = [], []
        for j in range(1, self.generations + 1):
            row = rows[j - 1, :j]
            alphabet.laws[j] = law = self._learn(j, row, alphabet, generator)
            tv.append(alphabet.distance_to_real(law))
            step.append(_distance(law, _mix(row, alphabet.laws)))
            alphabet.forget(set(np.flatnonzero(rows[j:].any(axis=0)).tolist()))
        return Runs(cycle=self.cycle, tv=np.stack(tv, 1), one_step_tv=np.stack(step, 1))

    def _check_memory(self, rows: Array) -> None:
        arrays = (1 if self.cycle.data is Protocol.FRESH else 2) * _held(rows) + _TEMPORARY
        numbers = arrays * self.replicates * len(self.real)
        require("runs", 8 * numbers, "use fewer letters or replicates")

    def _learn(
        self, j: int, row: Array, alphabet: _Alphabet, generator: np.random.Generator
    ) -> Float[Array, "runs letters"]:
        size, laws, batches = int(self.cycle.size(j)), alphabet.laws, alphabet.batches
        if self.cycle.data is Protocol.FRESH:
            return _frequencies(_mix(row, laws), size, generator)
        for k in np.flatnonzero(row).tolist():
            if k not in batches:
                batches[k] = _frequencies(laws[k], int(self.cycle.batch_size(k)), generator)
        pool = np.asarray(sum(row[k] * batches[k] for k in np.flatnonzero(row).tolist()))
        if self.cycle.data is Protocol.REUSED:
            return pool
        return _frequencies(pool, size, generator)


class _Alphabet:
    """Laws of all runs, and batches drawn from them, on the letters that can still occur."""

    def __init__(self, real: Float[Array, "letters"], runs: int) -> None:
        self.real, self.lost = real, 0.0
        self.laws: dict[int, Array] = {0: np.broadcast_to(real, (runs, len(real)))}
        self.batches: dict[int, Array] = {}

    def distance_to_real(self, law: Float[Array, "runs letters"]) -> Float[Array, "runs"]:
        """TV; letters that are gone count with their real probability."""
        return np.minimum(_distance(law, self.real) + 0.5 * self.lost, 1.0)

    def forget(self, needed: set[int]) -> None:
        """Keep the laws that are needed; of a long alphabet, the letters that are left in them.

        The last letter stays, for it takes what is left of a draw.
        """
        for held in (self.laws, self.batches):
            for k in set(held) - needed:
                del held[k]
        everything = [*self.laws.values(), *self.batches.values()]
        if len(self.real) < _LONG or not everything:
            return
        alive = np.any([np.any(law > 0, axis=0) for law in everything], axis=0)
        alive[-1] = True
        if 2 * alive.sum() > len(alive):
            return
        self.lost += float(self.real[~alive].sum())
        self.real = self.real[alive]
        self.laws = {k: law[:, alive] for k, law in self.laws.items()}
        self.batches = {k: batch[:, alive] for k, batch in self.batches.items()}


def _held(rows: Float[Array, "generations generations"]) -> int:
    """Most laws held at once: law ``k`` from generation ``k`` to the last one with weight on it."""
    used = np.flatnonzero(rows.any(axis=0))
    last = len(rows) - np.argmax(rows[::-1, used] > 0, axis=0)
    changes = np.bincount(used, minlength=len(rows) + 1) - np.bincount(
        last, minlength=1 + len(rows)
    )
    return int(np.cumsum(changes).max())


def _mix(row: Array, laws: dict[int, Array]) -> Array:
    return np.asarray(sum(w * laws[k] for k, w in enumerate(row) if w > 0))


def _frequencies(law: Array, size: int, generator: np.random.Generator) -> Array:
    """Frequencies of ``size`` independent letters of every run's law."""
    return generator.multinomial(size, law / law.sum(axis=1, keepdims=True)) / size


def _distance(p: Array, q: Array) -> Float[Array, "runs"]:
    return np.asarray(np.minimum(0.5 * np.abs(p - q).sum(axis=1), 1.0))
