r"""Resampling a finite alphabet: every model is the frequency vector of its training data.

.. math:: \mathrm{Var}\, p_j(x) = \rho_j\, p_0(x) (1 - p_0(x)), \qquad
          \mathbb{E}\,\mathrm{TV}(p_j, p_0) \le \frac12 \sum_x \sqrt{\rho_j\, p_0 (1 - p_0)},

with ``rho_j`` from :func:`empirics.closed_form.error_variances` (shrinking); for a real share ``a``
it solves ``rho_{j+1} = (1-a)^2 (1 - 1/n) rho_j + 1/n``.

Derived: as the entry ``discrete-resampling``, letter by letter, for a general weight matrix.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from bounds.cycles import DataCycle, Protocol
from bounds.loop_facts import LoopFacts, ModelKind
from empirics.closed_form.moments import error_variances, refuse_protocols
from empirics.errors import InputError
from empirics.loop import generations
from empirics.pool import Batch, Draws, Training
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
        start = np.tile(np.asarray(self.real), (self.replicates, 1))
        family = _Frequencies(start, np.random.default_rng(self.seed))
        steps = generations(self.cycle, self.generations, family, family)
        tv, step = (np.stack(part, axis=1) for part in zip(*steps, strict=True))
        return Runs(cycle=self.cycle, tv=tv, one_step_tv=step, facts=self._facts)


class _Frequencies(Draws[Array]):
    """Laws on the letters for every run; the data of a model is its frequencies."""

    def __init__(self, real: Array, generator: np.random.Generator) -> None:
        self._laws, self._generator = [real], generator

    def fresh(self, row: Array, size: int) -> Float[Array, "runs letters"]:
        """Frequencies of letters of the mixture."""
        return self._drawn(_mix(row, self._laws), size)

    def batch(self, k: int, size: int) -> Float[Array, "runs letters"]:
        """Frequencies of letters of one law."""
        return self._drawn(self._laws[k], size)

    def joined(self, batches: Sequence[Batch[Array]]) -> Float[Array, "runs letters"]:
        """Frequencies in the weighted pool."""
        return np.asarray(sum(b.weight * b.data for b in batches))

    def resampled(self, pool: Array, size: int) -> Float[Array, "runs letters"]:
        """Frequencies of letters drawn from the pool's."""
        return self._drawn(pool, size)

    def learn(self, j: int, row: Array, training: Training[Array]) -> tuple[Array, Array]:
        """Take the frequencies for the law: TV to the real one and to the mixture."""
        del j
        law, mixture = training.data, _mix(row, self._laws)
        assert law is not None
        self._laws.append(law)
        return _distance(law, self._laws[0]), _distance(law, mixture)

    def forget(self, needed: Collection[int]) -> None:
        """Nothing: a law is a few numbers."""

    def _drawn(self, law: Array, size: int) -> Float[Array, "runs letters"]:
        """Frequencies of ``size`` independent letters of every run's law."""
        return self._generator.multinomial(size, law / law.sum(axis=1, keepdims=True)) / size


def _mix(row: Array, laws: list[Array]) -> Array:
    return np.asarray(sum(w * law for w, law in zip(row, laws, strict=False) if w > 0))


def _distance(p: Array, q: Array) -> Float[Array, "runs"]:
    return np.asarray(np.minimum(0.5 * np.abs(p - q).sum(axis=1), 1.0))
