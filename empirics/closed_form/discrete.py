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
from bounds.loop_facts import LoopFacts, ModelKind
from empirics.closed_form.moments import error_variances, refuse_protocols
from empirics.errors import InputError
from empirics.runs import Runs

__all__ = ["Discrete"]

Array = np.ndarray


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
        InputError: not a probability vector, or the data is subsampled.
    """

    real: tuple[float, ...]
    cycle: DataCycle
    generations: int
    replicates: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        refuse_protocols(self.cycle, Protocol.FRESH, Protocol.REUSED, Protocol.RESAMPLED)
        p = np.asarray(self.real, dtype=float)
        if p.ndim != 1 or len(p) < 2 or (p < 0).any() or abs(p.sum() - 1) > 1e-12:
            raise InputError("real: must be two or more probabilities with sum 1")

    @property
    def mean_tv_bound(self) -> Float[Array, "generations"]:
        """The upper bound above, for fresh or reused data."""
        p = np.asarray(self.real)
        rho = error_variances(self.cycle, self.generations, shrinking=True)
        return np.asarray(0.5 * np.sqrt(p * (1 - p)).sum() * np.sqrt(rho))

    @property
    def _facts(self) -> LoopFacts:
        p = np.asarray(self.real)
        words = {"collision_probability": float((p**2).sum()), "support_size": int((p > 0).sum())}
        return LoopFacts(
            model=ModelKind.EMPIRICAL,
            target="discrete",
            population=False,
            moves_by_a_point=True,
            words=words,
        )

    def run(self) -> Runs:
        """All runs at once; TV to the real law and to the training mixture are exact."""
        generator = np.random.default_rng(self.seed)
        rows = self.cycle.weight_matrix(self.generations)
        laws = [np.tile(np.asarray(self.real), (self.replicates, 1))]
        batches: dict[int, Array] = {}
        tv, step = [], []
        for j in range(1, self.generations + 1):
            row = rows[j - 1, :j]
            laws.append(self._learn(j, row, laws, batches, generator))
            tv.append(_distance(laws[j], laws[0]))
            step.append(_distance(laws[j], _mix(row, laws)))
        return Runs(
            cycle=self.cycle, tv=np.stack(tv, 1), one_step_tv=np.stack(step, 1), facts=self._facts
        )

    def _learn(
        self,
        j: int,
        row: Array,
        laws: list[Array],
        batches: dict[int, Array],
        generator: np.random.Generator,
    ) -> Float[Array, "runs letters"]:
        size = int(self.cycle.size(j))
        if self.cycle.data is Protocol.FRESH:
            return _frequencies(_mix(row, laws), size, generator)
        for k in np.flatnonzero(row).tolist():
            if k not in batches:
                batches[k] = _frequencies(laws[k], int(self.cycle.batch_size(k)), generator)
        pool = sum(row[k] * batches[k] for k in np.flatnonzero(row).tolist())
        if self.cycle.data is Protocol.REUSED:
            return np.asarray(pool)
        return _frequencies(np.asarray(pool), size, generator)


def _mix(row: Array, laws: list[Array]) -> Array:
    return np.asarray(sum(w * law for w, law in zip(row, laws, strict=False) if w > 0))


def _frequencies(law: Array, size: int, generator: np.random.Generator) -> Array:
    """Frequencies of ``size`` independent letters of every run's law."""
    return generator.multinomial(size, law / law.sum(axis=1, keepdims=True)) / size


def _distance(p: Array, q: Array) -> Float[Array, "runs"]:
    return np.asarray(np.minimum(0.5 * np.abs(p - q).sum(axis=1), 1.0))
