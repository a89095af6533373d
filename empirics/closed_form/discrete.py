r"""Resampling a finite alphabet: every model is the frequency vector of its training data.

.. math:: \mathrm{Var}\, p_j(x) = \rho_j\, p_0(x) (1 - p_0(x)), \qquad
          \mathbb{E}\,\mathrm{TV}(p_j, p_0) \le \frac12 \sum_x \sqrt{\rho_j\, p_0 (1 - p_0)},

with ``rho_j`` from :func:`empirics.closed_form.error_variances` (shrinking); for a real share ``a``
it solves ``rho_{j+1} = (1-a)^2 (1 - 1/n) rho_j + 1/n``.

Derived: as the entry ``discrete-resampling``, letter by letter, for a general weight matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float

from bounds.cycles import DataCycle, Protocol
from bounds.hypotheses import LoopFacts, ModelKind
from empirics.closed_form.moments import check_loop, error_variances
from empirics.errors import InputError
from empirics.experiment import checked_operators, operator_of, shown
from empirics.loop import Batch, Draws, Training, generations, laws_held
from empirics.memory import require
from empirics.operators import Letters
from empirics.parameters import numbers
from empirics.quantities import CellLaw, Columns, Quantity, RealLaw, Recorder, quantities_of
from empirics.runs import Runs

__all__ = ["Alphabet", "Discrete", "checked_law"]

Array = np.ndarray
_TEMPORARY = 5
_LONG = 4096
"""Letters from which on those that are gone are dropped."""
_NOTHING = Recorder()


@dataclass(frozen=True, kw_only=True)
class Discrete:
    """A loop of empirical measures on letters ``0, 1, ...``.

    Args:
        real: the real law's probabilities.
        cycle: which data each generation trains on: fresh, reused, renewed or resampled.
        generations: number of models.
        replicates: independent runs.
        seed: non-negative; determines every draw.
        record: quantities of every law that are measured besides, see
            :mod:`empirics.quantities`; those that need places are refused.
        between: what a model's letters pass before anyone trains on them, as in an experiment.

    Raises:
        InputError: not a probability vector, the data is subsampled, or another argument is outside
            its range.
    """

    real: tuple[float, ...]
    cycle: DataCycle
    generations: int
    replicates: int = 1000
    seed: int = 0
    between: Any = None
    record: tuple[Quantity | str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        for quantity in quantities_of(self.record):
            if not quantity.of_letters:
                raise InputError(f"record: {quantity.column!r} needs places, which letters lack")
        check_loop(self, Protocol.FRESH, Protocol.REUSED, Protocol.RENEWED, Protocol.RESAMPLED)
        object.__setattr__(self, "between", checked_operators(self.between, self.generations, 0))
        checked_law(self.real)

    def __repr__(self) -> str:
        return shown(self)

    def operator(self, k: int) -> Any:
        """The operator on the letters of model ``k >= 1``, ``None`` if there is none."""
        return operator_of(self.between, k)

    @property
    def mean_tv_bound(self) -> Float[Array, "generations"]:
        """The upper bound above, for fresh, reused or renewed data.

        Raises:
            InputError: samples pass an operator, or the data is resampled.
        """
        if self.between is not None:
            raise InputError(
                f"between = {self.between!r}: the bound on mean TV is one of plain samples; hold"
                " the runs against operator-recursion"
            )
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
            moves_by_a_point=True if self.between is None else None,
            between=None if self.between is None else repr(self.between),
            operators=None if self.between is None else self._terms,
            words=words,
        )

    @property
    def _terms(self) -> tuple[Array, Array]:
        """Constants and biases of the operators, which are exact."""
        p, space = np.asarray(self.real, dtype=float), Letters(len(self.real))
        used = [self.operator(k) for k in range(1, self.generations + 1)]
        constants = [1.0 if o is None else o.constant(p, space) for o in used]
        passed = [p if o is None else o.act(p[None], space)[0] for o in used]
        return np.array(constants), np.array([0.5 * np.abs(q - p).sum() for q in passed])

    def run(self) -> Runs:
        """All runs at once; TV to the real law and to the training mixture are exact.

        Raises:
            InputError: more memory is needed than there is.
        """
        held = laws_held(self.cycle.weight_matrix(self.generations))
        arrays = (1 if self.cycle.data is Protocol.FRESH else 2) * held + _TEMPORARY
        needed = 8 * arrays * self.replicates * len(self.real)
        require("runs", needed, "use fewer letters or replicates")
        real = np.asarray(self.real, dtype=float)
        recorder = Recorder(quantities_of(self.record), RealLaw(real))
        stream = np.random.default_rng(self.seed)
        alphabet = Alphabet(real, self.replicates, stream, recorder, self.operator)
        steps = generations(
            self.cycle, self.generations, alphabet.learn, alphabet, forget=alphabet.forget
        )
        tvs, one_step, columns = zip(*steps, strict=True)
        tv, step = np.stack(tvs, axis=1), np.stack(one_step, axis=1)
        found = {name: np.stack([c[name] for c in columns], axis=1) for name in columns[0]}
        return Runs(cycle=self.cycle, tv=tv, one_step_tv=step, facts=self._facts, recorded=found)


def checked_law(real: Any) -> None:
    """Refuse what is no law on two or more letters.

    Raises:
        InputError: it is none.
    """
    must = "two or more probabilities with sum 1"
    p = numbers("real", real, must)
    if p.ndim != 1 or len(p) < 2 or not (p >= 0).all() or not abs(p.sum() - 1) <= 1e-12:
        raise InputError(f"real = {real!r}: must be {must}")


class Alphabet(Draws[Array]):
    """Laws of all runs, and batches drawn from them, on the letters that can still occur.

    The data of a model is its frequencies.
    """

    def __init__(
        self,
        real: Float[Array, "letters"],
        runs: int,
        generator: np.random.Generator,
        recorder: Recorder = _NOTHING,
        between: Callable[[int], Any] = lambda k: None,
    ) -> None:
        self._recorder = recorder
        self._real, self._lost, self._generator = real, 0.0, generator
        self._between = between
        self._laws: dict[int, Array] = {0: np.broadcast_to(real, (runs, len(real)))}
        self._batches: dict[int, Array] = {}

    def fresh(self, row: Array, size: int) -> Float[Array, "runs letters"]:
        """Frequencies of letters of the mixture."""
        return self._drawn(_mix(row, self._laws), size)

    def batch(self, k: int, size: int) -> Array:
        """Frequencies of letters of one law, kept here; the pool holds the law's number."""
        self._batches[k] = self._drawn(self._laws[k], size)
        return np.array(k)

    def joined(self, batches: Sequence[Batch[Array]]) -> Float[Array, "runs letters"]:
        """Frequencies in the weighted pool."""
        return np.asarray(sum(b.weight * self._batches[b.law] for b in batches))

    def resampled(self, pool: Array, size: int) -> Float[Array, "runs letters"]:
        """Frequencies of letters drawn from the pool's."""
        return self._drawn(pool, size)

    def learn(self, j: int, row: Array, training: Training[Array]) -> tuple[Array, Array, Columns]:
        """Take the frequencies for the law: TV to the real one and to the mixture, and the rest."""
        law, mixture = training.data, _mix(row, self._laws)
        assert law is not None
        operator = self._between(j)
        self._laws[j] = law if operator is None else operator.act(law, Letters(law.shape[1]))
        recorded = self._recorder(CellLaw(law, None, np.zeros(len(law))))
        return self._distance_to_real(law), _distance(law, mixture), recorded

    def _distance_to_real(self, law: Float[Array, "runs letters"]) -> Float[Array, "runs"]:
        """TV; letters that are gone count with their real probability."""
        return np.minimum(_distance(law, self._real) + 0.5 * self._lost, 1.0)

    def forget(self, needed: Collection[int]) -> None:
        """Keep the laws that are needed; of a long alphabet, the letters that are left in them.

        The last letter stays, for it takes what is left of a draw.
        """
        for held in (self._laws, self._batches):
            for k in set(held) - set(needed):
                del held[k]
        everything = [*self._laws.values(), *self._batches.values()]
        passes = any(self._between(k) is not None for k in self._laws if k)
        if len(self._real) < _LONG or not everything or self._recorder.quantities or passes:
            return
        alive = np.any([np.any(law > 0, axis=0) for law in everything], axis=0)
        alive[-1] = True
        if 2 * alive.sum() > len(alive):
            return
        self._lost += float(self._real[~alive].sum())
        self._real = self._real[alive]
        self._laws = {k: law[:, alive] for k, law in self._laws.items()}
        self._batches = {k: batch[:, alive] for k, batch in self._batches.items()}

    def _drawn(self, law: Array, size: int) -> Float[Array, "runs letters"]:
        """Frequencies of ``size`` independent letters of every run's law."""
        return self._generator.multinomial(size, law / law.sum(axis=1, keepdims=True)) / size


def _mix(row: Array, laws: dict[int, Array]) -> Array:
    return np.asarray(sum(w * laws[k] for k, w in enumerate(row) if w > 0))


def _distance(p: Array, q: Array) -> Float[Array, "runs"]:
    return np.asarray(np.minimum(0.5 * np.abs(p - q).sum(axis=1), 1.0))
