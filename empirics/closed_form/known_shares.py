r"""Estimating a law on letters from batches of which a known share is real, and nothing is marked.

.. math:: p_j = \frac{(W_j - n_j \alpha_j (1 - \alpha_j))\, p_{j-1} + n_j \alpha_j e_j}
                     {W_j + n_j \alpha_j^2}, \qquad W_j = \sum_{i<j} n_i \alpha_i^2,

with ``e_j`` the frequencies of ``n_j`` letters of the mixture ``alpha_j p_0 + (1 - alpha_j)
p_{j-1}``. It is a law where ``n_j alpha_j (1 - alpha_j) <= W_j``.

Source: Kanabar and Gastpar, 2025, for the setting. Derived: the estimate, as the entry
``kanabar-gastpar``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from bounds.cycles import DataCycle, Protocol
from bounds.hypotheses import LoopFacts
from empirics.closed_form.discrete import Alphabet, checked_law
from empirics.closed_form.moments import check_loop
from empirics.errors import InputError
from empirics.loop import Training, generations
from empirics.quantities import Columns
from empirics.runs import Runs

__all__ = ["KnownShares"]

Array = np.ndarray
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class KnownShares:
    """A loop of weighted estimates on letters ``0, 1, ...``.

    Args:
        real: the real law's probabilities.
        cycle: its rows mix the real law and the last model alone; data fresh, the first batch real.
        generations: number of models.
        replicates: independent runs.
        seed: non-negative; determines every draw.

    Raises:
        InputError: the cycle mixes other models, an estimate is no average, or another argument is
            outside its range.
    """

    real: tuple[float, ...]
    cycle: DataCycle
    generations: int
    replicates: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        check_loop(self, Protocol.FRESH)
        checked_law(self.real)
        rows, steps = self.cycle.weight_matrix(self.generations), range(1, self.generations)
        if any(rows[j, 0] + rows[j, j] < 1 - _ROUNDING for j in steps):
            raise InputError(
                f"cycle = {self.cycle!r}: must mix the real law and the last model alone"
            )
        for j, (kept, own) in enumerate(self._weights, start=1):
            if kept < -_ROUNDING * own:
                raise InputError(
                    f"generation {j}: n alpha (1 - alpha) exceeds the sum of n alpha^2 before it;"
                    " kanabar-gastpar requires that the estimate is an average"
                )

    @property
    def _shares(self) -> Float[Array, "generations"]:
        return self.cycle.weight_matrix(self.generations)[:, 0]

    @property
    def _weights(self) -> list[tuple[float, float]]:
        """Weights of the last estimate and of the frequencies of each batch."""
        sizes, shares = self.cycle.sizes(self.generations), self._shares
        before = np.concatenate([[0.0], np.cumsum(sizes * shares**2)[:-1]])
        kept = before - sizes * shares * (1 - shares)
        return list(zip(kept.tolist(), (sizes * shares).tolist(), strict=True))

    def run(self) -> Runs:
        """All runs at once; TV to the real law is exact."""
        real, stream = np.asarray(self.real, dtype=float), np.random.default_rng(self.seed)
        alphabet = _Estimates(real, self.replicates, stream, self._weights)
        steps = generations(self.cycle, self.generations, alphabet.learn, alphabet)
        words = {"real_shares": self._shares, "support_size": int((real > 0).sum())}
        facts = LoopFacts(
            model="weighted estimate", target="discrete", population=False, words=words
        )
        tv = np.stack([tv for tv, *_ in steps], axis=1)
        return Runs(cycle=self.cycle, tv=tv, facts=facts)


class _Estimates(Alphabet):
    """Estimates of all runs, each of the last one and of a batch."""

    def __init__(
        self,
        real: Float[Array, "letters"],
        runs: int,
        generator: np.random.Generator,
        weights: list[tuple[float, float]],
    ) -> None:
        super().__init__(real, runs, generator)
        self._weights, self._last = weights, np.zeros((runs, len(real)))

    def learn(self, j: int, row: Array, training: Training[Array]) -> tuple[Array, Array, Columns]:
        """The estimate's TV to the real law, and to the mixture."""
        kept, own = self._weights[j - 1]
        assert training.data is not None
        estimate = (max(kept, 0.0) * self._last + own * training.data) / (max(kept, 0.0) + own)
        self._last = estimate
        return super().learn(j, row, Training(estimate, training.size))
